// Asks a name server for a name's addresses, and whether they are those that are expected.
#include <algorithm>

#include "ground/base/text.h"
#include "ground/dns/ask.h"
#include "watch/probes/kinds/kind.h"

namespace probes {

namespace {

class Dns final : public Probe {
  public:
    Dns(const Plan& plan, const World&) : plan_(plan), judge_(judge_of(plan)) {}

    Reading run() override {
        std::string server = plan_.text("server");
        if (server.empty()) server = dns::first_server(find_text("/etc/resolv.conf").value_or(""));
        if (server.empty()) return {State::NoData, "ネームサーバの設定（/etc/resolv.conf）がありません。", {}};
        const std::string name = plan_.text("name");
        const dns::Type type = plan_.text("type") == "AAAA" ? dns::Type::Aaaa : dns::Type::A;
        if (!dns::plain_name(name)) return {State::NoData, fmt::format("「{}」はホスト名として読めません。", name), {}};
        const auto [answer, problem, seconds] = dns::ask(server, name, type, plan_.patience());
        Reading reading;
        reading.samples = {{"time", seconds, "seconds"}};
        if (!answer) {
            add(reading, State::Failed,
                fmt::format("ネームサーバ {} が答えません（{}）。", server, reason_wording(problem)));
            return reading;
        }
        const std::vector<std::string> addresses = answer->all(type);
        reading.samples.push_back({"addresses", static_cast<double>(addresses.size())});
        std::vector<std::string> expected = plan_.list("expect");
        std::sort(expected.begin(), expected.end());
        const std::string found = addresses.empty() ? "なし" : base::join(addresses, "、");
        if (answer->code != 0)
            add(reading, State::Failed,
                answer->code == 3 ? fmt::format("{} という名前はないと、{} が答えました。", name, server)
                                  : fmt::format("ネームサーバ {} は {} を引けません（{}）。", server, name,
                                                dns::code_wording(answer->code)));
        else if (addresses.empty())
            add(reading, State::Failed, fmt::format("{} のアドレスがありません。", name));
        else if (!expected.empty() && expected != addresses)
            add(reading, State::Failed,
                fmt::format("{} のアドレスが {} で、決められた {} と違います。", name, found,
                            base::join(expected, "、")));
        else
            add(reading, judge_.judge(seconds),
                fmt::format("{} は {} です（{:.0f}ミリ秒）。", name, found, seconds * 1000));
        return reading;
    }

  private:
    const Plan& plan_;
    Judge judge_;
};

constexpr Option kOptions[] = {
    {"name", "", Option::Form::Text, "引く名前"},
    {"type", "A", Option::Form::Text, "A（IPv4）か AAAA（IPv6）"},
    {"server", "", Option::Form::Text, "尋ねるネームサーバ（アドレスかアドレス:ポート）。空ならこのサーバの設定"},
    {"expect", "", Option::Form::Text, "決められたアドレス（コンマ区切り）。空なら問わない"},
    {"warn", "1", Option::Form::Number, "注意とする時間（秒）"},
    {"fail", "", Option::Form::Number, "異常とする時間（秒）"},
    margin_option(""),
};

}  // namespace

extern const Kind dns{"dns",
                      "名前解決",
                      "DNSの答えと時間、決められたアドレスとの一致",
                      "name",
                      {60, 6, 2, 2, signals::Severity::Serious},
                      kOptions,
                      make<Dns>};

}  // namespace probes

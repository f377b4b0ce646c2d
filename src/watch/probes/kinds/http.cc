// Asks a web server for a page and names the step that failed: name, connection, TLS, first byte, status or marker.
// Each try makes a connection of its own, as a visitor does.
#include <cctype>

#include "ground/base/text.h"
#include "ground/sys/http_client.h"
#include "watch/probes/kinds/kind.h"

namespace probes {

namespace {

bool is_wanted(int status, const std::vector<std::string>& wanted) {
    for (const std::string& range : wanted) {
        const auto dash = range.find('-');
        const double low = leading_number(range).value_or(0);
        const double high = dash == std::string::npos ? low : leading_number(range.substr(dash + 1)).value_or(0);
        if (status >= low && status <= high) return true;
    }
    return false;
}

std::string_view step_wording(sys::FetchFailure failure) {
    switch (failure) {
        case sys::FetchFailure::Name:
            return "名前を引けません";
        case sys::FetchFailure::Connect:
            return "接続できません";
        case sys::FetchFailure::Tls:
            return "暗号化通信を始められません";
        case sys::FetchFailure::Timeout:
            return "時間内に答えません";
        case sys::FetchFailure::TooLarge:
            return "答えが大きすぎます";
        default:
            return "答えが途中で切れました";
    }
}

/// The message without the address at its front, which stands in the sentence already.
std::string_view reason_in(std::string_view message) {
    constexpr std::string_view kFront = "cannot be fetched: ";
    const auto at = message.find(kFront);
    return at == std::string_view::npos ? message : message.substr(at + kFront.size());
}

class Http final : public Probe {
  public:
    Http(const Plan& plan, const World&) : plan_(plan), judge_(judge_of(plan)) {}

    Reading run() override {
        sys::FetchOptions options;
        options.patience = options.connect_patience = plan_.patience();
        options.ca_file = plan_.text("ca_file");
        options.redirects = static_cast<int>(plan_.number("redirects").value_or(0));
        options.user_agent = "Yakuba-Watch";
        options.size_limit = 4U << 20;
        options.headers = {{"Connection", "close"}};
        if (const std::string resolve = plan_.text("resolve"); !resolve.empty()) options.resolve = {resolve};
        const sys::Fetched fetched = sys::HttpClient().try_fetch(plan_.text("url"), options);
        const auto seconds = [](std::chrono::microseconds time) { return std::chrono::duration<double>(time).count(); };
        const double total = seconds(fetched.timing.total);
        Reading reading;
        reading.samples = {{"total", total, "seconds"},
                           {"name", seconds(fetched.timing.name), "seconds"},
                           {"connect", seconds(fetched.timing.connect), "seconds"},
                           {"tls", seconds(fetched.timing.tls), "seconds"},
                           {"first_byte", seconds(fetched.timing.first_byte), "seconds"},
                           {"status", static_cast<double>(fetched.status)}};
        const std::string url = plan_.text("url"), marker = plan_.text("marker");
        if (fetched.failure == sys::FetchFailure::BadUrl)
            add(reading, State::NoData, fmt::format("{} はアドレスとして読めません。", url));
        else if (fetched.has_failed())
            add(reading, State::Failed,
                fmt::format("{} に{}（{}）。", url, step_wording(fetched.failure),
                            reason_wording(reason_in(fetched.message))));
        else if (!is_wanted(fetched.status, plan_.list("status")))
            add(reading, State::Failed, fmt::format("{} が状態{}を返しました。", url, fetched.status));
        else if (!marker.empty() && fetched.body.find(marker) == std::string::npos)
            add(reading, State::Failed, fmt::format("{} の内容に「{}」がありません。", url, marker));
        else if (const State state = judge_.judge(total); !is_well(state))
            add(reading, state, fmt::format("{} の応答に{:.1f}秒かかりました。", url, total));
        else
            add(reading, State::Ok, fmt::format("{} は{:.0f}ミリ秒で応答しました。", url, total * 1000));
        return reading;
    }

  private:
    const Plan& plan_;
    Judge judge_;
};

constexpr Option kOptions[] = {
    {"url", "", Option::Form::Text, "調べるアドレス"},
    {"status", "200-399", Option::Form::Text, "正常とする状態コード（コンマ区切り、範囲も可）"},
    {"marker", "", Option::Form::Text, "本文になければならない言葉"},
    {"warn", "1", Option::Form::Number, "注意とする応答時間（秒）"},
    {"fail", "", Option::Form::Number, "異常とする応答時間（秒）"},
    margin_option(""),
    {"redirects", "0", Option::Form::Number, "たどる転送の数"},
    {"resolve", "", Option::Form::Text, "名前を引かずにつなぐ先（host:port:address）"},
    {"ca_file", "", Option::Form::Text, "信頼する認証局（PEMファイル）。空ならシステムの既定"},
};

}  // namespace

extern const Kind http{"http",
                       "ウェブサーバの応答",
                       "名前・接続・暗号化・最初の1バイト・全体の時間、状態コード、本文の目印",
                       "url",
                       {10, 5, 2, 2, signals::Severity::Serious},
                       kOptions,
                       make<Http>};

}  // namespace probes

// Asks a name server for a name's addresses, and whether they are those that are expected.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include <arpa/inet.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include "ground/base/text.h"
#include "ground/sys/crypto.h"
#include "watch/probes/dns_message.h"
#include "watch/probes/kinds/kind.h"
#include "watch/probes/net.h"

namespace probes {

namespace {

class Dns final : public Probe {
  public:
    Dns(const Plan& plan, const World&) : plan_(plan), judge_(judge_of(plan, 0)) {}

    Reading run() override {
        std::string server = plan_.text("server");
        if (server.empty()) server = first_name_server();
        if (server.empty()) return {State::NoData, "ネームサーバの設定（/etc/resolv.conf）がありません。", {}};
        const std::string name = plan_.text("name");
        const RecordType type = plan_.text("type") == "AAAA" ? RecordType::Aaaa : RecordType::A;
        const std::string random = sys::random_bytes(2);
        const auto id = static_cast<std::uint16_t>(static_cast<unsigned char>(random[0]) << 8 |
                                                   static_cast<unsigned char>(random[1]));
        const auto query = make_dns_query(id, name, type);
        if (!query) return {State::NoData, fmt::format("「{}」はホスト名として読めません。", name), {}};
        const auto start = std::chrono::steady_clock::now();
        std::string problem;
        const auto answer = ask(read_target(server, "53"), *query, id, type, problem);
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        Reading reading;
        reading.samples = {{"time", seconds, "seconds"}};
        if (!answer) {
            add(reading, State::Failed, fmt::format("ネームサーバ {} が答えません（{}）。", server, problem));
            return reading;
        }
        reading.samples.push_back({"addresses", static_cast<double>(answer->addresses.size())});
        std::vector<std::string> expected = plan_.list("expect");
        std::sort(expected.begin(), expected.end());
        const std::string found = answer->addresses.empty() ? "なし" : base::join(answer->addresses, "、");
        if (answer->code != 0)
            add(reading, State::Failed,
                answer->code == 3 ? fmt::format("{} という名前はないと、{} が答えました。", name, server)
                                  : fmt::format("ネームサーバ {} が{}番の誤りを返しました。", server, answer->code));
        else if (answer->addresses.empty())
            add(reading, State::Failed, fmt::format("{} のアドレスがありません。", name));
        else if (!expected.empty() && expected != answer->addresses)
            add(reading, State::Failed,
                fmt::format("{} のアドレスが {} で、決められた {} と違います。", name, found,
                            base::join(expected, "、")));
        else
            add(reading, judge_.judge(seconds),
                fmt::format("{} は {} です（{:.0f}ミリ秒）。", name, found, seconds * 1000));
        return reading;
    }

  private:
    static std::string first_name_server() {
        const std::string text = find_text("/etc/resolv.conf").value_or("");
        for (const std::string_view line : base::split(text, '\n'))
            if (const auto words = words_of(line); words.size() >= 2 && words[0] == "nameserver") {
                const std::string address(words[1]);
                return address.find(':') == std::string::npos ? address : "[" + address + "]";
            }
        return {};
    }

    std::optional<DnsAnswer> ask(const Target& server, const std::string& query, std::uint16_t id, RecordType type,
                                 std::string& problem) const {
        addrinfo hints{};
        hints.ai_socktype = SOCK_DGRAM;
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
        addrinfo* found = nullptr;
        if (const int error = ::getaddrinfo(server.host.c_str(), server.port.c_str(), &hints, &found); error != 0) {
            problem = ::gai_strerror(error);
            return std::nullopt;
        }
        const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> address(found, &::freeaddrinfo);
        const sys::Descriptor socket(::socket(found->ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (!socket || ::connect(socket.get(), found->ai_addr, found->ai_addrlen) != 0) {
            problem = std::strerror(errno);
            return std::nullopt;
        }
        // Datagrams get lost: asked again at a third and at two thirds of the time.
        for (int attempt = 0; attempt < 3; ++attempt) {
            const Deadline deadline(plan_.patience() / 3);
            if (::send(socket.get(), query.data(), query.size(), MSG_NOSIGNAL) < 0) problem = std::strerror(errno);
            while (wait_for(socket.get(), POLLIN, deadline)) {
                char bytes[4096];
                const ssize_t got = ::recv(socket.get(), bytes, sizeof bytes, 0);
                if (got < 0) {
                    problem = std::strerror(errno);
                    break;
                }
                if (auto answer = read_dns_answer({bytes, static_cast<std::size_t>(got)}, id, type)) return answer;
            }
        }
        if (problem.empty()) problem = "timed out";
        return std::nullopt;
    }

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

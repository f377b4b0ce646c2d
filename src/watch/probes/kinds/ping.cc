// ICMP echo by the unprivileged ping socket (net.ipv4.ping_group_range); where the system does not permit it, that is
// said. "gateway" stands for the default route's first hop.
#include <cerrno>
#include <charconv>
#include <cstring>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <sys/socket.h>

#include "ground/base/text.h"
#include "ground/sys/dial.h"
#include "watch/probes/kinds/kind.h"

namespace probes {

namespace {

std::string find_gateway(const World& world) {
    const auto found = machine::read_gateways(find_text(world.proc / "net/route").value_or(""), "");
    return found.empty() ? std::string() : found.front().text();
}

class Ping final : public Probe {
  public:
    Ping(const Plan& plan, const World& world) : plan_(plan), world_(world), judge_(judge_of(plan)) {}

    Reading run() override {
        const std::string name = plan_.text("host");
        const std::string host = name == "gateway" ? find_gateway(world_) : name;
        if (host.empty()) return {State::Failed, "既定の経路（ゲートウェイ）がありません。", {}};
        addrinfo hints{};
        hints.ai_socktype = SOCK_DGRAM;
        addrinfo* found = nullptr;
        if (const int problem = ::getaddrinfo(host.c_str(), nullptr, &hints, &found); problem != 0)
            return {State::Failed,
                    fmt::format("{} の名前を引けません（{}）。", host, reason_wording(::gai_strerror(problem))),
                    {}};
        sockaddr_storage to{};
        const socklen_t length = found->ai_addrlen;
        std::memcpy(&to, found->ai_addr, length);
        const bool is_v6 = found->ai_family == AF_INET6;
        ::freeaddrinfo(found);
        const sys::Descriptor socket(
            ::socket(is_v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                     is_v6 ? static_cast<int>(IPPROTO_ICMPV6) : static_cast<int>(IPPROTO_ICMP)));
        if (!socket) {
            if (errno == EACCES || errno == EPERM)
                return {State::NoData, "この利用者には ping が許されていません（net.ipv4.ping_group_range）。", {}};
            return {State::NoData, fmt::format("ping を使えません（{}）。", reason_wording(std::strerror(errno))), {}};
        }
        ++sequence_;
        icmphdr echo{};  // the kernel fills in the id and the checksum
        echo.type = is_v6 ? static_cast<std::uint8_t>(ICMP6_ECHO_REQUEST) : static_cast<std::uint8_t>(ICMP_ECHO);
        echo.un.echo.sequence = htons(sequence_);
        const auto start = std::chrono::steady_clock::now();
        const sys::Deadline deadline(plan_.patience());
        if (::sendto(socket.get(), &echo, sizeof echo, 0, reinterpret_cast<const sockaddr*>(&to), length) < 0)
            return {
                State::Failed, fmt::format("{} に送れません（{}）。", host, reason_wording(std::strerror(errno))), {}};
        icmphdr answer{};
        while (sys::wait_for(socket.get(), POLLIN, deadline)) {
            const ssize_t got = ::recv(socket.get(), &answer, sizeof answer, 0);
            if (got < 0 && errno != EAGAIN)
                return {State::Failed,
                        fmt::format("{} に届きません（{}）。", host, reason_wording(std::strerror(errno))),
                        {}};
            if (got < static_cast<ssize_t>(sizeof answer) || answer.un.echo.sequence != echo.un.echo.sequence) continue;
            const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
            return {judge_.judge(seconds),
                    fmt::format("{} は{:.1f}ミリ秒で応答しました。", host, seconds * 1000),
                    {{"time", seconds, "seconds"}}};
        }
        return {State::Failed, fmt::format("{} は時間内に応答しません。", host), {}};
    }

  private:
    const Plan& plan_;
    const World& world_;
    Judge judge_;
    std::uint16_t sequence_ = 0;
};

constexpr Option kOptions[] = {{"host", "", Option::Form::Text, "調べる先。gateway なら既定の経路"},
                               {"warn", "0.5", Option::Form::Number, "注意とする応答時間（秒）"},
                               {"fail", "", Option::Form::Number, "異常とする応答時間（秒）"},
                               margin_option("")};

}  // namespace

extern const Kind ping{
    "ping",    "ネットワークの疎通", "pingの応答", "host", {10, 3, 3, 2, signals::Severity::Serious}, kOptions,
    make<Ping>};

}  // namespace probes

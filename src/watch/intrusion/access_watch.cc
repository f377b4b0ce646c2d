#include "watch/intrusion/access_watch.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "watch/intrusion/crawlers.h"
#include "watch/intrusion/signatures.h"
#include "watch/machine/network.h"

namespace intrusion {

using base::Instant;
using namespace std::chrono_literals;

namespace {

constexpr auto kAgain = 60s;     // between two signals of one kind about one address
constexpr auto kTooOld = 10min;  // behind the newest line: of no use any more
constexpr double kSlowSeconds = 30;

/// By which we ourselves, or an emergency stop, turned somebody away: judging them would feed on itself.
bool is_our_refusal(int status) {
    return status == 403 || status == 429 || status == 444 || status == 503;
}

enum Told { kFlood, kNetworkFlood, kErrors, kScan, kAttack, kSlow, kKinds };

struct Suspect {
    Rate requests{1min}, errors{1min}, attacks{10min}, slow{10min};
    Distinct missing{2min};
    std::array<Instant, kKinds> told{};
};

struct Words {
    std::string_view kind;
    signals::Severity severity;
};
constexpr Words kWords[kKinds] = {
    {"flood.address", signals::Severity::Serious}, {"flood.network", signals::Severity::Serious},
    {"errors.burst", signals::Severity::Warning},  {"scan.paths", signals::Severity::Warning},
    {"attack.probe", signals::Severity::Warning},  {"slow.client", signals::Severity::Warning}};

}  // namespace

struct AccessWatch::State {
    AccessLimits limits;
    Allowed allowed;
    signals::Take take;
    Bounded<Suspect> addresses, networks;
    Instant newest;
    Numbers numbers;
    Instant minute;  ///< in which `said` were said
    int said = 0;

    State(AccessLimits limits_given, Allowed allowed_given, signals::Take taker)
        : limits(limits_given),
          allowed(std::move(allowed_given)),
          take(std::move(taker)),
          addresses(limits.addresses),
          networks(limits.addresses / 4) {}

    void see(const logs::Access& access) {
        const auto address = people::parse_address(access.address);
        if (!address) {
            ++numbers.unreadable;
            return;
        }
        if (access.at + kTooOld < newest || is_exempt(*address, allowed.networks) ||
            people::is_in(*address, allowed.proxies) || is_our_refusal(access.status)) {
            ++numbers.left_alone;
            return;
        }
        newest = std::max(newest, access.at);
        ++numbers.judged;
        Suspect& one = addresses.get(access.address);
        one.requests.add(access.at);
        if (const double rate = one.requests.in_span(access.at); rate > limits.requests_per_minute)
            tell(one, kFlood, access, *address, rate,
                 fmt::format("{} から毎分{:.0f}件の要求があります。", access.address, rate));
        const std::string network = network_of(*address);
        Suspect& many = networks.get(network);
        many.requests.add(access.at);
        if (const double rate = many.requests.in_span(access.at);
            rate > limits.requests_per_minute * limits.network_factor)
            tell(many, kNetworkFlood, access, *address, rate,
                 fmt::format("{} から毎分{:.0f}件の要求があります。", network, rate), network);
        if (access.status >= 400) judge_error(one, access, *address);
        if (access.seconds && *access.seconds > kSlowSeconds) {
            one.slow.add(access.at);
            if (const double count = one.slow.in_span(access.at); count > limits.slow_answers)
                tell(one, kSlow, access, *address, count,
                     fmt::format("{} が、応答をわざと遅く受け取っているおそれがあります（{:.0f}件）。", access.address,
                                 count));
        }
        if (const Signature* attack = find_attack(access.target, access.agent, access.referrer)) {
            one.attacks.add(access.at);
            if (const double count = one.attacks.in_span(access.at); count >= limits.attacks)
                tell(one, kAttack, access, *address, count,
                     fmt::format("{} から、{}が続いています（10分で{:.0f}件）。", access.address, attack->japanese,
                                 count),
                     {}, attack->id);
        }
    }

    void judge_error(Suspect& one, const logs::Access& access, const people::Address& address) {
        one.errors.add(access.at);
        const double errors = one.errors.in_span(access.at);
        if (errors > limits.errors_per_minute && errors > one.requests.in_span(access.at) / 2)
            tell(one, kErrors, access, address, errors,
                 fmt::format("{} への応答が毎分{:.0f}件、誤りになっています。", access.address, errors));
        if (access.status != 404 && access.status != 410) return;
        one.missing.add(access.at, access.target.substr(0, access.target.find('?')));
        if (one.missing.count() >= limits.missing_paths)
            tell(one, kScan, access, address, static_cast<double>(one.missing.count()),
                 fmt::format("{} が、ないページを次々に探しています（2分で{}種類以上）。", access.address,
                             one.missing.count()));
    }

    void tell(Suspect& one, Told what, const logs::Access& access, const people::Address& address, double figure,
              std::string text, std::string_view subject = {}, std::string_view rule = {}) {
        if (one.told[what].milliseconds != 0 && access.at - one.told[what] < kAgain) return;
        if (access.at - minute >= 60s || access.at < minute) {
            minute = access.at;
            said = 0;
        }
        if (said > limits.signals_per_minute) return;  // one signal stands for all, and nobody is looked up
        if (subject.empty() && says_it_is_a_crawler(access.agent) && allowed.is_verified_crawler &&
            allowed.is_verified_crawler(address, access.agent))
            return;
        one.told[what] = access.at;
        ++said;
        signals::Signal signal{.source = "intrusion",
                               .kind = std::string(kWords[what].kind),
                               .subject = std::string(subject.empty() ? access.address : subject),
                               .rule = std::string(rule),
                               .severity = kWords[what].severity,
                               .observed_at = access.at,
                               .text = std::move(text)};
        if (said == limits.signals_per_minute + 1) {
            signal.kind = "flood.distributed";
            signal.subject = "公開サイト";
            signal.rule.clear();
            signal.severity = signals::Severity::Serious;
            signal.text = "多くのアドレスから同時に、攻撃とみられる要求が来ています。個別には知らせません。";
        }
        signal.payload =
            boost::json::serialize(boost::json::object{{"figure", figure},
                                                       {"address", std::string(access.address)},
                                                       {"status", access.status},
                                                       {"target", std::string(access.target.substr(0, 500))},
                                                       {"agent", std::string(access.agent.substr(0, 300))}});
        take(std::move(signal));
    }
};

AccessWatch::AccessWatch(AccessLimits limits, Allowed allowed, signals::Take take, const base::Clock* clock)
    : state_(std::make_unique<State>(limits, std::move(allowed), std::move(take))), clock_(clock) {}

AccessWatch::~AccessWatch() = default;

void AccessWatch::see(const logs::Access& access) {
    // Else one such line would make all that follow too old.
    if (const auto now = clock_ ? std::optional(clock_->now()) : std::nullopt; now && access.at > *now + kTooOld) {
        logs::Access today = access;
        today.at = *now;
        return state_->see(today);
    }
    state_->see(access);
}

AccessWatch::Numbers AccessWatch::numbers() const {
    Numbers numbers = state_->numbers;
    numbers.addresses = state_->addresses.size();
    return numbers;
}

std::string network_of(const people::Address& address) {
    people::Network network{address, address.is_v4 ? 24 : 64};
    for (std::size_t byte = address.is_v4 ? 3 : 8; byte < network.base.bytes.size(); ++byte)
        network.base.bytes[byte] = 0;
    return network.text();
}

bool is_exempt(const people::Address& address, const std::vector<people::Network>& networks) {
    return machine::is_loopback(address) || people::is_in(address, networks);
}

}  // namespace intrusion

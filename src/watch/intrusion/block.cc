#include "watch/intrusion/block.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/sys/process.h"
#include "watch/intrusion/access_watch.h"
#include "watch/machine/network.h"

namespace intrusion {

using base::Error;

namespace {

constexpr std::string_view kWorth[] = {"flood.address", "scan.paths",       "attack.probe",
                                       "slow.client",   "sign-in.spraying", "sign-in.guessing"};
constexpr std::chrono::seconds kPatience{10};

}  // namespace

Blocking find_blocking(std::string_view id) {
    return id == "on" ? Blocking::On : id == "dry-run" ? Blocking::DryRun : Blocking::Off;
}

bool is_worth_blocking(const signals::Signal& signal) {
    if (signal.state != signals::State::Raise || !people::parse_address(signal.subject)) return false;
    if (signal.source == "suricata") return signal.severity >= signals::Severity::Warning;
    return signal.source == "intrusion" &&
           std::find(std::begin(kWorth), std::end(kWorth), signal.kind) != std::end(kWorth);
}

std::string table_script(std::string_view table) {
    return fmt::format(
        "add table inet {0}\n"
        "add set inet {0} blocked4 {{ type ipv4_addr; flags timeout; size 65536; }}\n"
        "add set inet {0} blocked6 {{ type ipv6_addr; flags timeout; size 65536; }}\n"
        "add chain inet {0} input {{ type filter hook input priority -10; policy accept; }}\n"
        "flush chain inet {0} input\n"
        "add rule inet {0} input ip saddr @blocked4 drop\n"
        "add rule inet {0} input ip6 saddr @blocked6 drop\n",
        table);
}

Blocker::Blocker(Options options, signals::Take take) : options_(std::move(options)), take_(std::move(take)) {
    if (!options_.indispensable) options_.indispensable = [] { return machine::list_indispensable(); };
}

void Blocker::see(const signals::Signal& signal, base::Instant now) {
    if (options_.mode == Blocking::Off || !is_worth_blocking(signal)) return;
    const people::Address address = *people::parse_address(signal.subject);
    if (is_exempt(address, options_.never)) return;
    if (now - minute_ >= std::chrono::minutes(1) || now < minute_) {
        minute_ = now;
        in_minute_ = 0;
    }
    if (++in_minute_ > options_.most_per_minute) return;
    bool is_needed = false;
    try {
        const auto needed = options_.indispensable();
        is_needed = std::find(needed.begin(), needed.end(), address) != needed.end();
    } catch (const Error& error) {
        tell_unavailable(address, error, now);
        return;
    }
    const auto minutes = std::chrono::ceil<std::chrono::minutes>(options_.span).count();
    const bool is_dry = options_.mode == Blocking::DryRun;
    signals::Signal told{
        .source = "intrusion",
        .kind = "block",
        .subject = address.text(),
        .state = signals::State::Info,
        .severity = signals::Severity::Note,
        .observed_at = now,
        .text = is_needed ? fmt::format("{} は、このサーバ自身かゲートウェイ、ネームサーバのため、遮断しません（{}）。",
                                        address.text(), signal.kind)
                : is_dry ? fmt::format("試行のため遮断しませんが、{} を{}分間遮断するところです（{}）。",
                                       address.text(), minutes, signal.kind)
                         : fmt::format("{} を{}分間遮断しました（{}）。", address.text(), minutes, signal.kind),
        .payload = boost::json::serialize(
            boost::json::object{{"because", signal.kind}, {"dry", is_dry}, {"spared", is_needed}})};
    if (!is_dry && !is_needed) {
        try {
            prepare();
            const std::string set = address.is_v4 ? "blocked4" : "blocked6";
            // Added first, for what is not there cannot be deleted; then anew, so that its time begins again.
            run_script(
                fmt::format("add element inet {0} {1} {{ {2} }}\ndelete element inet {0} {1} {{ {2} }}\n"
                            "add element inet {0} {1} {{ {2} timeout {3}s }}\n",
                            options_.table, set, address.text(), options_.span.count()));
        } catch (const Error& error) {
            is_prepared_ = false;
            tell_unavailable(address, error, now);
            return;
        }
        take_({.source = "intrusion",
               .kind = "block.unavailable",
               .subject = "nftables",
               .state = signals::State::Clear,
               .severity = signals::Severity::Note,
               .observed_at = now,
               .text = "遮断ができるようになりました。"});
    }
    take_(told);
}

void Blocker::tell_unavailable(const people::Address& address, const Error& error, base::Instant now) const {
    take_({.source = "intrusion",
           .kind = "block.unavailable",
           .subject = "nftables",
           .severity = signals::Severity::Serious,
           .observed_at = now,
           .text = fmt::format("攻撃元 {} を遮断できません（{}）。", address.text(), error.message())});
}

void Blocker::prepare() {
    if (is_prepared_) return;
    run_script(table_script(options_.table));
    is_prepared_ = true;
}

void Blocker::run_script(const std::string& script) const {
    sys::Command command;
    command.arguments = {options_.program, "-f", "-"};
    command.input = script;
    command.patience = kPatience;
    const sys::Outcome outcome = sys::run(command);
    if (outcome.exit_code != 0)
        throw Error(base::Kind::Unavailable,
                    fmt::format("nft: {}", outcome.errors.substr(0, outcome.errors.find('\n'))));
}

std::vector<std::string> Blocker::list() const {
    std::vector<std::string> blocked;
    for (const char* set : {"blocked4", "blocked6"}) {
        sys::Command command;
        command.arguments = {options_.program, "-j", "list", "set", "inet", options_.table, set};
        command.patience = kPatience;
        const sys::Outcome outcome = sys::run(command);
        if (outcome.exit_code != 0)
            throw Error(base::Kind::Unavailable,
                        fmt::format("nft: {}", outcome.errors.substr(0, outcome.errors.find('\n'))));
        boost::system::error_code problem;
        const boost::json::value answer = boost::json::parse(outcome.output, problem);
        if (problem) throw Error(base::Kind::Unavailable, "nft の答えを読めません");
        for (const auto& part : answer.at("nftables").as_array()) {
            const auto* described = part.as_object().if_contains("set");
            const auto* elements = described ? described->as_object().if_contains("elem") : nullptr;
            if (elements == nullptr) continue;
            for (const auto& element : elements->as_array()) {
                const auto* timed = element.is_object() ? element.as_object().if_contains("elem") : nullptr;
                blocked.emplace_back((timed ? timed->at("val") : element).as_string());
            }
        }
    }
    return blocked;
}

void Blocker::clear() const {
    run_script(fmt::format("add table inet {0}\ndelete table inet {0}\n", options_.table));
}

}  // namespace intrusion

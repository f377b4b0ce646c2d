#include "watch/intrusion/kernel_watch.h"

#include <algorithm>
#include <charconv>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/files.h"
#include "watch/intrusion/access_watch.h"
#include "watch/machine/network.h"

namespace intrusion {

using base::Instant;
using signals::Severity;

namespace {

constexpr std::size_t kLargest = 64U << 20;
constexpr std::chrono::minutes kLately{1};
constexpr std::chrono::minutes kForgotten{10};  // a target not called for so long is new again

/// Other users' programs may be hidden from us: then whoever seems to call most may be an innocent one.
std::string name_caller(const std::set<std::string>& calling, int calls, const std::filesystem::path& proc) {
    const auto owners = machine::list_owners(calling, proc);
    if (owners.empty() || owners.front().sockets * 2 <= calls)
        return "どのプログラムかは、ここからは分かりません。root で「ss -tnp」を実行すると分かります。";
    return fmt::format("その大半（{}本）を接続しているプログラムは {} です。", owners.front().sockets,
                       owners.front().name);
}

}  // namespace

std::map<std::string, std::uint64_t> read_tcp_counters(std::string_view netstat) {
    std::map<std::string, std::uint64_t> counters;
    std::vector<std::string_view> names;
    for (const std::string_view line : base::split(netstat, '\n')) {
        if (!line.starts_with("TcpExt:")) continue;
        auto words = machine::words_of(line);
        if (names.empty()) {
            names = std::move(words);
            continue;
        }
        for (std::size_t at = 1; at < std::min(names.size(), words.size()); ++at) {
            std::uint64_t value = 0;
            const char* const end = words[at].data() + words[at].size();
            if (std::from_chars(words[at].data(), end, value).ptr == end) counters[std::string(names[at])] = value;
        }
    }
    return counters;
}

KernelWatch::KernelWatch(KernelLimits limits, std::vector<people::Network> allowed, std::filesystem::path proc,
                         signals::Take take)
    : limits_(limits), allowed_(std::move(allowed)), proc_(std::move(proc)), take_(std::move(take)) {}

void KernelWatch::look(Instant now) {
    try {
        judge_counters(now);
        judge_connections(now);
        judge("kernel.unreadable", "kernel", false, Severity::Warning, "カーネルの計数を読めるようになりました。", 0,
              now);
    } catch (const base::Error& error) {
        judge("kernel.unreadable", "kernel", true, Severity::Warning,
              fmt::format("カーネルの計数を読めないため、攻撃の有無を確かめられません（{}）。", error.message()), 0,
              now);
    }
}

void KernelWatch::judge(std::string_view kind, const std::string& subject, bool is_wrong, Severity severity,
                        std::string text, double figure, Instant now) {
    const std::pair<std::string, std::string> name(kind, subject);
    if (!is_wrong && raised_.erase(name) == 0) return;
    if (is_wrong) raised_.insert(name);
    take_({.source = "intrusion",
           .kind = name.first,
           .subject = subject,
           .state = is_wrong ? signals::State::Raise : signals::State::Clear,
           .severity = is_wrong ? severity : Severity::Note,
           .observed_at = now,
           .text = std::move(text),
           .payload = boost::json::serialize(boost::json::object{{"figure", figure}})});
}

void KernelWatch::judge_counters(Instant now) {
    auto counters = read_tcp_counters(sys::read_file(proc_ / "net/netstat", kLargest));
    const auto grown = [&](const char* name) {
        if (!before_ || !counters.contains(name) || !before_->contains(name)) return 0.0;
        const std::uint64_t old = before_->at(name), current = counters.at(name);
        return current >= old ? static_cast<double>(current - old) : 0.0;
    };
    const double drops = grown("ListenOverflows") + grown("ListenDrops") + grown("TCPReqQFullDrop");
    const double cookies = grown("SyncookiesSent") + grown("TCPReqQFullDoCookies");
    judge("syn.drops", "kernel", drops > limits_.drops, Severity::Serious,
          drops > limits_.drops ? fmt::format("接続の要求があふれ、{:.0f}件を受け付けられませんでした。", drops)
                                : "接続の要求は、あふれなくなりました。",
          drops, now);
    judge("syn.cookies", "kernel", cookies > limits_.cookies, Severity::Serious,
          cookies > limits_.cookies
              ? fmt::format("接続の要求が押し寄せています（SYN cookieで{:.0f}件に応答）。", cookies)
              : "接続の要求は、ふだんの量に戻りました。",
          cookies, now);
    before_ = std::move(counters);
}

void KernelWatch::judge_connections(Instant now) {
    std::vector<machine::Connection> all = machine::read_connections(sys::read_file(proc_ / "net/tcp", kLargest));
    if (const auto more = sys::find_file(proc_ / "net/tcp6", kLargest)) {
        const auto six = machine::read_connections(*more);
        all.insert(all.end(), six.begin(), six.end());
    }
    std::set<int> listening;
    for (const machine::Connection& one : all)
        if (one.state == machine::kListening) listening.insert(one.local_port);
    std::size_t half_open = 0;
    std::map<std::string, std::size_t> held;
    std::set<std::string> calling;
    int calls = 0;
    for (const machine::Connection& one : all) {
        if (one.state == machine::kListening) continue;
        half_open += one.state == 3;
        if (is_exempt(one.remote, allowed_)) continue;
        if (listening.contains(one.local_port)) {
            if (one.state == 1 || one.state == 3) ++held[one.remote.text()];
            continue;
        }
        if (one.state != 1 && one.state != 2) continue;
        calling.insert(one.inode);
        ++calls;
        const std::string target = one.remote.text();
        Instant& seen = targets_.get(target);
        if (seen.milliseconds == 0 || now - seen > kForgotten) new_targets_.push_back(now);
        seen = now;
    }
    judge("syn.half-open", "kernel", half_open > limits_.half_open, Severity::Serious,
          half_open > limits_.half_open ? fmt::format("接続の途中で止まった要求が{}件あります。", half_open)
                                        : "接続の途中で止まった要求は、ふだんの数に戻りました。",
          static_cast<double>(half_open), now);
    std::set<std::string> judged;
    for (const auto& [address, count] : held) {
        if (count <= limits_.from_address || judged.size() >= 100) continue;
        judged.insert(address);
        judge("slow.client", address, true, Severity::Serious,
              fmt::format("{} が接続を{}本も持ち続けています。", address, count), static_cast<double>(count), now);
    }
    const auto raised = raised_;
    for (const auto& [kind, subject] : raised)
        if (kind == "slow.client" && !judged.contains(subject))
            judge(kind, subject, false, Severity::Note, fmt::format("{} の接続は、ふだんの数に戻りました。", subject),
                  0, now);
    std::erase_if(new_targets_, [&](Instant at) { return now - at > kLately; });
    const bool is_spreading = new_targets_.size() > limits_.new_targets;
    std::string text = "このサーバから新しい相手への接続は、ふだんの数に戻りました。";
    if (is_spreading) {
        text = fmt::format(
            "このサーバが、1分間に{}か所の新しい相手へ接続しています。不正なプログラムが動いているおそれがあります。",
            new_targets_.size());
        if (caller_.empty()) caller_ = name_caller(calling, calls, proc_);
        text += caller_;
    } else {
        caller_.clear();
    }
    judge("fan-out", "このサーバ", is_spreading, Severity::Emergency, std::move(text),
          static_cast<double>(new_targets_.size()), now);
}

}  // namespace intrusion

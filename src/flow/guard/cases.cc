#include "flow/guard/cases.h"

#include <boost/json.hpp>

#include "ground/base/text.h"

namespace flow {

namespace json = boost::json;
using namespace std::chrono_literals;
using guard::Deviance;
using signals::Severity;
using signals::Signal;
using signals::State;

namespace {

constexpr auto kRetry = 30s;        ///< until a path that cannot be put right is tried again
constexpr auto kSoonest = 100ms;    ///< the same at first, since a folder may just be going: four times longer each
constexpr auto kQuiet = 10s;        ///< without anything new: the flood is over
constexpr auto kShortestRest = 1s;  ///< between two turns over the whole tree, doubling
constexpr auto kLongestRest = 60s;
constexpr std::size_t kMostEvidence = 5;

json::object describe(const guard::Writer& writer) {
    json::object about{{"process", writer.process}};
    if (writer.user >= 0) about["user"] = writer.user;
    if (!writer.program.empty()) about["program"] = base::to_valid_utf8(writer.program);
    if (!writer.command.empty()) about["command"] = base::to_valid_utf8(writer.command);
    return about;
}

Severity severity_of(Deviance kind) {
    return kind == Deviance::Mode || kind == Deviance::Owner ? Severity::Warning : Severity::Serious;
}

Signal signal_of(State state, const std::string& path, std::string_view kind, Severity severity, base::Instant now) {
    Signal signal;
    signal.source = "guard";
    signal.kind = std::string(kind);
    signal.subject = path == "./" ? "/" : "/" + base::percent_encode(path);
    signal.state = state;
    signal.severity = severity;
    signal.observed_at = now;
    return signal;
}

/// Until what has failed so often is tried again.
std::chrono::nanoseconds rest_after(int failures) {
    std::chrono::nanoseconds rest = kSoonest;
    for (int i = 1; i < failures && rest < kRetry; ++i) rest *= 4;
    return std::min<std::chrono::nanoseconds>(rest, kRetry);
}

std::string kind_of(Deviance kind) {
    return "tree." + std::string(guard::deviance_name(kind));
}

}  // namespace

std::string_view deviance_wording(Deviance kind) {
    constexpr std::string_view kWords[] = {
        "公開ファイルが書き換えられました",
        "公開ファイルがなくなりました",
        "承認していないファイルが公開領域に置かれました",
        "公開ファイルの権限が変えられました",
        "公開ファイルの所有者が変えられました",
        "公開領域にシンボリックリンクが置かれました",
        "公開ファイルに別の名前（ハードリンク）が付けられました",
        "公開領域に、ファイルでもフォルダでもないものか、別の領域（マウント）が置かれました",
        "公開ファイルが、書き込めるように開かれたままです"};
    return kWords[static_cast<std::size_t>(kind)];
}

void Cases::raise(const std::string& path, Case& one, Deviance kind, std::int64_t release, bool is_paused,
                  base::Instant now) {
    ++raised_;
    if (!one.is_told) return;
    Signal signal = signal_of(State::Raise, path, kind_of(kind), is_paused ? Severity::Minor : severity_of(kind), now);
    signal.text = fmt::format("{}：{}", deviance_wording(kind), base::to_valid_utf8(signal.subject));
    if (is_paused) signal.text += "（作業中のため復旧しません）";
    json::object payload{{"path", signal.subject}, {"detail", one.kinds[kind]}, {"release", release}};
    if (one.writer) payload["writer"] = describe(*one.writer);
    if (is_paused) payload["paused"] = true;
    signal.payload = json::serialize(payload);
    signals_.push_back(std::move(signal));
}

void Cases::clear(const std::string& path, const Case& one, Deviance kind, base::Instant now) {
    ++cleared_;
    if (!one.is_told) return;
    Signal signal = signal_of(State::Clear, path, kind_of(kind), severity_of(kind), now);
    signal.text = fmt::format("承認した内容に戻り、照合しました：{}", base::to_valid_utf8(signal.subject));
    json::object payload{{"path", signal.subject},
                         {"seconds", static_cast<double>(now.milliseconds - one.since.milliseconds) / 1000}};
    if (!one.evidence.empty()) payload["quarantine"] = json::array(one.evidence.begin(), one.evidence.end());
    if (one.writer) payload["writer"] = describe(*one.writer);
    signal.payload = json::serialize(payload);
    signals_.push_back(std::move(signal));
}

void Cases::note(const Look& look, std::int64_t release, bool is_paused, base::Instant now,
                 std::chrono::nanoseconds monotonic) {
    auto at = cases_.find(look.path);
    if (look.found.empty()) {
        if (at == cases_.end() || at->second.is_in_hand) return;
        for (const auto& [kind, detail] : at->second.kinds) clear(look.path, at->second, kind, now);
        cases_.erase(at);
        return;
    }
    last_found_ = monotonic;
    std::map<Deviance, std::string> kinds;
    for (const guard::Deviation& one : look.found) kinds[one.kind] = one.detail;
    if (at == cases_.end()) {
        recent_.push_back(monotonic);
        while (!recent_.empty() && monotonic - recent_.front() > 60s) recent_.pop_front();
        if (!flood_since_ && static_cast<std::int64_t>(recent_.size()) > flood_per_minute_) start_flood(now, monotonic);
        if (flood_since_) ++in_flood_;
        if (cases_.size() >= kMostCases) return;
        at = cases_.try_emplace(look.path).first;
        at->second.since = now;
        at->second.is_told = !flood_since_;
    }
    Case& one = at->second;
    if (look.writer && (!one.writer || one.writer->program.empty())) one.writer = look.writer;
    for (const auto& [kind, detail] : one.kinds)
        if (!kinds.contains(kind)) clear(look.path, one, kind, now);
    const auto before = std::exchange(one.kinds, std::move(kinds));
    for (const auto& [kind, detail] : one.kinds)
        if (!before.contains(kind)) raise(look.path, one, kind, release, is_paused, now);
    if (one.problem.empty()) one.next_try = monotonic;  // what failed waits its time
}

void Cases::note(const delivery::Healed& healed, base::Instant now, std::chrono::nanoseconds monotonic) {
    using Outcome = delivery::Healed::Outcome;
    const auto at = cases_.find(healed.path);
    if (at == cases_.end()) return;
    Case& one = at->second;
    one.is_in_hand = false;
    if (!healed.evidence.empty() && one.evidence.size() < kMostEvidence) one.evidence.push_back(healed.evidence);
    const bool has_failed = healed.outcome == Outcome::Left || healed.outcome == Outcome::NoObject;
    one.problem = has_failed ? healed.problem : std::string();
    one.failures = has_failed ? one.failures + 1 : 0;
    const bool is_first = healed.outcome == Outcome::Left && one.failures == 1;
    if (has_failed) one.next_try = monotonic + (healed.outcome == Outcome::Left ? rest_after(one.failures) : kRetry);
    if (!has_failed || is_first || !one.is_told || one.told_problem == healed.problem) return;
    one.told_problem = healed.problem;
    Signal signal = signal_of(State::Info, healed.path, "tree.unhealed", Severity::Serious, now);
    signal.text = fmt::format("復旧できませんでした：{}", base::to_valid_utf8(signal.subject));
    signal.payload = json::serialize(json::object{{"path", signal.subject}, {"problem", healed.problem}});
    signals_.push_back(std::move(signal));
}

void Cases::await_object(const delivery::Healed& healed, std::chrono::nanoseconds monotonic) {
    const auto at = cases_.find(healed.path);
    if (at == cases_.end()) return;
    Case& one = at->second;
    one.is_in_hand = false;
    if (!healed.evidence.empty() && one.evidence.size() < kMostEvidence) one.evidence.push_back(healed.evidence);
    one.problem = healed.problem;
    one.next_try = monotonic + kRetry;
}

void Cases::try_now(const std::string& path, std::chrono::nanoseconds monotonic) {
    const auto at = cases_.find(path);
    if (at == cases_.end() || at->second.is_in_hand) return;
    at->second.problem.clear();
    at->second.next_try = monotonic;
}

bool Cases::has_sick(std::chrono::nanoseconds monotonic) const {
    return std::any_of(cases_.begin(), cases_.end(), [&](const auto& one) { return one.second.next_try <= monotonic; });
}

std::vector<delivery::Sick> Cases::take_sick(std::size_t limit, std::chrono::nanoseconds monotonic) {
    std::vector<delivery::Sick> sick;
    for (auto& [path, one] : cases_) {
        if (sick.size() == limit) break;
        if (one.next_try > monotonic) continue;
        one.next_try = monotonic + kRetry;
        one.problem.clear();
        one.is_in_hand = true;
        sick.push_back({path, one.writer ? json::serialize(describe(*one.writer)) : std::string()});
    }
    return sick;
}

void Cases::let_go(const std::vector<delivery::Sick>& sick) {
    for (const delivery::Sick& one : sick)
        if (const auto at = cases_.find(one.path); at != cases_.end()) at->second.is_in_hand = false;
}

void Cases::start_flood(base::Instant now, std::chrono::nanoseconds monotonic) {
    flood_since_ = now;
    in_flood_ = 0;
    next_tree_ = monotonic;
    tree_rest_ = kShortestRest;
    Signal signal = signal_of(State::Raise, "./", "tree.flood", Severity::Emergency, now);
    signal.text =
        fmt::format("公開ファイルの改ざんが1分間に{}件を超えました。全ファイルを復旧します。", flood_per_minute_);
    signal.payload = json::serialize(json::object{{"per_minute", flood_per_minute_}});
    signals_.push_back(std::move(signal));
}

bool Cases::take_tree_turn(std::chrono::nanoseconds monotonic) {
    if (!flood_since_ || cases_.empty() || monotonic < next_tree_) return false;
    next_tree_ = monotonic + tree_rest_;
    tree_rest_ = std::min<std::chrono::nanoseconds>(tree_rest_ * 2, kLongestRest);
    return true;
}

void Cases::tick(base::Instant now, std::chrono::nanoseconds monotonic) {
    if (!flood_since_ || !cases_.empty() || monotonic - last_found_ < kQuiet) return;
    Signal signal = signal_of(State::Clear, "./", "tree.flood", Severity::Emergency, now);
    signal.text = "大量の改ざんは収まり、全ファイルの復旧を確かめました。";
    signal.payload = json::serialize(
        json::object{{"deviations", in_flood_},
                     {"seconds", static_cast<double>(now.milliseconds - flood_since_->milliseconds) / 1000}});
    signals_.push_back(std::move(signal));
    flood_since_.reset();
    recent_.clear();
}

std::vector<signals::Signal> Cases::take_signals() {
    return std::exchange(signals_, {});
}

}  // namespace flow

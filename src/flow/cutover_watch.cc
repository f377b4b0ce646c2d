#include "flow/cutover_watch.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <set>

#include <sys/stat.h>

#include "flow/cutover_check.h"
#include "flow/cutover_ready.h"
#include "ground/base/error.h"
#include "ground/base/interrupted.h"
#include "ground/base/text.h"
#include "ground/dns/ask.h"
#include "ground/sys/http_client.h"
#include "ground/sys/log.h"
#include "watch/cutover/ask.h"
#include "watch/logs/access_line.h"

namespace flow {

using namespace std::chrono_literals;
using signals::Severity;
using signals::Signal;

namespace {

constexpr auto kRest = 3s;
constexpr auto kLookEvery = 60s;
constexpr auto kSlice = 60s;
constexpr auto kDnsPatience = 3s;
constexpr std::size_t kLongestLine = 16U << 10;
constexpr std::int64_t kMostAtOnce = 256LL << 20;  // bytes of the log in one look
constexpr std::string_view kOurAgent = "Yakuba";

std::size_t rank_of(std::string_view state) {
    constexpr std::string_view kWorse[] = {"new", "mixed", "old", "other"};
    return static_cast<std::size_t>(std::find(std::begin(kWorse), std::end(kWorse), state) - std::begin(kWorse));
}

cutover::Resolver ask_resolver(const std::string& address, const cutover::Plan& plan) {
    std::set<std::string> old_ones{plan.old_server.address};
    const std::set<std::string> new_ones(plan.new_addresses.begin(), plan.new_addresses.end());
    for (const auto& set : plan.before)
        if (set.type == dns::Type::A || set.type == dns::Type::Aaaa)
            for (const std::string& data : set.data)
                if (!new_ones.contains(data)) old_ones.insert(data);
    const auto is_in = [](const std::set<std::string>& all) {
        return [&all](const std::string& one) { return all.contains(one); };
    };
    const auto state_of = [&](const std::set<std::string>& seen) -> std::string_view {
        const bool has_new = std::any_of(seen.begin(), seen.end(), is_in(new_ones));
        if (std::any_of(seen.begin(), seen.end(), is_in(old_ones))) return has_new ? "mixed" : "old";
        return has_new && std::all_of(seen.begin(), seen.end(), is_in(new_ones)) ? "new" : "other";
    };
    const auto words_of = [](const std::set<std::string>& seen) {
        return seen.empty() ? "なし" : base::join(std::vector<std::string>(seen.begin(), seen.end()), "、");
    };
    cutover::Resolver resolver{address, "new", "", {}, {}};
    std::set<std::string> all;
    for (const std::string& name : plan.names) {  // the worst of them decides
        std::set<std::string> seen;
        for (const dns::Type type : {dns::Type::A, dns::Type::Aaaa}) {
            const auto asked = dns::ask(address, name, type, kDnsPatience);
            if (!asked.answer || (asked.answer->code != 0 && asked.answer->code != 3)) {
                resolver.state = "silent";
                resolver.answer = asked.answer ? dns::code_wording(asked.answer->code) : asked.problem;
                return resolver;
            }
            for (const std::string& data : asked.answer->all(type)) seen.insert(data);
        }
        all.insert(seen.begin(), seen.end());
        const std::string_view state = state_of(seen);
        if (rank_of(state) <= rank_of(resolver.state)) continue;
        resolver.state = state;
        resolver.answer = plan.names.size() == 1 ? words_of(seen) : fmt::format("{}：{}", name, words_of(seen));
    }
    if (resolver.state == "new") resolver.answer = words_of(all);
    return resolver;
}

/// The number that the address' text begins with.
std::optional<std::int64_t> read_counter(const std::string& url, const std::string& ca_file) {
    sys::HttpClient client;
    sys::FetchOptions how;
    how.patience = 10s;
    how.size_limit = 4096;
    how.ca_file = ca_file;
    const auto fetched = client.try_fetch(url, how);
    if (fetched.has_failed() || fetched.status != 200) return std::nullopt;
    const std::string_view text = base::trim(fetched.body);
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc{} || number < 0) return std::nullopt;
    return number;
}

Signal signal_of(std::string kind, std::string subject, bool is_wrong, Severity severity, base::Instant at,
                 std::string text) {
    Signal signal;
    signal.source = "cutover";
    signal.kind = std::move(kind);
    signal.subject = std::move(subject);
    signal.state = is_wrong ? signals::State::Raise : signals::State::Clear;
    signal.severity = severity;
    signal.observed_at = at;
    signal.text = std::move(text);
    return signal;
}

}  // namespace

std::optional<std::int64_t> OldLogCounter::count() {
    struct stat about {};
    if (::stat(file_.c_str(), &about) != 0 || !S_ISREG(about.st_mode)) return std::nullopt;
    std::ifstream in(file_, std::ios::binary);
    if (!in) return std::nullopt;
    if (about.st_ino != inode_ || about.st_size < offset_) offset_ = 0;
    inode_ = about.st_ino;
    in.seekg(offset_);
    std::string line;
    for (std::int64_t read = 0; read < kMostAtOnce;) {
        line.resize(kLongestLine);
        in.getline(line.data(), static_cast<std::streamsize>(line.size()));
        const auto got = static_cast<std::int64_t>(in.gcount());
        if (in.eof() || got == 0) break;  // a line that is being written is read with the next look
        read += got;
        offset_ += got;
        if (in.fail()) {  // too long: its rest is no line
            in.clear();
            in.ignore(static_cast<std::streamsize>(kMostAtOnce), '\n');
            offset_ += in.gcount();
            continue;
        }
        const auto access = logs::read_access_line(std::string_view(line).substr(0, static_cast<std::size_t>(got - 1)));
        if (access && access->at >= since_ && access->agent.find(kOurAgent) == std::string_view::npos) ++count_;
    }
    return count_;
}

cutover::Look look_at_switch(const cutover::Plan& plan, OldLogCounter* log, base::Instant now) {
    cutover::Look look;
    look.at = now;
    for (const std::string& address : plan.resolvers) look.resolvers.push_back(ask_resolver(address, plan));
    if (log != nullptr)
        look.old_requests = log->count();
    else if (!plan.counter_url.empty())
        look.old_requests = read_counter(plan.counter_url, plan.ca_file);
    cutover::AskedServer server(plan.new_server, plan.ca_file, 15s);
    for (const std::string& name : plan.names) {
        const cutover::Answer answer = server.ask(name, "/", plan.names);
        if (answer.status == 0)
            look.new_problem = answer.problem;
        else if (answer.status >= 400 || answer.is_loop)
            look.new_problem = fmt::format("{}の応答が{}です。", name, answer.is_loop ? 310 : answer.status);
        if (!look.new_problem.empty()) break;
    }
    return look;
}

std::vector<Signal> signals_of(const cutover::Look& look, const cutover::Plan& plan, base::Instant switched_at) {
    std::vector<Signal> all;
    const std::string& name = plan.names.front();
    // What was handed out before the switch may live as long as the TTL was then.
    const auto patience = std::chrono::seconds(cutover::longest_ttl(plan).value_or(cutover::kShortTtl)) + 10min;
    const bool is_late = look.at - switched_at > patience;
    for (const auto& resolver : look.resolvers) {
        const bool is_old = resolver.state == "old" || resolver.state == "mixed" || resolver.state == "other";
        if (is_late || !is_old)
            all.push_back(signal_of(
                "cutover.resolver.old", resolver.address, is_old, Severity::Warning, look.at,
                is_old
                    ? fmt::format("切替から時間がたちましたが、ネームサーバ{}が新しいアドレスだけを答えません（{}）。",
                                  resolver.address, resolver.answer)
                    : fmt::format("ネームサーバ{}が{}の新しいアドレスを答えます。", resolver.address, name)));
        const bool is_silent = resolver.state == "silent";
        all.push_back(
            signal_of("cutover.resolver.silent", resolver.address, is_silent, Severity::Minor, look.at,
                      is_silent ? fmt::format("ネームサーバ{}に尋ねられません（{}）。切替が行き渡ったかわかりません。",
                                              resolver.address, resolver.answer)
                                : fmt::format("ネームサーバ{}が答えます。", resolver.address)));
    }
    const bool is_failing = !look.new_problem.empty();
    all.push_back(signal_of("cutover.new.failing", name, is_failing, Severity::Serious, look.at,
                            is_failing ? fmt::format("切替後の新サーバが正しく答えません（{}）。", look.new_problem)
                                       : "切替後の新サーバが答えます。"));
    if (!plan.old_log.empty() || !plan.counter_url.empty()) {
        const bool is_unread = !look.old_requests;
        all.push_back(signal_of("cutover.old.unread", name, is_unread, Severity::Minor, look.at,
                                is_unread ? "旧サーバへの要求の数を読めません。止まったかどうかわかりません。"
                                          : "旧サーバへの要求の数を読めます。"));
    }
    return all;
}

std::chrono::milliseconds CutoverDesk::turn(const std::function<bool()>& is_stopped) {
    const auto [state, plan] =
        watch_.read([](sys::Reader& db) { return std::pair(cutover::load_state(db), cutover::find_plan(db)); });
    const bool is_watching = plan && state.switched_at && !state.finished_at && !state.rolled_back_at;
    clear_what_is_over(plan, is_watching);
    if (!plan) return kRest;
    if (state.wanted_at || (state.is_checking() && state.problem.empty())) check(state, is_stopped);
    tell_of_check();
    if (state.look_wanted_at) observe_readiness(watch_, folders_, settings_, clock_);
    if (is_watching && (!looked_at_ || clock_.monotonic() - *looked_at_ >= kLookEvery)) look(state, *plan);
    return kRest;
}

void CutoverDesk::check(const cutover::State& state, const std::function<bool()>& is_stopped) {
    CheckCutoverOptions options;
    options.scope = state.wanted;
    // In slices, so that resolvers and readiness are looked at meanwhile; the next turn goes on.
    const auto until = clock_.monotonic() + kSlice;
    options.is_stopped = [&] { return is_stopped() || clock_.monotonic() > until; };
    try {
        check_cutover(watch_, folders_, options,
                      {state.wanted_by.empty() ? "service:watch" : state.wanted_by, clock_.now()}, clock_);
    } catch (const base::Interrupted&) {
        return;  // goes on with the next turn, or the next start
    } catch (const base::Error& error) {
        if (error.kind() == base::Kind::Conflict) return;  // somebody compares from the command line
        sys::log(sys::Level::Error, "the comparison of old and new failed", {{"problem", error.message()}});
        watch_.write([&](sys::Transaction& tx) { cutover::note_problem(tx, error.message()); });
    }
}

void CutoverDesk::tell_of_check() {
    const auto state = watch_.read([](sys::Reader& db) { return cutover::load_state(db); });
    if (told_problem_ == state.problem) return;
    told_problem_ = state.problem;
    const Signal told =
        signal_of("cutover.check.stopped", "cutover", !state.problem.empty(), Severity::Warning, clock_.now(),
                  state.problem.empty() ? "新旧サーバの照合を妨げるものはありません。"
                                        : "新旧サーバの照合が止まりました。" + state.problem);
    tell_(std::span(&told, 1));
}

void CutoverDesk::look(const cutover::State& state, const cutover::Plan& plan) {
    looked_at_ = clock_.monotonic();
    if (plan.old_log.empty())
        log_.reset();
    else if (!log_ || !log_->is_for(plan.old_log, *state.switched_at))
        log_ = std::make_unique<OldLogCounter>(plan.old_log, *state.switched_at);
    const cutover::Look seen = look_at_switch(plan, log_.get(), clock_.now());
    if (!watch_.write([&](sys::Transaction& tx) { return cutover::note_look(tx, plan.version, seen); })) return;
    const std::vector<Signal> all = signals_of(seen, plan, *state.switched_at);
    for (const Signal& each : all) raised_.note(each);
    tell_(all);
}

/// Nobody looks any more at what stood in a plan before this one, nor at anything once watching has ended.
void CutoverDesk::clear_what_is_over(const std::optional<cutover::Plan>& plan, bool is_watching) {
    const auto is_looked_at = [&](const Raised::Key& key) {
        const auto& [kind, subject] = key;
        if (!is_watching) return false;
        if (kind == "cutover.old.unread" && plan->old_log.empty() && plan->counter_url.empty()) return false;
        if (!kind.starts_with("cutover.resolver.")) return subject == plan->names.front();
        return std::find(plan->resolvers.begin(), plan->resolvers.end(), subject) != plan->resolvers.end();
    };
    std::vector<Signal> over;
    for (const Raised::Key& key : raised_.all())
        if (!is_looked_at(key))
            over.push_back(
                signal_of(key.first, key.second, false, Severity::Warning, clock_.now(), "切替の見守りを終えました。"));
    for (const Signal& each : over) raised_.note(each);
    if (!over.empty()) tell_(over);
}

}  // namespace flow

#include "flow/cutover_check.h"

#include <atomic>
#include <mutex>
#include <thread>

#include "flow/cutover_redirects.h"
#include "ground/base/error.h"
#include "ground/base/interrupted.h"
#include "ground/base/text.h"
#include "watch/cutover/ask.h"

namespace flow {

using cutover::Answer;

namespace {

constexpr int kBatch = 48;
constexpr int kSilences = 12;  // in a row: the server is away, and asking on says nothing

cutover::Surroundings surroundings_of(const cutover::Plan& plan, base::Instant now) {
    cutover::Surroundings around{{}, base::local_day(now)};
    const auto add = [&](std::string host) {
        for (const cutover::Endpoint* at : {&plan.old_server, &plan.new_server})
            if (at->port != 0) around.hosts.push_back(fmt::format("{}:{}", host, at->port));
        for (const char* port : {"", ":80", ":443"}) around.hosts.push_back(host + port);
    };
    for (const std::string& name : plan.names) add(base::to_lower(name));
    for (const cutover::Endpoint* at : {&plan.old_server, &plan.new_server}) add(at->address);
    return around;
}

/// Requests begin at least so far apart.
class Pace {
  public:
    explicit Pace(double per_second) : apart_(std::chrono::duration<double>(1 / per_second)) {}
    void wait() {
        std::chrono::steady_clock::time_point mine;
        {
            const std::lock_guard lock(mutex_);
            next_ = std::max(next_, std::chrono::steady_clock::now());
            mine = next_;
            next_ += std::chrono::duration_cast<std::chrono::steady_clock::duration>(apart_);
        }
        std::this_thread::sleep_until(mine);
    }

  private:
    std::mutex mutex_;
    std::chrono::steady_clock::time_point next_{};
    std::chrono::duration<double> apart_;
};

class Comparison {
  public:
    Comparison(const cutover::Plan& plan, const CheckCutoverOptions& options, const RedirectProposer& proposer,
               base::Instant now)
        : plan_(plan),
          options_(options),
          proposer_(proposer),
          around_(surroundings_of(plan, now)),
          old_(plan.old_server, plan.ca_file, options.patience),
          new_(plan.new_server, plan.ca_file, options.patience),
          pace_(options.per_second) {}

    /// Why comparing makes no sense now; "" when it does.
    std::string find_obstacle() {
        for (auto* server : {&old_, &new_}) {
            const bool is_old = server == &old_;
            const char* const which = is_old ? "旧サーバ" : "新サーバ";
            if (const auto certificate = server->look_at_certificate(plan_.names.front());
                !certificate.problem.empty() && is_tls(certificate.problem))
                return fmt::format("{}（{}）の証明書を信用できないため、照合できません。{}", which,
                                   server->endpoint().text(),
                                   is_old ? "証明書の期限などを確かめるか、計画の旧サーバを http:// で入れてください。"
                                          : "新サーバに正しい証明書を入れてください。");
            const Answer answer = server->ask(plan_.names.front(), "/", plan_.names);
            if (answer.status == 0)
                return fmt::format("{}（{}）につながりません。アドレスと通信の許可を確かめてください。（{}）", which,
                                   server->endpoint().text(), answer.problem);
            // One that refuses us, or has nothing under this name, would make every page of the new one "equal".
            if (is_old && answer.status != 200 && (answer.status < 300 || answer.status >= 400))
                return fmt::format(
                    "旧サーバ（{}）が、トップページに{}を返します。サイトの名前と、この機器からの閲覧の許可を"
                    "確かめてください。",
                    server->endpoint().text(), answer.status);
        }
        return {};
    }

    /// The results of these paths, in no order. Fewer than asked when it was stopped or a server went silent.
    std::vector<cutover::Result> run(const std::vector<cutover::Due>& due) {
        std::vector<cutover::Result> results;
        std::atomic<std::size_t> next{0};
        std::mutex mutex;
        const auto work = [&] {
            for (std::size_t i = next++; i < due.size(); i = next++) {
                pace_.wait();
                if (is_to_end()) return;
                const Answer before = old_.ask(plan_.names.front(), due[i].path, plan_.names);
                const Answer after = new_.ask(plan_.names.front(), due[i].path, plan_.names);
                cutover::Result result{
                    due[i].id, due[i].path, cutover::compare(before, after, due[i].path, around_), {}};
                for (const auto& difference : result.compared.differences)
                    if (difference.kind == cutover::Differs::Missing || difference.kind == cutover::Differs::Status)
                        result.proposal = before.status >= 300 && before.status < 400
                                              ? cutover::plain_target(before.location, due[i].path, around_)
                                              : proposer_.find(due[i].path);
                const std::lock_guard lock(mutex);
                note_silence(old_silences_, before.status != 0);
                note_silence(new_silences_, after.status != 0);
                results.push_back(std::move(result));
            }
        };
        std::vector<std::jthread> threads;
        for (int i = 0; i < options_.parallel; ++i) threads.emplace_back(work);
        threads.clear();
        return results;
    }

    std::string find_silence() const {
        if (old_silences_ >= kSilences) return "旧サーバが答えなくなったため、照合を止めました。";
        if (new_silences_ >= kSilences) return "新サーバが答えなくなったため、照合を止めました。";
        return {};
    }

  private:
    static bool is_tls(std::string_view problem) {
        for (const std::string_view word : {"SSL", "certificate", "TLS"})
            if (problem.find(word) != std::string_view::npos) return true;
        return false;
    }
    static void note_silence(std::atomic<int>& count, bool has_spoken) {
        if (has_spoken)
            count = 0;
        else
            ++count;
    }
    bool is_to_end() const { return !find_silence().empty() || (options_.is_stopped && options_.is_stopped()); }

    const cutover::Plan& plan_;
    const CheckCutoverOptions& options_;
    const RedirectProposer& proposer_;
    cutover::Surroundings around_;
    cutover::AskedServer old_, new_;
    Pace pace_;
    std::atomic<int> old_silences_{0}, new_silences_{0};
};

}  // namespace

CheckedCutover check_cutover(sys::Database& watch, const Folders& folders, const CheckCutoverOptions& options,
                             const cutover::By& by, const base::Clock& clock) {
    const auto start = clock.monotonic();
    sys::make_folders(folders.run);
    const auto lock = sys::FileLock::find(folders.run / "cutover.lock");
    if (!lock) throw base::Error(base::Kind::Conflict, "新旧の照合は、すでに進んでいます。");
    if (options.per_second <= 0 || options.parallel < 1 || options.parallel > 16)
        throw base::Error(base::Kind::BadInput, "速さは0より大きく、同時に尋ねる数は1から16までにしてください。");
    const cutover::Plan plan = watch.write([&](sys::Transaction& tx) {
        cutover::begin_round(tx, options.scope, {by.who, clock.now()});
        return *cutover::find_plan(tx);
    });
    CheckedCutover result;
    const RedirectProposer proposer(folders);
    Comparison comparison(plan, options, proposer, clock.now());
    result.problem = comparison.find_obstacle();
    while (result.problem.empty()) {
        const auto due = watch.read([](sys::Reader& db) { return cutover::list_due(db, kBatch); });
        if (due.empty()) break;
        if (options.is_stopped && options.is_stopped()) throw base::Interrupted("the comparison was interrupted");
        std::vector<cutover::Result> results = comparison.run(due);
        result.problem = comparison.find_silence();
        if (!result.problem.empty())  // what only says that a server is away is asked again later
            std::erase_if(results, [](const cutover::Result& one) {
                return !one.compared.is_comparable || (!one.compared.differences.empty() &&
                                                       one.compared.differences[0].kind == cutover::Differs::Failing);
            });
        if (!watch.write(
                [&](sys::Transaction& tx) { return cutover::note_results(tx, plan.version, results, clock.now()); }))
            throw base::Error(base::Kind::Conflict, "照合の途中で計画が変わりました。もう一度始めてください。");
        if (options.progress) {
            const auto counts = watch.read([](sys::Reader& db) { return cutover::load_counts(db); });
            options.progress(counts.checked, counts.total);
        }
    }
    watch.write([&](sys::Transaction& tx) {
        if (result.problem.empty())
            cutover::end_round(tx, {by.who, clock.now()});
        else
            cutover::note_problem(tx, result.problem);
    });
    result.counts = watch.read([](sys::Reader& db) { return cutover::load_counts(db); });
    result.seconds = std::chrono::duration<double>(clock.monotonic() - start).count();
    return result;
}

}  // namespace flow

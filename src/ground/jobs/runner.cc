#include "ground/jobs/runner.h"

#include <algorithm>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"
#include "ground/sys/log.h"

namespace jobs {
namespace {

using base::Instant;

std::string series_key(std::string_view kind, Instant due_at) {
    return fmt::format("{}@{}", kind, base::format_utc(due_at));
}

bool is_planned(const Job& job) {
    return job.key == series_key(job.kind, job.due_at);
}

// The series' next time after `after`. A series that cannot say it must not take the other jobs down with it.
std::optional<Instant> next_time(const Kind& kind, Instant after) {
    std::string fault = "its next time is not later than the one before";
    try {
        const auto next = kind.next(after);
        if (!next || *next > after) return next;
    } catch (const std::exception& e) {
        fault = e.what();
    }
    sys::log(sys::Level::Error, "series has no next run",
             {{"kind", kind.name}, {"after", base::format_utc(after)}, {"error", fault}});
    return {};
}

Receipt receipt_of(const Job& job, Receipt::Result result, std::string error = "") {
    return {job.key, job.kind, job.due_at, job.lateness, job.attempt, result, std::move(error)};
}

}  // namespace

Runner::Runner(sys::Database& database, const base::Clock& clock, std::vector<Kind> kinds, std::string owner)
    : database_(database), clock_(clock), kinds_(std::move(kinds)), owner_(std::move(owner)) {
    if (owner_.empty()) owner_ = base::to_hex(sys::random_bytes(8));
    for (const Kind& kind : kinds_) {
        if (std::find(names_.begin(), names_.end(), kind.name) != names_.end()) {
            throw base::Error(base::Kind::Bug, fmt::format("two kinds of jobs are named {}", kind.name));
        }
        names_.push_back(kind.name);
    }
}

const Kind& Runner::kind_of(const Job& job) const {
    return *std::find_if(kinds_.begin(), kinds_.end(), [&](const Kind& kind) { return kind.name == job.kind; });
}

void Runner::plan_after(sys::Transaction& tx, const Kind& kind, Instant after) {
    const auto due_at = next_time(kind, after);
    if (!due_at) return;
    add(tx, {series_key(kind.name, *due_at), kind.name, "{}", *due_at, kind.missed, kind.grace, kind.most_attempts});
}

void Runner::plan_next(sys::Transaction& tx, const Job& closed, Instant now) {
    const Kind& kind = kind_of(closed);
    if (!kind.next || !is_planned(closed)) return;
    plan_after(tx, kind, kind.missed == Missed::Each ? closed.due_at : std::max(closed.due_at, now));
}

void Runner::plan() {
    const Instant now = clock_.now();
    database_.write([&](sys::Transaction& tx) {
        for (const Kind& kind : kinds_) {
            if (!kind.next) continue;
            bool is_waiting = false;
            for (const Job& job : list_planned(tx, kind.name)) {
                const bool may_move = job.attempt == 0 && job.due_at > now;
                if (may_move && next_time(kind, now) != job.due_at && cancel(tx, job.key)) continue;
                is_waiting = true;
            }
            if (!is_waiting) plan_after(tx, kind, find_last_planned(tx, kind.name).value_or(now));
        }
    });
}

Receipt Runner::work(const Job& job) {
    const Kind& kind = kind_of(job);
    std::string error;
    try {
        const std::function<void()> renew_lease = [&] {
            database_.write([&](sys::Transaction& tx) { renew(tx, job, clock_.now(), kind.lease); });
        };
        const Effect effect = kind.run({job, renew_lease});
        database_.write([&](sys::Transaction& tx) {
            finish(tx, job, clock_.now());
            if (effect) effect(tx);
            plan_next(tx, job, clock_.now());
        });
        return receipt_of(job, Receipt::Result::Done);
    } catch (const LeaseLost& lost) {
        return receipt_of(job, Receipt::Result::Lost, lost.message());
    } catch (const std::exception& e) {
        error = e.what();
    } catch (...) {
        error = "an exception of no known type";
    }
    try {
        const Outcome outcome = database_.write([&](sys::Transaction& tx) {
            const Outcome after = fail(tx, job, clock_.now(), error);
            if (after == Outcome::Failed) plan_next(tx, job, clock_.now());
            return after;
        });
        return receipt_of(job, outcome == Outcome::Failed ? Receipt::Result::Failed : Receipt::Result::Retry, error);
    } catch (const LeaseLost&) {
        return receipt_of(job, Receipt::Result::Lost, error);
    }
}

std::vector<Receipt> Runner::run_one() {
    const Instant now = clock_.now();
    std::vector<Job> closed;
    std::optional<Job> job;
    database_.write([&](sys::Transaction& tx) {
        closed.clear();
        job = take_due(tx, names_, now, owner_, std::chrono::milliseconds(0), closed);
        // Only now is it known whose lease applies.
        if (job) renew(tx, *job, now, kind_of(*job).lease);
        for (const Job& each : closed) plan_next(tx, each, now);
    });
    std::vector<Receipt> receipts;
    for (const Job& each : closed) {
        const bool is_skipped = each.outcome == Outcome::Skipped;
        receipts.push_back(
            receipt_of(each, is_skipped ? Receipt::Result::Skipped : Receipt::Result::Failed, each.last_error));
    }
    if (job) receipts.push_back(work(*job));
    return receipts;
}

std::vector<Receipt> Runner::run_due(const std::function<bool()>& is_stopped) {
    std::vector<Receipt> all;
    while (!is_stopped || !is_stopped()) {
        auto receipts = run_one();
        if (receipts.empty()) break;
        for (Receipt& receipt : receipts) all.push_back(std::move(receipt));
    }
    return all;
}

std::optional<Instant> Runner::next_due() {
    return database_.read([&](sys::Reader& db) { return jobs::next_due(db, names_); });
}

}  // namespace jobs

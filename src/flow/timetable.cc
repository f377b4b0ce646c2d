#include "flow/timetable.h"

#include <filesystem>

#include "flow/notify.h"
#include "flow/office_hours.h"
#include "flow/sign_in_desk.h"
#include "flow/upkeep.h"
#include "ground/mail/outbox.h"
#include "ground/sys/log.h"
#include "ground/tickets/tickets.h"
#include "office/notify/store.h"

namespace flow {

namespace {

namespace fs = std::filesystem;
using base::Instant;
using std::chrono::hours;
using std::chrono::minutes;

constexpr auto kKeptRuns = hours(24 * 90);     // records of jobs
constexpr auto kKeptSent = hours(24 * 90);     // letters that were sent, notices that were settled
constexpr auto kKeptFailed = hours(24 * 365);  // letters that could not be sent
constexpr auto kTemporaryAge = hours(24);      // no write takes as long
constexpr auto kPatience = minutes(10);        // from due to overdue

constexpr Duty kDuties[] = {
    {"notice-digest", "お知らせのまとめ便", "開庁日の決まった時刻"},
    {"notice-reminders", "承認の催促", "1時間ごと"},
    {"notice-takedowns", "公開終了の予告", "毎日 8:00"},
    {"tidy-tickets", "使い終わった一時データの掃除", "毎日 3:10"},
    {"tidy-sessions", "切れたログインの掃除", "毎日 3:12"},
    {"tidy-mail", "古いお知らせメールの掃除", "毎日 3:14"},
    {"tidy-jobs", "古い処理記録の掃除", "毎日 3:16"},
    {"tidy-files", "途中で残った作業ファイルの掃除", "毎日 3:18"},
    {"tend-database", "データベースの手入れ", "毎日 3:20"},
    {"scrub-objects", "保存ファイルの読み返し（7日で一巡）", "毎日 3:40"},
    {"check-ledger", "業務記録の検証", "日曜日 4:00"},
    {"check-database", "データベースの点検", "毎月1日 4:20"},
};

using Next = std::function<std::optional<Instant>(Instant)>;

Next daily(int hour, int minute) {
    return [hour, minute](Instant after) -> std::optional<Instant> {
        for (base::Day day = base::local_day(after);; day = day + 1)
            if (const Instant at = base::from_local({day, hour, minute}); at > after) return at;
    };
}

/// On the days that `is_due` says.
Next on_days(std::function<bool(base::Day)> is_due, int hour, int minute) {
    return [is_due = std::move(is_due), hour, minute](Instant after) -> std::optional<Instant> {
        for (base::Day day = base::local_day(after);; day = day + 1)
            if (const Instant at = base::from_local({day, hour, minute}); at > after && is_due(day)) return at;
    };
}

Next hourly() {
    return [](Instant after) -> std::optional<Instant> {
        constexpr std::int64_t kHour = 3'600'000;
        return Instant{(after.milliseconds / kHour + 1) * kHour};
    };
}

/// On days on which the office is open; a time of 24:00 is the last minute of the day.
Next on_open_days(calendar::OfficeCalendar office, std::string_view time) {
    const auto digit = [&](std::size_t at) { return time.at(at) - '0'; };
    const int minute = std::min((digit(0) * 10 + digit(1)) * 60 + digit(3) * 10 + digit(4), 24 * 60 - 1);
    return [office = std::move(office), minute](Instant after) -> std::optional<Instant> {
        for (base::Day day = base::local_day(after);; day = day + 1) {
            day = calendar::next_open(office, day);
            if (const Instant at = base::from_local({day, minute / 60, minute % 60}); at > after) return at;
        }
    };
}

/// Files of writes that were cut off: ".TOKEN.tmp" in the folders where files are staged.
void remove_stale_files(Site& site, const std::function<bool()>& is_stopped) {
    const auto oldest = fs::file_time_type::clock::now() - kTemporaryAge;
    std::vector<fs::path> folders{site.folders.objects / "staging", site.folders.variants / "staging",
                                  site.folders.run / "placing", site.folders.run};
    std::error_code none;
    for (const fs::directory_entry& each : fs::directory_iterator(folders.front(), none))
        if (each.is_directory(none)) folders.push_back(each.path());
    for (const fs::path& folder : folders) {
        std::error_code problem;
        for (fs::directory_iterator at(folder, problem), end; !problem && at != end; at.increment(problem)) {
            if (is_stopped && is_stopped()) return;
            const std::string name = at->path().filename().string();
            std::error_code gone;
            if (!name.starts_with('.') || !name.ends_with(".tmp") || !at->is_regular_file(gone) ||
                at->last_write_time(gone) > oldest || gone)
                continue;
            if (fs::remove(at->path(), gone))
                sys::log(sys::Level::Info, "removed a file of a write that was cut off",
                         {{"file", at->path().string()}});
        }
    }
}

/// A job whose whole work is one transaction, together with its done-mark.
jobs::Kind in_transaction(std::string name, Next next, std::function<void(sys::Transaction&)> work) {
    jobs::Kind kind;
    kind.name = std::move(name);
    kind.run = [work = std::move(work)](const jobs::Turn&) -> jobs::Effect { return work; };
    kind.next = std::move(next);
    return kind;
}

/// A job whose steps are safe to do twice.
jobs::Kind in_steps(std::string name, Next next, std::function<void()> work) {
    jobs::Kind kind;
    kind.name = std::move(name);
    kind.run = [work = std::move(work)](const jobs::Turn&) -> jobs::Effect {
        work();
        return {};
    };
    kind.next = std::move(next);
    return kind;
}

}  // namespace

std::span<const Duty> all_duties() {
    return kDuties;
}

std::vector<jobs::Kind> timetable(Site& site, std::function<bool()> is_stopped) {
    const people::SessionLimits sessions = open_sign_in_desk(site, site.settings).policy.sessions;
    const auto now = [&site] { return site.clock.now(); };
    std::vector<jobs::Kind> kinds;
    kinds.push_back(in_transaction("notice-digest",
                                   on_open_days(office_hours_of(site.settings), site.settings.mail.digest_at),
                                   [&site](sys::Transaction& tx) { write_digests(tx, site); }));
    kinds.push_back(in_steps("notice-reminders", hourly(), [&site] { gather_reminders(site); }));
    kinds.push_back(in_steps("notice-takedowns", daily(8, 0), [&site] { gather_takedowns(site); }));
    kinds.push_back(in_transaction("tidy-tickets", daily(3, 10),
                                   [now](sys::Transaction& tx) { tickets::remove_ended(tx, now()); }));
    kinds.push_back(in_transaction("tidy-sessions", daily(3, 12), [now, sessions](sys::Transaction& tx) {
        people::remove_dead_sessions(tx, now(), sessions);
    }));
    kinds.push_back(in_transaction("tidy-mail", daily(3, 14), [now](sys::Transaction& tx) {
        mail::forget(tx, now() - kKeptSent, now() - kKeptFailed);
        notify::forget(tx, now() - kKeptSent);
    }));
    kinds.push_back(in_transaction("tidy-jobs", daily(3, 16),
                                   [now](sys::Transaction& tx) { jobs::forget_done(tx, now() - kKeptRuns); }));
    kinds.push_back(
        in_steps("tidy-files", daily(3, 18), [&site, is_stopped] { remove_stale_files(site, is_stopped); }));
    kinds.push_back(in_steps("tend-database", daily(3, 20), [&site] { tend_database(site); }));
    jobs::Kind scrub = in_steps("scrub-objects", daily(3, 40), [] {});
    scrub.run = [&site, is_stopped = std::move(is_stopped)](const jobs::Turn& turn) -> jobs::Effect {
        scrub_objects(site, base::local_day(turn.job.due_at),
                      {.is_stopped = is_stopped,
                       .keep_alive = turn.renew,
                       .sources = object_sources(site.folders, site.settings, site.clock)});
        return {};
    };
    scrub.most_attempts = 2;  // what is damaged stays so, and reading is dear
    kinds.push_back(std::move(scrub));
    kinds.push_back(in_steps("check-ledger", on_days([](base::Day day) { return base::weekday(day) == 0; }, 4, 0),
                             [&site] { check_ledgers(site); }));
    kinds.push_back(in_steps("check-database", on_days([](base::Day day) { return day.day == 1; }, 4, 20),
                             [&site] { check_database(site); }));
    return kinds;
}

std::vector<DutyState> list_troubled_duties(sys::Reader& db, Instant now) {
    std::vector<DutyState> troubled;
    const auto add = [&](const jobs::Job& job) {
        const bool is_known =
            std::any_of(troubled.begin(), troubled.end(), [&](const DutyState& one) { return one.name == job.kind; });
        if (!is_known)
            troubled.push_back(
                {job.kind, job.attempt, job.last_error, job.due_at, job.outcome == jobs::Outcome::Failed});
    };
    for (const jobs::Job& job : jobs::list_failed(db)) {
        // A later run of a series that went well has made up for it.
        const auto last = jobs::find_last_done(db, job.kind);
        if (job.outcome == jobs::Outcome::Failed && last && *last > job.due_at) continue;
        add(job);
    }
    for (const jobs::Job& job : jobs::list_overdue(db, now, kPatience)) add(job);
    return troubled;
}

}  // namespace flow

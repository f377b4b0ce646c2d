#include "flow/answer_backups.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <sys/stat.h>

#include "flow/drill_backup.h"
#include "flow/preview_restore.h"
#include "flow/restore/scratch_database.h"
#include "flow/restore_page.h"
#include "ground/base/error.h"
#include "ground/base/interrupted.h"
#include "ground/base/text.h"
#include "ground/release/log.h"
#include "ground/sys/log.h"

namespace flow {

namespace fs = std::filesystem;
namespace json = boost::json;
using backup::Request;
using backup::Stage;
using backup::Wish;
using base::Error;
using base::Kind;
using namespace std::chrono_literals;

namespace {

constexpr auto kRest = 1000ms;
constexpr auto kWait = 10s;  // until what was put off is tried again
constexpr auto kTidyEvery = 10min;
constexpr auto kPatience = std::chrono::hours(12);  // of a restore or a drill with the backup that is at work
constexpr int kActsShown = 50;
constexpr std::size_t kProblemLimit = 1000;

/// Drafts are their owner's, who may edit the page; the ledger says through whom they came.
Doer doer_of(const Request& request) {
    constexpr std::string_view kPerson = "person:";
    if (!request.owner.starts_with(kPerson)) throw Error(Kind::Bug, "a restored page has no owner: " + request.owner);
    return {base::PersonId{std::strtoll(request.owner.c_str() + kPerson.size(), nullptr, 10)},
            fmt::format("backup-request:{} {}", request.id, request.confirmer)};
}

/// Errors of the machine speak English: they follow a sentence for people.
std::string for_people(std::string_view text, Wish wish) {
    const bool is_japanese = std::any_of(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; });
    return is_japanese ? std::string(text)
                       : fmt::format("{}ができませんでした。（{}）", backup::wish_wording(wish), text);
}

std::string short_problem(std::string_view text) {
    return base::to_valid_utf8(text.substr(0, kProblemLimit));
}

/// The chosen backup among those that the repository holds.
backup::Snapshot snapshot_of(const backup::Restic& repository, const std::string& id, const std::string& site) {
    return choose_snapshot(list_restorable(repository, site), {id, {}});
}

/// A restore that was killed once its folder was in place has left a whole site, which may have another name by now:
/// its database is that site's.
bool is_named_beside(const Folders& folders, std::string_view database) {
    const fs::path site = folders.site.filename().empty() ? folders.site.parent_path() : folders.site;
    for (const auto& each : fs::directory_iterator(site.parent_path())) {
        try {
            const auto settings = sys::find_file(each.path() / "yakuba.toml", 1U << 20);
            if (settings && settings->find(database) != std::string::npos) return true;
        } catch (const base::Error&) {  // not a folder, or not one of ours: what we restore we can read
        }
    }
    return false;
}

/// Never fails: what cannot be cleared now is cleared another time.
void clear_databases_of_the_dead(const Folders& folders, const settings::Settings& settings) {
    if (settings.database.url.empty()) return;
    try {
        for (const char* purpose : {"drill", "pages", "restored"})
            restoring::clear_scratch_databases(settings, purpose,
                                               [&](std::string_view name) { return is_named_beside(folders, name); });
    } catch (const std::exception& error) {
        sys::log(sys::Level::Warning, "scratch databases that were left over cannot be looked for",
                 {{"problem", error.what()}});
    }
}

}  // namespace

fs::path taken_out_file(const Folders& folders, std::int64_t request) {
    return folders.run / "restored" / std::to_string(request);
}

fs::path beside_folder(const Folders& folders, base::Instant asked_at) {
    std::string moment = base::format_local(asked_at).substr(0, 16);  // "2027-04-01 09:00"
    for (char& c : moment)
        if (c == ' ' || c == ':') c = c == ' ' ? '-' : '.';
    fs::path site = folders.site;
    if (site.filename().empty()) site = site.parent_path();
    return site.parent_path() / fmt::format("{}-restored-{}", site.filename().string(), moment);
}

std::optional<base::Instant> check_backup_hours(const BackupPlace& place, backup::Kind kind,
                                                const std::vector<std::string>& repositories, const std::string& reason,
                                                const std::string& by) {
    const base::Instant now = place.clock.now();
    const backup::Policy policy = backup_policy(place.settings);
    if (backup::is_allowed(policy, now)) return std::nullopt;
    place.watch.write([&](sys::Transaction& tx) {
        if (!reason.empty()) return note_backup_override(tx, place, kind, repositories, reason, by);
        for (const std::string& repository : repositories)
            backup::note_refusal(tx, repository, kind, "outside the allowed hours", now, by);
    });
    if (!reason.empty()) return std::nullopt;
    return backup::next_allowed(policy, now);
}

void note_backup_override(sys::Transaction& tx, const BackupPlace& place, backup::Kind kind,
                          const std::vector<std::string>& repositories, const std::string& reason,
                          const std::string& by) {
    const base::Instant now = place.clock.now();
    if (backup::is_allowed(backup_policy(place.settings), now)) return;
    for (const std::string& repository : repositories) backup::note_override(tx, repository, kind, reason, now, by);
}

BackupAnswers::BackupAnswers(Site* site, const fs::path& folder, const settings::Settings& settings,
                             const base::Clock& clock, sys::Database& watch, std::string program, Tell tell)
    : site_(site),
      folders_(folders_of(fs::absolute(folder))),
      settings_(settings),
      clock_(clock),
      watch_(watch),
      program_(std::move(program)),
      tell_(std::move(tell)) {}

BackupPlace BackupAnswers::place() const {
    return {folders_, settings_, clock_, watch_, program_};
}

void BackupAnswers::note(const Request& request, std::string_view phase) {
    watch_.write([&](sys::Transaction& tx) { backup::note_phase(tx, request.id, phase); });
}

std::vector<std::string> BackupAnswers::repositories_of(const Request& request) const {
    if (request.repository.empty()) return settings_.backup.repositories;
    return {find_repository(settings_, request.repository)};
}

backup::Restic BackupAnswers::open(const Request& request, const std::function<bool()>& is_stopped) const {
    backup::Access access = backup_access(settings_, folders_, repositories_of(request).front());
    access.is_stopped = is_stopped;
    return backup::Restic(std::move(access));
}

void BackupAnswers::tidy() {
    if (!has_begun_) {
        watch_.write([&](sys::Transaction& tx) { backup::end_left_over(tx, clock_.now()); });
        if (is_backup_configured(settings_)) clear_databases_of_the_dead(folders_, settings_);
    }
    has_begun_ = true;
    if (tidied_at_ && clock_.monotonic() - *tidied_at_ < kTidyEvery) return;
    tidied_at_ = clock_.monotonic();
    for (const std::int64_t id : watch_.write([&](sys::Transaction& tx) {
             backup::expire_shown(tx, clock_.now());
             return backup::expire_files(tx, clock_.now());
         }))
        sys::remove_file(taken_out_file(folders_, id));
}

std::chrono::milliseconds BackupAnswers::turn(const std::function<bool()>& is_stopped) {
    tidy();
    const auto next = watch_.read([](sys::Reader& db) { return backup::find_next(db); });
    if (!next) return kRest;
    const Request& request = *next;
    const auto fail = [&](std::string_view problem) {
        sys::log(sys::Level::Warning, "what was asked of the backups could not be done",
                 {{"request", std::to_string(request.id)}, {"problem", std::string(problem)}});
        watch_.write([&](sys::Transaction& tx) {
            backup::end(tx, request, "", for_people(problem, request.wish), clock_.now());
        });
    };
    try {
        if (!is_backup_configured(settings_))
            throw Error(Kind::NotAllowed, "バックアップが設定されていません。yakuba backup key で設定してください。");
        if (request.stage == Stage::Looking) {
            const std::string preview = look(request, is_stopped);
            watch_.write([&](sys::Transaction& tx) { backup::show(tx, request, preview); });
            return 10ms;
        }
        watch_.write([&](sys::Transaction& tx) { backup::begin(tx, request.id, clock_.now()); });
        const Answer done = answer(request, is_stopped);
        watch_.write([&](sys::Transaction& tx) { backup::end(tx, request, done.result, done.problem, clock_.now()); });
    } catch (const base::Interrupted&) {
        // The watch ends, and what it was at has come to a safe point: it begins anew with the next start.
        watch_.write([&](sys::Transaction& tx) { backup::put_off(tx, request); });
        return kRest;
    } catch (const Error& error) {
        const bool is_busy =
            error.kind() == Kind::Conflict && !backup::is_restore(request.wish) && !is_restored_beside(folders_);
        if (is_busy) {
            watch_.write([&](sys::Transaction& tx) { backup::put_off(tx, request); });
            return kWait;
        }
        fail(error.message());
    } catch (const std::exception& error) {
        fail(error.what());
    }
    return 10ms;
}

/// What is shown before a restore is confirmed.
std::string BackupAnswers::look(const Request& request, const std::function<bool()>& is_stopped) const {
    const backup::Restic repository = open(request, is_stopped);
    const RestorePreview shown =
        preview_restore(repository, snapshot_of(repository, request.snapshot, settings_.site.id), site_, kActsShown);
    json::array acts;
    for (const LostAct& each : shown.newest)
        acts.push_back({{"at", each.at.milliseconds}, {"person", each.person}, {"act", each.act}, {"path", each.path}});
    json::object preview{{"taken_at", shown.manifest.taken_at.milliseconds},
                         {"release", shown.manifest.release},
                         {"engine", shown.manifest.engine},
                         {"has_site", shown.has_site},
                         {"lost_acts", shown.lost_acts},
                         {"lost_releases", shown.lost_releases},
                         {"acts", std::move(acts)}};
    if (const auto& edit = shown.manifest.last_edit)
        preview["last_edit"] = json::object{
            {"at", edit->at.milliseconds}, {"person", edit->person}, {"path", edit->path}, {"title", edit->title}};
    return json::serialize(preview);
}

BackupAnswers::Answer BackupAnswers::answer(const Request& request, const std::function<bool()>& is_stopped) {
    switch (request.wish) {
        case Wish::Backup:
            return back_up(request, is_stopped);
        case Wish::Verify:
            return verify(request, is_stopped);
        case Wish::Drill:
            return drill(request, is_stopped);
        case Wish::Page:
        case Wish::Department:
            return bring_pages(request, is_stopped);
        case Wish::File:
            return bring_file(request, is_stopped);
        case Wish::Site:
            break;
    }
    return bring_site(request, is_stopped);
}

BackupAnswers::Answer BackupAnswers::back_up(const Request& request, const std::function<bool()>& is_stopped) {
    BackupWish wish;
    wish.kind = backup::find_kind(request.target).value_or(backup::Kind::Data);
    wish.repositories = repositories_of(request);
    wish.by = request.by;
    wish.is_stopped = is_stopped;
    // It may have waited until the hours were over.
    if (request.why.empty() && check_backup_hours(place(), wish.kind, wish.repositories, "", request.by))
        return {"", "取得できる時間帯が終わったため、取得しませんでした。理由を添えて、もう一度依頼してください。"};
    const BackupDone done = flow::back_up(place(), wish);
    json::array runs;
    std::string problem;
    bool is_any_made = false;
    for (const backup::Run& run : done.runs) {
        is_any_made = is_any_made || run.outcome == backup::Outcome::Made;
        if (run.outcome != backup::Outcome::Made && problem.empty())
            problem = fmt::format("{}：{}", run.repository, run.problem.empty() ? "取れませんでした。" : run.problem);
        runs.push_back({{"repository", run.repository},
                        {"outcome", backup::outcome_id(run.outcome)},
                        {"bytes", run.bytes},
                        {"problem", short_problem(run.problem)}});
    }
    return {json::serialize(json::object{{"runs", std::move(runs)}}), problem};
}

BackupAnswers::Answer BackupAnswers::verify(const Request& request, const std::function<bool()>& is_stopped) {
    VerifyWish wish;
    wish.repositories = repositories_of(request);
    wish.is_everything = request.target == "all";
    wish.by = request.by;
    wish.is_stopped = is_stopped;
    json::array all;
    std::string problem;
    for (const backup::Verification& each : verify_backups(place(), wish)) {
        const std::string first = each.problems.empty() ? "" : each.problems.front();
        if (each.proof != backup::Proof::Whole && problem.empty())
            problem = fmt::format(
                "{}：{}{}", each.repository,
                each.proof == backup::Proof::Damaged ? "壊れたデータがあります。" : "読み返せませんでした。",
                short_problem(first));
        all.push_back({{"repository", each.repository},
                       {"proof", backup::proof_id(each.proof)},
                       {"part", each.part},
                       {"seconds", each.seconds}});
    }
    return {json::serialize(json::object{{"verifications", std::move(all)}}), problem};
}

BackupAnswers::Answer BackupAnswers::drill(const Request& request, const std::function<bool()>& is_stopped) {
    const backup::Restic repository = open(request, is_stopped);
    const auto all = list_restorable(repository, settings_.site.id);
    const Which which = request.target == "oldest"   ? Which::Oldest
                        : request.target == "random" ? Which::Random
                                                     : Which::Newest;
    DrillOptions options;
    options.patience = kPatience;
    options.by = request.by;
    options.is_stopped = is_stopped;
    options.progress = [&](std::string_view phase) { note(request, phase); };
    const Drilled drilled = drill_backup(place(), repository, choose_for_drill(all, which), options);
    tell_(record_drill(place(), drilled, request.by));
    return {figures_of(drilled),
            drilled.is_well() ? std::string() : for_people(short_problem(drilled.problem), request.wish)};
}

BackupAnswers::Answer BackupAnswers::bring_pages(const Request& request, const std::function<bool()>& is_stopped) {
    if (site_ == nullptr)
        return {"", "管理画面のデータベースを開けないため、ページを戻せません。データベースを確かめてください。"};
    const Doer doer = doer_of(request);
    const backup::Restic repository = open(request, is_stopped);
    std::optional<restoring::ScratchDatabase> database;
    RestoreOptions options;
    options.is_stopped = is_stopped;
    options.by = request.confirmer;
    if (!settings_.database.url.empty()) {
        database.emplace(settings_, "pages");
        options.database_url = database->url();
    }
    note(request, "fetch");
    OpenedBackup then(repository, snapshot_of(repository, request.snapshot, settings_.site.id), options, clock_);
    note(request, "pages");
    const Version version = request.is_public ? Version::Public : Version::Latest;
    const auto all = request.wish == Wish::Page ? std::vector{restore_page(*site_, then, request.target, version, doer)}
                                                : restore_department(*site_, then, request.target, version, doer);
    json::array pages;
    std::string problem = all.empty() ? "この部署のページは、このバックアップにありません。" : "";
    bool is_any_back = false;
    for (const PageBack& each : all) {
        is_any_back = is_any_back || each.what != PageBack::What::Refused;
        if (each.what == PageBack::What::Refused && problem.empty())
            problem = fmt::format("{}：{}", each.path, each.message);
        pages.push_back({{"path", each.path},
                         {"what", what_id(each.what)},
                         {"page", each.page.value},
                         {"replaced", each.replaced},
                         {"is_newer_today", each.is_newer_today},
                         {"message", each.message}});
    }
    return {json::serialize(json::object{{"pages", std::move(pages)}}), is_any_back ? "" : problem};
}

BackupAnswers::Answer BackupAnswers::bring_file(const Request& request, const std::function<bool()>& is_stopped) {
    const backup::Restic repository = open(request, is_stopped);
    std::optional<restoring::ScratchDatabase> database;
    RestoreOptions options;
    options.is_stopped = is_stopped;
    options.by = request.confirmer;
    if (!settings_.database.url.empty()) {
        database.emplace(settings_, "pages");
        options.database_url = database->url();
    }
    note(request, "fetch");
    OpenedBackup then(repository, snapshot_of(repository, request.snapshot, settings_.site.id), options, clock_);
    const std::string path = base::percent_decode(request.target).value_or(request.target);
    const FileBack file = restore_file(site_, then, path);
    const fs::path to = taken_out_file(folders_, request.id);
    sys::make_folders(to.parent_path(), 0750);
    sys::write_file(to, file.bytes, sys::Durability::Later, 0640);  // the office hands it out
    return {json::serialize(json::object{{"path", base::percent_encode(file.path)},
                                         {"hash", file.hash.hex()},
                                         {"bytes", file.bytes.size()},
                                         {"mended_object", file.mended_object}}),
            ""};
}

/// The restored site is there and proved: a ledger that cannot take the line makes it no failure. The watch's takes it
/// then, and the log says so in any case.
void BackupAnswers::record_restore(const ledger::Entry& entry) {
    const auto record = [&](sys::Database& database, std::string_view stream) {
        try {
            database.write([&](sys::Transaction& tx) { ledger::append(tx, entry, stream); });
            return true;
        } catch (const Error& error) {
            sys::log(sys::Level::Error, "a finished restore is not in the ledger",
                     {{"stream", std::string(stream)}, {"detail", entry.detail}, {"problem", error.message()}});
            return false;
        }
    };
    if (site_ == nullptr || !record(*site_->database, ledger::kOffice)) record(watch_, ledger::kWatch);
}

BackupAnswers::Answer BackupAnswers::bring_site(const Request& request, const std::function<bool()>& is_stopped) {
    const backup::Restic repository = open(request, is_stopped);
    RestoreOptions options;
    std::optional<restoring::ScratchDatabase> database;
    if (!settings_.database.url.empty()) {
        clear_databases_of_the_dead(folders_, settings_);
        database.emplace(settings_, "restored", restoring::ScratchDatabase::Life::UntilKept);
        options.database_url = database->url();
    }
    options.to = beside_folder(folders_, request.asked_at);
    options.keys_from = folders_.keys;
    options.highest_seen = release::Log(folders_.releases).newest();
    options.locked = folders_.site;
    options.patience = kPatience;
    options.by = request.confirmer;
    options.is_stopped = is_stopped;
    options.progress = [&](std::string_view phase) { note(request, phase); };
    const Restored restored = restore_site(repository, {request.snapshot, {}}, settings_.site.id, options, clock_);
    if (database) database->keep();
    const std::string figures = flow::figures_of(restored);
    const ledger::Entry entry{clock_.now(), request.confirmer, "backup.restore", "site:" + settings_.site.id, figures};
    record_restore(entry);
    json::object result = json::parse(figures).as_object();
    result["folder"] = restored.folder.string();
    if (database) result["database"] = database->name();
    result["missing_count"] = restored.missing.size();
    return {json::serialize(result), ""};
}

}  // namespace flow

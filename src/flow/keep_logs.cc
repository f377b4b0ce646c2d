#include "flow/keep_logs.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flow/resources.h"
#include "ground/base/error.h"
#include "ground/base/interrupted.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"
#include "ground/people/accounts.h"
#include "ground/sys/files.h"
#include "ground/sys/log.h"
#include "watch/log_archive/requests.h"
#include "watch/signals/anomaly.h"

namespace flow {

namespace fs = std::filesystem;
using base::Error;
using base::Instant;
using base::Kind;
using log_archive::Series;
using signals::Signal;
using namespace std::chrono_literals;

namespace {

constexpr auto kRest = 2s;
constexpr std::size_t kTaken = 32U << 20;  // bytes of each log in one turn
constexpr auto kSealEvery = 10min;
constexpr auto kPatience = 3min;  // for which a log may be away, as between two rotations
constexpr auto kToldEvery = 1h;
constexpr std::int64_t kVerifyParts = 7;  // each day's bytes are read anew once a week
constexpr std::size_t kLongestName = 48;
constexpr std::string_view kRoles[] = {"all", "office", "press", "placer", "public", "watch"};
constexpr std::string_view kWatchers[] = {"guard", "outside", "content", "antivirus", "intrusion", "suricata"};

/// "/var/log/nginx/access.log" => "access-var-log-nginx-access.log": the same for the same file, always.
std::string name_of(std::string_view kind, std::string_view path) {
    std::string name(kind);
    for (const char c : base::to_lower(path)) {
        const bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.';
        if (is_plain || !name.ends_with('-')) name += is_plain ? c : '-';
    }
    if (name.size() <= kLongestName) return name;
    return name.substr(0, kLongestName - 9) + "-" + sys::sha256(path).hex().substr(0, 8);
}

bool is_name(std::string_view name) {
    return !name.empty() && name.size() <= 64 && name.front() != '.' && name.front() != '-' &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") == name.npos;
}

/// Whoever may change settings must not read any file of the machine by calling it a log: keys, passwords, settings.
bool is_log_place(const fs::path& file) {
    bool is_below_logs = false;
    for (const fs::path& part : file.parent_path()) {
        if (part == "..") return false;
        is_below_logs = is_below_logs || part == "log" || part == "logs";
    }
    return file.is_absolute() && is_below_logs;
}

log_archive::Source refused_source(const fs::path& file) {
    return [problem = fmt::format("{}は、logかlogsという名前のフォルダの下にないため、ログとして集めません。",
                                  file.string())](const std::string& position, const auto&, std::size_t) {
        return log_archive::Taken{.position = position, .is_missing = true, .is_more = false, .problem = problem};
    };
}

/// Sign-ins and accounts in the office's stream; what the watchers of attacks found in the watch's.
bool is_security(const ledger::Line& line) {
    if (line.entry.act.starts_with("person.")) return true;
    if (!line.entry.act.starts_with("anomaly.")) return line.entry.act.starts_with("intrusion.");
    return std::any_of(std::begin(kWatchers), std::end(kWatchers), [&](std::string_view source) {
        return line.entry.detail.find(fmt::format("\"source\":\"{}\"", source)) != std::string::npos;
    });
}

/// What is taken for wrong now: also what was told before a restart.
std::vector<signals::Anomaly> list_open(sys::Database& watch) {
    signals::Filter open;
    open.standing = signals::Standing::Open;
    open.source = "logs";
    open.limit = 1000;
    return watch.read([&](sys::Reader& db) { return signals::list_anomalies(db, open); });
}

fs::path key_file(const Folders& folders) {
    return folders.keys / "logs.key";
}

/// Files that this process makes in a folder of somebody else would be in that one's way.
bool is_ours(const fs::path& folder) {
    struct stat about {};
    return ::stat(folder.c_str(), &about) != 0 || about.st_uid == ::geteuid();
}

bool is_key_known(sys::Reader& db, const std::string& key) {
    ledger::Search search;
    search.stream = std::string(ledger::kWatch);
    search.act = "log.key-made";
    search.limit = 100;
    const auto lines = ledger::find_lines(db, search);
    return std::any_of(lines.begin(), lines.end(),
                       [&](const ledger::Line& line) { return line.entry.detail.find(key) != std::string::npos; });
}

}  // namespace

fs::path office_log_file(const Folders& folders) {
    return folders.site / "logs/office.log";
}

fs::path system_log_file(const Folders& folders, std::string_view role) {
    return folders.site / fmt::format("logs/system-{}.log", role);
}

fs::path export_file(const Folders& folders, std::int64_t id) {
    return folders.site / fmt::format("logs/exports/{}.zip", id);
}

log_archive::Place log_place(sys::Database& watch, const Folders& folders, const base::Clock& clock) {
    return {watch, folders.site / "logs/archive", clock};
}

std::vector<Series> kept_logs(Site* site, sys::Database& watch, const Folders& folders,
                              const settings::Settings& settings) {
    std::vector<Series> all;
    const auto add_file = [&](std::string name, std::string_view kind, const fs::path& file, bool must_be_there) {
        const bool is_there =
            std::any_of(all.begin(), all.end(), [&](const Series& one) { return one.place == file.string(); });
        if (!is_there)
            all.push_back({std::move(name), std::string(kind), file.string(),
                           is_log_place(file) ? log_archive::file_source(file) : refused_source(file),
                           must_be_there || !is_log_place(file)});
    };
    if (!settings.public_site.access_log.empty())
        add_file("access", "access", settings.resolve(settings.public_site.access_log), false);
    for (const std::string& path : settings.monitor.access_logs)
        add_file(name_of("access", path), "access", settings.resolve(path), true);
    add_file("office", "office", office_log_file(folders), false);
    for (const std::string_view role : kRoles)
        add_file(fmt::format("system-{}", role), "system", system_log_file(folders, role), false);
    const std::string office(ledger::kOffice), own(ledger::kWatch);
    // Without the office's database, its place in the ledger is kept for when it is back.
    log_archive::Source of_office = [](const std::string& position, const auto&, std::size_t) {
        return log_archive::Taken{.position = position, .is_missing = false, .is_more = false, .problem = {}};
    };
    if (site != nullptr) {
        of_office = log_archive::ledger_source(*site->database, office, is_security);
        all.push_back(
            {"audit-office", "audit", "業務記録（office）", log_archive::ledger_source(*site->database, office)});
    }
    all.push_back({"audit-watch", "audit", "業務記録（watch）", log_archive::ledger_source(watch, own)});
    all.push_back({"security", "security", "業務記録（ログイン、侵入検知など）",
                   log_archive::both(log_archive::ledger_source(watch, own, is_security), std::move(of_office))});
    for (const auto& [name, path] : settings.log_archive.files) {
        const std::string called = is_name(name) ? "other-" + name : name_of("other", name);
        add_file(called, "other", settings.resolve(path), true);
    }
    return all;
}

void make_log_key(const Folders& folders) {
    struct stat about {};
    if (::lstat(key_file(folders).c_str(), &about) == 0) return;
    sys::write_file(key_file(folders), base::to_hex(sys::SigningKey::make().seed()) + "\n", sys::Durability::Now, 0600);
}

sys::SigningKey load_log_key(const log_archive::Place& place, const Folders& folders) {
    const fs::path file = key_file(folders);
    sys::make_folders(place.folder, 0750);
    const auto lock = sys::FileLock::find(place.folder / ".key-lock");
    if (!fs::exists(file)) {
        if (!lock) throw Error(Kind::Unavailable, "ログの署名鍵を作っているところです。もう一度お試しください。");
        sys::make_folders(folders.keys, 0755);
        if (!is_ours(folders.keys))
            throw Error(
                Kind::NotAllowed,
                fmt::format("ログの署名鍵がまだありません。{}の所有者として実行してください。", folders.keys.string()));
        make_log_key(folders);
    }
    struct stat about {};
    if (::lstat(file.c_str(), &about) != 0 || !S_ISREG(about.st_mode) || (about.st_mode & 077) != 0)
        throw Error(Kind::NotAllowed,
                    fmt::format("{}は、所有者だけが読めるファイルでなければなりません（chmod 600）。", file.string()));
    const auto seed = base::from_hex(base::trim(sys::read_file(file, 4096)));
    if (!seed || seed->size() != 32)
        throw Error(Kind::Damaged, fmt::format("{}が壊れています。バックアップから戻してください。", file.string()));
    sys::SigningKey key = sys::SigningKey::from_seed(*seed);
    const std::string shown = base::to_hex(key.public_key());
    if (!place.database.read([&](sys::Reader& db) { return is_key_known(db, shown); }))
        place.database.write([&](sys::Transaction& tx) {
            if (is_key_known(tx, shown)) return;
            ledger::append(
                tx,
                {place.clock.now(), "service:watch", "log.key-made", "log-key",
                 fmt::format(R"({{"key":"{}","fingerprint":"{}"}})", shown, sys::sha256(key.public_key()).hex())},
                ledger::kWatch);
        });
    return key;
}

bool collect_now(Site* site, sys::Database& watch, const Folders& folders, const settings::Settings& settings,
                 const base::Clock& clock) {
    const log_archive::Place place = log_place(watch, folders, clock);
    if (!is_ours(fs::exists(place.folder) ? place.folder : folders.site)) return false;
    sys::make_folders(place.folder, 0750);
    const auto lock = sys::FileLock::find(log_archive::lock_file(place));
    if (!lock) return false;
    const auto series = kept_logs(site, watch, folders, settings);
    for (bool is_more = true; is_more;) {
        const auto collected =
            log_archive::collect(place, series, kTaken, static_cast<int>(settings.log_archive.keep_days));
        is_more = std::any_of(collected.begin(), collected.end(),
                              [](const auto& one) { return !one.is_whole && !one.is_missing && one.problem.empty(); });
    }
    return true;
}

void fill_order(log_archive::Order& order, const settings::Settings& settings, const sys::SigningKey& key) {
    order.site_name = settings.site.name;
    order.site_id = settings.site.id;
    order.key = &key;
    for (const base::Resource& one : resources())
        if (one.name == "tools/verify_logs.py") order.verifier = std::string(one.bytes);
}

LogDesk::LogDesk(Site* site, sys::Database& watch, const fs::path& folder, const settings::Settings& settings,
                 const base::Clock& clock, Tell tell)
    : site_(site),
      folders_(folders_of(fs::absolute(folder))),
      settings_(settings),
      clock_(clock),
      tell_(std::move(tell)),
      place_(log_place(watch, folders_, clock)),
      series_(kept_logs(site, watch, folders_, settings)),
      has_office_(site != nullptr) {}

/// At first, when it changes, and once an hour.
void LogDesk::tell(std::string_view kind, const std::string& subject, bool is_wrong, std::string text) {
    Told& told = told_[fmt::format("{} {}", kind, subject)];
    if (told.is_wrong == is_wrong && clock_.monotonic() - told.at < kToldEvery) return;
    told = {is_wrong, clock_.monotonic()};
    const Signal signal{.source = "logs",
                        .kind = std::string(kind),
                        .subject = subject,
                        .state = is_wrong ? signals::State::Raise : signals::State::Clear,
                        .severity = kind == "log.unread" ? signals::Severity::Warning : signals::Severity::Serious,
                        .observed_at = clock_.now(),
                        .text = std::move(text)};
    tell_(std::span(&signal, 1));
}

void LogDesk::judge(std::span<const log_archive::Collected> collected) {
    for (const log_archive::Collected& one : collected) {
        if (one.problem.empty()) {
            wrong_since_.erase(one.series);
            tell("log.unread", one.series, false, fmt::format("ログ「{}」を集めています。", one.series));
            continue;
        }
        const auto since = wrong_since_.try_emplace(one.series, clock_.monotonic()).first->second;
        if (clock_.monotonic() - since >= kPatience)
            tell("log.unread", one.series, true,
                 fmt::format("ログ「{}」を集められません。{}", one.series, one.problem));
    }
}

/// A log that is no longer kept is not wrong any more.
void LogDesk::forget_others() {
    for (const signals::Anomaly& one : list_open(place_.database)) {
        const bool is_kept = one.subject == "logs/archive" ||
                             std::any_of(series_.begin(), series_.end(),
                                         [&](const Series& series) { return series.name == one.subject; });
        if (one.kind == "log.unread" && !is_kept && (has_office_ || one.subject != "audit-office"))
            tell(one.kind, one.subject, false,
                 fmt::format("ログ「{}」は、集める対象ではなくなりました。", one.subject));
    }
}

/// Of a verification: of each log, what is missing and what was changed.
void LogDesk::judge(std::span<const log_archive::Fault> faults) {
    std::map<std::pair<std::string, std::string>, std::vector<const log_archive::Fault*>> found;
    for (const Series& one : series_)
        for (const char* what : {"missing", "changed"}) found[{what, one.name}];
    for (const signals::Anomaly& one : list_open(place_.database))
        if (one.kind == "log.missing" || one.kind == "log.changed") found[{one.kind.substr(4), one.subject}];
    for (const auto& fault : faults) found[{fault.what, fault.series}].push_back(&fault);
    for (const auto& [key, list] : found) {
        std::string text = fmt::format("ログ「{}」は、封印したときのままです。", key.second);
        if (!list.empty()) text = list.front()->message;
        if (list.size() > 1) text += fmt::format("ほかに{}日分あります。", list.size() - 1);
        tell("log." + key.first, key.second, !list.empty(), std::move(text));
    }
}

void LogDesk::look_after(std::span<const log_archive::Collected> collected, const std::function<bool()>& is_stopped) {
    const log_archive::Policy policy{static_cast<int>(settings_.log_archive.keep_days),
                                     static_cast<int>(settings_.log_archive.compress_days)};
    const auto sealed = log_archive::seal(place_, collected, policy, is_stopped);
    for (const auto& fault : sealed.faults) tell("log.changed", fault.series, true, fault.message);
    // Once a day all of it is looked at, and a seventh of it read.
    const fs::path note = folders_.run / "logs-verified";
    const std::string today = base::format_day(base::local_day(clock_.now()));
    if (sys::find_file(note, 100).value_or("") == today) return;
    const auto part = base::day_number(base::local_day(clock_.now())) % kVerifyParts;
    const auto verified = log_archive::verify(
        place_,
        [&](const log_archive::Day& day) {
            const auto number = base::day_number(day.day);
            return number % kVerifyParts == part || base::day_number(base::local_day(clock_.now())) - number < 3;
        },
        is_stopped);
    if (is_stopped && is_stopped()) return;
    judge(verified.faults);
    sys::make_folders(folders_.run, 0750);
    sys::write_file(note, today);
}

std::chrono::milliseconds LogDesk::turn(const std::function<bool()>& is_stopped) {
    sys::make_folders(place_.folder, 0750);
    const auto lock = sys::FileLock::find(log_archive::lock_file(place_));
    if (!lock) return 500ms;  // a command is at it
    bool is_more = false;
    try {
        const auto collected =
            log_archive::collect(place_, series_, kTaken, static_cast<int>(settings_.log_archive.keep_days));
        judge(collected);
        for (const auto& one : collected)
            is_more = is_more || (!one.is_whole && !one.is_missing && one.problem.empty());
        if (!has_forgotten_) forget_others();
        has_forgotten_ = true;
        if (!is_more && (!sealed_at_ || clock_.monotonic() - *sealed_at_ >= kSealEvery)) {
            look_after(collected, is_stopped);
            sealed_at_ = clock_.monotonic();
        }
        if (!has_office_)
            tell("log.unread", "audit-office", true,
                 "管理画面のデータベースを開けないため、業務記録を集められません。");
        tell("log.unread", "logs/archive", false, "ログを保存しています。");
    } catch (const Error& error) {
        tell("log.unread", "logs/archive", true, fmt::format("ログを保存できません。{}", error.message()));
        throw;
    }
    return is_more ? 10ms : std::chrono::milliseconds(kRest);
}

/// Of "person:12"; empty when nobody can be asked.
std::string LogDesk::name_of(const std::string& by) const {
    constexpr std::string_view kPerson = "person:";
    if (site_ == nullptr || !by.starts_with(kPerson)) return {};
    try {
        return site_->database->read([&](sys::Reader& db) {
            const base::PersonId id{std::strtoll(by.c_str() + kPerson.size(), nullptr, 10)};
            const auto person = people::find_person(db, id);
            return person ? person->name : std::string();
        });
    } catch (const Error&) {  // the office's database is away; the archive does not wait for it
        return {};
    }
}

std::chrono::milliseconds LogDesk::make_exports(const std::function<bool()>& is_stopped) {
    const fs::path folder = export_file(folders_, 0).parent_path();
    if (!has_cleaned_ && fs::exists(folder)) {
        // What an interrupted export left: whatever is no archive.
        for (const auto& one : fs::directory_iterator(folder))
            if (one.path().extension() != ".zip") fs::remove_all(one.path());
    }
    has_cleaned_ = true;
    for (const auto& over :
         place_.database.write([&](sys::Transaction& tx) { return log_archive::expire(tx, clock_.now()); }))
        sys::remove_file(export_file(folders_, over.id));
    const auto request = place_.database.read([](sys::Reader& db) { return log_archive::find_waiting(db); });
    if (!request) return 1000ms;
    try {
        const sys::SigningKey key = load_log_key(place_, folders_);
        log_archive::Order order;
        fill_order(order, settings_, key);
        order.from = request->from;
        order.until = request->until;
        order.kinds = request->kinds;
        order.is_masked = request->is_masked;
        order.by = request->by;
        order.by_name = name_of(request->by);
        order.why = request->why;
        order.is_stopped = is_stopped;
        sys::make_folders(folder, 0750);
        const auto made = log_archive::export_logs(place_, order, export_file(folders_, request->id));
        ::chmod(export_file(folders_, request->id).c_str(), 0640);  // the office hands it out
        place_.database.write([&](sys::Transaction& tx) { log_archive::finish(tx, *request, made, clock_.now()); });
    } catch (const base::Interrupted&) {
        return 1000ms;  // the next start makes it
    } catch (const Error& error) {
        sys::log(sys::Level::Error, "logs could not be handed over",
                 {{"request", std::to_string(request->id)}, {"problem", error.message()}});
        place_.database.write(
            [&](sys::Transaction& tx) { log_archive::fail(tx, *request, error.message(), clock_.now()); });
    }
    return 10ms;
}

}  // namespace flow

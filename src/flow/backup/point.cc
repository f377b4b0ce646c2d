#include "flow/backup/point.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include "flow/hand_over/parts.h"
#include "flow/others.h"
#include "flow/restore/point.h"
#include "ground/base/error.h"
#include "ground/base/interrupted.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"
#include "ground/people/accounts.h"
#include "ground/release/keys.h"
#include "ground/release/store.h"
#include "ground/sys/crypto.h"
#include "ground/sys/database_copy.h"
#include "ground/sys/files.h"
#include "ground/sys/process.h"
#include "ground/sys/step.h"
#include "press/content/store.h"
#include "watch/backup/recovery_key.h"

namespace flow {

namespace fs = std::filesystem;
using backup::Manifest;
using base::Error;
using base::Kind;

namespace {

constexpr std::size_t kMostMissing = 1000;   // that are named
constexpr std::size_t kFewMissing = 10;      // that never stop a backup
constexpr std::size_t kMissingShare = 20;    // one in so many is too many: the folder itself is gone, or another one
constexpr std::uintmax_t kRoom = 64U << 20;  // beside the database's own size
constexpr int kPagesAtOnce = 1000;
constexpr std::size_t kSettingsLimit = 1U << 20;
constexpr std::chrono::minutes kPackagesRest{15};  // after which whoever installs is at an end

struct Making {
    const BackupPlace& place;
    fs::path folder;
    SnapshotPoint point;
    std::function<bool()> is_stopped;
    std::set<base::Hash> named;  ///< objects

    void check_stopped() const {
        if (is_stopped && is_stopped()) throw base::Interrupted("the backup was stopped before the engine began");
    }
};

[[noreturn]] void refuse_missing(const fs::path& path) {
    throw Error(Kind::NotFound, fmt::format("{} is to be in the backup and is not there; bring it back, or take it out "
                                            "of the settings; no backup was begun",
                                            path.string()));
}

/// The folder of the areas may be absent where no area is kept in it. What is there and cannot be looked into would be
/// left out in silence.
bool holds_anything(const fs::path& folder) {
    std::error_code problem;
    if (fs::symlink_status(folder, problem).type() == fs::file_type::not_found) return false;
    const fs::directory_iterator first(folder, problem);
    if (problem)
        throw Error(Kind::Unavailable, fmt::format("{} is to be in the backup and cannot be read ({}); put that right; "
                                                   "no backup was begun",
                                                   folder.string(), problem.message()));
    return first != fs::directory_iterator();
}

/// Everything that the engine is given must be there, since it would leave out what is not, and say nothing.
void check_sources(const BackupPlace& place, backup::Kind kind, SnapshotPoint& point) {
    const Folders& folders = place.folders;
    for (const fs::path& each : {folders.objects, folders.releases, folders.keys, folders.site / "yakuba.toml"})
        if (!fs::exists(each)) refuse_missing(each);
    if (place.settings.database.url.empty() && !fs::exists(folders.site / "yakuba.db"))
        refuse_missing(folders.site / "yakuba.db");
    point.sources = {folders.site / backup::kPointFolder, folders.objects};
    point.excluded = {folders.objects / "staging"};
    if (holds_anything(folders.others)) point.sources.push_back(folders.others);
    for (const Area& area : list_areas(place.settings)) {
        const fs::path at = place.settings.resolve(area.folder.string()).lexically_normal();
        if (!is_there({area.path, at})) refuse_missing(at);
        const bool is_held = at.string().starts_with(folders.others.string() + "/");
        if (!is_held) point.sources.push_back(at);
        if (!is_held) point.manifest.areas.push_back(at.string());
    }
    if (kind != backup::Kind::System) return;
    for (const std::string& also : place.settings.backup.also) {
        const fs::path at = place.settings.resolve(also).lexically_normal();
        if (!fs::exists(fs::symlink_status(at))) refuse_missing(at);
        point.sources.push_back(at);
        point.manifest.also.push_back(at.string());
    }
}

sys::DatabaseOptions postgres_options(const settings::Settings& settings) {
    return {
        .url = settings.database.url, .file = {}, .is_durable = true, .readers = 1, .schema = settings.database.schema};
}

void check_room(const BackupPlace& place) {
    std::error_code none;
    std::uintmax_t needed = kRoom;
    for (const char* name : {"yakuba.db", "yakuba.db-wal", "watch.db", "watch.db-wal"})
        if (const auto size = fs::file_size(place.folders.site / name, none); !none) needed += size;
    if (!place.settings.database.url.empty())
        needed += static_cast<std::uintmax_t>(
            sys::Database::open(postgres_options(place.settings))->read([](sys::Reader& db) {
                return db.find("SELECT pg_database_size(current_database())")->integer(0);
            }));
    const fs::space_info space = fs::space(place.folders.run, none);
    if (!none && space.available < needed)
        throw Error(Kind::Unavailable,
                    fmt::format("{} has {} MB left, and a copy of the databases needs {} MB; make room there; no "
                                "backup was begun",
                                place.folders.run.string(), space.available >> 20U, needed >> 20U));
}

std::optional<backup::LastEdit> find_last_edit(sys::Reader& db) {
    content::PageFilter newest;
    newest.order = content::Order::Changed;
    newest.limit = 1;
    for (const content::Page& page : content::list_pages(db, newest).pages) {
        const auto revision = content::find_revision(db, page.latest);
        if (!revision) continue;
        const auto person = people::find_person(db, revision->author);
        return backup::LastEdit{revision->made_at, person ? person->name : "", page.path, page.title};
    }
    return std::nullopt;
}

void add_tables(Manifest& manifest, sys::Reader& db, const std::string& database) {
    for (const sys::TableDigest& each : sys::digest_tables(db))
        manifest.tables.push_back({database, each.name, each.rows, each.hash});
}

/// What the manifest says of the office's database, from the very moment that is copied.
void describe(Making& making, sys::Reader& db) {
    Manifest& manifest = making.point.manifest;
    add_tables(manifest, db, "yakuba");
    if (const auto newest = release::find_newest(db)) {
        manifest.release = newest->number;
        manifest.release_hash = newest->record_hash;
    }
    manifest.office = ledger::load_head(db, ledger::kOffice);
    manifest.last_edit = find_last_edit(db);
    making.named = list_named_objects(db, [&] { making.check_stopped(); });
}

std::unique_ptr<sys::Database> open_copy(const fs::path& file) {
    return sys::Database::open({.url = {}, .file = file, .is_durable = false, .readers = 1, .schema = {}});
}

void copy_databases(Making& making) {
    Manifest& manifest = making.point.manifest;
    const settings::Settings& settings = making.place.settings;
    manifest.taken_at = making.place.clock.now();
    if (settings.database.url.empty()) {
        manifest.engine = "sqlite";
        manifest.database = "yakuba.db";
        sys::copy_sqlite(making.place.folders.site / "yakuba.db", making.folder / manifest.database);
        open_copy(making.folder / manifest.database)->read([&](sys::Reader& db) { describe(making, db); });
    } else {
        manifest.engine = "postgresql";
        manifest.database = "database.dump";
        const auto database = sys::Database::open(postgres_options(settings));
        database->read([&](sys::Reader& db) {
            sys::Dump dump;
            dump.url = settings.database.url;
            dump.schema = settings.database.schema;
            dump.to = making.folder / manifest.database;
            dump.is_stopped = making.is_stopped;
            sys::dump_postgres(db, dump);
            describe(making, db);
        });
    }
    making.check_stopped();
    YAKUBA_STEP("backup-database-copied");
    sys::copy_sqlite(making.place.folders.site / "watch.db", making.folder / "watch.db");
    open_copy(making.folder / "watch.db")->read([&](sys::Reader& db) {
        add_tables(manifest, db, "watch");
        manifest.watch = ledger::load_head(db, ledger::kWatch);
    });
}

/// Records never change, so a second name for the same file does; where that is not possible, a copy.
void hold(const fs::path& from, const fs::path& to) {
    fs::create_directories(to.parent_path());
    std::error_code problem;
    fs::create_hard_link(from, to, problem);
    if (problem) fs::copy_file(from, to);
}

/// The records up to the database's release. A newer one belongs to a later moment; a missing newest one is in the
/// database, and the press writes it at its start.
void copy_releases(Making& making, const std::string& head) {
    const release::Log log(making.place.folders.releases);
    const fs::path to = making.folder / "releases";
    fs::create_directories(to);
    const auto place_of = [&](const fs::path& file) { return to / file.lexically_relative(log.folder()); };
    std::int64_t newest = 0;
    for (const std::int64_t number : log.list_numbers())
        if (number <= making.point.manifest.release) {
            hold(log.record_file(number), place_of(log.record_file(number)));
            newest = std::max(newest, number);
        }
    for (const std::int64_t number : log.list_checkpoints())
        if (number <= making.point.manifest.release)
            hold(log.checkpoint_file(number), place_of(log.checkpoint_file(number)));
    if (!head.empty()) sys::write_file(place_of(log.head_file()), head, sys::Durability::Later, 0600);
    if (const auto seen = sys::find_file(making.place.folders.run / "seen", 4096))
        sys::write_file(to / "seen", *seen, sys::Durability::Later, 0600);
    if (newest == 0) return;
    try {
        const release::Manifest tree = log.manifest_at(newest, release::load_public_keys(making.place.folders.keys));
        tree.each([&](const release::Entry& entry) {
            if (entry.hash != base::Hash{}) making.named.insert(entry.hash);
            return true;
        });
    } catch (const Error& error) {
        making.point.problems.push_back(fmt::format("公開記録を確かめられません。{}", error.message()));
    }
}

/// Counts what is there, and looks for each object that the database and the release name. The bytes of a seventh of
/// them (or as many parts as the settings say) are read each day. Each file is asked for its size once.
void look_at_objects(Making& making) {
    Manifest& manifest = making.point.manifest;
    const fs::path& root = making.place.folders.objects;
    const auto store = objects::open_folder(root);
    const auto parts = making.place.settings.backup.verify_parts;
    const auto today = base::day_number(base::local_day(manifest.taken_at)) % parts;
    std::size_t looked = 0, missing = 0;
    using There = std::map<base::Hash, std::uintmax_t>;
    const auto look = [&](const base::Hash& hash, const There& there) {
        if (++looked % 256 == 0) making.check_stopped();
        const auto found = there.find(hash);
        const bool is_due = (hash.bytes[0] * 256 + hash.bytes[1]) % parts == today;
        if (found != there.end() && (!is_due || store->is_whole(hash, found->second))) return;
        ++missing;
        if (manifest.missing_objects.size() < kMostMissing) manifest.missing_objects.push_back(hash.hex());
    };
    std::array<bool, 256> is_shard{};  // of the first byte
    std::error_code none;
    for (fs::directory_iterator folder(root, none), last; folder != last; folder.increment(none)) {
        if (folder->path().filename() == "staging") continue;
        There there;
        for (fs::recursive_directory_iterator at(folder->path(), none), end; at != end; at.increment(none)) {
            std::error_code gone;
            if (!at->is_regular_file(gone)) continue;
            const auto size = at->file_size(gone);
            if (gone) continue;
            ++manifest.objects.count;
            manifest.objects.bytes += static_cast<std::int64_t>(size);
            if (at.depth() > 0) continue;
            if (const auto hash = base::Hash::find_hex(at->path().filename().string())) there.emplace(*hash, size);
        }
        const auto shard = base::from_hex(folder->path().filename().string());
        if (!shard || shard->size() != 1) continue;
        base::Hash first;
        first.bytes[0] = static_cast<unsigned char>(shard->front());
        is_shard[first.bytes[0]] = true;
        for (auto one = making.named.lower_bound(first); one != making.named.end() && one->bytes[0] == first.bytes[0];
             ++one)
            look(*one, there);
    }
    for (const base::Hash& hash : making.named)
        if (!is_shard[hash.bytes[0]]) look(hash, {});
    std::sort(manifest.missing_objects.begin(), manifest.missing_objects.end());
    // Such a backup would be read back as whole, and push out those that still hold what is gone.
    if (missing > kFewMissing && missing * kMissingShare > making.named.size())
        throw Error(
            Kind::Damaged,
            fmt::format("{} of the {} objects that the site needs are missing or damaged in {}; bring them back "
                        "(is the right disk mounted there?), or restore a backup; no backup was begun",
                        missing, making.named.size(), root.string()));
    if (missing > 0)
        making.point.problems.push_back(
            fmt::format("保管しているファイルのうち{}件が、失われているか壊れています（先頭は{}）。改ざん検知の画面で"
                        "復旧を確認してください。",
                        missing, manifest.missing_objects.front()));
}

void measure_others(Making& making) {
    Manifest& manifest = making.point.manifest;
    const auto add = [&](const fs::path& folder) {
        const AreaSize size = measure({"", folder});
        manifest.others.count += size.files;
        manifest.others.bytes += size.bytes;
        if (!size.unread.empty())  // the rest is worth having, and the engine says what it could not read
            making.point.problems.push_back(
                fmt::format("ほかのシステムの領域に、読み取れない所があります：{}", size.unread));
    };
    if (fs::exists(making.place.folders.others)) add(making.place.folders.others);
    for (const std::string& area : manifest.areas) add(area);
}

void note_machine(Making& making) {
    sys::Command list;
    list.arguments = {"dpkg-query", "--show", "--showformat=${Package} ${Version}\n"};
    list.environment["LC_ALL"] = "C.UTF-8";
    try {
        const sys::Outcome outcome = sys::run(list);
        std::string_view rest = outcome.output;
        for (auto end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
            making.point.manifest.packages.emplace_back(rest.substr(0, end));
            rest.remove_prefix(end + 1);
        }
    } catch (const Error&) {  // not a Debian machine
    }
    if (making.point.manifest.packages.empty())
        making.point.problems.emplace_back("入っているパッケージの一覧を取得できません（dpkg-query）。");
}

/// Nothing when the program could be started with them; else what is wrong.
std::optional<std::string> find_fault(const std::string& settings) {
    try {
        settings::parse(settings);
        return std::nullopt;
    } catch (const Error& error) {
        return error.message();
    }
}

/// A site does not come back by settings that nobody can read. So those that could be read last are kept, and stand in
/// for a file that was broken since, which is held beside them; without any, no backup is begun.
void hold_settings(Making& making) {
    const fs::path file = making.place.folders.site / "yakuba.toml";
    const fs::path kept = making.place.folders.run / "backup" / "settings";
    std::string text, fault;
    try {
        text = sys::read_file(file, kSettingsLimit);
        fault = find_fault(text).value_or("");
    } catch (const Error& error) {
        fault = error.message();
    }
    if (fault.empty()) {
        if (sys::find_file(kept, kSettingsLimit) != text) sys::write_file(kept, text, sys::Durability::Now, 0600);
    } else {
        const std::string before = sys::find_file(kept, kSettingsLimit).value_or("");
        if (before.empty() || find_fault(before))
            throw Error(Kind::Damaged, fmt::format("{} cannot be used ({}), and there is none from before; mend it; no "
                                                   "backup was begun",
                                                   file.string(), fault));
        if (!text.empty()) sys::write_file(making.folder / "yakuba.toml.broken", text, sys::Durability::Later, 0600);
        text = before;
        making.point.problems.push_back(fmt::format(
            "設定ファイル yakuba.toml "
            "を読み取れません（{}）。前に読み取れた設定をバックアップに入れました。設定ファイルを直してください。",
            fault));
    }
    sys::write_file(making.folder / "yakuba.toml", text, sys::Durability::Later, 0600);
}

void seal_keys(Making& making) {
    const settings::Settings& settings = making.place.settings;
    const auto keys = backup::read_keys(making.place.folders.keys, settings.resolve(settings.backup.password_file));
    sys::write_file(making.folder / backup::kSealedKeys,
                    backup::seal_keys(keys, backup::parse_public_key(settings.backup.recovery_key)),
                    sys::Durability::Later, 0600);
    // The public ones stand open as well: whoever restores without the recovery key can prove the release log all the
    // same. And a demo stays one.
    for (const auto& each : fs::directory_iterator(making.place.folders.keys))
        if (each.path().extension() == ".pub") hold(each.path(), making.folder / "keys" / each.path().filename());
    if (const fs::path mark = making.place.folders.site / "demo"; fs::exists(mark)) hold(mark, making.folder / "demo");
}

/// "NAME ARCHITECTURE VERSION" lines of dpkg's own list, sorted: its order, and what is half done, say nothing.
std::string list_installed(std::string_view status) {
    std::set<std::string> all;
    std::string_view name, architecture, version;
    bool is_installed = false;
    const auto end_package = [&] {
        if (is_installed) all.insert(fmt::format("{} {} {}\n", name, architecture, version));
        is_installed = false;
        name = architecture = version = {};
    };
    for (const std::string_view line : base::split(status, '\n')) {
        if (line.empty()) end_package();
        const auto value_of = [&](std::string_view field, std::string_view& value) {
            if (line.starts_with(field)) value = line.substr(field.size());
        };
        value_of("Package: ", name);
        value_of("Architecture: ", architecture);
        value_of("Version: ", version);
        is_installed |= line.starts_with("Status: ") && line.ends_with(" installed");
    }
    end_package();
    std::string text;
    for (const std::string& one : all) text += one;
    return text;
}

void write_manifest(Making& making) {
    Manifest& manifest = making.point.manifest;
    for (const fs::directory_entry& each : fs::recursive_directory_iterator(making.folder))
        if (each.is_regular_file())
            manifest.files.push_back({each.path().lexically_relative(making.folder).string(),
                                      static_cast<std::int64_t>(each.file_size()), restoring::hash_file(each.path())});
    std::sort(manifest.files.begin(), manifest.files.end(),
              [](const backup::PointFile& a, const backup::PointFile& b) { return a.path < b.path; });
    sys::write_file(making.folder / backup::kManifestFile, backup::write_manifest(manifest), sys::Durability::Later,
                    0600);
}

}  // namespace

std::set<base::Hash> list_named_objects(sys::Reader& db, const std::function<void()>& between) {
    std::set<base::Hash> named;
    for (const sys::Extract& extract : hand_over::all_extracts())
        for (const sys::ExtractColumn& column : extract.columns)
            if (column.form == sys::ColumnForm::Object)
                db.each(fmt::format("SELECT {} FROM {}", column.name, extract.table), {}, [&](const sys::Row& row) {
                    if (const auto hash = base::Hash::find_hex(row.maybe_text(0).value_or(""))) named.insert(*hash);
                    return true;
                });
    content::PageFilter filter;
    filter.limit = kPagesAtOnce;
    do {
        between();
        const content::PageList list = content::list_pages(db, filter);
        for (const content::Page& page : list.pages)
            if (page.document != base::Hash{}) named.insert(page.document);
        filter.after = list.next;
    } while (!filter.after.empty());
    return named;
}

SnapshotPoint make_point(const BackupPlace& place, backup::Kind kind, const std::function<bool()>& is_stopped) {
    if (place.settings.backup.recovery_key.empty())
        throw Error(Kind::NotAllowed,
                    "settings: backup.recovery_key is not set, so the site's keys could not be brought back from a "
                    "backup; run `yakuba backup key` once and keep what it writes outside this server");
    backup::parse_public_key(place.settings.backup.recovery_key);
    Making making{place, place.folders.site / backup::kPointFolder, {}, is_stopped, {}};
    Manifest& manifest = making.point.manifest;
    check_sources(place, kind, making.point);
    remove_point(place.folders);
    check_room(place);
    sys::make_folders(making.folder, 0700);
    fs::permissions(making.folder, fs::perms::owner_all);
    manifest.program = place.program;
    manifest.site = place.settings.site.id;
    manifest.site_name = place.settings.site.name;
    manifest.site_path = place.folders.site.string();
    manifest.kind = kind;
    // Before the database: it never names a release that the database does not know.
    const std::string head = sys::find_file(place.folders.releases / "head", 1 << 16).value_or("");
    copy_databases(making);
    copy_releases(making, head);
    hold_settings(making);
    seal_keys(making);
    look_at_objects(making);
    measure_others(making);
    if (kind == backup::Kind::System) note_machine(making);
    write_manifest(making);
    YAKUBA_STEP("backup-point-made");
    return std::move(making.point);
}

void remove_point(const Folders& folders) {
    std::error_code problem;
    fs::remove_all(folders.site / backup::kPointFolder, problem);
    if (problem)
        throw Error(Kind::Unavailable, fmt::format("{} cannot be removed ({})",
                                                   (folders.site / backup::kPointFolder).string(), problem.message()));
}

std::string backup_fingerprint(const BackupPlace& place, const fs::path& packages) {
    const std::string settings = sys::find_file(place.folders.site / "yakuba.toml", 1 << 20).value_or("");
    const std::string own = sys::sha256(place.program + "\n" + settings).hex();
    struct stat status {};
    if (::stat(packages.c_str(), &status) != 0) return own;
    const base::Instant changed_at{status.st_mtim.tv_sec * 1000};
    if (place.clock.now() - changed_at < kPackagesRest) return own;
    return own + "." + sys::sha256(list_installed(sys::find_file(packages, 64 << 20).value_or(""))).hex();
}

}  // namespace flow

#include "flow/upgrade_site.h"

#include <boost/json.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flow/schema.h"
#include "flow/site.h"
#include "flow/switch_site.h"
#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "ground/sys/database_copy.h"
#include "ground/sys/files.h"
#include "ground/sys/process.h"
#include "ground/sys/step.h"

namespace flow {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using base::Error;
using base::Kind;

constexpr auto kPutBackPatience = std::chrono::hours(6);
constexpr std::uint64_t kSpareBytes = 64U << 20;
constexpr std::size_t kNoteLimit = 64U << 10;

/// How far an upgrade has come, in upgrade/state.json: what a call that takes it up has to know.
enum class Phase { Changing, PuttingBack };

struct Note {
    Phase phase = Phase::Changing;
    std::string from, to;
};

class Workshop {
  public:
    Workshop(const fs::path& site, settings::Settings read)
        : folders_(folders_of(site)), settings_(std::move(read)), folder_(site / "upgrade") {
        sys::make_folders(folder_, 0700);  // drafts and names of staff are in it
        need_own_folder();
    }

    const fs::path& folder() const { return folder_; }
    const std::string& site_id() const { return settings_.site.id; }
    bool is_postgres() const { return !settings_.database.url.empty(); }
    std::unique_ptr<sys::Database> open_office() const {
        return sys::Database::open({.url = settings_.database.url,
                                    .file = folders_.site / "yakuba.db",
                                    .is_durable = true,
                                    .readers = 1,
                                    .schema = settings_.database.schema});
    }
    std::unique_ptr<sys::Database> open_watch_database() const {
        return sys::Database::open(
            {.url = {}, .file = folders_.site / "watch.db", .is_durable = true, .readers = 1, .schema = {}});
    }
    bool has_watch() const { return fs::exists(folders_.site / "watch.db"); }

    std::string noted_version() const { return sys::find_file(folder_ / "version", 200).value_or(""); }
    void note_version(std::string_view version) const { sys::write_file(folder_ / "version", version); }

    std::optional<Note> find_note() const {
        const auto text = sys::find_file(folder_ / "state.json", kNoteLimit);
        if (!text) return std::nullopt;
        boost::system::error_code problem;
        const json::value parsed = json::parse(*text, problem);
        if (problem || !parsed.is_object() || !parsed.as_object().contains("phase"))
            throw Error(Kind::Damaged, fmt::format("{} cannot be read; the copies beside it are from before the "
                                                   "upgrade: compare them with the databases and remove the file",
                                                   (folder_ / "state.json").string()));
        const auto at = [&](const char* key) { return json::value_to<std::string>(parsed.at(key)); };
        return Note{at("phase") == "changing" ? Phase::Changing : Phase::PuttingBack, at("from"), at("to")};
    }
    void put_note(const Note& note) const {
        sys::write_file(
            folder_ / "state.json",
            json::serialize(json::object{{"phase", note.phase == Phase::Changing ? "changing" : "putting-back"},
                                         {"from", note.from},
                                         {"to", note.to}}),
            sys::Durability::Now, 0600);
    }
    void remove_note() const { sys::remove_file(folder_ / "state.json"); }

    std::int64_t copy() const {
        check_room();
        std::int64_t bytes = 0;
        if (is_postgres()) {
            const fs::path part = folder_ / "office.dump.part";
            sys::remove_file(part);
            open_office()->read([&](sys::Reader& db) {
                sys::dump_postgres(db, {.url = settings_.database.url, .schema = schema(), .to = part});
            });
            bytes += keep(part, folder_ / "office.dump");
        } else {
            bytes += copy_file("yakuba.db");
        }
        if (has_watch())
            bytes += copy_file("watch.db");
        else
            sys::remove_file(folder_ / "watch.db");
        return bytes;
    }

    void put_back() const {
        if (is_postgres())
            load_dump();
        else
            put_file_back("yakuba.db");
        if (fs::exists(folder_ / "watch.db")) {
            YAKUBA_STEP("upgrade.between_files");
            put_file_back("watch.db");
        }
    }

  private:
    std::string schema() const { return settings_.database.schema.empty() ? "public" : settings_.database.schema; }

    /// What stands in it is loaded as the site's data, with the rights of whoever upgrades: nobody else may have put it
    /// there, nor lead its files elsewhere by a link.
    void need_own_folder() const {
        struct stat about {};
        if (::lstat(folder_.c_str(), &about) != 0 || !S_ISDIR(about.st_mode) || about.st_uid != ::geteuid() ||
            (about.st_mode & 077) != 0)
            throw Error(Kind::NotAllowed,
                        fmt::format("{} must be a folder of the user who upgrades, closed to all others; it is not, so "
                                    "somebody else may have made it: look at what it holds, move it away, and repeat",
                                    folder_.string()));
    }

    /// For the copies, and for what is put back beside what is there.
    void check_room() const {
        std::uint64_t wanted = kSpareBytes;
        if (is_postgres())
            open_office()->read([&](sys::Reader& db) {
                if (const auto row = db.find("SELECT pg_database_size(current_database())"))
                    wanted += 2 * static_cast<std::uint64_t>(row->integer(0));
            });
        for (const char* name : {"yakuba.db", "yakuba.db-wal", "watch.db", "watch.db-wal"}) {
            std::error_code none;
            const auto bytes = fs::file_size(folders_.site / name, none);
            if (!none) wanted += 2 * bytes;
        }
        if (const auto room = fs::space(folder_).available; room < wanted)
            throw Error(Kind::Unavailable,
                        fmt::format("{} has room for {} MB, and the copies that an upgrade is made safe by take {} MB; "
                                    "make room and repeat it",
                                    folder_.string(), room >> 20, wanted >> 20));
    }

    static std::int64_t keep(const fs::path& part, const fs::path& target) {
        ::chmod(part.c_str(), 0600);
        sys::sync_filesystem(part);
        fs::rename(part, target);
        sys::sync_folder(target.parent_path());
        return static_cast<std::int64_t>(fs::file_size(target));
    }

    std::int64_t copy_file(const char* name) const {
        const fs::path part = folder_ / (std::string(name) + ".part");
        sys::remove_file(part);
        sys::copy_sqlite(folders_.site / name, part);
        return keep(part, folder_ / name);
    }

    /// The copy under another name first: what was there stays whole until the rename. The log beside it goes first,
    /// because it belongs to the file that is replaced; cut off in between, the next call does it all again.
    void put_file_back(const char* name) const {
        const fs::path target = folders_.site / name;
        const fs::path part = folder_ / (std::string(name) + ".back");
        sys::remove_file(part);
        if (!fs::is_regular_file(fs::symlink_status(folder_ / name)))
            throw Error(Kind::Damaged, fmt::format("{} is no file", (folder_ / name).string()));
        fs::copy_file(folder_ / name, part);  // no option: only into a file that it makes itself
        struct stat was {};
        if (::lstat(target.c_str(), &was) == 0 && S_ISREG(was.st_mode)) {
            const sys::Descriptor file(::open(part.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
            if (!file || ::fchown(file.get(), was.st_uid, was.st_gid) != 0 ||
                ::fchmod(file.get(), was.st_mode & 0777) != 0)
                throw Error(Kind::NotAllowed,
                            fmt::format("{} cannot be given its owner; run it as root", part.string()));
        }
        sys::sync_filesystem(part);
        for (const char* beside : {"-wal", "-shm"}) sys::remove_file(target.string() + beside);
        YAKUBA_STEP("upgrade.before_put_back");
        fs::rename(part, target);
        sys::sync_folder(folders_.site);
    }

    /// In one transaction, so that nobody meets half of it.
    void load_dump() const {
        sys::Command command;
        command.environment = sys::postgres_environment(settings_.database.url);
        command.environment["LC_ALL"] = "C.UTF-8";
        const fs::path script = folder_ / "office.sql";
        sys::remove_file(script);
        // By --schema the script holds what is in the schema, and not the schema itself, which is made below.
        command.arguments = {"pg_restore",
                             "--no-owner",
                             "--no-privileges",
                             "--schema=" + schema(),
                             "--file=" + script.string(),
                             (folder_ / "office.dump").string()};
        command.patience = kPutBackPatience;
        run_tool(command);
        // What the new version made has to go too, and only the whole schema is sure to take it along.
        const std::string quoted = "\"" + schema() + "\"";
        command.arguments = {"psql",
                             "--no-psqlrc",
                             "--quiet",
                             "--no-password",
                             "--single-transaction",
                             "--set=ON_ERROR_STOP=1",
                             "--command=DROP SCHEMA IF EXISTS " + quoted + " CASCADE",
                             "--command=CREATE SCHEMA " + quoted,
                             "--file=" + script.string()};
        run_tool(command);
        sys::remove_file(script);
    }

    static void run_tool(const sys::Command& command) {
        const sys::Outcome outcome = sys::run(command);
        if (outcome.exit_code != 0)
            throw Error(Kind::Unavailable,
                        fmt::format("{} failed: {}", command.arguments[0],
                                    outcome.timed_out ? "it took too long" : outcome.errors.substr(0, 500)));
    }

    Folders folders_;
    settings::Settings settings_;
    fs::path folder_;
};

/// Applied, and nothing that the engine or the references complain of.
std::vector<std::string> change(const Workshop& workshop, const Upgrade& asked) {
    std::vector<std::string> applied;
    const auto change_one = [&](sys::Database& database, const std::vector<sys::Migration>& wanted) {
        for (std::string& name : asked.migrate(database, wanted)) applied.push_back(std::move(name));
        if (workshop.is_postgres() && database.engine() == sys::Engine::Postgres) return;
        const auto first = [&](const char* sql) {
            return database.read([&](sys::Reader& db) { return db.find(sql); });
        };
        if (const auto said = first("PRAGMA quick_check(1)"); said && said->text(0) != "ok")
            throw Error(Kind::Damaged, "the database is damaged: " + said->text(0));
        if (const auto row = first("PRAGMA foreign_key_check"))
            throw Error(Kind::Damaged,
                        fmt::format("a row of {} refers to one that is not there", row->maybe_text(0).value_or("?")));
    };
    change_one(*workshop.open_office(), office_migrations());
    YAKUBA_STEP("upgrade.between_databases");
    if (workshop.has_watch()) change_one(*workshop.open_watch_database(), watch_migrations());
    return applied;
}

fs::path marker_file(const Folders& folders) {
    return folders.run / "upgrade-under-way";
}

/// There while the site is between two versions; stays when an upgrade is left in the middle.
class Marker {
  public:
    explicit Marker(const Folders& folders)
        : file_(marker_file(folders)), note_(folders.site / "upgrade" / "state.json") {
        sys::write_file(file_, "", sys::Durability::Now, 0644);
    }
    ~Marker() {
        std::error_code ignored;
        if (!fs::exists(note_, ignored)) fs::remove(file_, ignored);
    }
    Marker(const Marker&) = delete;
    Marker& operator=(const Marker&) = delete;

  private:
    fs::path file_, note_;
};

void put_back(const Workshop& workshop, Note note, const std::string& why) {
    try {
        note.phase = Phase::PuttingBack;
        workshop.put_note(note);
        workshop.put_back();
        workshop.remove_note();
    } catch (const std::exception& problem) {
        NotPutBack error(Kind::Unavailable,
                         fmt::format("the data of before could not be put back: {}. They are in {}; do not start the "
                                     "services, mend the cause, and run `site upgrade` again to go on",
                                     problem.what(), workshop.folder().string()));
        error.add_trail("they were to be put back because: " + why);
        throw error;
    }
}

}  // namespace

void need_no_upgrade(const fs::path& site) {
    std::error_code problem;
    if (fs::exists(marker_file(folders_of(site)), problem))
        throw Error(Kind::Conflict,
                    fmt::format("an upgrade of {} is under way, or was cut off, and nothing may write meanwhile: wait "
                                "for it, or finish it with `dpkg --configure yakuba` (`yakuba site upgrade` without "
                                "the package)",
                                site.string()));
}

Upgraded upgrade_site(const fs::path& folder, const Upgrade& asked, const base::Clock& clock) {
    const fs::path site = fs::absolute(folder);
    if (!fs::exists(site / "yakuba.toml"))
        throw Error(Kind::NotFound, fmt::format("{} is not a site directory; name yours with --site", site.string()));
    const Folders folders = folders_of(site);
    sys::make_folders(folders.run, 0750);
    const auto own = sys::FileLock::find(folders.run / "upgrade.lock");
    if (!own) throw Error(Kind::Conflict, "another upgrade is under way; wait for it");
    // First the marker, then the locks; who serves takes its lock first: one of the two sees the other.
    const Marker marker(folders);
    const auto alone = hold_alone(site);
    const auto start = clock.monotonic();
    const Workshop workshop(site, settings::load(site / "yakuba.toml"));
    Upgraded done;
    auto note = workshop.find_note();
    done.was_taken_up = note.has_value();
    if (note && note->phase == Phase::PuttingBack) {  // finish that, and try anew
        put_back(workshop, *note, "an earlier call was cut off while it did so");
        note.reset();
    }
    if (!note) {
        note = Note{Phase::Changing, workshop.noted_version(), asked.version};
        done.copied_bytes = workshop.copy();
        YAKUBA_STEP("upgrade.copied");
        workshop.put_note(*note);
    }
    done.from = note->from;
    try {
        done.migrations = change(workshop, asked);
        YAKUBA_STEP("upgrade.changed");
        done.seconds = std::chrono::duration<double>(clock.monotonic() - start).count();
        json::array names;
        for (const std::string& name : done.migrations) names.push_back(json::string(name));
        workshop.open_office()->write([&](sys::Transaction& tx) {
            ledger::append(tx, {clock.now(), asked.by, "site.upgrade", "site:" + workshop.site_id(),
                                json::serialize(json::object{{"from", done.from},
                                                             {"to", asked.version},
                                                             {"migrations", names},
                                                             {"copied_bytes", done.copied_bytes},
                                                             {"seconds", done.seconds},
                                                             {"was_taken_up", done.was_taken_up}})});
        });
    } catch (const std::exception& problem) {
        const std::string why = problem.what();
        put_back(workshop, *note, why);
        throw Error(Kind::Unavailable,
                    fmt::format("the site was not brought to version {}: {}. Its data are as they were; go on with the "
                                "program from before, and report this message",
                                asked.version, why));
    }
    workshop.note_version(asked.version);
    workshop.remove_note();
    return done;  // the marker goes
}

}  // namespace flow

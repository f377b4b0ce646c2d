#include "flow/switch_site.h"

#include <cerrno>
#include <thread>

#include <boost/json.hpp>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "flow/backup_site.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"
#include "ground/release/head.h"
#include "ground/release/store.h"
#include "ground/sys/crypto.h"
#include "ground/sys/log.h"
#include "ground/sys/step.h"
#include "watch/signals/seen_release.h"

namespace flow {

namespace fs = std::filesystem;
namespace json = boost::json;
using base::Error;
using base::Kind;

namespace {

constexpr std::size_t kNoteLimit = 65536;
constexpr std::string_view kServing = "serving-";
constexpr std::string_view kGate = "serving.gate";  // held by who has a site alone, and a moment by who begins to serve
constexpr auto kGateMoment = std::chrono::seconds(2);

/// Written into the site that comes in: what is still to be done once it is there, and then where the other one is.
struct Note {
    std::string id, by;
    fs::path other;
    std::vector<std::string> carried;  ///< names in the other folder that move in here
};

fs::path under_way(const Folders& folders) {
    return folders.run / "switch";
}
fs::path done(const Folders& folders) {
    return folders.run / "switched";
}

void write_note(const fs::path& file, const Note& note) {
    json::array carried;
    for (const std::string& each : note.carried) carried.emplace_back(each);
    sys::write_file(
        file, json::serialize(json::object{
                  {"id", note.id}, {"by", note.by}, {"other", note.other.string()}, {"carried", std::move(carried)}}));
}

std::optional<Note> find_note(const fs::path& file) {
    const auto text = sys::find_file(file, kNoteLimit);
    if (!text) return std::nullopt;
    try {
        const json::object document = json::parse(*text).as_object();
        Note note{std::string(document.at("id").as_string()),
                  std::string(document.at("by").as_string()),
                  std::string(document.at("other").as_string()),
                  {}};
        for (const auto& each : document.at("carried").as_array()) note.carried.emplace_back(each.as_string());
        return note;
    } catch (const std::exception&) {
        throw Error(Kind::Damaged,
                    fmt::format("{} cannot be read; it names the folder of the site that was here before. "
                                "Remove it once you know where that is",
                                file.string()));
    }
}

/// Opened anew at each try: the folder may have changed places meanwhile.
std::optional<sys::FileLock> pass_gate(const Folders& folders, std::chrono::milliseconds patience) {
    constexpr auto kTry = std::chrono::milliseconds(20);
    for (;; patience -= kTry) {
        if (auto gate = sys::FileLock::find(folders.run / kGate)) return gate;
        if (patience.count() <= 0) return std::nullopt;
        std::this_thread::sleep_for(kTry);
    }
}

fs::path tidy(const fs::path& folder) {
    const fs::path absolute = fs::absolute(folder).lexically_normal();
    return absolute.has_filename() ? absolute : absolute.parent_path();
}

void need_site(const fs::path& folder) {
    if (fs::is_symlink(folder))
        throw Error(Kind::BadInput, fmt::format("{} is a link; name the folder itself", folder.string()));
    if (!fs::exists(folder / "yakuba.toml"))
        throw Error(Kind::NotFound, fmt::format("{} is not a site directory (it has no yakuba.toml)", folder.string()));
}

/// The highest release that the site has made or seen, as far as it can still be told: its database may be the reason
/// why it goes.
std::int64_t highest_of(const fs::path& site, const base::Clock& clock) {
    const Folders folders = folders_of(site);
    std::int64_t highest = release::Log(folders.releases).newest();
    const auto try_to = [&](const char* what, const std::function<std::int64_t()>& ask) {
        try {
            highest = std::max(highest, ask());
        } catch (const std::exception& error) {
            sys::log(sys::Level::Warning, "a release number cannot be asked for",
                     {{"of", what}, {"site", site.string()}, {"problem", error.what()}});
        }
    };
    try_to("seen", [&] {
        const auto seen = release::find_seen(folders.run / "seen");
        return seen ? seen->number : 0;
    });
    try_to("watch", [&]() -> std::int64_t {
        if (!fs::exists(site / "watch.db")) return 0;
        const auto seen = open_watch(folders)->read([](sys::Reader& db) { return signals::find_seen_release(db); });
        return seen ? seen->number : 0;
    });
    try_to("database", [&]() -> std::int64_t {
        const auto opened = Site::open(site, clock);
        return opened->database->read([](sys::Reader& db) {
            const auto newest = release::find_newest(db);
            const auto owed = release::find_owed(db);
            return std::max<std::int64_t>(newest ? newest->number : 0, owed ? owed->lowest_number - 1 : 0);
        });
    });
    return highest;
}

/// The comer's next release is above everything that was public. Returns its number; 0: it has none yet.
std::int64_t raise_number(Site& comer, std::int64_t highest, const base::Clock& clock) {
    return comer.database->write([&](sys::Transaction& tx) -> std::int64_t {
        const auto newest = release::find_newest(tx);
        if (!newest) return 0;
        const auto owed = release::find_owed(tx);
        const std::int64_t known = owed ? owed->lowest_number - 1 : newest->number;
        if (highest <= known) return known + 1;
        release::note_owed(tx, {highest + 1, clock.now(), "another state of this site was public before"});
        return highest + 1;
    });
}

/// Repositories that stand in the site's folder: they hold what is to be restored next time.
std::vector<std::string> repositories_within(const fs::path& site) {
    std::vector<std::string> names;
    for (const std::string& each : settings::load(site / "yakuba.toml").backup.repositories)
        if (const fs::path path(each); !path.is_absolute() && each.find(':') == std::string::npos && !each.empty() &&
                                       each.find("..") == std::string::npos)
            names.push_back(path.lexically_normal().string());
    return names;
}

/// An emergency stop holds until somebody ends it, whichever site is there.
void carry_stops(const Folders& from, const Folders& to) {
    std::error_code error;
    sys::make_folders(to.stopped, 0711);
    for (const auto& entry : fs::directory_iterator(from.stopped, error))
        if (entry.is_regular_file() && !entry.is_symlink())
            fs::copy_file(entry.path(), to.stopped / entry.path().filename(), fs::copy_options::skip_existing);
}

void exchange(const fs::path& a, const fs::path& b) {
    if (::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) != 0) {
        const int code = errno;
        throw Error(
            Kind::Unavailable,
            fmt::format("{} and {} cannot change places: {}. Restore to a folder on the same file system as the "
                        "site, beside it",
                        a.string(), b.string(),
                        code == EXDEV ? "they are on different file systems" : std::strerror(code)));
    }
    sys::sync_folder(a.parent_path());
    if (b.parent_path() != a.parent_path()) sys::sync_folder(b.parent_path());
}

/// Under the gate.
bool finish_now(const Folders& folders, const base::Clock& clock) {
    const auto note = find_note(under_way(folders));
    // One that waits in the folder that was to come in, and did not, is none of ours.
    if (!note || note->other == folders.site) return false;
    for (const std::string& each : note->carried)
        if (fs::exists(note->other / each) && !fs::exists(folders.site / each)) {
            sys::make_folders((folders.site / each).parent_path());
            fs::rename(note->other / each, folders.site / each);
            sys::sync_folder((folders.site / each).parent_path());
        }
    adopt_restored(folders);
    mark_restored_beside(folders_of(note->other), "switched");
    YAKUBA_STEP("switch.after_carrying");
    const auto site = Site::open(folders.site, clock);
    site->database->write([&](sys::Transaction& tx) {
        ledger::Search search;
        search.act = "backup.switch";
        search.limit = 1;
        const auto last = ledger::find_lines(tx, search);
        if (!last.empty() && last.front().entry.detail.find(note->id) != std::string::npos) return;
        ledger::append(tx, {clock.now(), note->by, "backup.switch", "site:" + site->settings.site.id,
                            json::serialize(json::object{{"id", note->id}, {"other", note->other.string()}})});
    });
    fs::rename(under_way(folders), done(folders));
    sys::sync_folder(folders.run);
    YAKUBA_STEP("switch.after_finish");
    return true;
}

}  // namespace

Switched switch_site(const fs::path& at, const fs::path& coming, const std::string& by, const base::Clock& clock) {
    Switched result{tidy(at), tidy(coming), 0, 0};
    need_site(result.site);
    need_site(result.other);
    finish_switch(result.site, clock);
    const auto there = hold_alone(result.site);
    const auto here = hold_alone(result.other);
    const std::int64_t highest = highest_of(result.site, clock);
    {
        const auto comer = Site::open(result.other, clock);
        if (const std::string id = settings::load(result.site / "yakuba.toml").site.id; comer->settings.site.id != id)
            throw Error(Kind::Conflict,
                        fmt::format("{} is the site {}, and {} the site {}; only two states of one site "
                                    "change places",
                                    result.other.string(), comer->settings.site.id, result.site.string(), id));
        if (!fs::exists(comer->folders.keys / "press.key"))
            throw Error(Kind::NotFound,
                        fmt::format("{} has no press key, so nothing could be published from it; restore "
                                    "it again with --key FILE",
                                    result.other.string()));
        result.release = comer->database->read([](sys::Reader& db) {
            const auto newest = release::find_newest(db);
            return newest ? newest->number : 0;
        });
        result.next_release = raise_number(*comer, highest, clock);
    }
    Note note{base::to_hex(sys::random_bytes(8)), by, result.other, {}};
    for (const std::string& each : repositories_within(result.site))
        if (fs::exists(result.site / each) && !fs::exists(result.other / each)) note.carried.push_back(each);
    carry_stops(folders_of(result.site), folders_of(result.other));
    write_note(under_way(folders_of(result.other)), note);
    YAKUBA_STEP("switch.before");
    exchange(result.site, result.other);
    YAKUBA_STEP("switch.after_exchange");
    finish_now(folders_of(result.site), clock);
    return result;
}

Switched switch_back(const fs::path& at, const std::string& by, const base::Clock& clock) {
    const fs::path site = tidy(at);
    need_site(site);
    finish_switch(site, clock);
    const auto note = find_note(done(folders_of(site)));
    if (!note)
        throw Error(Kind::NotFound, fmt::format("{} has not been switched; there is no way back to go", site.string()));
    return switch_site(site, note->other, by, clock);
}

bool finish_switch(const fs::path& at, const base::Clock& clock) {
    const Folders folders = folders_of(tidy(at));
    if (!fs::exists(under_way(folders))) return false;
    const auto gate = pass_gate(folders, kGateMoment);
    if (!gate)
        throw Error(Kind::Conflict, fmt::format("{} is just being put in another's place; try again in a moment",
                                                folders.site.string()));
    return finish_now(folders, clock);
}

std::optional<sys::FileLock> hold_serving(const fs::path& site, std::string_view role,
                                          std::chrono::milliseconds patience) {
    const Folders folders = folders_of(site);
    try {
        const auto gate = pass_gate(folders, patience);
        if (!gate)
            throw Error(Kind::Conflict, fmt::format("{} is just being put in another's place, or upgraded; start the "
                                                    "service when that is done",
                                                    site.string()));
        for (int number = 0; number < 8; ++number)
            if (auto lock = sys::FileLock::find(folders.run / fmt::format("{}{}.{}", kServing, role, number)))
                return lock;
    } catch (const Error& error) {
        if (error.kind() == Kind::Conflict) throw;
        sys::log(sys::Level::Warning, "that this site is served is not noted", {{"problem", error.message()}});
    }
    return std::nullopt;
}

std::vector<sys::FileLock> hold_alone(const fs::path& site) {
    const Folders folders = folders_of(site);
    sys::make_folders(folders.run, 0750);
    std::vector<sys::FileLock> locks;
    const auto hold = [&](std::optional<sys::FileLock> lock) {
        if (!lock)
            throw Error(Kind::Conflict,
                        fmt::format("{} is being served or published from; stop the service (all roles, "
                                    "on every machine; systemctl stop 'yakuba-*') and try again",
                                    site.string()));
        locks.push_back(*std::move(lock));
    };
    hold(pass_gate(folders, kGateMoment));  // from here on nobody begins to serve it
    hold(sys::FileLock::find(folders.run / "press.lock"));
    for (const auto& entry : fs::directory_iterator(folders.run))
        if (entry.path().filename().string().starts_with(kServing)) hold(sys::FileLock::find(entry.path()));
    return locks;
}

}  // namespace flow

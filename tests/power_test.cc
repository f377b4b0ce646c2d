// Cuts the power at every moment. One run of takeover, save, approval and publication is recorded: each write, rename,
// removal and sync, and the database as it was at that moment (SQLite's own durability is taken as given:
// synchronous=FULL). Then, for each moment, the disk is put together as a power cut could have left it: what was synced
// is there; what was not is there, or gone, or there in name with its bytes empty or zero. From each such disk the same
// commands must arrive at the same public site.

#include <fstream>

#include <gtest/gtest.h>

#include "editor_acts.h"
#include "flow/publish_site.h"
#include "flow/set_region.h"
#include "flow/take_over_site.h"
#include "flow/verify_ledger.h"
#include "flow/verify_site.h"
#include "ground/base/error.h"
#include "ground/sys/files.h"
#include "program.h"

namespace tests {

namespace {

namespace fs = std::filesystem;
using What = sys::FileEvent::What;

const std::map<std::string, std::string> kOld = {
    {"index.html", "<html><title>山川市</title></html>"},
    {"kurashi/gomi.html", "<html><title>ごみ</title><body><div id=\"main\"></div></body></html>"},
    {"css/site.css", "body{}"}};
const std::map<std::string, std::string> kMore = {{"bosai/index.html", "<html><title>防災</title></html>"},
                                                  {"bosai/map.png", "map"}};

using Acknowledge = std::function<void(const std::string& saved)>;

/// Whatever of it is done already is left: what is run again after a cut. `acknowledge` is told of each save.
void run_all(
    const fs::path& folder, const fs::path& sources, const Acknowledge& acknowledge = [](const auto&) {}) {
    const base::SystemClock clock;
    const auto site = flow::Site::open(folder, clock);
    for (const char* source : {"old", "more"}) {
        flow::take_over_site(*site, (sources / source).string(), {});
        flow::publish_site(*site, {});
    }
    flow::RegionWish region;
    region.path = "kurashi/gomi.html";
    region.selector = "#main";
    flow::set_region(*site, region);
    for (int number = 1; number <= 2; ++number) {
        if (list_saved(*site).contains(saved_text(number + 1))) continue;
        if (!list_saved(*site).contains(saved_text(number))) do_act(*site, "save", number);
        acknowledge(saved_text(number));
        if (standing_of(*site) == workflow::State::Draft) do_act(*site, "submit", number);
        if (standing_of(*site) == workflow::State::Submitted) do_act(*site, "approve", number);
        flow::publish_site(*site, {});
    }
}

/// What unsynced operations have come to when the power fails.
enum class Unsynced { Gone, Done, NamesWithoutBytes, NamesWithZeros };

class Recording {
  public:
    Recording(const fs::path& site, fs::path keep) : site_(site), keep_(std::move(keep)) {
        fs::create_directories(keep_);
        fs::copy(site_, keep_ / "start", fs::copy_options::recursive);
    }

    void note(const sys::FileEvent& event) {
        snapshot_database();
        events_.push_back(event);
    }
    void finish() { snapshot_database(); }
    /// Whether anything before `at` was not synced yet: else every disk is the same one.
    bool is_anything_unsynced(std::size_t at) const { return at > 0 && events_[at - 1].what != What::SyncFilesystem; }
    std::size_t size() const { return events_.size(); }

    /// The disk after the power failed just before event `at`.
    void rebuild(std::size_t at, Unsynced unsynced, const fs::path& to) const {
        fs::copy(keep_ / "start", to, fs::copy_options::recursive);
        std::map<fs::path, std::pair<std::string, bool>> temporary;  // bytes, synced
        for (std::size_t i = 0; i < at; ++i) {
            const sys::FileEvent& event = events_[i];
            const bool is_all_synced = is_synced_later(i, at);
            switch (event.what) {
                case What::Write:
                    temporary[event.path].first += event.bytes;
                    break;
                case What::SyncFile:
                    temporary[event.path].second = true;
                    break;
                case What::Rename:
                    if (is_all_synced || is_folder_synced(event.to.parent_path(), i, at) || unsynced != Unsynced::Gone)
                        place(moved(event.to, to), temporary[event.path].first,
                              is_all_synced || temporary[event.path].second || unsynced == Unsynced::Done, unsynced);
                    break;
                case What::Remove:
                    if (is_all_synced || is_folder_synced(event.path.parent_path(), i, at) ||
                        unsynced != Unsynced::Gone)
                        fs::remove(moved(event.path, to));
                    break;
                case What::MakeFolder:
                    fs::create_directories(moved(event.path, to));
                    break;
                case What::SyncFolder:
                case What::SyncFilesystem:
                    break;
            }
        }
        for (const char* name : {"yakuba.db", "yakuba.db-wal"}) {
            fs::remove(to / name);
            const fs::path saved = keep_ / (std::to_string(at) + name);
            if (fs::exists(saved)) fs::copy_file(saved, to / name);
        }
        fs::remove(to / "yakuba.db-shm");
    }

  private:
    void snapshot_database() {
        for (const char* name : {"yakuba.db", "yakuba.db-wal"})
            if (fs::exists(site_ / name)) fs::copy_file(site_ / name, keep_ / (std::to_string(events_.size()) + name));
    }
    bool is_synced_later(std::size_t from, std::size_t to) const {
        return std::any_of(events_.begin() + static_cast<std::ptrdiff_t>(from),
                           events_.begin() + static_cast<std::ptrdiff_t>(to),
                           [](const auto& event) { return event.what == What::SyncFilesystem; });
    }
    bool is_folder_synced(const fs::path& folder, std::size_t from, std::size_t to) const {
        return std::any_of(events_.begin() + static_cast<std::ptrdiff_t>(from),
                           events_.begin() + static_cast<std::ptrdiff_t>(to),
                           [&](const auto& event) { return event.what == What::SyncFolder && event.path == folder; });
    }
    fs::path moved(const fs::path& path, const fs::path& to) const { return to / path.lexically_relative(site_); }
    static void place(const fs::path& path, const std::string& bytes, bool is_data_safe, Unsynced unsynced) {
        std::string found = bytes;
        if (!is_data_safe)
            found = unsynced == Unsynced::NamesWithZeros ? std::string(bytes.size(), '\0') : std::string();
        fs::create_directories(path.parent_path());
        fs::remove(path);
        std::ofstream(path, std::ios::binary) << found;
        fs::permissions(path, path.string().find("/keys/") != std::string::npos ? fs::perms(0600) : fs::perms(0644));
    }

    fs::path site_;
    fs::path keep_;
    std::vector<sys::FileEvent> events_;
};

TEST(PowerCut, LosesNothingThatWasPromisedAtAnyMoment) {
    const base::SystemClock clock;
    // In memory where there is such a place: the power is cut in the record, not on the disk, and each sync would cost.
    const sys::TemporaryFolder work(fs::exists("/dev/shm") ? fs::path("/dev/shm") : fs::path());
    write_tree(work.path() / "sources/old", kOld);
    write_tree(work.path() / "sources/more", kMore);
    std::map<std::string, std::string> wanted;  // the public tree when nothing goes wrong
    const fs::path original = work.path() / "site";
    flow::init_site({original}, clock);
    do_act(*flow::Site::open(original, clock), "prepare", 0);
    std::vector<std::pair<std::size_t, std::string>> acknowledged;  // from which event on a save may not be lost
    Recording recording(original, work.path() / "record");
    {
        std::mutex mutex;
        const sys::FileWatcher watcher([&](const sys::FileEvent& event) {
            const std::lock_guard lock(mutex);
            recording.note(event);
        });
        run_all(original, work.path() / "sources",
                [&](const std::string& saved) { acknowledged.emplace_back(recording.size(), saved); });
    }
    recording.finish();
    wanted = tree_of(original / "public");
    ASSERT_NE(sys::read_file(original / "public/kurashi/gomi.html").find(saved_text(2)), std::string::npos);
    ASSERT_EQ(acknowledged.size(), 2U);
    ASSERT_GT(recording.size(), 50U);
    for (std::size_t at = 0; at <= recording.size(); ++at) {
        for (const Unsynced unsynced :
             {Unsynced::Gone, Unsynced::Done, Unsynced::NamesWithoutBytes, Unsynced::NamesWithZeros}) {
            if (unsynced != Unsynced::Done && !recording.is_anything_unsynced(at)) continue;
            SCOPED_TRACE(fmt::format("power cut before event {} of {}, unsynced as {}", at, recording.size(),
                                     static_cast<int>(unsynced)));
            const fs::path site = work.path() / fmt::format("cut-{}-{}", at, static_cast<int>(unsynced));
            recording.rebuild(at, unsynced, site);
            try {
                for (const auto& [since, text] : acknowledged)
                    if (at >= since) {
                        EXPECT_TRUE(list_saved(*flow::Site::open(site, clock)).contains(text)) << "a save is lost";
                    }
                run_all(site, work.path() / "sources");
            } catch (const base::Error& error) {
                FAIL() << error.message();
            }
            EXPECT_EQ(tree_of(site / "public"), wanted);
            const flow::Verified verified = flow::verify_site(site, {}, clock);
            EXPECT_TRUE(verified.is_well())
                << (verified.log_problems.empty() ? "" : verified.log_problems.front().message);
            EXPECT_TRUE(flow::verify_ledger(*flow::Site::open(site, clock), ledger::kOffice).is_whole());
            fs::remove_all(site);
            if (HasFailure()) return;
        }
    }
}

}  // namespace

}  // namespace tests

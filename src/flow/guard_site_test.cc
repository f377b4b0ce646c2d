#include "flow/guard_site.h"

#include <atomic>
#include <fstream>
#include <future>
#include <mutex>
#include <thread>

#include <boost/json.hpp>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flow/guard/release_view.h"
#include "flow/heal_tree.h"
#include "flow/place_release.h"
#include "flow/testing/composed_town.h"
#include "ground/base/error.h"
#include "ground/base/interrupted.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"
#include "ground/sys/lease.h"

namespace flow {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using guard::Watcher;
using signals::State;

class RealClock final : public base::Clock {
  public:
    base::Instant now() const override { return real_.now() + 24h * days_ahead.load(); }
    std::chrono::nanoseconds monotonic() const override { return real_.monotonic(); }
    std::atomic<int> days_ahead = 0;

  private:
    base::SystemClock real_;
};

/// A town with a few public pages, under guard by real clocks and threads.
class GuardedTown : public ::testing::Test {
  protected:
    testing::ComposedTown town_{"sqlite"};
    RealClock clock_;
    fs::path site_, root_;
    std::map<std::string, std::string> right_;
    std::mutex mutex_;
    int healed_ = 0;
    std::vector<signals::Signal> told_;
    std::unique_ptr<PlacerService> placer_;
    GuardOptions options_;
    std::unique_ptr<SiteGuard> guard_;

    void SetUp() override {
        for (const std::string path : {"index.html", "kurashi/gomi.html", "kurashi/zei/index.html", "kosodate/a.html"})
            town_.put_page(path, "article", "題名 " + path);
        town_.publish();
        site_ = town_.site->folders.site;
        root_ = town_.site->folders.document_root;
        read_right();
    }
    void TearDown() override { guard_.reset(); }

    void read_right() {
        right_.clear();
        for (const auto& item : fs::recursive_directory_iterator(root_))
            if (item.is_regular_file()) right_[item.path().lexically_relative(root_)] = sys::read_file(item.path());
    }
    void start(bool waits = true) {
        guard_ = std::make_unique<SiteGuard>(site_, options_, clock_, [this](signals::Signal signal) {
            const std::lock_guard lock(mutex_);
            told_.push_back(std::move(signal));
        });
        if (!waits) return;
        EXPECT_TRUE(wait([&] { return status().at("last_full").is_object(); }));
    }
    boost::json::object status() const {
        const std::string text = find_guard_status(site_).document;
        if (text.empty()) return {{"last_full", nullptr}};
        return boost::json::parse(text).as_object();
    }
    static bool wait(const std::function<bool()>& is_so, std::chrono::milliseconds patience = 10s) {
        for (const auto end = std::chrono::steady_clock::now() + patience; std::chrono::steady_clock::now() < end;) {
            if (is_so()) return true;
            std::this_thread::sleep_for(1ms);
        }
        return false;
    }
    std::size_t count(State state, const std::string& kind, const std::string& subject = "") {
        const std::lock_guard lock(mutex_);
        return static_cast<std::size_t>(std::count_if(told_.begin(), told_.end(), [&](const signals::Signal& one) {
            return one.state == state && one.kind == kind && (subject.empty() || one.subject == subject);
        }));
    }
    bool is_told(State state, const std::string& kind, const std::string& subject = "") {
        return wait([&] { return count(state, kind, subject) > 0; });
    }
    std::string all_told() {
        const std::lock_guard lock(mutex_);
        std::string text;
        for (const signals::Signal& one : told_)
            text += fmt::format("{} {} {} {}\n", signals::state_id(one.state), one.kind, one.subject, one.payload);
        return text;
    }
    bool is_right() const {
        std::map<std::string, std::string> found;
        try {
            for (const auto& item : fs::recursive_directory_iterator(root_)) {
                struct stat status {};
                if (::lstat(item.path().c_str(), &status) != 0 || status.st_uid != ::geteuid()) return false;
                if ((status.st_mode & 07777) != (S_ISDIR(status.st_mode) ? 0755U : 0644U)) return false;
                if (S_ISDIR(status.st_mode)) continue;
                if (!S_ISREG(status.st_mode) || status.st_nlink != 1) return false;
                found[item.path().lexically_relative(root_)] = sys::read_file(item.path());
            }
        } catch (const std::exception&) {
            return false;  // it changes while it is read
        }
        return found == right_;
    }
    /// Everything was told, cleared, and is as it should be.
    void expect_healed(const std::string& kind) {
        EXPECT_TRUE(is_told(State::Raise, kind)) << all_told();
        EXPECT_TRUE(wait([&] { return is_right(); })) << all_told();
        EXPECT_TRUE(wait([&] { return count(State::Raise, kind) == count(State::Clear, kind); })) << all_told();
        // Whatever it still has to say of this comes before what it says of a later file.
        const std::string last = fmt::format("last-{}.txt", ++healed_);
        write(last, "");
        EXPECT_TRUE(is_told(State::Clear, "tree.extra", "/" + last)) << all_told();
        const std::lock_guard lock(mutex_);
        told_.clear();
    }
    void write(const std::string& path, const std::string& bytes) const { std::ofstream(root_ / path) << bytes; }
};

}  // namespace

TEST_F(GuardedTown, ClearsAtItsStartWhatTheRunBeforeHadRaisedAndIsWell) {
    sys::make_folders(site_ / "run/guard");
    const std::string gone(64, 'a');
    sys::write_file(site_ / "run/guard/raised",
                    "log.damaged /\ntree.changed /index.html\nobject.damaged " + gone + "\nothers.changed /gikai/\n");
    start();
    EXPECT_TRUE(is_told(State::Clear, "log.damaged", "/"));
    EXPECT_TRUE(is_told(State::Clear, "tree.changed", "/index.html"));
    EXPECT_EQ(count(State::Clear, "object.damaged"), 0U) << "it is still missing";
    EXPECT_TRUE(wait([&] {
        return sys::read_file(site_ / "run/guard/raised") == "object.damaged " + gone + "\nothers.changed /gikai/\n";
    })) << sys::read_file(site_ / "run/guard/raised");
}

TEST_F(GuardedTown, EachTamperingIsSeenByItsKindAndPutRight) {
    for (const auto means : {Watcher::Means::Fanotify, Watcher::Means::Inotify}) {
        options_.means = means;
        // By a placer on its socket, and without one.
        placer_ = means == Watcher::Means::Fanotify ? std::make_unique<PlacerService>(site_) : nullptr;
        try {
            Watcher(root_, {}, means);
        } catch (const base::Error& error) {
            continue;  // not permitted here
        }
        guard_.reset();  // what the last one had still to say is said
        told_.clear();
        start();
        EXPECT_EQ(told_.size(), 0U) << all_told();
        write("index.html", "<script src=//evil.example></script>");
        EXPECT_TRUE(is_told(State::Raise, "content.threat", "/index.html")) << "what it was for: " << all_told();
        EXPECT_EQ(all_told().find("\"writer\""), std::string::npos)
            << "who puts it right has not done it: " << all_told();
        expect_healed("tree.changed");
        write("shell.php", "<?php");
        expect_healed("tree.extra");
        fs::remove(root_ / "kurashi/gomi.html");
        expect_healed("tree.missing");
        ::chmod((root_ / "kosodate/a.html").c_str(), 0777);
        expect_healed("tree.mode");
        ::chmod((root_ / "kosodate").c_str(), 0777);
        expect_healed("tree.mode");
        // In one step each: the guard puts a gap right before a second one.
        std::ofstream(site_ / "twin") << right_["index.html"];
        fs::create_symlink(site_ / "twin", site_ / "link");
        fs::rename(site_ / "link", root_ / "kurashi/gomi.html");
        expect_healed("tree.link");
        fs::create_hard_link(site_ / "twin", site_ / "twin2");
        fs::rename(site_ / "twin2", root_ / "index.html");
        expect_healed("tree.hardlink");
        fs::create_directory(site_ / "folder");
        ASSERT_EQ(::renameat2(AT_FDCWD, (site_ / "folder").c_str(), AT_FDCWD, (root_ / "index.html").c_str(),
                              RENAME_EXCHANGE),
                  0);
        expect_healed("tree.type");
        if (::geteuid() == 0) {
            ASSERT_EQ(::chown((root_ / "index.html").c_str(), 1234, 1234), 0);
            expect_healed("tree.owner");
        }
        fs::create_directories(site_ / "old/shop");
        std::ofstream(site_ / "old/shop/index.html") << "scam";
        ASSERT_EQ(
            ::renameat2(AT_FDCWD, (site_ / "old").c_str(), AT_FDCWD, (root_ / "kurashi").c_str(), RENAME_EXCHANGE), 0);
        expect_healed("tree.extra");
        for (const std::string name : {"old", "folder", "twin"}) fs::remove_all(site_ / name);
        guard_.reset();
    }
}

TEST_F(GuardedTown, ASecondNameOutsideOfTheRootIsSeenAndWhatIsWrittenThroughItToo) {
    options_.settings.repair = "report-only";
    start();
    const fs::path twin = site_ / "twin";
    fs::create_hard_link(root_ / "kurashi/gomi.html", twin);
    EXPECT_TRUE(wait([&] { return count(State::Raise, "tree.hardlink", "/kurashi/gomi.html") == 1; }, 1000ms));
    std::ofstream(twin, std::ios::app) << "<script src=//evil.example></script>";
    EXPECT_TRUE(wait([&] { return count(State::Raise, "tree.changed", "/kurashi/gomi.html") == 1; }, 1000ms));
    guard_.reset();
    told_.clear();
    options_.settings.repair = "at-once";
    start();
    expect_healed("tree.changed");
    fs::create_hard_link(root_ / "index.html", site_ / "twin2");
    EXPECT_TRUE(is_told(State::Raise, "tree.hardlink", "/index.html"));
    expect_healed("tree.hardlink");
    std::ofstream(site_ / "twin2", std::ios::app) << "leads nowhere";
    EXPECT_FALSE(wait([&] { return !is_right(); }, 20ms));
}

TEST_F(GuardedTown, AMappingThatStaysOpenIsSeenAndLeadsNowhere) {
    constexpr std::size_t kMapped = 8;
    std::vector<char*> mapped;
    const auto map = [&](const std::string& path) {
        const sys::Descriptor file(::open((root_ / path).c_str(), O_RDWR | O_CLOEXEC));
        void* at = ::mmap(nullptr, kMapped, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
        EXPECT_NE(at, MAP_FAILED);
        mapped.push_back(static_cast<char*>(at));
    };
    const auto is_leased = [&] {
        return wait([&] {
            const auto now = status();
            return now.contains("leased_files") && now.at("leased_files") == right_.size();
        });
    };
    if (!sys::are_mappings_told(sys::Descriptor(::open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC))))
        GTEST_SKIP() << "on overlayfs the kernel does not tell of mappings";
    start();
    EXPECT_TRUE(is_leased()) << status();
    map("index.html");
    EXPECT_TRUE(wait([&] { return count(State::Raise, "tree.held", "/index.html") == 1; }, 1000ms)) << all_told();
    EXPECT_TRUE(wait([&] { return count(State::Clear, "tree.held", "/index.html") == 1; }, 1000ms)) << all_told();
    *mapped[0] = 'J';  // into a file that nobody visits any more
    EXPECT_FALSE(wait([&] { return !is_right(); }, 20ms));
    EXPECT_EQ(count(State::Raise, "tree.changed"), 0U) << all_told();
    for (const auto& piece : fs::directory_iterator(site_ / "quarantine"))
        EXPECT_NE(sys::read_file(piece.path() / "evidence.json").find("\"open_for_writing\": true"), std::string::npos);
    guard_.reset();
    told_.clear();
    options_.settings.repair = "report-only";
    start();
    map("kurashi/gomi.html");
    EXPECT_TRUE(wait([&] { return count(State::Raise, "tree.held", "/kurashi/gomi.html") == 1; }, 1000ms));
    *mapped[1] = 'J';
    EXPECT_TRUE(wait([&] { return count(State::Raise, "tree.changed", "/kurashi/gomi.html") == 1; }, 1500ms));
    Cure cure;
    heal_site(site_, {}, clock_, cure);
    EXPECT_TRUE(cure.is_well());
    EXPECT_EQ(cure.before.tree.deviations.size(), 2U);
    EXPECT_TRUE(wait([&] { return count(State::Clear, "tree.held", "/kurashi/gomi.html") == 1; })) << all_told();
    for (char* at : mapped) ::munmap(at, kMapped);
}

TEST_F(GuardedTown, WhatIsKeptAsEvidenceIsNoSecondName) {
    start();
    for (int i = 0; i < 40; ++i) {
        write("index.html", fmt::format("<p>{}</p>", i));
        ASSERT_TRUE(wait([&] { return is_right() && count(State::Clear, "tree.changed") == i + 1U; })) << all_told();
    }
    EXPECT_EQ(count(State::Raise, "tree.hardlink"), 0U) << all_told();
}

TEST_F(GuardedTown, TheRootItselfIsMadeAnew) {
    start();
    fs::rename(root_, site_ / "old");
    expect_healed("tree.root");
    fs::create_directory(site_ / "old2");
    ::chmod((site_ / "old2").c_str(), 0777);
    std::ofstream(site_ / "old2/index.html") << "scam";
    ASSERT_EQ(::renameat2(AT_FDCWD, (site_ / "old2").c_str(), AT_FDCWD, root_.c_str(), RENAME_EXCHANGE), 0);
    EXPECT_TRUE(is_told(State::Raise, "tree.root")) << all_told();
    EXPECT_TRUE(wait([&] { return is_right(); })) << all_told();
    EXPECT_TRUE(wait([&] { return (fs::status(root_).permissions() & fs::perms::mask) == fs::perms(0755); }));
    fs::create_directory_symlink(site_ / "old", site_ / "old3");
    ASSERT_EQ(::renameat2(AT_FDCWD, (site_ / "old3").c_str(), AT_FDCWD, root_.c_str(), RENAME_EXCHANGE), 0);
    EXPECT_TRUE(wait([&] { return !fs::is_symlink(root_) && is_right(); })) << all_told();
}

TEST_F(GuardedTown, PublicationsAreNoAlarm) {
    placer_ = std::make_unique<PlacerService>(site_);
    start();
    const base::PageId page = town_.put_page("kurashi/new.html", "article", "新しいページ");
    for (int i = 0; i < 60; ++i) {
        if (i % 10 == 0) town_.put_page(fmt::format("news/d{}/p{}.html", i, i), "article", fmt::format("記事 {}", i));
        town_.change_page(page, [&](content::Body& body) { body.title = fmt::format("題名 {}", i); });
        town_.publish();
    }
    EXPECT_TRUE(wait([&] { return status().at("release") == town_.site->log.newest(); }));
    std::this_thread::sleep_for(100ms);
    EXPECT_EQ(all_told(), "");
    EXPECT_EQ(status().at("raised").as_int64(), 0);
    read_right();
    write("news/d10/p10.html", "tampered");
    expect_healed("tree.changed");
}

TEST_F(GuardedTown, WhatHappenedWhileNobodyWatchedIsFoundAtTheStart) {
    start();
    guard_.reset();
    write("index.html", "tampered");
    fs::create_directories(root_ / "shop");
    fs::remove(root_ / "kosodate/a.html");
    start(false);
    EXPECT_TRUE(is_told(State::Clear, "tree.changed", "/index.html"));
    EXPECT_TRUE(is_told(State::Clear, "tree.missing", "/kosodate/a.html"));
    EXPECT_TRUE(is_told(State::Clear, "tree.extra", "/shop/"));
    EXPECT_TRUE(is_right());
}

TEST_F(GuardedTown, EachCalendarDayHasALookAtAllBytes) {
    std::atomic<int> looks = 0;
    options_.round = [&](const auto& round) { looks += round.kind == "tree.bytes" ? 1 : 0; };
    start();
    EXPECT_TRUE(wait([&] { return looks > 0; }));
    looks = 0;
    clock_.days_ahead = 1;
    EXPECT_TRUE(wait([&] { return looks > 0; }));
    guard_.reset();
}

TEST_F(GuardedTown, AWorkingOperatorIsLeftInPeaceForThatTime) {
    start();
    pause_guard(site_, {clock_.now(), clock_.now() + 1h, "サーバの入替え", "system:cli:0"});
    write("index.html", "tampered");  // at once
    ASSERT_TRUE(is_told(State::Raise, "guard.paused"));
    ASSERT_TRUE(is_told(State::Raise, "tree.changed"));
    std::this_thread::sleep_for(50ms);
    EXPECT_EQ(sys::read_file(root_ / "index.html"), "tampered");
    EXPECT_TRUE(resume_guard(site_));
    EXPECT_TRUE(is_told(State::Clear, "guard.paused"));
    EXPECT_TRUE(is_told(State::Clear, "tree.changed"));
    EXPECT_TRUE(is_right());
    EXPECT_THROW(pause_guard(site_, {clock_.now(), clock_.now() + 1h, "", "x"}), base::Error);
    EXPECT_THROW(pause_guard(site_, {clock_.now(), clock_.now() + 25h, "x", "x"}), base::Error);
}

TEST_F(GuardedTown, APauseThatCannotBeReadStopsNoRepair) {
    fs::create_directories(site_ / "run/guard/pause.json");
    start();
    EXPECT_TRUE(is_told(State::Raise, "guard.fault")) << all_told();
    write("index.html", "tampered");
    EXPECT_TRUE(is_told(State::Clear, "tree.changed")) << all_told();
    EXPECT_TRUE(is_right());
}

TEST_F(GuardedTown, WaitsForAWordWhereTheSettingsSaySo) {
    options_.settings.repair = "after-confirmation";
    start();
    write("index.html", "tampered");
    ASSERT_TRUE(is_told(State::Raise, "tree.changed"));
    std::this_thread::sleep_for(50ms);
    EXPECT_EQ(sys::read_file(root_ / "index.html"), "tampered");
    EXPECT_TRUE(wait([&] { return status().at("open_count").as_int64() == 1; }));
    EXPECT_EQ(status().at("open").at(0).at("text").as_string(), "公開ファイルが書き換えられました。");
    Cure cut, cure;
    guard::CompareOptions options;
    options.is_stopped = [&] { return !cut.healed.empty(); };
    EXPECT_THROW(heal_site(site_, options, clock_, cut), base::Interrupted);
    EXPECT_EQ(cut.healed.size(), 1U) << "what was put right until then goes into the ledger";
    heal_site(site_, {}, clock_, cure);
    EXPECT_TRUE(cure.is_well());
    EXPECT_TRUE(is_told(State::Clear, "tree.changed"));
    EXPECT_TRUE(is_right());
}

TEST_F(GuardedTown, AFloodIsOneEmergencyAndTheWholeTreeIsPutRight) {
    options_.settings.flood_per_minute = 10;
    start();
    for (int i = 0; i < 100; ++i) write(fmt::format("spam{}.html", i), "spam");
    write("index.html", "tampered");
    EXPECT_TRUE(is_told(State::Raise, "tree.flood"));
    EXPECT_TRUE(wait([&] { return is_right(); })) << all_told();
    EXPECT_EQ(count(State::Raise, "tree.flood"), 1U);
    EXPECT_LE(count(State::Raise, "tree.extra"), 10U);
    EXPECT_TRUE(wait([&] { return status().at("open_count").as_int64() == 0; }));
}

TEST_F(GuardedTown, ADamagedObjectIsTakenFromAnotherCopyOrNothingIsServed) {
    const std::string good = right_["index.html"];
    const std::string name = sys::sha256(good).hex();
    const fs::path object = site_ / "objects" / name.substr(0, 2) / name;
    bool has_copy = true;
    options_.sources.emplace_back("backup", [&](const base::Hash& hash, const std::string& path) {
        return has_copy && hash.hex() == name && path == "index.html" ? std::optional(good) : std::nullopt;
    });
    start();
    std::ofstream(object) << "damaged";
    write("index.html", "tampered");
    EXPECT_TRUE(is_told(State::Clear, "object.damaged", name)) << all_told();
    EXPECT_TRUE(wait([&] { return is_right(); }));
    EXPECT_EQ(sys::read_file(object), good);
    has_copy = false;
    fs::remove(object);
    told_.clear();
    write("index.html", "tampered");
    EXPECT_TRUE(is_told(State::Raise, "object.damaged", name)) << all_told();
    EXPECT_TRUE(wait([&] { return !fs::exists(root_ / "index.html"); })) << "what is wrong is not served";
    guard_.reset();
    // The start finds damage that nobody has asked about yet, and the public file is a copy, too.
    town_.site->objects->put(good);
    start();
    EXPECT_TRUE(wait([&] { return is_right(); }));
    guard_.reset();
    std::ofstream(object) << "damaged";
    start(false);
    EXPECT_TRUE(wait([&] { return sys::read_file(object) == good; }));
}

TEST_F(GuardedTown, WhileAnObjectIsFetchedFromFarAwayAllElseIsPutRightAtOnce) {
    const std::string good = right_["index.html"];
    std::promise<void> arrived;
    const auto waits = arrived.get_future().share();
    options_.sources.emplace_back("backup", [&, waits](const base::Hash&, const std::string&) {
        waits.wait();
        return std::optional(good);
    });
    start();
    fs::remove(site_ / "objects" / sys::sha256(good).hex().substr(0, 2) / sys::sha256(good).hex());
    write("index.html", "tampered");
    EXPECT_TRUE(is_told(State::Raise, "tree.changed", "/index.html"));
    EXPECT_TRUE(wait([&] { return !fs::exists(root_ / "index.html"); })) << "what is wrong is not served";
    for (int turn = 0; turn < 3; ++turn) {
        write("kosodate/a.html", "tampered");
        EXPECT_TRUE(wait([&] { return sys::read_file(root_ / "kosodate/a.html") == right_["kosodate/a.html"]; }, 2s));
    }
    EXPECT_EQ(count(State::Info, "tree.unhealed"), 0U) << "it is still being looked for";
    arrived.set_value();
    EXPECT_TRUE(wait([&] { return is_right(); })) << all_told();
    EXPECT_TRUE(is_told(State::Clear, "tree.missing", "/index.html")) << all_told();
    EXPECT_NE(all_told().find(R"("copy":"backup")"), std::string::npos);
}

TEST_F(GuardedTown, ARolledBackLogIsAnEmergencyAndNothingOldIsPutInPlace) {
    town_.put_page("kurashi/second.html", "article", "二つ目");
    town_.publish();
    read_right();
    placer_ = std::make_unique<PlacerService>(site_);
    start();
    const release::Log log = town_.site->log;
    const fs::path newest = log.record_file(log.newest());
    fs::rename(newest, site_ / "kept");
    EXPECT_TRUE(is_told(State::Raise, "log.rollback")) << all_told();
    write("kurashi/second.html", "tampered");
    EXPECT_TRUE(is_told(State::Raise, "tree.changed"));
    EXPECT_TRUE(is_told(State::Raise, "guard.repair")) << all_told();
    guard_.reset();
    told_.clear();
    start(false);
    EXPECT_TRUE(is_told(State::Raise, "log.rollback")) << "also after a restart: " << all_told();
    EXPECT_TRUE(is_told(State::Raise, "guard.view"));
    fs::rename(site_ / "kept", newest);
    EXPECT_TRUE(is_told(State::Clear, "log.rollback")) << all_told();
    EXPECT_TRUE(wait([&] { return is_right(); })) << all_told();
}

TEST_F(GuardedTown, ADamagedLogAndAForeignKeyAreTold) {
    start();
    const fs::path record = town_.site->log.record_file(1);
    const std::string bytes = sys::read_file(record);
    std::ofstream(record) << bytes << "more";
    EXPECT_TRUE(is_told(State::Raise, "log.damaged")) << all_told();
    std::ofstream(record) << bytes;
    EXPECT_TRUE(is_told(State::Clear, "log.damaged")) << all_told();
    const std::string key = sys::random_bytes(32);
    const fs::path file = site_ / "keys" / (release::key_id(key) + ".pub");
    std::ofstream(file) << base::to_hex(key) << "\n";
    EXPECT_TRUE(is_told(State::Raise, "log.key")) << all_told();
    fs::remove(file);
    EXPECT_TRUE(is_told(State::Clear, "log.key")) << all_told();
}

TEST_F(GuardedTown, FollowsAChangeOfTheKey) {
    start();
    const auto press = Press::find(*town_.site);
    press->rekey("system:test");
    town_.put_page("kurashi/after.html", "article", "鍵の後");
    press->publish({});
    read_right();
    EXPECT_TRUE(wait([&] { return status().at("release") == town_.site->log.newest(); }));
    guard_.reset();
    start();
    write("kurashi/after.html", "tampered");
    expect_healed("tree.changed");
    std::this_thread::sleep_for(50ms);
    EXPECT_EQ(count(State::Raise, "log.key"), 0U) << all_told();
}

TEST_F(GuardedTown, AnAreaOfAnotherWriterIsToldOfAndLeftAlone) {
    fs::create_directories(site_ / "others/gikai");
    options_.areas = {{"/gikai/", "others/gikai"}};
    options_.report_areas_after = 0s;
    start();
    std::ofstream(site_ / "others/gikai/minutes.html") << "議事録";
    EXPECT_TRUE(is_told(State::Info, "others.changed", "/gikai/")) << all_told();
    EXPECT_NE(all_told().find("minutes.html"), std::string::npos) << all_told();
    EXPECT_EQ(sys::read_file(site_ / "others/gikai/minutes.html"), "議事録");
}

TEST_F(GuardedTown, TwoGuardsDoNotWatchOneSite) {
    start();
    EXPECT_TRUE(find_guard_status(site_).is_running);
    EXPECT_THROW(SiteGuard(site_, options_, clock_, [](signals::Signal) {}), base::Error);
    guard_.reset();
    EXPECT_FALSE(find_guard_status(site_).is_running);
}

}  // namespace flow

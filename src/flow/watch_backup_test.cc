#include "flow/watch_backup.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "flow/backup/point.h"
#include "flow/restore_site.h"
#include "flow/testing/town.h"
#include "watch/backup/recovery_key.h"

namespace flow {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class BackupDeskTest : public ::testing::Test {
  protected:
    BackupDeskTest() {
        settings::Settings::Backup& backup = town_.site->settings.backup;
        backup.recovery_key = backup::make_recovery_key("site").public_text();
        backup.generations = 2;
        backup.system_generations = 1;
        sys::write_file(town_.site->folders.keys / "backup.password", "correct horse\n", sys::Durability::Later, 0600);
        fs::copy(YAKUBA_SOURCE_DIR "/src/watch/backup/testdata/repository", repository(), fs::copy_options::recursive);
        desk_ = BackupDesk::open(town_.site->folders.site, town_.site->settings, town_.clock, town_.site->watch(),
                                 "1.0", [this](std::span<const signals::Signal> all) {
                                     for (const signals::Signal& each : all)
                                         open_[each.kind] |= each.state == signals::State::Raise;
                                 });
    }
    fs::path repository() const { return town_.site->folders.site / "backups"; }
    void turn_at(std::string_view time) {
        town_.clock.set(*base::parse_instant(time));
        open_.clear();
        desk_->turn([] { return false; });
    }
    std::vector<backup::Run> held() {
        return town_.site->watch().read([](sys::Reader& db) { return backup::list_held(db, "backups"); });
    }
    int generations(backup::Kind kind) { return backup::count_generations(backup::generations_of(held()), kind); }

    testing::Town town_{"sqlite"};
    std::map<std::string, bool> open_;  ///< by kind of signal, after the newest turn
    std::unique_ptr<BackupDesk> desk_;
};

TEST_F(BackupDeskTest, MakesReadsBackAndPrunesByThePlan) {
    turn_at("2027-04-01 10:00");  // a Thursday: nothing before the window
    EXPECT_TRUE(held().empty());
    for (const char* evening : {"2027-04-01 21:30", "2027-04-02 21:31", "2027-04-03 21:30", "2027-04-05 02:00"}) {
        SCOPED_TRACE(evening);
        turn_at(evening);
        const auto all = held();
        ASSERT_FALSE(all.empty());
        for (const backup::Run& run : all) {
            EXPECT_EQ(run.outcome, backup::Outcome::Made) << run.problem;
            EXPECT_EQ(run.proof, backup::Proof::Whole);
        }
        for (const auto& [kind, is_open] : open_) EXPECT_FALSE(is_open) << kind;
    }
    EXPECT_EQ(generations(backup::Kind::Data), 2) << "the two before are gone";
    EXPECT_EQ(generations(backup::Kind::System), 1);
    EXPECT_EQ(held().front().day, (base::Day{2027, 4, 4})) << "the night belongs to the day on which it began";
    const auto before = held().size();
    turn_at("2027-04-05 02:05");  // nothing is due twice
    EXPECT_EQ(held().size(), before);
    const auto duty = backup_duty(town_.site->settings, &town_.site->watch());
    EXPECT_TRUE(duty.is_configured);
    EXPECT_EQ(duty.newest, held().front().taken_at);
    EXPECT_EQ(duty.problem, "");
}

TEST_F(BackupDeskTest, TellsOfTroubleAndThatItIsOver) {
    turn_at("2027-04-01 21:30");
    fs::rename(repository(), town_.site->folders.site / "unmounted");
    turn_at("2027-04-02 21:30");
    EXPECT_TRUE(open_["backup.failed"]);
    EXPECT_TRUE(open_["backup.unreachable"]);
    EXPECT_FALSE(open_["backup.late"]);
    turn_at("2027-04-03 23:00");
    EXPECT_TRUE(open_["backup.late"]);
    fs::rename(town_.site->folders.site / "unmounted", repository());
    turn_at("2027-04-04 00:30");
    for (const auto& [kind, is_open] : open_) EXPECT_FALSE(is_open) << kind;
    // The key does not fit.
    const fs::path password = town_.site->folders.keys / "backup.password";
    sys::write_file(password, "wrong\n", sys::Durability::Later, 0600);
    turn_at("2027-04-04 21:30");
    EXPECT_TRUE(open_["backup.key"]);
    EXPECT_FALSE(open_["backup.unreachable"]);
    sys::write_file(password, "correct horse\n", sys::Durability::Later, 0600);
    turn_at("2027-04-04 22:30");
    EXPECT_FALSE(open_["backup.key"]);
    EXPECT_FALSE(open_["backup.failed"]);
}

TEST_F(BackupDeskTest, DoesNotForgetALostSystemBackupBehindHundredsOfLaterRuns) {
    const auto had = [&](base::Instant at, backup::Kind kind, std::int64_t bytes) {
        backup::Run run;
        run.repository = "backups";
        run.kind = kind;
        run.due_at = run.started_at = run.taken_at = at;
        run.ended_at = at;
        run.day = base::local_day(at);
        run.outcome = backup::Outcome::Made;
        run.bytes = bytes;
        run.snapshot = std::to_string(at.milliseconds) + std::string(backup::kind_id(kind));
        town_.site->watch().write([&](sys::Transaction& tx) { backup::adopt_run(tx, run, "system:test"); });
    };
    town_.clock.set(*base::parse_instant("2027-06-01 10:00"));
    const base::Instant now = town_.clock.now();
    constexpr std::int64_t kBytes = 50'000'000;
    had(now - 1000h, backup::Kind::System, kBytes);
    town_.site->watch().write([&](sys::Transaction& tx) {
        const std::vector lost{backup::list_held(tx, "backups").front().id};
        backup::mark_lost(tx, "backups", lost, now - 900h, "system:test");
    });
    had(now - 800h, backup::Kind::System, kBytes);
    had(now - 700h, backup::Kind::System, kBytes / 10);
    for (int i = 300; i > 0; --i) had(now - i * 2h, backup::Kind::Data, kBytes);
    const Folders folders = folders_of(town_.site->folders.site);
    for (const signals::Signal& each :
         judge_backups({folders, town_.site->settings, town_.clock, town_.site->watch(), "1.0"}))
        open_[each.kind] |= each.state == signals::State::Raise;
    EXPECT_TRUE(open_["backup.lost"]) << "no system backup was read back since";
    EXPECT_TRUE(open_["backup.small"]) << "the system backup, which is made but once a month";
}

TEST_F(BackupDeskTest, TroublesTheEngineSeldomWhereAFolderHoldsWhatIsNoted) {
    for (const char* part : {"snapshots", "locks"}) fs::create_directory(repository() / part);
    const fs::path bin = town_.site->folders.site / "bin", calls = town_.site->folders.site / "calls";
    fs::create_directories(bin);
    sys::write_file(bin / "restic",
                    fmt::format("#!/bin/sh\necho \"$*\" >>{}\nexec /usr/bin/restic \"$@\"\n", calls.string()),
                    sys::Durability::Later, 0755);
    const std::string before = std::getenv("PATH");
    ::setenv("PATH", (bin.string() + ":" + before).c_str(), 1);
    const Folders folders = folders_of(town_.site->folders.site);
    const BackupPlace place{folders, town_.site->settings, town_.clock, town_.site->watch(), "1.0"};
    BackupWish wish;
    wish.repositories = {"backups"};
    const auto count_calls = [&](const auto& act) {
        act();
        const std::string said = sys::read_file(calls);
        fs::remove(calls);
        return std::count(said.begin(), said.end(), '\n');
    };
    const auto make = [&] { EXPECT_TRUE(back_up(place, wish).is_well()); };
    const auto read_back = [&](backup::Proof expected) {
        return [&, expected] {
            const auto read = verify_backups(place, {.repositories = {"backups"}, .is_everything = true});
            ASSERT_EQ(read.size(), 1U);
            EXPECT_EQ(read[0].proof, expected) << (read[0].problems.empty() ? "" : read[0].problems[0]);
        };
    };
    EXPECT_EQ(count_calls(make), 1);
    EXPECT_EQ(count_calls(read_back(backup::Proof::Whole)), 2) << "its structure, and the point of the backup";
    EXPECT_FALSE(fs::exists(folders.run / "backup/reading")) << "what is secret does not stay";
    const Restored restored = restore_site(backup::Restic(backup_access(place.settings, folders, "backups")), {}, {},
                                           {.to = folders.site / "back"}, town_.clock);
    EXPECT_EQ(restored.release, 0);
    const std::string said = sys::read_file(calls);
    EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 2) << "which there are, and the files: " << said;
    EXPECT_EQ(said.find("--verify"), std::string::npos) << "every file has a hash of ours";
    fs::remove(calls);
    town_.site->watch().write([](sys::Transaction& tx) { tx.execute("UPDATE backup_run SET files = files - 1"); });
    EXPECT_EQ(count_calls(read_back(backup::Proof::Damaged)), 2) << "an object fewer than the manifest says";
    fs::create_directories(folders.others / "gikai");
    town_.site->watch().write([](sys::Transaction& tx) { tx.execute("UPDATE backup_run SET files = files + 1"); });
    {  // a file of the point that changed before the engine read it, to as many bytes
        const backup::Restic restic(backup_access(place.settings, folders, "backups"));
        const std::string made = held().front().snapshot, point = (folders.site / backup::kPointFolder).string();
        const std::string only[] = {point};
        restic.restore(made, folders.site / "got", backup::Restic::Proof::Caller, only);
        fs::create_directories(fs::path(point).parent_path());
        fs::copy((folders.site / "got").string() + point, point, fs::copy_options::recursive);
        sys::write_file(fs::path(point) / "yakuba.toml", std::string(fs::file_size(point + "/yakuba.toml"), '#'));
        const std::string other =
            restic.backup({.paths = {point, folders.objects}, .tags = {"yakuba=1"}, .host = "x"}).snapshot;
        fs::remove_all(point);
        fs::rename(repository() / "snapshots" / made, folders.site / made);
        const auto take = [&](const std::string& now) {
            town_.site->watch().write(
                [&](sys::Transaction& tx) { tx.execute("UPDATE backup_run SET snapshot = $1", {now}); });
        };
        take(other);
        fs::remove(calls);
        EXPECT_EQ(count_calls(read_back(backup::Proof::Damaged)), 2) << "names and sizes agree, the bytes do not";
        fs::remove(repository() / "snapshots" / other);
        fs::rename(folders.site / made, repository() / "snapshots" / made);
        take(made);
    }
    sys::write_file(folders.others / "gikai/a.html", "議会", sys::Durability::Later);
    EXPECT_EQ(count_calls(make), 1);
    EXPECT_EQ(count_calls(read_back(backup::Proof::Whole)), 4) << "the objects beside what others keep are listed";
    restore_site(backup::Restic(backup_access(place.settings, folders, "backups")), {}, {},
                 {.to = folders.site / "again"}, town_.clock);
    EXPECT_NE(sys::read_file(calls).find("--verify"), std::string::npos) << "of what others keep nobody has a hash";
    EXPECT_EQ(sys::read_file(folders.site / "again/others/gikai/a.html"), "議会");
    fs::remove(calls);
    fs::remove(fs::directory_iterator(repository() / "snapshots")->path());
    EXPECT_EQ(count_calls(make), 2) << "one has gone: the engine is asked what is there";
    EXPECT_EQ(held().size(), 2U);
    ::setenv("PATH", before.c_str(), 1);
}

TEST_F(BackupDeskTest, BeginsNothingWhereWhatOthersKeepCannotBeRead) {
    const Folders folders = folders_of(town_.site->folders.site);
    const BackupPlace place{folders, town_.site->settings, town_.clock, town_.site->watch(), "1.0"};
    fs::remove_all(folders.others);
    fs::create_symlink(folders.others, folders.others);
    try {
        make_point(place, backup::Kind::Data, {});
        FAIL() << "it would be left out";
    } catch (const base::Error& error) {
        EXPECT_NE(error.message().find("others is to be in the backup and cannot be read"), std::string::npos)
            << error.message();
    }
    fs::remove(folders.others);
    EXPECT_NO_THROW(make_point(place, backup::Kind::Data, {})) << "nobody keeps anything there";
}

TEST_F(BackupDeskTest, HoldsTheSettingsThatCouldBeReadLastWhereTheyWereBrokenSince) {
    const fs::path file = town_.site->folders.site / "yakuba.toml";
    const std::string whole = sys::read_file(file);
    sys::write_file(file, whole + "[[[\n", sys::Durability::Later, 0640);
    turn_at("2027-04-01 21:30");
    EXPECT_TRUE(open_["backup.failed"]) << "a site does not come back by these";
    EXPECT_TRUE(held().empty());
    sys::write_file(file, whole, sys::Durability::Later, 0640);
    turn_at("2027-04-01 22:30");
    EXPECT_FALSE(open_["backup.failed"]);
    EXPECT_FALSE(open_["backup.incomplete"]);
    ASSERT_FALSE(held().empty());
    sys::write_file(file, whole + "[[[\n", sys::Durability::Later, 0640);
    turn_at("2027-04-02 21:30");
    EXPECT_FALSE(open_["backup.failed"]) << "the rest is held";
    EXPECT_TRUE(open_["backup.incomplete"]);
    const backup::Run newest = held().front();
    EXPECT_NE(newest.problem.find("yakuba.toml"), std::string::npos) << newest.problem;
    const backup::Restic restic(backup_access(town_.site->settings, town_.site->folders, "backups"));
    const std::string point = (town_.site->folders.site / backup::kPointFolder).string();
    EXPECT_EQ(restic.dump(newest.snapshot, point + "/yakuba.toml"), whole);
    EXPECT_EQ(restic.dump(newest.snapshot, point + "/yakuba.toml.broken"), whole + "[[[\n");
}

TEST_F(BackupDeskTest, SaysThatARepositoryThatWasTakenOutOfTheSettingsIsNoTrouble) {
    turn_at("2027-04-01 21:30");
    fs::remove_all(repository());
    turn_at("2027-04-02 21:30");
    EXPECT_TRUE(open_["backup.unreachable"]);
    town_.site->settings.backup.repositories = {"elsewhere"};
    town_.clock.set(*base::parse_instant("2027-04-02 21:31"));
    open_.clear();
    const Folders folders = folders_of(town_.site->folders.site);
    int cleared = 0;
    for (const signals::Signal& each :
         judge_backups({folders, town_.site->settings, town_.clock, town_.site->watch(), "1.0"}))
        if (each.subject.starts_with("backups")) cleared += each.state == signals::State::Clear ? 1 : 100;
    EXPECT_EQ(cleared, 14);
}

TEST_F(BackupDeskTest, TellsOfDamageAndPrunesNothingThen) {
    turn_at("2027-04-01 21:30");
    turn_at("2027-04-02 21:30");
    for (const auto& each : fs::recursive_directory_iterator(repository() / "data"))
        if (each.is_regular_file()) {
            fs::permissions(each.path(), fs::perms::owner_write, fs::perm_options::add);
            fs::resize_file(each.path(), each.file_size() - 1);
        }
    const auto before = held().size();
    turn_at("2027-04-03 21:30");
    EXPECT_TRUE(open_["backup.damaged"] || open_["backup.failed"]);
    EXPECT_GE(held().size(), before);
    const auto duty = backup_duty(town_.site->settings, &town_.site->watch());
    EXPECT_NE(duty.problem, "");
}

TEST_F(BackupDeskTest, RefusesToBackUpAnEmptiedStoreAndKeepsWhatStillHoldsIt) {
    for (int i = 0; i < 12; ++i) town_.taken_over(fmt::format("kurashi/p{}.html", i), fmt::format("<p>{}</p>", i));
    for (const char* evening : {"2027-04-01 21:30", "2027-04-02 21:31"}) turn_at(evening);
    const auto before = held();
    ASSERT_EQ(generations(backup::Kind::Data), 2);
    const fs::path objects = town_.site->folders.objects;
    for (const auto& each : fs::directory_iterator(objects)) fs::remove_all(each.path());
    for (const char* evening : {"2027-04-03 21:30", "2027-04-04 21:30", "2027-04-05 21:30"}) {
        turn_at(evening);
        EXPECT_TRUE(open_["backup.failed"]);
        EXPECT_EQ(held().size(), before.size());
    }
    EXPECT_EQ(generations(backup::Kind::Data), 2);
}

TEST_F(BackupDeskTest, MakesASystemBackupWhenSettingsChange) {
    turn_at("2027-04-01 21:30");
    const auto systems = [&] {
        const auto all = held();
        return std::count_if(all.begin(), all.end(),
                             [](const backup::Run& run) { return run.kind == backup::Kind::System; });
    };
    ASSERT_EQ(systems(), 1);
    const fs::path file = town_.site->folders.site / "yakuba.toml";
    sys::write_file(file, sys::read_file(file) + "# changed\n", sys::Durability::Later, 0640);
    const auto before = held().front().taken_at;
    turn_at("2027-04-01 22:30");
    EXPECT_EQ(held().front().kind, backup::Kind::System);
    EXPECT_EQ(held().front().why, backup::Why::Change);
    EXPECT_GT(held().front().taken_at, before);
    EXPECT_FALSE(open_["backup.failed"]);
}

TEST_F(BackupDeskTest, KnowsTheInstalledPackagesOnceNobodyIsInstalling) {
    const fs::path file = town_.site->folders.site / "status";
    const BackupPlace place{town_.site->folders, town_.site->settings, town_.clock, town_.site->watch(), "1.0"};
    const auto fingerprint_of = [&](const std::string& status) {
        sys::write_file(file, status, sys::Durability::Later, 0644);
        const base::Instant written = base::SystemClock().now();
        town_.clock.set(written + 1min);
        const std::string busy = backup_fingerprint(place, file);
        town_.clock.set(written + 16min);
        const std::string quiet = backup_fingerprint(place, file);
        EXPECT_TRUE(quiet.starts_with(busy));
        EXPECT_GT(quiet.size(), busy.size());
        return quiet;
    };
    const std::string curl = "Package: curl\nStatus: install ok installed\nArchitecture: amd64\nVersion: ";
    const std::string nginx = "Package: nginx\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.22\n";
    const std::string before = fingerprint_of(curl + "8.1\n\n" + nginx);
    EXPECT_EQ(fingerprint_of(nginx + "Config-Version: 1.2\n\n" + curl + "8.1\n\n"), before);
    EXPECT_EQ(fingerprint_of(curl + "8.1\n\n" + nginx + "\nPackage: old\nStatus: deinstall ok config-files\n"), before);
    EXPECT_NE(fingerprint_of(curl + "8.2\n\n" + nginx), before);
    EXPECT_NE(fingerprint_of(nginx), before);
    EXPECT_EQ(fingerprint_of(curl + "8.1\n\n" + nginx), before);
}

}  // namespace
}  // namespace flow

// Backups through the real program: made, read back, pruned and refused, on both databases; killed at every step; and
// with repositories that are damaged, lost, full of another's lock, or reached over SFTP and S3.

#include <csignal>
#include <fstream>
#include <future>
#include <set>
#include <thread>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ground/base/text.h"
#include "ground/base/time.h"
#include "ground/sys/database.h"
#include "ground/sys/files.h"
#include "ground/sys/testing/databases.h"
#include "program.h"
#include "repositories.h"

namespace tests {

namespace {

namespace fs = std::filesystem;

/// A small published site with the key to its backups.
class Backed {
  public:
    explicit Backed(const std::string& engine) : site(engine) {
        write_tree(site.beside("source"),
                   {{"index.html", "<html><title>市</title><body><div id=\"main\"><p>ようこそ</p></div></body></html>"},
                    {"map.png", std::string(20'000, 'p')}});
        must({"site", "takeover", site.beside("source").string()});
        must({"site", "publish"});
        use_cheap_key(repository());
        sys::write_file(site.folder() / "keys/backup.password", "correct horse\n", sys::Durability::Later, 0600);
        must({"backup", "key", "--out", key_file().string()});
    }
    /// A repository whose key costs nothing to derive, instead of the half second of one that restic makes.
    static void use_cheap_key(const fs::path& repository) {
        fs::copy(YAKUBA_SOURCE_DIR "/src/watch/backup/testdata/repository", repository, fs::copy_options::recursive);
    }
    fs::path key_file() const { return site.beside("kept.txt"); }
    fs::path repository() const { return site.folder() / "backups"; }
    sys::Outcome must(const std::vector<std::string>& words, int exit = 0) const {
        sys::Outcome outcome = site.run(words);
        EXPECT_EQ(outcome.exit_code, exit) << base::join(words, " ") << ": " << outcome.output << outcome.errors;
        return outcome;
    }
    boost::json::object backup(const std::string& kind = "data", int exit = 0) const {
        return site.json({"backup", "now", "--kind", kind, "--anyway", "test"}, exit);
    }
    boost::json::array list() const { return site.json({"backup", "list", "--look"}).at("snapshots").as_array(); }
    void set(const std::string& line, const std::string& section = "[backup]") const {
        const fs::path file = site.folder() / "yakuba.toml";
        std::string text = sys::read_file(file);
        const auto at = text.find(section + "\n") + section.size() + 1;
        sys::write_file(file, text.insert(at, line + "\n"), sys::Durability::Later, 0640);
    }

    /// As if each had been made a day after the one before.
    void spread_over_days() const {
        const auto watch = sys::Database::open(
            {.url = {}, .file = site.folder() / "watch.db", .is_durable = true, .readers = 1, .schema = {}});
        watch->write([](sys::Transaction& tx) {
            std::int64_t back = 0;
            for (const sys::Row& row : tx.query(
                     "SELECT id, taken_at FROM backup_run WHERE gone_at IS NULL AND snapshot <> '' ORDER BY id DESC")) {
                const base::Instant at{row.integer(1) - 86'400'000 * back++};
                tx.execute("UPDATE backup_run SET taken_at = $2, day = $3 WHERE id = $1",
                           {row.integer(0), at.milliseconds, base::format_day(base::local_day(at))});
            }
        });
    }

    TestSite site;
};

std::string text(const boost::json::value& value) {
    return std::string(std::string_view(value.as_string()));
}

class BackupTest : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Engines, BackupTest, testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

TEST_P(BackupTest, IsMadeReadBackAndListed) {
    const Backed town(GetParam());
    const auto made = town.backup().at("snapshots").as_array();
    ASSERT_EQ(made.size(), 1U);
    EXPECT_EQ(text(made[0].at("outcome")), "made");
    EXPECT_EQ(text(made[0].at("problem")), "");
    EXPECT_EQ(text(made[0].at("proof")), "");
    EXPECT_FALSE(fs::exists(town.site.folder() / "run/backup/point")) << "the secrets stay in a folder";
    const auto verified = town.site.json({"backup", "verify"});
    EXPECT_EQ(text(verified.at("proof")), "whole");
    const auto listed = town.list();
    ASSERT_EQ(listed.size(), 1U);
    EXPECT_EQ(text(listed[0].at("proof")), "whole");
    EXPECT_EQ(listed[0].at("release").as_int64(), 1);
    EXPECT_EQ(text(listed[0].at("id")).size(), 64U);
    // The next one is read one by one, not the whole repository again.
    town.backup("system");
    const auto again = town.site.json({"backup", "verify"}).at("verifications").as_array();
    EXPECT_EQ(text(again[0].at("part")), "1/7");
    EXPECT_EQ(town.list().size(), 2U);
    town.must({"backup", "key", "--check", town.key_file().string()});
    EXPECT_TRUE(town.site.json({"ledger", "verify"}).at("ok").as_bool());
    const auto plan = town.site.json({"backup", "plan", "--days", "3"});
    EXPECT_EQ(plan.at("repositories").as_array()[0].at("generations").at("data").as_int64(), 1);
    EXPECT_EQ(plan.at("repositories").as_array()[0].at("generations").at("system").as_int64(), 1);
}

TEST(Backup, IsRefusedWithoutAKeyOrASource) {
    const TestSite bare("sqlite");
    const sys::Outcome refused = bare.run({"backup", "now"});
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_NE(refused.errors.find("backup key"), std::string::npos);
    const Backed town("sqlite");
    town.backup();
    fs::rename(town.site.folder() / "objects", town.site.folder() / "gone");
    const sys::Outcome missing = town.site.run({"backup", "now", "--anyway", "test"});
    EXPECT_EQ(missing.exit_code, 2);
    EXPECT_NE(missing.errors.find("objects"), std::string::npos) << missing.errors;
    EXPECT_EQ(town.list().size(), 1U);
}

TEST(Backup, IsRefusedOutsideItsHoursAndThatIsRecorded) {
    const Backed town("sqlite");
    // The office is open today, and the window was an hour ago.
    const base::Instant now = base::SystemClock().now();
    const auto time = [](base::Instant at) { return base::format_local(at).substr(11); };
    town.set(fmt::format("window_from = \"{}\"\nwindow_to = \"{}\"", time(now - std::chrono::hours(2)),
                         time(now - std::chrono::hours(1))));
    town.set(fmt::format("extra_open = [\"{}\"]", base::format_day(base::local_day(now))), "[calendar]");
    EXPECT_FALSE(town.site.json({"backup", "plan"}).at("allowed").as_bool());
    EXPECT_EQ(town.site.run({"backup", "now"}).exit_code, 2);
    const std::string ledger = town.must({"ledger", "export", "--stream", "watch"}).output;
    EXPECT_NE(ledger.find("backup.refuse"), std::string::npos);
}

TEST(Backup, FindsDamageInTheRepositoryAndInTheSite) {
    const Backed town("sqlite");
    town.backup();
    EXPECT_EQ(text(town.site.json({"backup", "verify"}).at("proof")), "whole");
    fs::path pack;
    for (const auto& each : fs::recursive_directory_iterator(town.repository() / "data"))
        if (each.is_regular_file() && (pack.empty() || each.file_size() > fs::file_size(pack))) pack = each.path();
    fs::permissions(pack, fs::perms::owner_write, fs::perm_options::add);
    std::fstream(pack, std::ios::in | std::ios::out | std::ios::binary).seekp(500).put('x').put('y');
    const auto damaged = town.site.json({"backup", "verify", "--all"}, 1);
    EXPECT_EQ(text(damaged.at("proof")), "damaged");
    EXPECT_EQ(text(damaged.at("snapshots").as_array()[0].at("proof")), "damaged");
    EXPECT_EQ(text(town.site.json({"backup", "list"}, 1).at("snapshots").as_array()[0].at("proof")), "damaged");
    // An object of the site that is gone does not stop the backup, and is told.
    for (const auto& each : fs::recursive_directory_iterator(town.site.folder() / "objects"))
        if (each.is_regular_file() && each.file_size() == 20'000) {
            fs::remove(each.path());
            break;
        }
    const auto made = town.backup().at("snapshots").as_array();
    EXPECT_EQ(text(made[0].at("outcome")), "made");
    EXPECT_NE(text(made[0].at("problem")), "");
}

TEST(Backup, NeverReplacesARepositoryThatIsGone) {
    const Backed town("sqlite");
    town.backup();
    fs::rename(town.repository(), town.site.beside("unmounted"));
    const auto failed = town.backup("data", 2).at("snapshots").as_array();
    EXPECT_EQ(text(failed[0].at("outcome")), "failed");
    EXPECT_FALSE(fs::exists(town.repository() / "config"));
    EXPECT_EQ(town.site.run({"backup", "verify"}).exit_code, 2) << "nothing is known, so nothing is whole";
    fs::remove_all(town.repository());
    fs::rename(town.site.beside("unmounted"), town.repository());
    town.backup();
    EXPECT_EQ(town.list().size(), 2U);
}

TEST(Backup, BringsTwoRepositoriesOnEachWithItsOwnFailure) {
    const Backed town("sqlite");
    town.set(fmt::format("repositories = [\"backups\", \"{}\", \"sftp:nobody@127.0.0.1:/none\"]",
                         town.site.beside("second").string()));
    Backed::use_cheap_key(town.site.beside("second"));
    const auto made = town.backup("data", 1).at("snapshots").as_array();
    ASSERT_EQ(made.size(), 3U);
    EXPECT_EQ(text(made[0].at("outcome")), "made");
    EXPECT_EQ(text(made[1].at("outcome")), "made");
    EXPECT_EQ(text(made[2].at("outcome")), "failed");
    EXPECT_NE(text(made[2].at("problem")), "");
    EXPECT_EQ(text(town.site.json({"backup", "verify", "--repository", "2"}).at("proof")), "whole");
}

TEST(Backup, GivesWayToWhoIsAtItAlready) {
    const Backed town("sqlite");
    fs::create_directories(town.site.folder() / "run/backup");
    auto lock = sys::FileLock::find(town.site.folder() / "run/backup/lock");
    ASSERT_TRUE(lock);
    const sys::Outcome second = town.site.run({"backup", "now", "--anyway", "test"});
    EXPECT_EQ(second.exit_code, 2);
    EXPECT_NE(second.errors.find("at work"), std::string::npos) << second.errors;
    // An upgrade waits for it: its backup must not be left out because another one was just being made.
    auto patient = std::async(std::launch::async, [&] {
        return town.site.run({"backup", "now", "--anyway", "test", "--wait", "5"});
    });
    EXPECT_EQ(patient.wait_for(std::chrono::seconds(1)), std::future_status::timeout);
    lock.reset();
    EXPECT_EQ(patient.get().exit_code, 0);
}

TEST(Backup, ReachesARepositoryOverSftp) {
    const SshServer server;
    const Backed town("sqlite");
    town.set(fmt::format("repositories = [\"sftp:{}:{}\"]", server.host(), server.folder().string()));
    Backed::use_cheap_key(server.folder());
    const std::map<std::string, std::string> environment{{"PATH", server.path_with_ssh()}};
    const auto run = [&](std::vector<std::string> words) {
        const sys::Outcome outcome = town.site.run(words, environment);
        EXPECT_EQ(outcome.exit_code, 0) << outcome.output << outcome.errors;
    };
    run({"backup", "now", "--anyway", "test"});
    run({"backup", "verify"});
    EXPECT_TRUE(fs::exists(server.folder() / "config"));
}

TEST(Backup, ReachesARepositoryOverS3) {
    const S3Server server;
    const Backed town("sqlite");
    sys::write_file(town.site.folder() / "keys/storage", server.environment(), sys::Durability::Later, 0600);
    town.set(fmt::format("repositories = [\"s3:{}/backups/city\"]\nenvironment_file = \"keys/storage\"", server.url()));
    town.must({"backup", "now", "--anyway", "test"});
    town.must({"backup", "verify"});
    EXPECT_EQ(town.site.json({"backup", "list"}).at("snapshots").as_array().size(), 1U);
}

/// What a command does when it is killed at each of its steps, and what the next ones find.
void kill_at_each_step(const Backed& town, const std::vector<std::string>& words, std::set<std::string>& visited) {
    const fs::path log = town.site.beside("steps");
    fs::remove(log);
    ASSERT_EQ(town.site.run_with_steps(words, "", log).exit_code, 0);
    std::vector<std::string> steps;
    const std::string noted = sys::read_file(log);
    for (const std::string_view step : base::split(noted, '\n'))
        if (step.starts_with("backup-") && std::find(steps.begin(), steps.end(), step) == steps.end())
            steps.emplace_back(step);
    ASSERT_FALSE(steps.empty());
    for (const std::string& step : steps) {
        SCOPED_TRACE(base::join(words, " ") + " killed at " + step);
        visited.insert(step);
        const auto before = town.list();
        const sys::Outcome killed = town.site.run_with_steps(words, step);
        if (killed.exit_code == 0) continue;  // it was not reached again: the repository is made once
        ASSERT_EQ(killed.exit_code, 128 + SIGKILL) << killed.errors;
        std::set<std::string> still;
        for (const auto& each : town.list()) still.insert(text(each.at("id")));
        for (const auto& each : before) EXPECT_TRUE(still.contains(text(each.at("id")))) << "a generation is lost";
        town.backup();
        EXPECT_EQ(text(town.site.json({"backup", "verify"}).at("proof")), "whole");
        EXPECT_TRUE(fs::is_empty(town.repository() / "locks"));
        EXPECT_TRUE(town.site.json({"guard", "verify"}).at("deviations").as_array().empty());
    }
    EXPECT_TRUE(town.site.json({"ledger", "verify"}).at("ok").as_bool());
}

TEST(Backup, LosesNoGenerationWhereverItIsKilled) {
    const Backed town("sqlite");
    std::set<std::string> visited;
    kill_at_each_step(town, {"backup", "now", "--anyway", "test"}, visited);
    kill_at_each_step(town, {"backup", "verify"}, visited);
    // Pruning: each time of three days, of which one is to stay.
    town.set("generations = 1");
    for (const char* step : {"backup-prune-marked", "backup-pruned"}) {
        SCOPED_TRACE(step);
        visited.insert(step);
        while (town.list().size() < 3) town.backup();
        town.must({"backup", "verify"});
        town.spread_over_days();
        const std::string newest = text(town.list()[0].at("id"));
        EXPECT_EQ(town.site.run_with_steps({"backup", "verify", "--prune"}, step).exit_code, 128 + SIGKILL);
        const auto left = town.list();
        ASSERT_FALSE(left.empty());
        EXPECT_EQ(text(left[0].at("id")), newest);
        town.must({"backup", "verify", "--prune"});
        EXPECT_EQ(town.list().size(), 1U);
        EXPECT_EQ(text(town.site.json({"backup", "verify", "--all"}).at("proof")), "whole");
        EXPECT_TRUE(fs::is_empty(town.repository() / "locks"));
        EXPECT_EQ(town.must({"ledger", "export", "--stream", "watch"}).output.find("backup.lost"), std::string::npos)
            << "what we removed ourselves is no loss";
    }
    // The first backup of all makes the repository.
    const Backed fresh("sqlite");
    fs::remove_all(fresh.repository());
    visited.insert("backup-repository-made");
    EXPECT_EQ(fresh.site.run_with_steps({"backup", "now", "--anyway", "test"}, "backup-repository-made").exit_code,
              128 + SIGKILL);
    EXPECT_EQ(text(fresh.backup().at("snapshots").as_array()[0].at("outcome")), "made");

    const sys::Outcome listed = sys::run({{YAKUBA_SOURCE_DIR "/tools/list_steps"}});
    for (const std::string_view name : base::split(listed.output, '\n'))
        if (name.starts_with("backup-")) {
            EXPECT_TRUE(visited.contains(std::string(name))) << "nothing here is killed at " << name;
        }
}

}  // namespace

}  // namespace tests

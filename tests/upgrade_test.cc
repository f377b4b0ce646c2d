// A site comes to a new version whole, or stays at the old one whole: by the real program, on both databases, killed at
// every kill point of an upgrade and of putting back, and with a last step that the database refuses.

#include <csignal>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "flow/doctor.h"
#include "flow/schema.h"
#include "flow/switch_site.h"
#include "flow/upgrade_site.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/settings/settings.h"
#include "ground/sys/crypto.h"
#include "ground/sys/database_copy.h"
#include "ground/sys/files.h"
#include "ground/sys/testing/databases.h"
#include "program.h"

namespace tests {

namespace {

namespace fs = std::filesystem;

constexpr int kKilled = 128 + SIGKILL;

/// What the database refuses from now on, in each engine's words: the ledger line with which an upgrade ends.
constexpr std::string_view kSpoilSqlite =
    "CREATE TRIGGER spoilt BEFORE INSERT ON ledger_line WHEN NEW.act = 'site.upgrade' "
    "BEGIN SELECT RAISE(ABORT, 'spoilt'); END";
constexpr std::string_view kSpoilPostgres =
    "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.act = 'site.upgrade' THEN "
    "RAISE EXCEPTION 'spoilt'; END IF; RETURN NEW; END $$; "
    "CREATE TRIGGER spoilt BEFORE INSERT ON ledger_line FOR EACH ROW EXECUTE FUNCTION spoil()";

class Upgrade : public testing::TestWithParam<std::string> {
  protected:
    Upgrade() : site_(GetParam()) {
        EXPECT_EQ(site_.run({"monitor", "tell-test"}).exit_code, 0);  // makes watch.db
        EXPECT_EQ(site_.run({"people", "add", "--login", "sato", "--name", "佐藤"}).exit_code, 0);
    }

    sys::DatabaseOptions options() const {
        const settings::Settings settings = settings::load(site_.folder() / "yakuba.toml");
        return {.url = settings.database.url,
                .file = site_.folder() / "yakuba.db",
                .is_durable = true,
                .readers = 1,
                .schema = settings.database.schema};
    }
    void spoil() const {
        sys::Database::open(options())->write([&](sys::Transaction& tx) {
            tx.execute_script(tx.engine() == sys::Engine::Sqlite ? kSpoilSqlite : kSpoilPostgres);
        });
    }
    /// Every table's rows, but for the ledger's.
    std::map<std::string, std::string> contents() const {
        std::map<std::string, std::string> all;
        for (const sys::TableDigest& table :
             sys::Database::open(options())->read([](sys::Reader& db) { return sys::digest_tables(db); }))
            if (!table.name.starts_with("ledger_")) all[table.name] = table.hash.hex();
        return all;
    }
    void expect_no_trace() const { EXPECT_FALSE(fs::exists(site_.folder() / "upgrade" / "state.json")); }

    TestSite site_;
};

TEST_P(Upgrade, KeepsEverythingAndIsInTheLedger) {
    const auto before = contents();
    const auto done = site_.json({"site", "upgrade"});
    EXPECT_GT(done.at("copied_bytes").to_number<std::int64_t>(), 10'000);
    EXPECT_TRUE(done.at("migrations").as_array().empty());
    EXPECT_FALSE(done.at("was_taken_up").as_bool());
    EXPECT_EQ(contents(), before);
    EXPECT_TRUE(site_.json({"ledger", "verify"}).at("ok").as_bool());
    EXPECT_EQ(site_.json({"site", "upgrade"}).at("from"), done.at("to"));
    expect_no_trace();
}

TEST_P(Upgrade, IsTakenUpAfterAKillAtEachStep) {
    const fs::path log = site_.beside("steps");
    ASSERT_EQ(site_.run_with_steps({"site", "upgrade"}, "", log).exit_code, 0);
    const std::string steps = sys::read_file(log);
    for (const std::string step : {"upgrade.copied", "upgrade.between_databases", "upgrade.changed"}) {
        SCOPED_TRACE(step);
        EXPECT_NE(steps.find(step), std::string::npos);
        const auto before = contents();
        ASSERT_EQ(site_.run_with_steps({"site", "upgrade"}, step).exit_code, kKilled);
        const auto done = site_.json({"site", "upgrade"});
        EXPECT_EQ(done.at("was_taken_up").as_bool(), step != "upgrade.copied");
        EXPECT_EQ(contents(), before);
        EXPECT_TRUE(site_.json({"ledger", "verify"}).at("ok").as_bool());
        expect_no_trace();
    }
}

TEST_P(Upgrade, PutsTheOldDataBackWhenItFails) {
    spoil();
    const auto before = contents();
    const sys::Outcome failed = site_.run({"site", "upgrade"});
    EXPECT_EQ(failed.exit_code, 2);
    EXPECT_NE(failed.errors.find("Its data are as they were"), std::string::npos) << failed.errors;
    EXPECT_EQ(contents(), before);
    expect_no_trace();
    std::vector<std::string> steps{"upgrade.before_put_back", "upgrade.between_files"};
    for (const std::string& step : steps) {
        SCOPED_TRACE(step);
        ASSERT_EQ(site_.run_with_steps({"site", "upgrade"}, step).exit_code, kKilled);
        EXPECT_TRUE(fs::exists(site_.folder() / "upgrade" / "state.json"));
        EXPECT_EQ(site_.run({"site", "upgrade"}).exit_code, 2);  // finishes that, tries anew, and fails as before
        EXPECT_EQ(contents(), before);
        expect_no_trace();
    }
    EXPECT_TRUE(site_.json({"ledger", "verify"}).at("ok").as_bool());
}

TEST_P(Upgrade, TakesBackWhatAFailingMigrationHasDoneBefore) {
    const auto before = contents();
    const auto add = [](sys::Database& database, std::span<const sys::Migration> known) {
        std::vector<sys::Migration> more(known.begin(), known.end());
        more.push_back({"9998_new", "CREATE TABLE brand_new (id {id}, name TEXT)"});
        more.push_back({"9999_fails", "INSERT INTO no_such_table VALUES (1)"});
        return sys::migrate(database, more);
    };
    const base::SystemClock clock;
    try {
        flow::upgrade_site(site_.folder(), {.version = "9.9", .by = "system:test", .migrate = add}, clock);
        FAIL() << "a failing migration went through";
    } catch (const base::Error& error) {
        EXPECT_NE(error.message().find("no_such_table"), std::string::npos) << error.message();
    }
    EXPECT_EQ(contents(), before) << "the first of the two migrations is still there";
    EXPECT_EQ(site_.run({"site", "status"}).exit_code, 0) << "the program from before refuses its own data";
    const flow::Upgraded done =
        flow::upgrade_site(site_.folder(),
                           {.version = "9.9",
                            .by = "system:test",
                            .migrate =
                                [](auto& database, auto known) {
                                    std::vector<sys::Migration> more(known.begin(), known.end());
                                    more.push_back({"9998_new", "CREATE TABLE brand_new (id {id}, name TEXT)"});
                                    return sys::migrate(database, more);
                                }},
                           clock);
    EXPECT_EQ(done.migrations, (std::vector<std::string>{"9998_new", "9998_new"}));  // in both databases
}

TEST_P(Upgrade, EndsWithACodeOfItsOwnWhenTheOldDataCannotBePutBack) {
    const auto before = contents();
    const fs::path copy = site_.folder() / "upgrade" / (GetParam() == "sqlite" ? "yakuba.db" : "office.dump");
    const fs::path away = site_.beside("away");
    const auto spoil_all = [&](sys::Database& database, std::span<const sys::Migration>) -> std::vector<std::string> {
        database.write([](sys::Transaction& tx) { tx.execute("DELETE FROM schema_migration"); });
        fs::rename(copy, away);
        throw base::Error(base::Kind::Unavailable, "it fails");
    };
    EXPECT_THROW(flow::upgrade_site(site_.folder(), {.version = "9.9", .by = "system:test", .migrate = spoil_all},
                                    base::SystemClock()),
                 flow::NotPutBack);
    const sys::Outcome again = site_.run({"site", "upgrade"});
    EXPECT_EQ(again.exit_code, 3) << again.errors;
    EXPECT_NE(again.errors.find("do not start the services"), std::string::npos) << again.errors;
    EXPECT_TRUE(fs::exists(site_.folder() / "upgrade/state.json"));
    fs::rename(away, copy);
    EXPECT_EQ(site_.run({"site", "upgrade"}).exit_code, 0);
    EXPECT_EQ(contents(), before);
    expect_no_trace();
}

TEST_P(Upgrade, IsRefusedThroughALinkAndAFolderThatOthersMayEnter) {
    const fs::path elsewhere = site_.beside("elsewhere"), place = site_.folder() / "upgrade";
    fs::create_directories(elsewhere);
    fs::permissions(elsewhere, fs::perms::owner_all);
    fs::create_directory_symlink(elsewhere, place);
    const sys::Outcome refused = site_.run({"site", "upgrade"});
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_NE(refused.errors.find("move it away"), std::string::npos) << refused.errors;
    EXPECT_TRUE(fs::is_empty(elsewhere));
    fs::remove(place);
    fs::create_directory(place);
    fs::permissions(place, fs::perms::owner_all | fs::perms::group_all);
    EXPECT_EQ(site_.run({"site", "upgrade"}).exit_code, 2);
    EXPECT_TRUE(fs::is_empty(place));
    fs::permissions(place, fs::perms::owner_all);
    EXPECT_EQ(site_.run({"site", "upgrade"}).exit_code, 0);
}

TEST_P(Upgrade, IsRefusedWhileAPressWorks) {
    const auto lock = sys::FileLock::find(site_.folder() / "run" / "press.lock");
    ASSERT_TRUE(lock);
    const sys::Outcome refused = site_.run({"site", "upgrade"});
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_NE(refused.errors.find("systemctl stop 'yakuba-*'"), std::string::npos) << refused.errors;
    EXPECT_FALSE(fs::exists(site_.folder() / "upgrade"));
}

TEST_P(Upgrade, IsRefusedWhileAnyRoleServes) {
    const auto lock = flow::hold_serving(site_.folder(), "watch");
    ASSERT_TRUE(lock);
    EXPECT_EQ(site_.run({"site", "upgrade"}).exit_code, 2);
    EXPECT_FALSE(fs::exists(site_.folder() / "upgrade"));
    EXPECT_EQ(site_.run({"site", "status"}).exit_code, 0);
}

TEST_P(Upgrade, KeepsServicesOutUntilItHasEnded) {
    ASSERT_EQ(site_.run_with_steps({"site", "upgrade"}, "upgrade.copied").exit_code, kKilled);
    for (const std::vector<std::string>& arguments :
         std::vector<std::vector<std::string>>{{"serve", "--role", "office", "--office", "127.0.0.1:0"},
                                               {"serve", "--role", "watch"},
                                               {"site", "status"}}) {
        const sys::Outcome refused = site_.run(arguments);
        EXPECT_EQ(refused.exit_code, 2) << arguments.back();
        EXPECT_NE(refused.errors.find("site upgrade"), std::string::npos) << refused.errors;
    }
    EXPECT_EQ(site_.run({"site", "upgrade"}).exit_code, 0);
    EXPECT_EQ(site_.run({"site", "status"}).exit_code, 0);
}

/// A PostgreSQL database of its own, whose schema is the one that is there without a setting.
class OwnDatabase {
  public:
    OwnDatabase() {
        const std::string server = sys::testing::postgres_url();
        const auto end = std::min(server.find('?'), server.size());
        url_ = server.substr(0, server.rfind('/', end) + 1) + name_ + server.substr(end);
        tell("CREATE DATABASE " + name_);
    }
    ~OwnDatabase() { tell("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)"); }
    OwnDatabase(const OwnDatabase&) = delete;
    OwnDatabase& operator=(const OwnDatabase&) = delete;
    const std::string& url() const { return url_; }

  private:
    static void tell(const std::string& sql) {
        sys::Command command;
        command.arguments = {"psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--command=" + sql};
        command.environment = sys::postgres_environment(sys::testing::postgres_url());
        const sys::Outcome outcome = sys::run(command);
        EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
    }
    std::string name_ = "upgrade_" + base::to_hex(sys::random_bytes(6));
    std::string url_;
};

TEST(UpgradeInTheSchemaThatIsThere, PutsTheOldDataBackWhenItFails) {
    const OwnDatabase own;
    const sys::TemporaryFolder folder;
    const std::string site = (folder.path() / "site").string();
    const auto run = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), program_path("yakuba"));
        return sys::run({arguments});
    };
    ASSERT_EQ(run({"site", "init", site, "--database", own.url()}).exit_code, 0);
    const auto contents = [&] {
        std::map<std::string, std::string> all;
        const auto database = sys::Database::open({.url = own.url(), .file = {}, .readers = 1, .schema = {}});
        for (const sys::TableDigest& table : database->read([](sys::Reader& db) { return sys::digest_tables(db); }))
            all[table.name] = table.hash.hex();
        return all;
    };
    sys::Database::open({.url = own.url(), .file = {}, .readers = 1, .schema = {}})->write([](sys::Transaction& tx) {
        tx.execute_script(kSpoilPostgres);
    });
    const auto before = contents();
    EXPECT_GT(before.size(), 20U);
    const sys::Outcome failed = run({"--site", site, "site", "upgrade"});
    EXPECT_EQ(failed.exit_code, 2);
    EXPECT_NE(failed.errors.find("Its data are as they were"), std::string::npos) << failed.errors;
    EXPECT_EQ(contents(), before);
}

INSTANTIATE_TEST_SUITE_P(Engines, Upgrade, testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

using flow::doctor::Verdict;

/// The worst that a check says.
Verdict worst(const flow::doctor::Subject& subject, std::string_view id) {
    Verdict verdict = Verdict::Ok;
    bool is_there = false;
    for (const flow::doctor::Finding& one : flow::doctor::run_checks(subject)) {
        if (one.check->id != id) continue;
        is_there = true;
        EXPECT_FALSE(one.answer.text.empty());
        EXPECT_EQ(one.answer.verdict == Verdict::Ok, one.answer.advice.empty()) << one.answer.text;
        verdict = std::max(verdict, one.answer.verdict);
    }
    EXPECT_TRUE(is_there) << id;
    return verdict;
}

class Doctor : public testing::Test {
  protected:
    explicit Doctor(const std::string& engine = "sqlite") : site_(engine) {}
    flow::doctor::Subject subject() {
        flow::doctor::Subject subject{flow::folders_of(site_.folder()), settings::load(file()), "1.0", clock_};
        subject.settings->backup.repositories.clear();  // what the engine says of them is the backup's own test
        return subject;
    }
    fs::path file() const { return site_.folder() / "yakuba.toml"; }

    base::SystemClock clock_;
    TestSite site_;
};

class DoctorOfBoth : public Doctor, public testing::WithParamInterface<std::string> {
  protected:
    DoctorOfBoth() : Doctor(GetParam()) {}
};

TEST_P(DoctorOfBoth, FindsASiteFitAsItIsMade) {
    for (const std::string_view id : {"settings", "rights", "keys", "database", "version", "file-system", "services"})
        EXPECT_EQ(worst(subject(), id), Verdict::Ok) << id;
}

TEST_F(Doctor, SeesAKeyThatOthersMayRead) {
    fs::permissions(site_.folder() / "keys/press.key", fs::perms::others_read, fs::perm_options::add);
    EXPECT_EQ(worst(subject(), "keys"), Verdict::Failed);
}

TEST_F(Doctor, SeesAMissingKeyAndSettingsForEverybody) {
    fs::remove(site_.folder() / "keys/office.key");
    EXPECT_EQ(worst(subject(), "keys"), Verdict::Failed);
    fs::permissions(file(), fs::perms::others_read, fs::perm_options::add);
    EXPECT_EQ(worst(subject(), "settings"), Verdict::Failed);
}

TEST_F(Doctor, SeesAMistakeInTheSettings) {
    const auto whole = subject();
    sys::write_file(file(), sys::read_file(file()) + "\n[office]\nadress = 1\n");
    EXPECT_EQ(worst(whole, "settings"), Verdict::Failed);
    const auto all = flow::doctor::examine(site_.folder(), "1.0", clock_);
    EXPECT_GE(all.size(), flow::doctor::all_checks().size()) << "what cannot be looked at is told too";
}

TEST_F(Doctor, SeesADirectoryThatDoesNotAnswer) {
    auto asked = subject();
    asked.settings->ldap.url = "ldap://127.0.0.1:1";
    asked.settings->ldap.base_dn = "ou=people,dc=city,dc=example";
    asked.settings->ldap.bind_dn = "cn=reader,dc=city,dc=example";
    asked.settings->ldap.bind_password = "x";
    EXPECT_EQ(worst(asked, "directory"), Verdict::Failed);
    asked.settings->ldap.bind_password.clear();
    EXPECT_EQ(worst(asked, "directory"), Verdict::Failed) << "settings that cannot work";
}

TEST_F(Doctor, SeesAnUpgradeThatWasCutOffAndAnotherVersion) {
    sys::make_folders(site_.folder() / "upgrade", 0700);
    sys::write_file(site_.folder() / "upgrade/version", "0.9");
    EXPECT_EQ(worst(subject(), "version"), Verdict::Warning);
    sys::write_file(site_.folder() / "upgrade/state.json", "{}");
    EXPECT_EQ(worst(subject(), "version"), Verdict::Failed);
}

TEST_P(DoctorOfBoth, SeesADatabaseThatIsNewerOrAway) {
    auto looked_at = subject();
    const auto open = [&] {
        return sys::Database::open({.url = looked_at.settings->database.url,
                                    .file = site_.folder() / "yakuba.db",
                                    .is_durable = true,
                                    .readers = 1,
                                    .schema = looked_at.settings->database.schema});
    };
    open()->write([](sys::Transaction& tx) {
        tx.execute("DELETE FROM schema_migration WHERE name = $1",
                   {std::string(flow::office_migrations().back().name)});
    });
    EXPECT_EQ(worst(looked_at, "database"), Verdict::Warning) << "an upgrade is due";
    open()->write([](sys::Transaction& tx) {
        tx.execute("INSERT INTO schema_migration (name, text_hash, applied_at) VALUES ('9999_new', 'x', 0)");
    });
    EXPECT_EQ(worst(looked_at, "database"), Verdict::Failed);
    if (GetParam() == "sqlite") {
        fs::remove(site_.folder() / "yakuba.db");
        EXPECT_EQ(worst(looked_at, "database"), Verdict::Failed);
    }
}

TEST_F(Doctor, SeesATakenPortAndAMailServerThatIsAway) {
    auto looked_at = subject();
    looked_at.settings->office.address = "192.0.2.1:8080";  // not an address of this machine
    EXPECT_NE(worst(looked_at, "ports"), Verdict::Ok);
    looked_at.settings->mail.smtp_url = "smtp://127.0.0.1:1";
    EXPECT_EQ(worst(looked_at, "mail"), Verdict::Failed);
    looked_at.settings->mail.smtp_url.clear();
    EXPECT_EQ(worst(looked_at, "mail"), Verdict::Warning);
}

TEST_F(Doctor, AsksTheVirusScannersWhetherTheyAnswerAndHowOldTheirSignaturesAre) {
    auto looked_at = subject();
    EXPECT_EQ(worst(looked_at, "antivirus"), Verdict::Warning) << "none is set";
    auto& antivirus = looked_at.settings->antivirus;
    antivirus.status_file = site_.beside("status");
    antivirus.date_pattern = "signatures {date}";
    EXPECT_EQ(worst(looked_at, "antivirus"), Verdict::Failed) << "it has no status";
    const auto say = [&](base::Instant at) {
        sys::write_file(antivirus.status_file, "signatures " + base::format_utc(at) + "\n");
    };
    say(clock_.now() - std::chrono::hours(24));
    EXPECT_EQ(worst(looked_at, "antivirus"), Verdict::Ok);
    say(clock_.now() - std::chrono::hours(49));
    EXPECT_EQ(worst(looked_at, "antivirus"), Verdict::Warning);
    say(clock_.now());
    antivirus.clamd = (site_.folder() / "no-such-socket").string();
    EXPECT_EQ(worst(looked_at, "antivirus"), Verdict::Failed) << "one of two does not answer";
}

TEST_F(Doctor, TellsTheTimeZone) {
    auto looked_at = subject();
    looked_at.machine = site_.beside("machine");
    fs::create_directories(looked_at.machine / "etc");
    fs::create_symlink("/usr/share/zoneinfo/Europe/Berlin", looked_at.machine / "etc/localtime");
    EXPECT_EQ(worst(looked_at, "clock"), Verdict::Warning);
}

INSTANTIATE_TEST_SUITE_P(Engines, DoctorOfBoth, testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

}  // namespace

}  // namespace tests

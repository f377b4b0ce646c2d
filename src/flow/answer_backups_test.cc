// What is asked at a screen, against a real repository.
#include "flow/answer_backups.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "flow/testing/composed_town.h"
#include "ground/sys/process.h"
#include "ground/sys/testing/databases.h"
#include "watch/backup/recovery_key.h"

namespace flow::testing {

namespace {

using backup::Request;
using backup::Stage;
using backup::Wish;

class AnswerBackups : public ::testing::Test, public ComposedTown {
  protected:
    explicit AnswerBackups(const std::string& engine = "sqlite") : ComposedTown(engine) {
        page_ = put_page("kurashi/gomi.html", "article", "ごみ", "<p>月曜日</p>",
                         {attachment("kurashi/gomi.pdf", "%PDF of then")});
        set_section("kurashi/", [&](content::Section& section) { section.department = ka; });
        publish();
        const backup::RecoveryKey key = backup::make_recovery_key(site->settings.site.id);
        settings_ = site->settings;
        settings_.backup.repositories = {(place_.path() / "repository").string()};
        settings_.backup.password_file = (place_.path() / "password").string();
        settings_.backup.recovery_key = key.public_text();
        sys::write_file(settings_.backup.password_file, key.password + "\n", sys::Durability::Later, 0600);
        answers_ = std::make_unique<BackupAnswers>(site.get(), site->folders.site, settings_, clock, site->watch(),
                                                   "test", [](std::span<const signals::Signal>) {});
    }
    std::int64_t ask(Wish wish, std::string target, const std::string& snapshot = "") {
        Request request;
        request.wish = wish;
        request.target = std::move(target);
        request.snapshot = snapshot;
        request.repository = settings_.backup.repositories.front();
        request.why = "訓練のため";
        request.by = "person:1";
        request.owner = fmt::format("person:{}", author.person.value);
        return site->watch().write([&](sys::Transaction& tx) { return backup::ask(tx, request, clock.now()); });
    }
    Request turn(std::int64_t id) {
        answers_->turn([] { return false; });
        return site->watch().read([&](sys::Reader& db) { return backup::load_request(db, id); });
    }
    Request confirmed(std::int64_t id) {
        const Request shown = turn(id);
        EXPECT_EQ(shown.stage, Stage::Shown) << shown.problem;
        site->watch().write([&](sys::Transaction& tx) { backup::confirm(tx, id, "person:1", clock.now()); });
        return turn(id);
    }
    std::string snapshot() {
        return site->watch().read([&](sys::Reader& db) {
            return backup::list_held(db, settings_.backup.repositories.front()).front().snapshot;
        });
    }

    sys::TemporaryFolder place_;
    settings::Settings settings_;
    base::PageId page_;
    std::unique_ptr<BackupAnswers> answers_;
};

TEST_F(AnswerBackups, BacksUpReadsBackAndBringsAPageAndAFileBackOnceConfirmed) {
    const Request made = turn(ask(Wish::Backup, "data"));
    ASSERT_EQ(made.stage, Stage::Done) << made.problem;
    const Request read = turn(ask(Wish::Verify, "all"));
    EXPECT_EQ(read.stage, Stage::Done) << read.problem;
    clock.set(clock.now() + std::chrono::hours(2));

    Outcome opened = look_at(*site, page_);
    Save save;
    save.page = page_;
    save.body = asked_body(opened);
    save.body.parts["body"] = "<p>火曜日</p>";
    save.based_on = opened.revision;
    save.version = opened.version();
    const Outcome saved = save_draft(*site, save, author);
    ASSERT_TRUE(saved) << saved.refusal->ja;

    const auto id = ask(Wish::Page, "kurashi/gomi.html", snapshot());
    const Request shown = turn(id);
    ASSERT_EQ(shown.stage, Stage::Shown) << shown.problem;
    EXPECT_EQ(boost::json::parse(shown.preview).as_object().at("lost_acts").as_int64(), 1) << "the save since then";
    EXPECT_EQ(turn(id).stage, Stage::Shown) << "nothing happens until somebody confirms it";
    site->watch().write([&](sys::Transaction& tx) { backup::confirm(tx, id, "person:1", clock.now()); });
    const Request back = turn(id);
    ASSERT_EQ(back.stage, Stage::Done) << back.problem;
    EXPECT_NE(back.result.find("\"drafted\""), std::string::npos) << back.result;

    const Request file = confirmed(ask(Wish::File, "kurashi/gomi.pdf", snapshot()));
    ASSERT_EQ(file.stage, Stage::Done) << file.problem;
    EXPECT_EQ(sys::read_file(taken_out_file(site->folders, file.id), 100), "%PDF of then");
}

TEST_F(AnswerBackups, SaysInWordsForPeopleWhyItCouldNotBeDone) {
    ASSERT_EQ(turn(ask(Wish::Backup, "data")).stage, Stage::Done);
    const Request none = turn(ask(Wish::Page, "kurashi/gomi.html", "ffffffff"));
    EXPECT_EQ(none.stage, Stage::Failed);
    EXPECT_TRUE(none.problem.starts_with("ページの復元ができませんでした。")) << none.problem;
    const Request missing = confirmed(ask(Wish::Page, "kurashi/nai.html", snapshot()));
    EXPECT_EQ(missing.stage, Stage::Failed);
    EXPECT_NE(missing.problem, "");
}

class AnswerBackupsOnPostgres : public AnswerBackups {
  protected:
    AnswerBackupsOnPostgres() : AnswerBackups("postgres") {}
};

TEST_F(AnswerBackupsOnPostgres, BringsTheWholeSiteBackBesideIntoADatabaseOfItsOwn) {
    ASSERT_EQ(turn(ask(Wish::Backup, "data")).stage, Stage::Done);
    const auto id = ask(Wish::Site, "", snapshot());
    ASSERT_EQ(turn(id).stage, Stage::Shown);
    site->watch().write([&](sys::Transaction& tx) { backup::confirm(tx, id, "person:1", clock.now()); });
    // Another backup is at work, and stays until the restore has waited for it a while.
    std::optional<sys::FileLock> other = lock_backups(site->folders);
    int asked = 0;
    answers_->turn([&] {
        if (!other) return false;
        const auto request = site->watch().read([&](sys::Reader& db) { return backup::load_request(db, id); });
        if (request.phase == "fetch" && ++asked == 40) other.reset();
        return false;
    });
    const Request back = site->watch().read([&](sys::Reader& db) { return backup::load_request(db, id); });
    ASSERT_EQ(back.stage, Stage::Done) << back.problem;
    const auto beside = Site::open(beside_folder(site->folders, back.asked_at), clock);
    EXPECT_NE(beside->settings.database.url, site->settings.database.url);
    EXPECT_NE(beside->settings.database.url.find("yakuba_restored_"), std::string::npos);
    EXPECT_NE(back.result.find("\"database\":\"yakuba_restored_"), std::string::npos) << back.result;
    const auto page =
        beside->database->read([](sys::Reader& db) { return content::find_page(db, "kurashi/gomi.html"); });
    EXPECT_TRUE(page);
    const std::string name =
        beside->settings.database.url.substr(beside->settings.database.url.find("yakuba_restored_"));
    const auto drop = fmt::format("--command=DROP DATABASE \"{}\" WITH (FORCE)", name.substr(0, name.find('?')));
    sys::run({{"psql", "--no-psqlrc", "--quiet", "--dbname=" + sys::testing::postgres_url(), drop}});
    std::filesystem::remove_all(beside_folder(site->folders, back.asked_at));
}

TEST_F(AnswerBackups, WaitsWhileAnotherProgramIsAtTheRepositories) {
    const auto id = ask(Wish::Backup, "data");
    {
        const auto lock = lock_backups(site->folders);
        EXPECT_EQ(turn(id).stage, Stage::Waiting);
    }
    const Request made = turn(id);
    EXPECT_EQ(made.stage, Stage::Done) << made.problem;
}

TEST_F(AnswerBackups, RefusesOutsideTheHoursWithoutAReason) {
    clock.set(*base::parse_instant("2027-04-01 10:00"));  // a Thursday
    const BackupPlace place{site->folders, settings_, clock, site->watch(), "test"};
    const std::vector<std::string> all{settings_.backup.repositories.front()};
    EXPECT_TRUE(check_backup_hours(place, backup::Kind::Data, all, "", "person:1"));
    EXPECT_FALSE(check_backup_hours(place, backup::Kind::Data, all, "更新の前のため", "person:1"));
}

}  // namespace
}  // namespace flow::testing

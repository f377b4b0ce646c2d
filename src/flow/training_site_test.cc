// A training site of a small town: nothing of its people comes along, nothing goes back, and what the trainees do is
// marked from its own database.
#include "flow/training_site.h"

#include <gtest/gtest.h>

#include "flow/edit_page.h"
#include "flow/host_training.h"
#include "flow/notify.h"
#include "flow/testing/town.h"
#include "ground/ledger/store.h"
#include "ground/people/accounts.h"
#include "ground/people/passwords.h"
#include "ground/sys/files.h"
#include "press/content/store.h"
#include "press/content/templates.h"

namespace flow {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using training::Course;

class TrainingSite : public ::testing::TestWithParam<std::string> {
  protected:
    TrainingSite() {
        town_.taken_over("kurashi/gomi.html", "<p>ごみの出し方</p>");
        town_.edit(town_.taken_over("kurashi/draft.html", "<p>公開</p>").id, "<p>まだ秘密の下書き</p>", town_.author);
    }
    std::int64_t planned(Course course, std::int64_t seats = 2) {
        training::Session made;
        made.course = course;
        made.starts_at = town_.clock.now() + 24h;
        made.seats = seats;
        made.teacher = "講師";
        return town_.write([&](sys::Transaction& tx) { return training::plan_session(tx, made, by()); });
    }
    training::By by() const { return {"person:1", town_.clock.now()}; }
    Site& real() { return *town_.site; }
    std::unique_ptr<Site> trained() { return Site::open(training_folder(real().folders), town_.clock); }
    static Doer seat(Site& site, std::int64_t number) {
        const auto login = fmt::format("kenshu{:02}", number);
        return {site.database->read([&](sys::Reader& db) { return people::find_person(db, login).value().id; }), ""};
    }
    /// Every text of the real site's pages and people, to see that nothing has changed.
    std::string state() {
        std::string all;
        town_.read([&](sys::Reader& db) {
            for (const char* table : {"page", "revision", "person", "department", "template_revision", "mail_outbox"})
                all +=
                    fmt::format("{} {}\n", table, db.find(fmt::format("SELECT count(*) FROM {}", table))->integer(0));
            for (const sys::Row& row : db.query("SELECT body FROM revision ORDER BY id")) all += row.text(0);
        });
        for (const char* folder : {"public", "releases", "keys"})
            for (const auto& each : fs::recursive_directory_iterator(real().folders.site / folder))
                all += each.path().string() + "\n";
        return all;
    }

    testing::Town town_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Engines, TrainingSite, ::testing::ValuesIn(sys::testing::engines()),
                         sys::testing::engine_name);

TEST_P(TrainingSite, HasWhatIsPublicAndNobodyOfTheRealSite) {
    const std::string before = state();
    const std::int64_t id = planned(Course::Approver);
    real().settings.office.trusted_proxies = {"10.1.0.0/16"};
    open_training(real(), id, TrainingSource::Copy, by());
    EXPECT_EQ(state(), before);
    EXPECT_THROW(open_training(real(), id, TrainingSource::Copy, by()), base::Error) << "a second press of the button";
    EXPECT_THROW(open_training(real(), planned(Course::Author), TrainingSource::Copy, by()), base::Error);

    const auto cards = training_cards(real().folders);
    ASSERT_EQ(cards.size(), 3U);
    EXPECT_EQ(cards[0].login, "koushi");
    const auto site = trained();
    EXPECT_TRUE(is_training(site->folders.site));
    EXPECT_FALSE(is_training(real().folders.site));
    EXPECT_EQ(training_course(site->folders), Course::Approver);
    EXPECT_THROW(open_training(*site, 1, TrainingSource::Demo, by()), base::Error) << "no site within a site";
    site->database->read([&](sys::Reader& db) {
        EXPECT_TRUE(content::find_page(db, "kurashi/gomi.html"));
        for (const sys::Row& row : db.query("SELECT body FROM revision"))
            EXPECT_EQ(row.text(0).find("まだ秘密の下書き"), std::string::npos);
        for (const sys::Row& row : db.query("SELECT login_name, name, mail FROM person")) {
            EXPECT_EQ(row.text(1).find("名前 "), std::string::npos) << row.text(0);
            EXPECT_TRUE(row.text(2).empty() || row.text(2).ends_with("@example.jp")) << row.text(2);
        }
        for (const ledger::Line& line : ledger::find_lines(db, {})) EXPECT_FALSE(line.entry.act == "training.plan");
    });
    EXPECT_NE(site->settings.office.address, real().settings.office.address);
    EXPECT_EQ(site->settings.office.trusted_proxies, settings::TextList{"10.1.0.0/16"}) << "or no proxy lets them in";
    close_training(real(), id, false, by());
    EXPECT_EQ(training_generation(real().folders), "");
    EXPECT_EQ(state(), before);
}

TEST_P(TrainingSite, MarksWhatApproversDoAndKeepsTheirMail) {
    const std::int64_t id = planned(Course::Approver);
    open_training(real(), id, TrainingSource::Copy, by());
    const std::string before = state();
    {
        const auto site = trained();
        const auto find = [&](const char* path) {
            return site->database->read([&](sys::Reader& db) { return content::find_page(db, path).value().id; });
        };
        const Doer one = seat(*site, 1), two = seat(*site, 2);
        const Outcome first = look_at(*site, find("kenshu/01/oshirase-a.html"));
        EXPECT_TRUE(return_page(*site, first.page.id, first.version(), "日付を書いてください", two).refusal)
            << "it is another seat's";
        gather_notices(*site);
        ASSERT_TRUE(return_page(*site, first.page.id, first.version(), "日付を書いてください", one));
        gather_notices(*site);
        write_letters(*site);
        EXPECT_GE(send_letters(*site).sent, 1);
        EXPECT_FALSE(list_captured(site->folders, 10).empty()) << "kept, not sent";
        site->database->write([&](sys::Transaction& tx) {
            training::put_answer(tx, 1, {5, 4, 3, "よかった"}, site->clock.now());
        });
    }
    auto board = read_training_board(real().folders, Course::Approver);
    ASSERT_EQ(board.size(), 2U);
    EXPECT_EQ(board[0].done, (std::vector<bool>{true, false}));
    EXPECT_EQ(board[1].done, (std::vector<bool>{false, false}));
    EXPECT_TRUE(board[0].has_answered);
    {
        const auto site = trained();
        const auto page = site->database->read(
            [](sys::Reader& db) { return content::find_page(db, "kenshu/01/oshirase-b.html").value().id; });
        const Outcome asked = look_at(*site, page);
        ASSERT_TRUE(approve(*site, testing::consent(asked), seat(*site, 1)));
    }
    board = read_training_board(real().folders, Course::Approver);
    EXPECT_EQ(board[0].done, (std::vector<bool>{true, true}));
    EXPECT_EQ(state(), before) << "nothing of it has reached the real site";
    const auto old_cards = training_cards(real().folders);
    close_training(real(), id, false, by());
    EXPECT_EQ(town_.read([&](sys::Reader& db) { return training::list_answers(db, id); }).size(), 1U);
    EXPECT_THROW(read_training_board(real().folders, Course::Approver), base::Error);
}

TEST_P(TrainingSite, MadeAnewForgetsWhatWasDoneAndTheOldPasswords) {
    const std::int64_t id = planned(Course::Administrator, 1);
    open_training(real(), id, TrainingSource::Copy, by());
    const auto before = training_cards(real().folders);
    const std::string generation = training_generation(real().folders);
    {
        const auto site = trained();
        const Doer one = seat(*site, 1);
        site->database->write([&](sys::Transaction& tx) {
            const auto part = content::find_template(tx, "kenshu-01").value();
            std::string source = content::find_live_template(tx, "kenshu-01")->source;
            source.replace(source.find(training::kWrongPhone), training::kWrongPhone.size(), training::kRightPhone);
            content::save_template(tx, part.id, part.version, source, one.person, site->clock.now());
        });
    }
    EXPECT_EQ(read_training_board(real().folders, Course::Administrator).at(0).done, (std::vector<bool>{true, false}));
    reset_training(real(), id, by());
    EXPECT_NE(training_generation(real().folders), generation);
    EXPECT_NE(training_cards(real().folders).at(1).password, before.at(1).password);
    EXPECT_EQ(read_training_board(real().folders, Course::Administrator).at(0).done, (std::vector<bool>{false, false}));
    EXPECT_FALSE(fs::exists(real().folders.site / "training" / generation)) << "the old one is gone";
    fs::remove(training_folder(real().folders) / "yakuba.db");
    EXPECT_THROW(close_training(real(), id, false, by()), base::Error) << "the survey would be lost";
    close_training(real(), id, true, by());
}

TEST_P(TrainingSite, IsNotServedOnceItsSessionIsClosed) {
    const std::int64_t id = planned(Course::Author, 1);
    open_training(real(), id, TrainingSource::Demo, by());
    const fs::path folder = training_folder(real().folders);
    drop_void_training(real());
    EXPECT_TRUE(fs::exists(folder)) << "its session is open";
    // The power goes between the books and the folder.
    town_.write([&](sys::Transaction& tx) { training::note_closed(tx, id, by()); });
    const std::stop_source stop;
    TrainingHost(real(), "/nowhere/yakuba").turn(stop.get_token());
    EXPECT_EQ(training_generation(real().folders), "");
    EXPECT_FALSE(fs::exists(folder));
}

TEST_P(TrainingSite, SaysWhyItEndedAfterALongRun) {
    const std::int64_t id = planned(Course::Author, 1);
    open_training(real(), id, TrainingSource::Demo, by());
    const fs::path program = real().folders.run / "talker", log = training_folder(real().folders) / "logs";
    sys::write_file(program,
                    fmt::format("#!/bin/sh\nhead -c 100000 /dev/zero | tr '\\0' a >&2\nmkdir -p {0}\n"
                                "echo 'the disk is full' >>{0}/system-training.log\nexit 3\n",
                                log.string()),
                    sys::Durability::Later, 0755);
    const std::stop_source stop;
    TrainingHost(real(), program).turn(stop.get_token());
    EXPECT_NE(find_training_problem(real().folders).value_or("").find("the disk is full"), std::string::npos);
    close_training(real(), id, true, by());
}

}  // namespace
}  // namespace flow

// The screens of backups, restores and drills over real HTTP: who sees and asks what, and what a restore shows before
// it begins. The watch's part is played by the rows that it would write.
#include <gtest/gtest.h>

#include "door/web/testing/visitor.h"
#include "door/web/words.h"
#include "ground/ledger/store.h"
#include "press/content/store.h"
#include "watch/backup/requests.h"
#include "watch/backup/store.h"

namespace web {
namespace {

using testing::OpenOffice;
using testing::Visitor;

std::string first_fault(const Visitor& visitor) {
    const auto faults = testing::find_screen_faults(visitor.body);
    return faults.empty() ? std::string() : faults.front();
}

class BackupScreens : public ::testing::Test {
  protected:
    BackupScreens() {
        settings::Settings::Backup& backup = office_.town.site->settings.backup;
        backup.recovery_key = "a key";
        office_.town.write([&](sys::Transaction& tx) {
            people::add_grant(tx, {{}, office_.town.chief2.person, people::Role::MaintenanceLead, {}, {}},
                              office_.town.by());
        });
        watch();  // the watch has run before
        lead_.sign_in("chief2");
        admin_.sign_in("kanri");
    }
    sys::Database& watch() { return office_.town.site->watch(); }
    /// A backup that was read back.
    void add_backup(std::string_view at) {
        backup::Run run;
        run.repository = "backups";
        run.started_at = run.taken_at = run.due_at = *base::parse_instant(at);
        run.ended_at = run.started_at + std::chrono::minutes(1);
        run.day = base::local_day(run.started_at);
        run.outcome = backup::Outcome::Made;
        run.snapshot = "abcdef" + std::to_string(run.started_at.milliseconds);
        run.bytes = 12'000'000;
        run.release = 3;
        watch().write([&](sys::Transaction& tx) {
            run.id = backup::add_run(tx, run);
            backup::finish_run(tx, run, "system:backup");
            backup::add_verification(tx, {"backups", *run.ended_at, 3, backup::Proof::Whole, "all", 2, 9, {}, {run.id}},
                                     "system:backup");
        });
        point_ = run.snapshot + " backups";
    }
    backup::Request newest() {
        return watch().read([](sys::Reader& db) { return backup::list_requests(db, 1).at(0); });
    }
    std::string asked_page() { return fmt::format("/restore/{}", newest().id); }

    OpenOffice office_;
    Visitor lead_ = office_.visitor(), admin_ = office_.visitor();
    std::string point_;
};

TEST_F(BackupScreens, AreWholeWithAndWithoutBackups) {
    for (const char* path : {"/backups", "/drills", "/restore", "/backups?month=2027-03"}) {
        SCOPED_TRACE(path);
        EXPECT_EQ(lead_.get(path).status, 200);
        EXPECT_EQ(first_fault(lead_), "");
    }
    add_backup("2027-03-31 21:30");
    EXPECT_EQ(lead_.get("/backups?month=2027-03").status, 200);
    EXPECT_EQ(first_fault(lead_), "");
    EXPECT_TRUE(lead_.shows("データ 検証済み"));
    EXPECT_TRUE(lead_.shows("<svg class=\"chart")) << "growth, beside its table";
    EXPECT_EQ(lead_.get("/restore").status, 200);
    EXPECT_EQ(first_fault(lead_), "");
    EXPECT_TRUE(lead_.shows(point_));
    watch().write([&](sys::Transaction& tx) {
        const std::int64_t gone[] = {backup::list_runs(tx, 1).at(0).id};
        backup::mark_gone(tx, "backups", gone, office_.town.clock.now(), "system:backup");
    });
    lead_.get("/backups?month=2027-03");
    EXPECT_TRUE(lead_.shows("データ 整理済み")) << "that day had a backup, though it was pruned since";
}

TEST_F(BackupScreens, ShowEachMonthWholeThoughRunsAreManyAndTheRunsOfADay) {
    watch().write([&](sys::Transaction& tx) {
        backup::save_state(tx, {"backups", {}, "", office_.town.clock.now(), {}, {}, 1, false});
        for (int i = 0; i < 31 * 48; ++i) {
            backup::Run run;
            run.repository = "backups";
            run.started_at = run.taken_at = run.due_at =
                *base::parse_instant("2027-03-01 00:00") + i * std::chrono::minutes(30);
            run.ended_at = run.started_at;
            run.day = base::local_day(run.started_at);
            run.outcome = i == 0 ? backup::Outcome::Failed : backup::Outcome::Made;
            run.snapshot = std::to_string(i);
            run.problem = i == 0 ? "disk full" : "";
            backup::adopt_run(tx, run, "system:backup");
        }
    });
    lead_.get("/backups?month=2027-03");
    EXPECT_EQ(first_fault(lead_), "");
    EXPECT_TRUE(lead_.shows("データ 失敗")) << "on the first day of the month";
    EXPECT_TRUE(lead_.shows("データ 検証待ち（47）"));
    EXPECT_TRUE(lead_.shows("href=\"/backups?month=2027-03&amp;day=2027-03-01#runs\""));
    EXPECT_FALSE(lead_.shows("disk full")) << "the newest runs alone";
    lead_.get("/backups?month=2027-03&day=2027-03-01");
    EXPECT_EQ(first_fault(lead_), "");
    EXPECT_TRUE(lead_.shows("disk full"));
    EXPECT_TRUE(lead_.shows(day_text({2027, 3, 1}) + "の実行の記録"));
    lead_.get("/backups?month=2026-03&day=2026-03-01");
    EXPECT_TRUE(lead_.shows("この日に、バックアップの実行はありません。"));
    EXPECT_TRUE(lead_.shows("この月に載せるものはありません。"));
}

TEST_F(BackupScreens, ListWithEachPointTheLastEditInItAndHowMuchCameAfter) {
    const auto make_page = [&](const std::string& path) {
        office_.town.clock.advance(std::chrono::minutes(2));
        office_.town.write([&](sys::Transaction& tx) {
            content::NewPage made;
            made.path = path;
            made.department = office_.town.ka;
            made.body.title = "ごみの出し方";
            made.author = office_.town.author.person;
            made.made_at = office_.town.clock.now();
            ledger::append(tx, {made.made_at, fmt::format("person:{}", made.author.value), "page.save",
                                fmt::format("page:{}", content::add_page(tx, made).id.value), "{}"});
        });
        office_.town.clock.advance(std::chrono::minutes(2));
    };
    add_backup(base::format_local(office_.town.clock.now()));
    make_page("kurashi/first.html");
    add_backup(base::format_local(office_.town.clock.now()));
    make_page("kurashi/second.html");
    office_.visitor().sign_in("author");  // makes nothing that could be lost
    lead_.get("/restore");
    EXPECT_EQ(first_fault(lead_), "");
    EXPECT_TRUE(lead_.shows("kurashi/first.html"));
    EXPECT_FALSE(lead_.shows("kurashi/second.html"));
    EXPECT_TRUE(lead_.shows(">1件<"));
    EXPECT_TRUE(lead_.shows(">2件<"));
    const auto department =
        office_.town.read([&](sys::Reader& db) { return *people::find_department(db, office_.town.ka); });
    ASSERT_EQ(lead_
                  .post("/restore", {{"what", "department"},
                                     {"department", department.code},
                                     {"owner", "author"},
                                     {"point", point_},
                                     {"why", "誤って消したため"}})
                  .status,
              303)
        << lead_.body;
    lead_.follow();
    EXPECT_TRUE(lead_.shows(department.name)) << "by its name, not by its code";
}

TEST_F(BackupScreens, AreReadByTheCityAndRunByThoseWhoMay) {
    EXPECT_EQ(admin_.get("/backups").status, 200);
    EXPECT_FALSE(admin_.shows("いま実行する"));
    EXPECT_EQ(admin_.post("/backups", {{"do", "verify"}}).status, 403);
    EXPECT_EQ(admin_.get("/restore").status, 403);
    Visitor author = office_.visitor();
    author.sign_in("author");
    for (const char* path : {"/backups", "/drills", "/restore"}) EXPECT_EQ(author.get(path).status, 403) << path;
}

TEST_F(BackupScreens, AskTheWatchOnceAndSayHowFarItIs) {
    lead_.get("/backups");
    ASSERT_EQ(lead_.post("/backups", {{"do", "verify"}, {"target", "all"}}).status, 303) << lead_.body;
    EXPECT_EQ(lead_.follow().status, 200);
    EXPECT_EQ(first_fault(lead_), "");
    EXPECT_TRUE(lead_.shows("順番待ち"));
    lead_.get("/backups");
    EXPECT_EQ(lead_.post("/backups", {{"do", "verify"}, {"target", "all"}}).status, 409);
    EXPECT_EQ(lead_.post("/backups", {{"do", "backup"}, {"repository", "/elsewhere"}}).status, 422);
    EXPECT_EQ(lead_.post("/backups", {{"do", "page"}}).status, 422) << "restores have a screen of their own";
    const backup::Request asked = newest();
    EXPECT_EQ(lead_.post(fmt::format("/backups/requests/{}/leave", asked.id), {}).status, 303);
    EXPECT_EQ(newest().stage, backup::Stage::Left);
}

TEST_F(BackupScreens, RestoreAPageOnlyAfterTheLossWasShownAndConfirmedWithAPassword) {
    add_backup("2027-03-31 21:30");
    lead_.get("/restore");
    const Visitor::Fields asked{{"what", "page"},
                                {"path", "https://www.city.example/kurashi/gomi.html?a=b"},
                                {"owner", "author"},
                                {"point", point_},
                                {"why", "誤って消したため"}};
    auto lacking = asked;
    lacking.back().second = "";
    EXPECT_EQ(lead_.post("/restore", lacking).status, 422);
    EXPECT_EQ(first_fault(lead_), "");
    lead_.get("/restore");
    ASSERT_EQ(lead_.post("/restore", asked).status, 303) << lead_.body;
    EXPECT_EQ(newest().target, "kurashi/gomi.html");
    lead_.follow();
    EXPECT_EQ(first_fault(lead_), "");
    EXPECT_EQ(lead_.post(asked_page(), {{"do", "confirm"}, {"password", std::string(testing::kPassword)}}).status, 409);
    watch().write([&](sys::Transaction& tx) {
        backup::show(tx, newest(),
                     R"({"taken_at":1806496200000,"release":3,"engine":"sqlite","has_site":true,"lost_acts":2,)"
                     R"("lost_releases":1,"acts":[{"at":1806496200000,"person":"佐藤","act":"保存",)"
                     R"("path":"kurashi/gomi.html"}],"last_edit":{"at":1806496200000,"person":"佐藤",)"
                     R"("path":"a.html","title":"<b>"}})");
    });
    office_.town.clock.advance(std::chrono::minutes(20));  // the proof of the sign-in is no longer fresh
    lead_.get(asked_page());
    EXPECT_EQ(first_fault(lead_), "");
    EXPECT_TRUE(lead_.shows("&lt;b&gt;"));
    EXPECT_TRUE(lead_.shows("このパスのページはありません"));
    office_.town.write([&](sys::Transaction& tx) {
        content::NewPage made;
        made.path = "kurashi/gomi.html";
        made.department = office_.town.ka;
        made.body.title = "ごみの出し方";
        made.author = office_.town.author.person;
        made.made_at = office_.town.clock.now();
        content::add_page(tx, made);
    });
    lead_.get(asked_page());
    EXPECT_FALSE(lead_.shows("このパスのページはありません"));
    EXPECT_TRUE(lead_.shows("「ごみの出し方」"));
    EXPECT_EQ(lead_.post(asked_page(), {{"do", "confirm"}, {"password", "wrong"}}).status, 422);
    EXPECT_EQ(newest().stage, backup::Stage::Shown);
    lead_.get(asked_page());
    EXPECT_EQ(lead_.post(asked_page(), {{"do", "confirm"}, {"password", std::string(testing::kPassword)}}).status, 303)
        << lead_.body;
    EXPECT_EQ(newest().stage, backup::Stage::Waiting);
}

TEST_F(BackupScreens, SayThatADrillThatFailedIsHeldAgainTheNextDay) {
    const auto note = [&](std::string_view figures) {
        office_.town.clock.advance(std::chrono::minutes(1));
        watch().write([&](sys::Transaction& tx) {
            ledger::append(
                tx, {office_.town.clock.now(), "system:backup", "backup.drill", "snapshot:abc", std::string(figures)},
                ledger::kWatch);
        });
        lead_.get("/drills");
    };
    const base::Day today = base::local_day(office_.town.clock.now());
    note(R"({"ok":true,"problem":"","repository":"backups","phases":{}})");
    EXPECT_FALSE(lead_.shows(day_text(today + 1) + "から"));
    note(R"({"ok":false,"problem":"line 58","repository":"backups","phases":{}})");
    EXPECT_TRUE(lead_.shows(day_text(today + 1) + "から")) << lead_.body;
}

TEST_F(BackupScreens, ShowDrillsWithWhatWasLostAndHowLongItTook) {
    watch().write([&](sys::Transaction& tx) {
        ledger::append(tx,
                       {office_.town.clock.now(), "system:backup", "backup.drill", "snapshot:abc",
                        R"({"ok":true,"problem":"","repository":"backups","taken_at":"2027-03-31T12:30:00.000Z",)"
                        R"("rpo_seconds":41000,"rto_seconds":12.5,"pages":120,"differing":0,"phases":{"fetch":3.5}})"},
                       ledger::kWatch);
    });
    lead_.get("/drills");
    EXPECT_EQ(first_fault(lead_), "");
    EXPECT_TRUE(lead_.shows("成功"));
    EXPECT_TRUE(lead_.shows("保存先から取り出す"));
    EXPECT_TRUE(lead_.shows("120ページ"));
}

}  // namespace
}  // namespace web

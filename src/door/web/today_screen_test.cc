// Today's list, the search over everything, and the contract's calendar, over real HTTP.
#include <gtest/gtest.h>

#include "door/web/testing/visitor.h"
#include "flow/contract_status.h"
#include "ground/ledger/store.h"
#include "office/incidents/incident.h"
#include "office/registers/store.h"
#include "office/training/store.h"
#include "office/visits/store.h"
#include "watch/signals/anomaly.h"
#include "watch/signals/pipeline.h"

namespace web {
namespace {

using testing::OpenOffice;
using testing::Visitor;

std::string first_fault(const Visitor& visitor) {
    const auto faults = testing::find_screen_faults(visitor.body);
    return faults.empty() ? std::string() : faults.front();
}

class TodayScreen : public ::testing::Test {
  protected:
    TodayScreen() {
        town().write([&](sys::Transaction& tx) {
            people::add_grant(tx, {{}, town().chief2.person, people::Role::Operator, {}, {}}, town().by());
        });
        operator_.sign_in("chief2");
    }
    flow::testing::Town& town() { return office_.town; }

    OpenOffice office_;
    Visitor operator_ = office_.visitor();
};

TEST_F(TodayScreen, IsWholeWithNothingAndListsWhatIsLateWithALinkToIt) {
    EXPECT_EQ(operator_.get("/today").status, 200);
    EXPECT_EQ(first_fault(operator_), "");
    EXPECT_TRUE(operator_.shows("遅れているものはありません。"));
    flow::write_sample_contract(town().site->folders, "cms");
    town().clock.set(*base::parse_instant("2027-06-15 10:00"));
    EXPECT_EQ(operator_.sign_in("chief2").get("/today").status, 200);
    EXPECT_EQ(first_fault(operator_), "");
    EXPECT_TRUE(operator_.shows("href=\"/contract/")) << operator_.body;
    EXPECT_FALSE(operator_.shows("を読めませんでした"));
}

TEST_F(TodayScreen, StandsFirstOnTheHomeOfWhoeverRunsTheSite) {
    operator_.get("/");
    EXPECT_TRUE(operator_.shows("いま、する仕事はありません。"));
    flow::write_sample_contract(town().site->folders, "cms");
    town().clock.set(*base::parse_instant("2027-06-15 10:00"));
    operator_.sign_in("chief2").get("/");
    EXPECT_EQ(first_fault(operator_), "");
    const std::size_t work = operator_.body.find("id=\"work\"");
    ASSERT_NE(work, std::string::npos) << operator_.body;
    const std::size_t late = operator_.body.find("遅れています", work);
    ASSERT_NE(late, std::string::npos) << operator_.body;
    EXPECT_LT(late, operator_.body.find("期限あり", work)) << "what is late comes first";
    EXPECT_TRUE(operator_.shows("href=\"/today\"")) << "and the rest is a click away";
    Visitor author = office_.visitor();
    author.sign_in("author").get("/");
    EXPECT_FALSE(author.shows("今日の仕事"));
}

TEST_F(TodayScreen, IsNotTakenForNothingWhereItCannotBeRead) {
    town().write([](sys::Transaction& tx) { tx.execute("ALTER TABLE visit RENAME TO gone", {}); });
    operator_.get("/");
    EXPECT_TRUE(operator_.shows("読めなかったものがあり"));
    EXPECT_FALSE(operator_.shows("いま、する仕事はありません。"));
    operator_.get("/today");
    EXPECT_TRUE(operator_.shows("を読めませんでした"));
}

TEST_F(TodayScreen, SaysThatTheContractCannotBeRead) {
    sys::write_file(flow::contract_file(town().site->folders), "nonsense = [");
    operator_.get("/today");
    EXPECT_TRUE(operator_.shows("契約のファイルに誤りがあり"));
}

TEST_F(TodayScreen, KeepsWhatIsFarOffOutOfTheNextTwoWeeks) {
    town().write([&](sys::Transaction& tx) {
        registers::Entry made;
        made.kind = "support";
        made.name = "見本DB";
        made.due = base::local_day(town().clock.now()) + 100;  // pressing: there is much to prepare
        made.fields = {{"version", "1"}};
        registers::add_entry(tx, made, {"person:1", town().clock.now()});
    });
    operator_.get("/today");
    const std::size_t entry = operator_.body.find(">見本DB<");
    ASSERT_NE(entry, std::string::npos);
    EXPECT_GT(entry, operator_.body.rfind("対応を待っているもの"));
}

TEST_F(TodayScreen, NamesTheDayThatEndsOfADeadlineAndTheDayThatBeginsOfAVisit) {
    const base::Day day = base::local_day(town().clock.now()) + 5;
    town().write([&](sys::Transaction& tx) {
        registers::Entry made;
        made.kind = "support";
        made.name = "見本DB";
        made.due = day;
        made.fields = {{"version", "1"}};
        registers::add_entry(tx, made, {"person:1", town().clock.now()});
        visits::Visit visit;
        visit.starts_at = base::from_local({day});
        visit.visitors = "前田";
        visit.purpose = "深夜の作業";
        visits::plan_visit(tx, visit, {"person:1", town().clock.now()});
    });
    operator_.get("/today");
    EXPECT_TRUE(operator_.shows(fmt::format("{}月{}日 24:00", day.month, day.day))) << operator_.body;
    EXPECT_TRUE(operator_.shows(fmt::format("{}月{}日 0:00", day.month, day.day))) << "of the visit";
}

TEST_F(TodayScreen, NamesALateIncidentOnce) {
    const auto now = town().clock.now();
    const auto id = town().write([&](sys::Transaction& tx) {
        incidents::NewIncident made;
        made.title = "開かない";
        made.occurred_at = made.detected_at = now;
        made.reporter = "市";
        made.once = "a";
        return incidents::open(tx, made, {"person:1", now}).id.value;
    });
    signals::Pipeline pipeline(town().site->watch(), town().clock, signals::Rules(std::vector<std::string>{}));
    pipeline.tick();
    signals::Signal late{.source = "desk",
                         .kind = "incident.step",
                         .subject = fmt::format("incident:{}", id),
                         .severity = signals::Severity::Serious,
                         .observed_at = now,
                         .text = "障害「開かない」：60分たっても受け付けられていません。"};
    pipeline.take(std::span(&late, 1));
    late.kind = "helpdesk.roster";
    late.subject = "helpdesk";
    late.text = "当番がいない日があります。";
    pipeline.take(std::span(&late, 1));
    operator_.get("/today");
    EXPECT_FALSE(operator_.shows("受け付けられていません"));
    const auto at = operator_.body.find(fmt::format("href=\"/incidents/{}\"", id));
    ASSERT_NE(at, std::string::npos);
    EXPECT_EQ(operator_.body.find(fmt::format("href=\"/incidents/{}\"", id), at + 1), std::string::npos);
    EXPECT_LT(at, operator_.body.find("2週間以内に期限が来るもの", operator_.body.find("遅れているもの</h2>")))
        << "among what is late";
    EXPECT_LT(operator_.body.find("当番がいない日があります。"),
              operator_.body.find("2週間以内に期限が来るもの", operator_.body.find("遅れているもの</h2>")));
}

TEST_F(TodayScreen, IsNotForAuthors) {
    Visitor author = office_.visitor();
    author.sign_in("author");
    EXPECT_EQ(author.get("/today").status, 403);
}

TEST_F(TodayScreen, SearchFindsOnlyWhatThePersonMaySee) {
    town().taken_over("kurashi/gomi.html", "<p>ごみ</p>");
    flow::write_sample_contract(town().site->folders, "cms");
    operator_.get("/search?q=" + std::string("kurashi"));
    EXPECT_EQ(first_fault(operator_), "");
    EXPECT_TRUE(operator_.shows("/kurashi/gomi.html"));
    operator_.get("/search?q=%E3%83%90%E3%83%83%E3%82%AF%E3%82%A2%E3%83%83%E3%83%97");  // バックアップ
    EXPECT_EQ(first_fault(operator_), "");
    EXPECT_TRUE(operator_.shows("href=\"/contract/"));
    town().write([&](sys::Transaction& tx) {
        registers::Entry made;
        made.kind = "subcontract";
        made.name = "カラカラ工業";
        made.fields = {{"work", "調査"}, {"approved_on", "2027-03-01"}};
        registers::add_entry(tx, made, {"person:1", town().clock.now()});
        visits::Visit visit;
        visit.starts_at = town().clock.now() + std::chrono::hours(24);
        visit.visitors = "前田";
        visit.purpose = "からから報告";
        visits::plan_visit(tx, visit, {"person:1", town().clock.now()});
        training::Session session;
        session.starts_at = visit.starts_at;
        session.teacher = "唐 からから";
        training::plan_session(tx, session, {"person:1", town().clock.now()});
        training::add_attendees(tx, 1, "見本 ぱらぱら,広報課", {"person:1", town().clock.now()});
    });
    operator_.get("/search?q=%E3%83%91%E3%83%A9%E3%83%91%E3%83%A9");  // パラパラ
    EXPECT_TRUE(operator_.shows("href=\"/training/1\"")) << "by who comes";
    EXPECT_TRUE(operator_.shows("が1件見つかりました"));
    operator_.get("/search?q=%E3%81%8B%E3%82%89%E3%81%8B%E3%82%89");  // からから, in other kana than カラカラ
    EXPECT_EQ(first_fault(operator_), "");
    for (const std::string_view path : {"/registers/subcontract/", "/visits/", "/training/"})
        EXPECT_TRUE(operator_.shows(fmt::format("href=\"{}1\"", path))) << path;
    Visitor admin = office_.visitor();
    admin.sign_in("kanri").get("/search?q=author");
    EXPECT_TRUE(admin.shows("href=\"/people/"));
    EXPECT_EQ(first_fault(admin), "");
    Visitor author = office_.visitor();
    author.sign_in("author");
    EXPECT_TRUE(author.get("/search?q=%E3%81%8B%E3%82%89%E3%81%8B%E3%82%89").shows("見つかりません"));
    author.get("/search?q=%E3%83%90%E3%83%83%E3%82%AF%E3%82%A2%E3%83%83%E3%83%97");
    EXPECT_EQ(author.status, 200);
    EXPECT_FALSE(author.shows("href=\"/contract/")) << "what one may not see is not found";
    EXPECT_TRUE(author.get("/search?q=%3Cb%3E").shows("見つかりません"));
    EXPECT_EQ(first_fault(author), "");
}

TEST_F(TodayScreen, CalendarIsSubscribedToByASecretAddressThatCanBeRenewed) {
    flow::write_sample_contract(town().site->folders, "cms");
    town().clock.set(*base::parse_instant("2027-06-15 10:00"));
    operator_.sign_in("chief2");
    operator_.get("/contract/calendar?month=2027-07");
    EXPECT_EQ(operator_.status, 200);
    EXPECT_EQ(first_fault(operator_), "");
    EXPECT_TRUE(operator_.shows("2027年7月"));
    const std::size_t last_day = operator_.body.find("datetime=\"2027-07-31\"");
    ASSERT_NE(last_day, std::string::npos) << operator_.body;
    EXPECT_NE(operator_.body.find("定期保守（毎月）", last_day), std::string::npos) << "due with the month's end";
    const auto made = [&] {
        operator_.get("/contract/calendar");
        operator_.post("/contract/calendar", {{"do", "renew"}});
        EXPECT_EQ(first_fault(operator_), "");
        const auto begin = operator_.body.find("/contract-feed/");
        const auto end = operator_.body.find('"', begin);
        EXPECT_NE(begin, std::string::npos) << operator_.body;
        return operator_.body.substr(begin, end - begin);
    };
    const std::string first = made();
    Visitor calendar = office_.visitor();
    EXPECT_EQ(calendar.get(first).status, 200) << first << calendar.body;
    EXPECT_TRUE(calendar.body.starts_with("BEGIN:VCALENDAR\r\n"));
    const std::string second = made();
    EXPECT_EQ(calendar.get(first).status, 404) << "renewed";
    EXPECT_EQ(calendar.get(second).status, 200);
    EXPECT_EQ(calendar.get("/contract-feed/guessed").status, 404);
    operator_.get("/contract/calendar");
    operator_.post("/contract/calendar", {{"do", "end"}});
    EXPECT_EQ(calendar.get(second).status, 404);
}

TEST_F(TodayScreen, ContractIsRecordedByHandOnceWithWordsOfWhatAndWhere) {
    flow::write_sample_contract(town().site->folders, "cms");
    const flow::ContractStatus status = flow::judge_contract(*town().site, town().clock.now());
    const std::string path = "/contract/" + status.obligations.front().obligation->id;
    operator_.get(path);
    EXPECT_EQ(first_fault(operator_), "");
    EXPECT_EQ(operator_.post(path, {{"what", "done"}, {"note", " "}}).status, 422);
    EXPECT_EQ(first_fault(operator_), "");
    operator_.get(path);
    EXPECT_EQ(operator_.post(path, {{"what", "done"}, {"note", "紙の点検表。書庫3-2"}}).status, 303) << operator_.body;
    ledger::Search search;
    search.act = "contract.record";
    const auto lines = town().site->database->read([&](sys::Reader& db) { return ledger::find_lines(db, search); });
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_NE(lines[0].entry.detail.find("書庫3-2"), std::string::npos);
    Visitor admin = office_.visitor();
    admin.sign_in("kanri");
    EXPECT_EQ(admin.get(path).status, 200);
    EXPECT_FALSE(admin.shows("手で記録する")) << "the client reads, the contractor records";
    EXPECT_EQ(admin.post(path, {{"what", "done"}, {"note", "x"}}).status, 403);
}

}  // namespace
}  // namespace web

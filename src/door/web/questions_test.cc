// The helpdesk's screens over real HTTP: who asks, who answers, two at once, the roster, what everybody may read.
#include <gtest/gtest.h>

#include "door/web/testing/visitor.h"
#include "flow/take_question.h"
#include "ground/ledger/store.h"
#include "ground/mail/outbox.h"

namespace web {
namespace {

using testing::OpenOffice;
using testing::Visitor;

std::string first_fault(const Visitor& visitor) {
    const auto faults = testing::find_screen_faults(visitor.body);
    return faults.empty() ? std::string() : faults.front();
}

class QuestionScreens : public ::testing::Test {
  protected:
    QuestionScreens() {
        flow::testing::Town& town = office_.town;
        town.site->settings.helpdesk.emergency_phone = "000-111-2222";
        town.site->settings.mail.smtp_url = "smtp://127.0.0.1:9";
        town.site->settings.mail.from = "desk@city.example";
        town.write([&](sys::Transaction& tx) {
            people::add_grant(tx, {{}, town.chief.person, people::Role::Operator, {}, {}}, town.by());
            people::add_grant(tx, {{}, town.chief2.person, people::Role::Operator, {}, {}}, town.by());
        });
        admin_.sign_in("kanri");
        desk_.sign_in("chief");
        author_.sign_in("author");
    }
    std::string ask(Visitor& visitor, std::string_view kind, bool is_urgent, const std::string& title = "表の見出し") {
        visitor.get("/questions/new");
        Visitor::Fields fields{{"kind", std::string(kind)}, {"title", title}, {"text", "どうすればよいですか。"}};
        if (is_urgent) fields.emplace_back("urgent", "1");
        visitor.post("/questions/new", fields);
        EXPECT_EQ(visitor.status, 303) << visitor.body;
        return visitor.location;
    }
    Visitor& act(Visitor& visitor, const std::string& path, Visitor::Fields fields) {
        visitor.get(path);
        EXPECT_EQ(first_fault(visitor), "");
        fields.emplace_back("version", visitor.hidden("version"));
        return visitor.post(path, fields);
    }
    std::vector<std::string> acts() {
        ledger::Search search;
        search.act = "desk";
        search.limit = 100;
        std::vector<std::string> acts;
        for (const auto& line : office_.town.read([&](sys::Reader& db) { return ledger::find_lines(db, search); }))
            acts.insert(acts.begin(), line.entry.act);
        return acts;
    }

    OpenOffice office_;
    Visitor admin_ = office_.visitor(), desk_ = office_.visitor(), author_ = office_.visitor();
};

TEST_F(QuestionScreens, TakeAQuestionFromReceiptToItsEnd) {
    const std::string path = ask(admin_, "correction", false);
    EXPECT_EQ(ask(admin_, "correction", false), path) << "the same form sent twice is one question";
    desk_.get("/questions");
    EXPECT_EQ(first_fault(desk_), "");
    EXPECT_TRUE(desk_.shows("表の見出し"));
    EXPECT_TRUE(desk_.shows("残り8時間0分"));
    act(desk_, path, {{"act", "accept"}});
    act(desk_, path, {{"act", "note"}, {"note", "前にもあった"}, {"minutes", "5"}});
    act(desk_, path, {{"act", "answer"}, {"text", "直しました。"}, {"minutes", "20"}, {"how", "answer"}});
    EXPECT_EQ(desk_.status, 303) << desk_.body;
    admin_.get(path);
    EXPECT_EQ(first_fault(admin_), "");
    EXPECT_TRUE(admin_.shows("直しました。"));
    EXPECT_FALSE(admin_.shows("前にもあった")) << "a note is the helpdesk's own";
    EXPECT_EQ(act(desk_, path, {{"act", "close"}}).status, 422) << "inside the fee or not?";
    act(desk_, path, {{"act", "fee"}, {"fee", "inside"}, {"why", "文言1か所"}});
    EXPECT_EQ(act(desk_, path, {{"act", "close"}}).status, 303) << desk_.body;
    desk_.get(path);
    EXPECT_EQ(first_fault(desk_), "");
    EXPECT_TRUE(desk_.shows("軽微（契約の範囲内）"));
    EXPECT_TRUE(desk_.shows("25分"));
    EXPECT_EQ(acts(), (std::vector<std::string>{"desk.receive", "desk.accept", "desk.note", "desk.answer", "desk.fee",
                                                "desk.close"}));
    desk_.get("/ledger?act=desk");
    author_.get(path);
    EXPECT_EQ(author_.status, 404) << "somebody else's question";
}

TEST_F(QuestionScreens, CloseWhatIsUrgentOnlyWithARecordedCall) {
    const std::string path = ask(admin_, "question", true);
    act(desk_, path, {{"act", "answer"}, {"text", "お電話します。"}, {"how", "close"}});
    EXPECT_EQ(desk_.status, 422);
    EXPECT_TRUE(desk_.shows("電話で伝えた記録"));
    EXPECT_TRUE(desk_.shows("お電話します。")) << "what was typed comes back";
    EXPECT_EQ(act(desk_, path, {{"act", "call"}, {"call", "佐藤さんに伝えた"}, {"how", "close"}}).status, 303)
        << desk_.body;
}

TEST_F(QuestionScreens, ShowWhoWasFirstAndLoseNothingTyped) {
    const std::string path = ask(admin_, "question", false);
    Visitor second = office_.visitor();
    second.sign_in("chief2");
    second.get(path);
    const std::string old = second.hidden("version");
    act(desk_, path, {{"act", "answer"}, {"text", "一人目の答え"}, {"how", "answer"}});
    second.post(path, {{"act", "answer"}, {"text", "二人目の答え"}, {"how", "answer"}, {"version", old}});
    EXPECT_EQ(second.status, 409);
    EXPECT_EQ(first_fault(second), "");
    EXPECT_TRUE(second.shows("一人目の答え"));
    EXPECT_TRUE(second.shows("二人目の答え"));
}

TEST_F(QuestionScreens, ReferOthersToTheSiteAdministratorButTakeFaults) {
    author_.get("/questions");
    EXPECT_EQ(first_fault(author_), "");
    EXPECT_TRUE(author_.shows("サイト管理者を通して"));
    author_.get(ask(author_, "question", true));
    EXPECT_TRUE(author_.shows("名前 kanriさん")) << author_.body;
    desk_.get("/questions/1");
    EXPECT_EQ(first_fault(desk_), "");
    EXPECT_TRUE(desk_.shows("問合せとして受け付ける"));
    author_.get(ask(author_, "fault", false, "開かない"));
    EXPECT_TRUE(author_.shows("お問い合わせを受け付けました"));
    EXPECT_EQ(acts(), (std::vector<std::string>{"desk.refer", "desk.receive"}));
    admin_.get("/questions/settings");
    EXPECT_EQ(first_fault(admin_), "");
    admin_.post("/questions/settings/allow", {{"login", "author"}});
    EXPECT_EQ(admin_.status, 303) << admin_.body;
    ask(author_, "question", false, "許可の後");
    EXPECT_EQ(acts().back(), "desk.receive");
    author_.get("/questions/settings");
    EXPECT_EQ(author_.status, 403);
}

TEST_F(QuestionScreens, ShowMailThatWasNotTakenUntilSomebodyHasLooked) {
    office_.town.write([&](sys::Transaction& tx) {
        helpdesk::MailRow row;
        row.key = "a";
        row.at = office_.town.clock.now();
        row.sender = "<i>佐藤</i>";
        row.subject = "大きな写真";
        helpdesk::claim_mail(tx, row);
        helpdesk::finish_mail(tx, "a", {}, "damaged", "大きすぎます");
    });
    desk_.get("/questions");
    EXPECT_EQ(first_fault(desk_), "");
    EXPECT_TRUE(desk_.shows("大きな写真") && desk_.shows("&lt;i&gt;佐藤") && desk_.shows("未確認1件"));
    desk_.post("/questions", {{"until", desk_.hidden("until")}});
    EXPECT_EQ(desk_.status, 303) << desk_.body;
    desk_.get("/questions");
    EXPECT_TRUE(desk_.shows("大きな写真"));
    EXPECT_FALSE(desk_.shows("まだ見ていません"));
    admin_.get("/questions");
    EXPECT_FALSE(admin_.shows("大きな写真")) << "the helpdesk's own";
    admin_.post("/questions", {{"until", "9"}});
    EXPECT_EQ(admin_.status, 403);
}

TEST_F(QuestionScreens, NameTheEmergencyTelephoneOutsideHours) {
    office_.town.clock.set(base::parse_instant("2027-04-03 10:00").value());  // a Saturday
    Visitor admin = office_.visitor();
    admin.sign_in("kanri");
    admin.get(ask(admin, "question", false));
    EXPECT_TRUE(admin.shows("ただいまは受付時間外です"));
    EXPECT_TRUE(admin.shows("000-111-2222"));
}

TEST_F(QuestionScreens, WriteDownACallAndOpenAnIncident) {
    desk_.get("/questions/new");
    EXPECT_EQ(first_fault(desk_), "");
    desk_.post("/questions/new",
               {{"kind", "fault"}, {"title", "公開ページが開かない"}, {"text", "朝から"}, {"asker", "総務課 佐藤"}});
    ASSERT_EQ(desk_.status, 303) << desk_.body;
    const std::string path = desk_.location;
    EXPECT_EQ(act(desk_, path, {{"act", "incident"}}).status, 303) << desk_.body;
    desk_.get(path);
    EXPECT_TRUE(desk_.shows("/incidents/"));
    act(admin_, path, {{"act", "incident"}});
    EXPECT_EQ(admin_.status, 422) << "site administrators do not";
}

TEST_F(QuestionScreens, SetTheRosterAndKeepFrequentQuestions) {
    desk_.get("/roster?month=2027-04");
    EXPECT_EQ(first_fault(desk_), "");
    EXPECT_TRUE(desk_.shows("当番のいない受付日が過ぎています（1日）"));
    Visitor::Fields fields{{"month", "2027-04"}, {"version", desk_.hidden("version")}};
    for (int day = 1; day <= 30; ++day)
        for (const std::string part : {"charge", "engineer"})
            fields.emplace_back(fmt::format("{}-2027-04-{:02}", part, day), "担当");
    desk_.post("/roster", fields);
    EXPECT_EQ(desk_.status, 303) << desk_.body;
    desk_.post("/roster", fields);
    EXPECT_EQ(desk_.status, 409) << "an old form";
    EXPECT_EQ(desk_.hidden("version"), fields[1].second) << "which a second press does not make a new one";
    EXPECT_TRUE(desk_.shows("保存済み：担当 / 担当"));
    EXPECT_EQ(first_fault(desk_), "");
    desk_.get("/roster?month=2027-05&copy=1");
    EXPECT_TRUE(desk_.shows("先月の当番を曜日に合わせて写しました"));
    EXPECT_TRUE(desk_.shows("value=\"担当\""));
    admin_.get("/roster");
    EXPECT_EQ(first_fault(admin_), "");
    EXPECT_EQ(admin_.post("/roster", fields).status, 403);

    desk_.get("/faq/new");
    EXPECT_EQ(first_fault(desk_), "");
    desk_.post("/faq/new", {{"topic", "表"},
                            {"question", "見出しは？"},
                            {"answer", "<b>th</b>を使います。"},
                            {"version", "0"},
                            {"from", "0"},
                            {"published", "1"}});
    EXPECT_EQ(desk_.status, 303) << desk_.body;
    desk_.get("/faq/1");
    EXPECT_EQ(first_fault(desk_), "");
    const std::string seen = desk_.hidden("version");
    const auto change = [&](const std::string& answer) {
        desk_.post("/faq/1", {{"topic", "表"},
                              {"question", "見出しは？"},
                              {"answer", answer},
                              {"version", seen},
                              {"from", "0"},
                              {"published", "1"}});
    };
    change("<b>th</b>を使います。一つめ");
    change("二つめ");
    EXPECT_EQ(desk_.status, 409);
    EXPECT_EQ(desk_.hidden("version"), seen);
    EXPECT_TRUE(desk_.shows("一つめ") && desk_.shows("二つめ")) << "both are there to choose from";
    author_.get("/faq");
    EXPECT_EQ(first_fault(author_), "");
    EXPECT_TRUE(author_.shows("&lt;b&gt;th&lt;/b&gt;"));
}

}  // namespace
}  // namespace web

// 「お知らせメール」 and the choice on one's own account, over real HTTP.
#include <gtest/gtest.h>

#include "door/web/testing/visitor.h"
#include "ground/mail/outbox.h"
#include "office/notify/store.h"

namespace web {
namespace {

using testing::OpenOffice;
using testing::Visitor;

class MailScreen : public ::testing::Test {
  protected:
    MailScreen() {
        flow::testing::Town& town = office_.town;
        town.site->settings.mail.smtp_url = "smtp://127.0.0.1:1";
        town.site->settings.mail.from = "yakuba@city.example";
        town.write([&](sys::Transaction& tx) {
            people::Person person = people::load_person(tx, town.admin.person);
            person.mail = "kanri@city.example";
            people::change_person(tx, person, town.by());
            mail::queue(tx, {"a", town.chief.person, "名前 chief", "chief@city.example", "承認依頼：<ごみ>", "本文"},
                        town.clock.now());
            mail::mark_failed(tx, *mail::take(tx, town.clock.now(), std::chrono::minutes(1)), "550 no such person",
                              town.clock.now());
        });
        admin_.sign_in("kanri");
        author_.sign_in("author");
    }
    std::string faults(const Visitor& visitor) {
        std::string text;
        for (const std::string& line : testing::find_screen_faults(visitor.body)) text += line + "\n";
        return text;
    }
    mail::Counts counts() {
        return office_.town.read([&](sys::Reader& db) { return mail::count(db, {}); });
    }

    OpenOffice office_;
    Visitor admin_ = office_.visitor(), author_ = office_.visitor();
};

TEST_F(MailScreen, ShowsWhatCouldNotBeSentAndSendsItAgain) {
    admin_.get("/mail");
    ASSERT_EQ(admin_.status, 200);
    EXPECT_EQ(faults(admin_), "");
    EXPECT_TRUE(admin_.shows("550 no such person"));
    EXPECT_TRUE(admin_.shows("承認依頼：&lt;ごみ&gt;"));
    EXPECT_TRUE(admin_.shows("切れたログインの掃除"));
    admin_.post("/mail/retry", {{"letter", admin_.hidden("letter")}});
    EXPECT_EQ(admin_.location, "/mail");
    EXPECT_TRUE(admin_.follow().shows("1通を送り直します"));
    EXPECT_EQ(counts().failed, 0);
    EXPECT_EQ(counts().waiting, 1);
    admin_.post("/mail/retry", {});
    EXPECT_TRUE(admin_.follow().shows("送り直すメールはありませんでした"));
}

TEST_F(MailScreen, SendsATestToWhoAsks) {
    admin_.get("/mail");
    admin_.post("/mail/test", {});
    EXPECT_TRUE(admin_.follow().shows("kanri@city.example あてにテストメールを送ります"));
    const auto waiting =
        office_.town.read([](sys::Reader& db) { return mail::list(db, mail::LetterState::Waiting, 10); });
    ASSERT_EQ(waiting.size(), 1U);
    EXPECT_EQ(waiting[0].address, "kanri@city.example");
}

TEST_F(MailScreen, IsForSiteAdministrators) {
    EXPECT_EQ(author_.get("/mail").status, 403);
    author_.get("/account");
    EXPECT_FALSE(author_.shows("href=\"/mail\""));
    EXPECT_EQ(author_.post("/mail/retry", {}).status, 403);
    EXPECT_EQ(counts().failed, 1);
}

TEST_F(MailScreen, SaysThatMailIsOff) {
    office_.town.site->settings.mail.smtp_url = "";
    EXPECT_TRUE(admin_.get("/mail").shows("メールの送信は止まっています"));
    EXPECT_EQ(faults(admin_), "");
}

TEST_F(MailScreen, OnesOwnAccountHasTheChoice) {
    author_.get("/account");
    EXPECT_EQ(faults(author_), "");
    EXPECT_TRUE(author_.shows("メールアドレスが登録されていないため"));
    EXPECT_TRUE(author_.shows("value=\"at-once\" checked"));
    author_.post("/account/notices", {{"notices", "digest"}});
    EXPECT_TRUE(author_.follow().shows("受け取り方を変えました"));
    EXPECT_TRUE(author_.shows("value=\"digest\" checked"));
    EXPECT_EQ(office_.town.read([&](sys::Reader& db) { return notify::load_choice(db, office_.town.author.person); }),
              notify::Choice::Digest);
    EXPECT_EQ(author_.post("/account/notices", {{"notices", "never"}}).status, 400);
}

}  // namespace
}  // namespace web

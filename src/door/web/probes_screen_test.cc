// 「監視の設定」 over real HTTP.
#include <gtest/gtest.h>

#include "door/web/testing/visitor.h"
#include "flow/change_setting.h"

namespace web {
namespace {

using testing::OpenOffice;
using testing::Visitor;

class ProbesScreen : public ::testing::Test {
  protected:
    /// Of the contractor, who looks after the watch.
    ProbesScreen() {
        office_.town.write([&](sys::Transaction& tx) {
            people::add_grant(tx, {{}, office_.town.chief.person, people::Role::Operator, {}, {}}, office_.town.by());
        });
        admin_.sign_in("chief");
    }
    std::string faults() const {
        std::string text;
        for (const std::string& line : testing::find_screen_faults(admin_.body)) text += line + "\n";
        return text;
    }
    settings::TextList lines() {
        return settings::parse(flow::load_settings_file(*office_.town.site).text).monitor.probes;
    }
    /// The form of a probe as it stands on the page, with what is changed.
    Visitor::Fields form(Visitor::Fields changed) const {
        Visitor::Fields fields{{"version", admin_.hidden("version")},
                               {"kind", admin_.hidden("kind")},
                               {"on", "on"},
                               {"every", "30"},
                               {"patience", "5"},
                               {"raise", "2"},
                               {"clear", "2"},
                               {"severity", "serious"},
                               {"behind", ""},
                               {"do", "save"},
                               {"password", std::string(testing::kPassword)}};
        fields.insert(fields.end(), changed.begin(), changed.end());
        return fields;
    }

    OpenOffice office_;
    Visitor admin_ = office_.visitor();
};

TEST_F(ProbesScreen, ShowsWhatIsWatchedAndChangesOneLineOfTheSettings) {
    admin_.get("/probes");
    EXPECT_TRUE(admin_.shows("href=\"/runbooks/machine\"")) << "what to do when it fails is one click away";
    ASSERT_EQ(admin_.status, 200);
    EXPECT_EQ(faults(), "");
    EXPECT_TRUE(admin_.shows("サイトのディスク"));
    EXPECT_FALSE(admin_.shows("変更あり"));
    admin_.get("/probes/disk.site");
    ASSERT_EQ(admin_.status, 200);
    EXPECT_EQ(faults(), "");
    EXPECT_TRUE(admin_.shows("はじめの値：85"));
    EXPECT_TRUE(admin_.shows("結果が175秒届かないときは、「データなし」の異常になります"));
    admin_.post("/probes/disk.site", form({{"option.warn", "70"}}));
    EXPECT_EQ(admin_.location, "/probes") << admin_.body;
    EXPECT_EQ(lines(), settings::TextList{"disk.site warn=70"});
    admin_.follow();
    EXPECT_TRUE(admin_.shows("変更あり"));
    EXPECT_TRUE(admin_.shows("注意とする使用率（%、容量とinode）：70"));
    EXPECT_TRUE(admin_.shows("2回続けば知らせ（重大）、2回正常なら復旧"));
    EXPECT_TRUE(admin_.shows("数秒後から使われます"));
    EXPECT_EQ(faults(), "");
    admin_.get("/probes/disk.site");
    admin_.post(
        "/probes/disk.site",
        {{"version", admin_.hidden("version")}, {"do", "reset"}, {"password", std::string(testing::kPassword)}});
    EXPECT_EQ(admin_.location, "/probes");
    EXPECT_EQ(lines(), settings::TextList{});
}

TEST_F(ProbesScreen, AddsAProbeAndTakesItAwayAgain) {
    admin_.get("/probes/new?kind=tcp");
    ASSERT_EQ(admin_.status, 200);
    EXPECT_EQ(faults(), "");
    admin_.post("/probes/new", form({{"id", "disk.site"}, {"option.target", "a.example:25"}}));
    EXPECT_EQ(admin_.status, 422);
    EXPECT_TRUE(admin_.shows("この識別名は、もう使われています。"));
    EXPECT_EQ(faults(), "");
    admin_.post("/probes/new", form({{"id", "メール サーバ"}, {"option.target", "a.example:25"}}));
    EXPECT_EQ(admin_.status, 422);
    EXPECT_TRUE(admin_.shows("識別名は、半角の英小文字・数字・点・ハイフンで"));
    EXPECT_FALSE(admin_.shows("行の初め"));
    admin_.post("/probes/new",
                form({{"id", "tcp.mail"}, {"title", "メール サーバ"}, {"option.target", "a.example:25"}}));
    EXPECT_EQ(admin_.location, "/probes") << admin_.body;
    EXPECT_EQ(lines(), settings::TextList{"tcp.mail kind=tcp title=\"メール サーバ\" every=30 target=a.example:25"});
    admin_.get("/probes/tcp.mail");
    EXPECT_TRUE(admin_.shows("この項目を外す"));
    admin_.post(
        "/probes/tcp.mail",
        {{"version", admin_.hidden("version")}, {"do", "reset"}, {"password", std::string(testing::kPassword)}});
    EXPECT_EQ(lines(), settings::TextList{});
}

TEST_F(ProbesScreen, RefusesWhatCannotBeAndKeepsWhatWasTyped) {
    admin_.get("/probes/cpu");
    admin_.post("/probes/cpu", form({{"option.warn", "とても"}}));
    EXPECT_EQ(admin_.status, 422);
    EXPECT_TRUE(admin_.shows("とても"));
    EXPECT_EQ(faults(), "");
    const std::string version = admin_.hidden("version");
    admin_.post("/probes/cpu", form({{"option.warn", "50"}}));
    EXPECT_EQ(admin_.location, "/probes");
    admin_.post(
        "/probes/load",
        {{"version", version}, {"on", "off"}, {"every", "30"}, {"patience", "5"}, {"raise", "2"}, {"clear", "2"}});
    EXPECT_EQ(admin_.status, 409);
    EXPECT_EQ(admin_.get("/probes/nothing").status, 404);
    EXPECT_EQ(admin_.get("/probes/new?kind=nothing").status, 404);
    Visitor author = office_.visitor();
    author.sign_in("author");
    EXPECT_EQ(author.get("/probes").status, 403);
    Visitor city = office_.visitor();
    city.sign_in("kanri");
    EXPECT_EQ(city.get("/probes").status, 200) << "the city sees what is watched, and by which limits";
    EXPECT_FALSE(city.shows("監視項目を足す"));
    EXPECT_EQ(city.get("/probes/cpu").status, 403) << "and those who look after the watch change it";
    EXPECT_EQ(city.post("/probes/cpu", form({{"option.warn", "1"}})).status, 403);
    EXPECT_EQ(city.get("/settings/watch.repeat_minutes").status, 403);
    EXPECT_EQ(city.get("/settings/guard.repair").status, 403);
    EXPECT_TRUE(city.get("/settings").shows("監視の担当者が変えます"));
    EXPECT_EQ(admin_.get("/settings/guard.repair").status, 200);
    EXPECT_EQ(city.get("/settings/site.name").status, 200);
    EXPECT_EQ(admin_.get("/settings/watch.repeat_minutes").status, 200);
}

}  // namespace
}  // namespace web

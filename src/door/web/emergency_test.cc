// The emergency stop from the screen: with one person and with two, and what others see meanwhile.
#include <gtest/gtest.h>

#include "door/web/testing/visitor.h"
#include "flow/stop_service.h"
#include "ground/ledger/store.h"

namespace web {
namespace {

using flow::Part;
using testing::OpenOffice;
using testing::Visitor;

class EmergencyTest : public ::testing::Test {
  protected:
    EmergencyTest() { admin_.sign_in("kanri"); }

    bool is_stopped(Part part) const { return flow::find_stop(office_.town.site->folders, part).has_value(); }
    Visitor& send(Visitor& who, const std::string& part, const std::string& act, const std::string& reason) {
        who.get("/emergency");
        return who.post("/emergency", {{"part", part},
                                       {"act", act},
                                       {"reason", reason},
                                       {"notice", "点検中です。"},
                                       {"sure", act == "stop" ? "yes" : ""}});
    }
    std::vector<std::string> acts() {
        std::vector<std::string> found;
        ledger::Search search;
        search.act = "service";
        for (const auto& line : office_.town.read([&](sys::Reader& db) { return ledger::find_lines(db, search); }))
            found.push_back(line.entry.act + " " + line.entry.by);
        return found;
    }

    OpenOffice office_;
    Visitor admin_ = office_.visitor();
};

TEST_F(EmergencyTest, IsForThoseWhoMayAndKeepsWhatWasTyped) {
    Visitor author = office_.visitor();
    author.sign_in("author");
    EXPECT_EQ(author.get("/emergency").status, 403);
    EXPECT_EQ(admin_.get("/emergency").status, 200);
    EXPECT_TRUE(testing::find_screen_faults(admin_.body).empty()) << testing::find_screen_faults(admin_.body).front();
    admin_.post("/emergency",
                {{"part", "public"}, {"act", "stop"}, {"reason", "改ざんを見つけた"}, {"notice", "お待ちください"}});
    EXPECT_EQ(admin_.status, 422) << "without the tick";
    EXPECT_TRUE(admin_.shows("改ざんを見つけた"));
    EXPECT_TRUE(admin_.shows("お待ちください"));
    EXPECT_FALSE(is_stopped(Part::Public));
}

TEST_F(EmergencyTest, StopsTheOfficeForEverybodyElseAndGivesTheirTextBack) {
    const content::Page page = office_.town.taken_over("kurashi/a.html");
    Visitor author = office_.visitor();
    author.sign_in("author");
    author.get("/pages");
    send(admin_, "office", "stop", "不正なログイン");
    EXPECT_TRUE(is_stopped(Part::Office));
    author.post(fmt::format("/pages/{}/edit", page.id.value),
                {{"html", "<p>長い時間をかけて書いた大切な文章です。</p>"}});
    EXPECT_EQ(author.status, 503);
    EXPECT_TRUE(author.shows("点検中です。"));
    EXPECT_TRUE(author.shows("長い時間をかけて書いた大切な文章です。"));
    EXPECT_EQ(author.header("retry-after"), "3600");
    EXPECT_TRUE(testing::find_screen_faults(author.body).empty());
    EXPECT_EQ(office_.visitor().get("/login").status, 200);
    EXPECT_EQ(admin_.get("/pages").status, 200);
    send(admin_, "office", "resume", "止めた人を確かめた");
    EXPECT_FALSE(is_stopped(Part::Office));
    EXPECT_EQ(author.get("/pages").status, 200);
    const std::string me = fmt::format("person:{}", office_.town.admin.person.value);
    EXPECT_EQ(acts(), (std::vector<std::string>{"service.resume " + me, "service.stop " + me}));
}

TEST_F(EmergencyTest, WaitsForASecondPersonWhereTheSettingsSaySo) {
    office_.town.site->settings.office.stop_needs_two = true;
    office_.town.write([&](sys::Transaction& tx) {
        people::add_grant(tx, {{}, office_.town.chief.person, people::Role::SiteAdministrator, {}, {}},
                          office_.town.by());
    });
    Visitor second = office_.visitor();
    second.sign_in("chief");
    send(admin_, "public", "stop", "改ざんの疑い");
    EXPECT_FALSE(is_stopped(Part::Public));
    admin_.get("/emergency");
    EXPECT_TRUE(admin_.shows("もう一人の同意を待っています。"));
    const std::string first = admin_.hidden("asked");
    admin_.post("/emergency/agree", {{"part", "public"}, {"act", "agree"}, {"asked", first}});
    EXPECT_EQ(admin_.status, 422) << "nobody agrees with themselves";
    EXPECT_FALSE(is_stopped(Part::Public));
    second.get("/emergency");
    EXPECT_TRUE(second.shows("改ざんの疑い"));
    EXPECT_TRUE(testing::find_screen_faults(second.body).empty());
    EXPECT_EQ(send(second, "public", "stop", "わたしも").status, 409) << "one request at a time";
    // The request changes while the second is looking at it.
    office_.town.clock.advance(std::chrono::seconds(5));
    send(admin_, "public", "stop", "改ざんを確かめた");
    second.post("/emergency/agree", {{"part", "public"}, {"act", "agree"}, {"asked", first}});
    EXPECT_EQ(second.status, 409);
    EXPECT_FALSE(is_stopped(Part::Public));
    EXPECT_TRUE(second.shows("改ざんを確かめた"));
    second.post("/emergency/agree", {{"part", "public"}, {"act", "agree"}, {"asked", second.hidden("asked")}});
    ASSERT_TRUE(is_stopped(Part::Public));
    const auto stop = flow::find_stop(office_.town.site->folders, Part::Public);
    EXPECT_EQ(stop->by, fmt::format("person:{}", office_.town.admin.person.value));
    EXPECT_EQ(stop->second, fmt::format("person:{}", office_.town.chief.person.value));
    // Its end, too, and the record names both.
    send(second, "public", "resume", "原因を除いた");
    EXPECT_TRUE(is_stopped(Part::Public));
    admin_.get("/emergency");
    admin_.post("/emergency/agree", {{"part", "public"}, {"act", "agree"}, {"asked", admin_.hidden("asked")}});
    EXPECT_FALSE(is_stopped(Part::Public));
    ledger::Search search;
    search.act = "service.resume";
    const auto lines = office_.town.read([&](sys::Reader& db) { return ledger::find_lines(db, search); });
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].entry.by, fmt::format("person:{}", office_.town.chief.person.value));
    EXPECT_NE(lines[0].entry.detail.find(fmt::format("person:{}", office_.town.admin.person.value)), std::string::npos);
}

}  // namespace
}  // namespace web

// The page behind the link in a message of the watch.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "door/web/testing/visitor.h"
#include "watch/signals/pipeline.h"
#include "watch/telling/calls.h"

namespace web {
namespace {

using testing::OpenOffice;
using testing::Visitor;

class CallScreen : public ::testing::Test {
  protected:
    CallScreen() {
        const auto now = office_.town.clock.now();
        signals::Pipeline pipeline(watch_, office_.town.clock, signals::Rules());
        pipeline.take({.source = "probe",
                       .kind = "http.down",
                       .subject = "www",
                       .severity = signals::Severity::Emergency,
                       .observed_at = now,
                       .text = "公開サイトにつながりません。"});
        const telling::Policy policy{.on_call = telling::OnCall({}, {}), .site_name = "山川市"};
        watch_.write([&](sys::Transaction& tx) { return telling::gather(tx, policy, now); });
        const auto messages = watch_.read([](sys::Reader& db) { return telling::list_messages(db, {}); });
        const std::string text = messages.at(0).text;
        const auto at = text.find("/calls/");
        path_ = text.substr(at, text.find('\n', at) - at);
    }
    telling::Call call() {
        return watch_.read([](sys::Reader& db) { return telling::list_calls(db, false); }).at(0);
    }

    OpenOffice office_;
    sys::Database& watch_ = office_.town.site->watch();
    std::string path_;
};

TEST_F(CallScreen, IsAnsweredByWhoeverHasTheLinkWithTheirName) {
    Visitor visitor = office_.visitor();
    visitor.get(path_);
    EXPECT_EQ(visitor.status, 200);
    EXPECT_TRUE(visitor.shows("公開サイトにつながりません。"));
    EXPECT_TRUE(testing::find_screen_faults(visitor.body).empty());
    EXPECT_EQ(call().standing, telling::CallStanding::Open) << "looking at it changes nothing";
    visitor.post(path_, {{"name", " "}});
    EXPECT_EQ(visitor.status, 422);
    EXPECT_TRUE(testing::find_screen_faults(visitor.body).empty());
    visitor.get(path_).post(path_, {{"name", "夜間 太郎"}});
    EXPECT_EQ(visitor.status, 303);
    visitor.follow();
    EXPECT_TRUE(visitor.shows("応答あり"));
    EXPECT_FALSE(visitor.shows("<button"));
    EXPECT_EQ(call().standing, telling::CallStanding::Acknowledged);
    const auto events = watch_.read([](sys::Reader& db) { return signals::list_events(db, {1}); });
    EXPECT_NE(events.back().text.find("夜間 太郎"), std::string::npos);
}

TEST_F(CallScreen, KnowsWhoIsSignedIn) {
    Visitor visitor = office_.visitor();
    visitor.sign_in("chief").get(path_).post(path_, {});
    EXPECT_EQ(call().acknowledged_by, fmt::format("person:{}", office_.town.chief.person.value));
}

TEST_F(CallScreen, TellsNothingToAWrongLinkAndTakesNoForeignForm) {
    Visitor visitor = office_.visitor();
    visitor.get(path_ + "x");
    EXPECT_EQ(visitor.status, 404);
    EXPECT_FALSE(visitor.shows("公開サイトにつながりません。"));
    visitor.get(path_).post(path_, {{"csrf", "made up"}, {"name", "だれか"}});
    EXPECT_EQ(visitor.status, 403);
    EXPECT_EQ(call().standing, telling::CallStanding::Open);
}

}  // namespace
}  // namespace web

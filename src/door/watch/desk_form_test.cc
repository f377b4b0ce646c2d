#include "door/watch/desk_form.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "flow/spool_question.h"
#include "flow/testing/town.h"
#include "ground/http/form.h"
#include "ground/sys/http_client.h"
#include "office/helpdesk/store.h"

namespace door {
namespace {

class DeskFormTest : public ::testing::Test {
  protected:
    DeskFormTest() {
        town_.site->settings.helpdesk.form_address = "127.0.0.1:0";
        town_.site->settings.helpdesk.form_per_hour = 3;
        form_ = std::make_unique<DeskForm>(town_.site->folders.site, town_.site->settings, town_.clock);
        form_->start();
    }
    sys::Fetched send(const std::string& title, const std::string& address = "kanri@city.example",
                      const std::string& once = "") {
        http::Fields fields;
        fields.add("once", once);
        fields.add("name", "名前 <b>");
        fields.add("address", address);
        fields.add("kind", "fault");
        fields.add("urgent", "1");
        fields.add("title", title);
        fields.add("text", "開きません。\n朝からです。");
        sys::FetchOptions options;
        options.method = "POST";
        options.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
        options.body = http::format_urlencoded(fields);
        return client_.fetch(form_->url() + "/", options);
    }

    flow::testing::Town town_{"sqlite"};
    sys::HttpClient client_;
    std::unique_ptr<DeskForm> form_;
};

TEST_F(DeskFormTest, KeepsWhatComesUntilTheOfficeIsThere) {
    const auto sent = send("公開ページが開かない", "kanri@city.example", "form-1");
    EXPECT_EQ(sent.status, 303) << sent.body;
    EXPECT_EQ(send("公開ページが開かない", "kanri@city.example", "form-1").status, 303) << "pressed twice";
    const auto slips = std::filesystem::directory_iterator(town_.site->folders.site / "desk-spool");
    const std::string slip = slips->path().stem().string();
    EXPECT_NE(client_.fetch(form_->url() + "/?sent=" + slip, {}).body.find("受け取りました"), std::string::npos);
    EXPECT_EQ(client_.fetch(form_->url() + "/?sent=other", {}).body.find("受け取りました"), std::string::npos);
    EXPECT_EQ(flow::look_at_spool(town_.site->folders).waiting, 1U);
    town_.clock.advance(std::chrono::hours(2));
    EXPECT_EQ(flow::take_spooled(*town_.site), 1);
    EXPECT_EQ(flow::take_spooled(*town_.site), 0);
    EXPECT_EQ(flow::look_at_spool(town_.site->folders).waiting, 0U);
    const auto questions = town_.read([](sys::Reader& db) { return helpdesk::list_questions(db, {}); });
    ASSERT_EQ(questions.size(), 1U);
    EXPECT_EQ(questions[0].title, "公開ページが開かない");
    EXPECT_EQ(questions[0].channel, helpdesk::Channel::Form);
    EXPECT_EQ(questions[0].received_at, town_.clock.now() - std::chrono::hours(2)) << "the time at which it came";
}

TEST_F(DeskFormTest, SaysWhatIsWrongAndHoldsOffAFlood) {
    const auto wrong = send("題", "no address");
    EXPECT_EQ(wrong.status, 422);
    EXPECT_NE(wrong.body.find("value=\"名前 &lt;b&gt;\""), std::string::npos) << "what was typed comes back, escaped";
    EXPECT_EQ(send("2").status, 303);
    EXPECT_EQ(send("3").status, 303);
    EXPECT_EQ(send("4").status, 429);
    town_.clock.advance(std::chrono::minutes(61));
    EXPECT_EQ(send("5").status, 303);
}

TEST_F(DeskFormTest, LosesOnlyTheFileThatIsNone) {
    const auto folder = town_.site->folders.site / "desk-spool";
    send("1");
    std::ofstream(folder / "000000000000001-aa.question") << std::string(300U << 10U, 'x');
    std::filesystem::create_directory(folder / "000000000000002-bb.question");
    EXPECT_EQ(flow::take_spooled(*town_.site), 1);
    const auto state = flow::look_at_spool(town_.site->folders);
    EXPECT_EQ(state.bad + state.waiting, 2U) << "what is left is told";
    std::filesystem::remove_all(folder);
    std::ofstream(folder) << "no folder";
    EXPECT_TRUE(flow::look_at_spool(town_.site->folders).is_unreadable);
}

TEST_F(DeskFormTest, RefersNobodyWhileTheOfficeIsDown) {
    helpdesk::SpooledQuestion asked;
    asked.name = "知らない人";
    asked.address = "who@other.example";
    asked.title = asked.text = "質問";
    asked.at = town_.clock.now();
    flow::spool_question(town_.site->folders, asked);
    EXPECT_EQ(flow::take_spooled(*town_.site), 1);
    EXPECT_FALSE(town_.read([](sys::Reader& db) { return helpdesk::list_questions(db, {}); })[0].is_referred);
}

}  // namespace
}  // namespace door

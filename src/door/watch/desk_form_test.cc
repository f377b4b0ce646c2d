#include "door/watch/desk_form.h"

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
    sys::Fetched send(const std::string& title, const std::string& address = "kanri@city.example") {
        http::Fields fields;
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
    const auto sent = send("公開ページが開かない");
    EXPECT_EQ(sent.status, 200) << sent.body;
    EXPECT_NE(sent.body.find("受け取りました"), std::string::npos);
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
    EXPECT_EQ(send("2").status, 200);
    EXPECT_EQ(send("3").status, 200);
    EXPECT_EQ(send("4").status, 429);
    town_.clock.advance(std::chrono::minutes(61));
    EXPECT_EQ(send("5").status, 200);
}

TEST(SpooledQuestion, IsReadAsItWasWritten) {
    flow::SpooledQuestion asked;
    asked.is_urgent = true;
    asked.name = "佐藤";
    asked.address = "a@b.example";
    asked.title = "題";
    asked.text = "一行目\n二行目";
    asked.at = {1'800'000'000'000};
    const auto read = flow::read_spooled(flow::write_spooled(asked));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->text, asked.text);
    EXPECT_TRUE(read->is_urgent);
    EXPECT_FALSE(read->is_fault);
    EXPECT_FALSE(flow::read_spooled("yakuba-question-1\nx\n\n\n\n\n\n\n"));
    EXPECT_FALSE(flow::read_spooled(""));
}

}  // namespace
}  // namespace door

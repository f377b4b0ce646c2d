// Mail of the real program: `serve` sends what is queued, dies between the mail server's word and its own mark, loses
// nothing and sends at most one copy more, with the same Message-ID; stops in time whatever the mail server does; and
// `site status` says how mail and jobs fare.
#include <thread>

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <signal.h>

#include "flow/notify.h"
#include "flow/site.h"
#include "ground/mail/outbox.h"
#include "ground/mail/testing/smtp_server.h"
#include "ground/people/accounts.h"
#include "ground/sys/files.h"
#include "ground/sys/testing/databases.h"
#include "serving.h"

namespace tests {

namespace {

using namespace std::chrono_literals;
using mail::testing::SmtpServer;
using mail::testing::Taken;

class MailOfTheProgram : public testing::TestWithParam<std::string> {
  protected:
    MailOfTheProgram() {
        const auto file = site_.folder() / "yakuba.toml";
        std::string toml = sys::read_file(file);
        const std::vector<std::pair<std::string, settings::Value>> values{
            {"mail.from", "yakuba@city.example"},
            {"mail.smtp_url", server_.url()},
            {"mail.timeout_seconds", settings::Integer{2}}};
        for (const auto& [key, value] : values) toml = settings::edited(toml, key, value);
        sys::write_file(file, toml);
    }
    /// To the first administrator.
    void queue_letter() {
        const auto site = flow::Site::open(site_.folder(), clock_);
        site->database->write([&](sys::Transaction& tx) {
            people::Person person = *people::find_person(tx, "admin");
            person.mail = "admin@city.example";
            people::change_person(tx, person, {{}, clock_.now()});
            flow::queue_test_letter(tx, *site, person.id);
        });
    }
    mail::Counts counts() {
        const auto site = flow::Site::open(site_.folder(), clock_);
        return site->database->read(
            [&](sys::Reader& db) { return mail::count(db, clock_.now() - std::chrono::hours(1)); });
    }
    bool wait_until_sent(std::int64_t count) {
        for (int i = 0; i < 300; ++i) {
            if (counts().sent >= count) return true;
            std::this_thread::sleep_for(100ms);
        }
        return false;
    }

    SmtpServer server_;
    TestSite site_{GetParam()};
    base::SystemClock clock_;
};
INSTANTIATE_TEST_SUITE_P(Engines, MailOfTheProgram, testing::ValuesIn(sys::testing::engines()),
                         sys::testing::engine_name);

TEST_P(MailOfTheProgram, IsNotLostAndSentAtMostTwiceWhenItDiesBeforeItsMark) {
    queue_letter();
    server_.set_manners({.delay = 10s});  // the text is taken; the word for it is on its way
    {
        Serving serving(site_);
        ASSERT_TRUE(server_.wait_for(1, 60s));
        serving.kill_now();
    }
    EXPECT_EQ(counts().waiting, 1) << "nobody has marked it";
    server_.set_manners({});
    Serving serving(site_);
    ASSERT_TRUE(server_.wait_for(2, 60s));
    ASSERT_TRUE(wait_until_sent(1));
    std::this_thread::sleep_for(2s);
    const std::vector<Taken> taken = server_.taken();
    ASSERT_EQ(taken.size(), 2U);
    EXPECT_EQ(taken[0].field("Message-ID"), taken[1].field("Message-ID"));
    EXPECT_EQ(taken[0].text, taken[1].text);
    EXPECT_TRUE(server_.faults().empty()) << server_.faults().front();
    EXPECT_EQ(serving.stop(SIGTERM, 30s), 0);
    EXPECT_TRUE(site_.json({"ledger", "verify"}).at("ok").as_bool());
}

TEST_P(MailOfTheProgram, DoesNotKeepItFromStopping) {
    queue_letter();
    server_.set_manners({.delay = 60s});
    Serving serving(site_);
    ASSERT_TRUE(server_.wait_for(1, 60s));
    EXPECT_EQ(serving.stop(SIGINT, 30s), 0);
}

TEST_P(MailOfTheProgram, IsSeenInSiteStatus) {
    server_.set_manners({.to_recipient = "550 no such person"});
    queue_letter();
    const auto before = site_.json({"site", "status"});
    EXPECT_TRUE(before.at("mail").at("is_well").as_bool());
    EXPECT_EQ(before.at("mail").at("waiting").as_int64(), 1);
    Serving serving(site_);
    for (int i = 0; i < 300 && counts().failed == 0; ++i) std::this_thread::sleep_for(100ms);
    const auto after = site_.json({"site", "status"}, 1);
    EXPECT_FALSE(after.at("mail").at("is_well").as_bool());
    EXPECT_EQ(after.at("mail").at("failed").as_int64(), 1);
    EXPECT_TRUE(after.at("jobs").as_array().empty()) << boost::json::serialize(after);
    EXPECT_EQ(serving.stop(SIGTERM, 30s), 0);
}

}  // namespace

}  // namespace tests

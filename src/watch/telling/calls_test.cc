// Calls through a real mail server on loopback, on a clock that the test moves.
#include "watch/telling/calls.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "ground/mail/testing/smtp_server.h"
#include "ground/sys/http_client.h"
#include "ground/sys/testing/databases.h"
#include "watch/signals/pipeline.h"
#include "watch/telling/inside/store.h"

namespace telling {
namespace {

using base::Instant;
using namespace std::chrono_literals;

class CallsTest : public ::testing::Test {
  protected:
    CallsTest() {
        std::vector<sys::Migration> all;
        for (const auto& part : {ledger::migrations(), signals::migrations(), migrations()})
            all.insert(all.end(), part.begin(), part.end());
        sys::migrate(*db_, all);
        means_.site_name = "山川市";
        means_.mail.url = server_.url();
        means_.mail.patience = 5s;
        means_.from = {"山川市", "kanshi@city.example"};
        means_.patience = 5s;
        means_.http = &http_;
        pipeline_.tick();
    }

    void table(const std::vector<std::string>& lines) { policy_.on_call = OnCall(lines, calendar::OfficeCalendar{}); }
    signals::Signal down(signals::State state = signals::State::Raise, std::string subject = "www") const {
        return {.source = "probe",
                .kind = "http.down",
                .subject = std::move(subject),
                .state = state,
                .severity = signals::Severity::Serious,
                .observed_at = clock_.now(),
                .text = "公開サイトにつながりません。"};
    }
    /// Lets time pass in steps of a second, as the watch's loop does.
    void pass(std::chrono::seconds span) {
        for (; span > 0s; span -= 1s) {
            clock_.advance(1s);
            turn();
        }
    }
    void turn() {
        pipeline_.tick();
        const auto now = clock_.now();
        const bool wants = db_->read([&](sys::Reader& db) { return has_work(db, policy_, now); });
        if (wants) db_->write([&](sys::Transaction& tx) { return gather(tx, policy_, now); });
        // The look and the deed agree: nothing is left over, nothing is done in vain.
        EXPECT_FALSE(db_->read([&](sys::Reader& db) { return has_work(db, policy_, now); }));
        deliver(*db_, clock_, means_, report_);
    }
    std::vector<std::string> subjects() {
        std::vector<std::string> found;
        for (const auto& taken : server_.taken()) found.push_back(mail::testing::decode_words(taken.field("Subject")));
        return found;
    }
    std::vector<std::string> recipients() {
        std::vector<std::string> found;
        for (const auto& taken : server_.taken()) found.push_back(taken.to);
        return found;
    }
    std::vector<Message> messages() {
        return db_->read([](sys::Reader& db) { return list_messages(db, {}, 1000); });
    }

    sys::testing::TestDatabase store_;
    std::unique_ptr<sys::Database> db_ = store_.open_empty("sqlite");
    base::FixedClock clock_{base::parse_instant("2027-04-01 10:00").value()};  // a Thursday
    signals::Pipeline pipeline_{*db_, clock_, signals::Rules()};
    mail::testing::SmtpServer server_;
    sys::HttpClient http_;
    Means means_;
    Policy policy_{.on_call = OnCall({"always warning 0 mail touban@city.example"}, calendar::OfficeCalendar{}),
                   .site_name = "山川市",
                   .office_url = "https://office.city.example"};
    signals::Take report_;
};

TEST_F(CallsTest, MakeOneMessageAndItsFollowUpOfAStormOfTenThousand) {
    std::vector<signals::Signal> storm;
    for (int i = 0; i < 10'000; ++i) {
        storm.push_back(down(signals::State::Raise, fmt::format("/p{}.html", i)));
        storm.back().source = "guard";
        storm.back().kind = i % 3 == 0 ? "tree.changed" : i % 3 == 1 ? "tree.extra" : "tree.missing";
    }
    for (std::size_t from = 0; from < storm.size(); from += 1000) {
        pipeline_.take(std::span(storm).subspan(from, 1000));
        pass(1s);
    }
    pass(60s);
    for (auto& signal : storm) {
        signal.state = signals::State::Clear;
        signal.observed_at = clock_.now();
    }
    pipeline_.take(storm);
    clock_.advance(2h);
    turn();
    turn();
    const auto got = subjects();
    ASSERT_EQ(got.size(), 2U);
    EXPECT_NE(got[0].find("重大"), std::string::npos);
    EXPECT_NE(got[1].find("復旧"), std::string::npos);
    EXPECT_NE(server_.taken()[0].body().find("https://office.city.example/calls/"), std::string::npos);
    EXPECT_TRUE(server_.faults().empty());
    EXPECT_TRUE(db_->read([](sys::Reader& db) { return ledger::verify(db, ledger::kWatch); }).is_whole());
}

TEST_F(CallsTest, GoToTheNextUntilSomebodyAcknowledges) {
    table({"always warning 0 mail first@city.example", "always warning 15 mail second@city.example",
           "always emergency 0 mail mayor@city.example"});
    pipeline_.take(down());
    pass(14min);
    EXPECT_EQ(recipients(), (std::vector<std::string>{"first@city.example"}));
    pass(2min);
    EXPECT_EQ(recipients(), (std::vector<std::string>{"first@city.example", "second@city.example"}));
    pass(31min);
    EXPECT_EQ(recipients().size(), 4U) << "again, as nobody has acknowledged";

    ledger::Search sent;
    sent.stream = ledger::kWatch;
    sent.act = "message.sent";
    const auto lines = db_->read([&](sys::Reader& db) { return ledger::find_lines(db, sent); });
    ASSERT_EQ(lines.size(), 4U);
    for (const auto& line : lines)
        EXPECT_NE(line.entry.detail.find(R"("anomalies":[1])"), std::string::npos) << line.entry.detail;

    const std::string text = server_.taken()[0].body();
    const auto at = text.find("/calls/") + 7;
    const std::string ticket = text.substr(at, text.find_first_of("\r\n", at) - at);
    const auto call = db_->read([&](sys::Reader& db) { return find_by_ticket(db, ticket, clock_.now()); });
    ASSERT_TRUE(call);
    const signals::By by{"person:7", clock_.now()};
    EXPECT_TRUE(db_->write([&](sys::Transaction& tx) { return acknowledge(tx, call->id, by); }));
    EXPECT_FALSE(db_->write([&](sys::Transaction& tx) { return acknowledge(tx, call->id, by); }));
    EXPECT_FALSE(db_->read([&](sys::Reader& db) { return find_by_ticket(db, ticket + "x", clock_.now()); }));
    pass(3h);
    EXPECT_EQ(recipients().size(), 4U);
    EXPECT_EQ(db_->read([](sys::Reader& db) { return signals::load_anomaly(db, {1}); }).acknowledged_by, "person:7");

    // It gets worse: who has it in hand hears of it, and the calling starts anew with those who are called for this.
    auto worse = down();
    worse.severity = signals::Severity::Emergency;
    pipeline_.take(worse);
    pass(2s);
    EXPECT_EQ(recipients().size(), 4U + 2 + 2) << "two are told more, two are called";
    EXPECT_EQ(recipients().back(), "mayor@city.example");
}

TEST_F(CallsTest, FollowTheCalendarOfTheContract) {
    table({"open warning 0 mail day@city.example", "closed serious 0 mail night@city.example"});
    pipeline_.take(down());
    pass(5s);
    EXPECT_EQ(recipients(), (std::vector<std::string>{"day@city.example"}));
    pipeline_.take(down(signals::State::Clear));
    pass(1s);
    clock_.set(base::parse_instant("2027-04-29 10:00").value());  // a holiday
    pass(1s);
    pipeline_.take(down());
    pass(5s);
    EXPECT_EQ(recipients().back(), "night@city.example");
}

TEST_F(CallsTest, StayQuietInAPlannedStopAndCallWhenItIsOverAndStillWrong) {
    db_->write([&](sys::Transaction& tx) {
        signals::add_window(tx,
                            {.reason_kind = "planned-stop",
                             .why = "保守",
                             .by = "person:1",
                             .from_at = clock_.now(),
                             .until_at = clock_.now() + 10min},
                            clock_.now());
    });
    pipeline_.take(down());
    pass(9min);
    EXPECT_TRUE(recipients().empty());
    pass(2min);
    EXPECT_EQ(recipients().size(), 1U);
}

TEST_F(CallsTest, ReachAReceiverThatWasDownForAWhileOnce) {
    server_.set_manners({.to_sender = "451 later"});
    std::vector<signals::Signal> reported;
    report_ = [&](signals::Signal signal) { reported.push_back(std::move(signal)); };
    pipeline_.take(down());
    pass(10min);
    EXPECT_TRUE(recipients().empty());
    EXPECT_FALSE(reported.empty());
    server_.set_manners({});
    pass(10min);
    EXPECT_EQ(recipients().size(), 1U);
    EXPECT_EQ(reported.back().state, signals::State::Clear);
    const auto sent = messages();
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_FALSE(sent[0].is_repeated) << "each refusal was an answer";
    const auto tries = db_->read([&](sys::Reader& db) { return list_tries(db, sent[0].id); });
    ASSERT_GE(tries.size(), 3U);
    EXPECT_EQ(tries.front().outcome, "later");
    EXPECT_EQ(tries.back().outcome, "sent");
}

TEST_F(CallsTest, ReportARefusalForGoodAtOnce) {
    server_.set_manners({.to_recipient = "550 no such user"});
    std::vector<signals::Signal> reported;
    report_ = [&](signals::Signal signal) { reported.push_back(std::move(signal)); };
    pipeline_.take(down());
    pass(1min);
    ASSERT_EQ(reported.size(), 1U);
    EXPECT_EQ(reported[0].kind, "message.refused");
    EXPECT_EQ(reported[0].state, signals::State::Raise);
    EXPECT_EQ(signals::Rules().of("telling", "message.refused", "x").raise_after, 1);
}

TEST_F(CallsTest, SendAgainAndSaySoWhenATryWasCutOff) {
    pipeline_.take(down());
    clock_.advance(5s);
    db_->write([&](sys::Transaction& tx) { return gather(tx, policy_, clock_.now()); });
    // The program dies between the begin of a try and its end.
    ASSERT_TRUE(db_->write([&](sys::Transaction& tx) { return take(tx, clock_.now(), 30s, {}); }));
    turn();
    EXPECT_TRUE(recipients().empty()) << "another may still be at it";
    pass(31s);
    const auto got = subjects();
    ASSERT_EQ(got.size(), 1U);
    EXPECT_NE(got[0].find("再送"), std::string::npos);
    const auto sent = messages();
    EXPECT_TRUE(sent[0].is_repeated);
    EXPECT_EQ(server_.taken()[0].field("Message-ID").find(sent[0].token), 1U);
    const auto tries = db_->read([&](sys::Reader& db) { return list_tries(db, sent[0].id); });
    ASSERT_EQ(tries.size(), 2U);
    EXPECT_EQ(tries[0].outcome, "begun");
    EXPECT_EQ(tries[1].outcome, "sent");
}

TEST_F(CallsTest, LeaveUnrelatedFaultsTheirOwnCallsButNotMany) {
    for (int i = 0; i < 20; ++i) {
        auto signal = down();
        signal.kind = fmt::format("kind{}.down", i);
        pipeline_.take(signal);
        pass(5s);
    }
    const auto calls = db_->read([](sys::Reader& db) { return list_calls(db, false); });
    EXPECT_EQ(calls.size(), static_cast<std::size_t>(kMostCalls));
    EXPECT_EQ(recipients().size(), static_cast<std::size_t>(kMostCalls));
    pass(5min);
    EXPECT_EQ(recipients().size(), static_cast<std::size_t>(kMostCalls) + 1) << "one follow-up for the rest";
}

TEST_F(CallsTest, CanBeTestedWithoutAFault) {
    table({"always warning 0 mail a@city.example", "always warning 60 screen -",
           "always serious 5 command /bin/sh -c exit"});
    const int queued = db_->write([&](sys::Transaction& tx) {
        return queue_test(tx, policy_, true, {"person:1", clock_.now()});
    });
    EXPECT_EQ(queued, 3);
    deliver(*db_, clock_, means_, {});
    for (const Message& message : messages()) {
        EXPECT_EQ(message.standing, "sent") << message.channel << message.reply;
        EXPECT_EQ(message.kind, "test");
    }
    EXPECT_EQ(recipients(), (std::vector<std::string>{"a@city.example"}));
}

TEST_F(CallsTest, GiveAProgramTheMessageAndItsArgumentsWithoutAShell) {
    const auto folder = sys::TemporaryFolder();
    const auto script = folder.path() / "call";
    sys::write_file(script, "#!/bin/sh\necho \"$1|$2|$YAKUBA_SEVERITY\" > \"$0.out\"\ncat >> \"$0.out\"\n",
                    sys::Durability::Later, 0755);
    table({fmt::format("always warning 0 command {} $HOME ;ls name=主任", script.string())});
    pipeline_.take(down());
    pass(5s);
    const std::string out = sys::read_file(script.string() + ".out");
    EXPECT_TRUE(out.starts_with("$HOME|;ls|serious\n")) << out;
    EXPECT_NE(out.find("公開サイトにつながりません。"), std::string::npos);
    EXPECT_EQ(messages()[0].name, "主任");
}

TEST_F(CallsTest, AskADeadMailServerOnceInATurnAndReachTheOthers) {
    means_.mail.url = "smtp://127.0.0.1:1";
    std::vector<std::string> rows{"always warning 60 screen -"};
    for (int person = 0; person < 8; ++person)
        rows.push_back(fmt::format("always warning 0 mail p{}@city.example", person));
    table(rows);
    db_->write([&](sys::Transaction& tx) { return queue_test(tx, policy_, true, {"person:1", clock_.now()}); });
    const Delivered first = deliver(*db_, clock_, means_, {});
    EXPECT_EQ(first.later, 1);
    EXPECT_EQ(first.sent, 1);
    EXPECT_EQ(deliver(*db_, clock_, means_, {}).later, 1);
    means_.mail.url = server_.url();
    clock_.advance(1min);
    EXPECT_EQ(deliver(*db_, clock_, means_, {}).sent, 8);
}

TEST_F(CallsTest, ForgetOldCallsAlone) {
    pipeline_.take(down());
    pass(5s);
    pipeline_.take(down(signals::State::Clear));
    pass(1s);
    EXPECT_EQ(db_->write([&](sys::Transaction& tx) { return forget(tx, clock_.now() - 1h); }), 0);
    EXPECT_GT(db_->write([&](sys::Transaction& tx) { return forget(tx, clock_.now() + 1h); }), 0);
    EXPECT_TRUE(messages().empty());
    EXPECT_TRUE(db_->read([](sys::Reader& db) { return list_calls(db, false); }).empty());
}

TEST(OnCallTable, WritesARowAsItReadsIt) {
    for (const std::string line :
         {"always warning 0 screen -",
          "closed serious 15 command /bin/call now loud name=夜間 days=sat,sun until=2027-04-30",
          "open minor 1440 mail a@b.example name=当番 from=2027-04-01"})
        EXPECT_EQ(line_of(parse_duty(line)), line);
}

TEST(OnCallTable, KnowsWhenTheNextPersonIsOnDuty) {
    const OnCall table(
        {"always serious 0 mail a@b.example name=平日 days=mon,tue,wed,thu,fri",
         "always serious 0 mail c@b.example name=週末 days=sat,sun", "always emergency 0 screen - until=2027-04-01"},
        calendar::OfficeCalendar{});
    const Instant thursday = base::from_local({{2027, 4, 1}, 10, 7, 30, 0});
    EXPECT_EQ(table.next_change(thursday, signals::Severity::Serious), base::from_local({{2027, 4, 3}, 0, 0, 0, 0}));
    EXPECT_EQ(table.next_change(thursday, signals::Severity::Emergency), base::from_local({{2027, 4, 2}, 0, 0, 0, 0}));
    EXPECT_FALSE(OnCall({}, calendar::OfficeCalendar{}).next_change(thursday, signals::Severity::Serious));
}

TEST(OnCallTable, SaysWhichWordIsWrong) {
    for (const std::string_view line :
         {"always warning 0 mail", "sometimes warning 0 screen -", "always high 0 screen -",
          "always warning -1 screen -", "always warning 0 pigeon x", "always warning 0 mail nobody",
          "always warning 0 webhook http://example.com/", "always warning 0 webhook http://localhost.evil.example/",
          "always warning 0 command call", "always warning 0 screen - days=mon,xxx",
          "always warning 0 screen - from=soon", "always warning 0 mail a@b.example extra"})
        EXPECT_THROW(parse_duty(line), base::Error) << line;
    const Duty duty =
        parse_duty("closed serious 15 command /bin/call now loud days=sat,sun until=2027-04-30 name=夜間");
    EXPECT_EQ(duty.target, "/bin/call now loud");
    EXPECT_EQ(duty.days, (std::vector<int>{6, 0}));
    EXPECT_EQ(duty.name, "夜間");
}

}  // namespace
}  // namespace telling

// The helpdesk's acts and lists on both databases.
#include "office/helpdesk/store.h"

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "ground/sys/testing/databases.h"
#include "office/helpdesk/answers.h"
#include "office/helpdesk/roster.h"
#include "office/records/store.h"

namespace helpdesk {
namespace {

using namespace std::chrono_literals;

const base::Instant kTuesday = base::parse_instant("2027-04-06 10:00").value();
const By kDesk{"person:7", "保守 太郎", kTuesday + 30min};

class Helpdesk : public ::testing::TestWithParam<std::string> {
  protected:
    void SetUp() override {
        std::vector<sys::Migration> all;
        for (const auto& part : {ledger::migrations(), records::migrations(), migrations()})
            all.insert(all.end(), part.begin(), part.end());
        sys::migrate(*db_, all);
    }
    template <class Work>
    auto write(Work&& work) {
        return db_->write(work);
    }
    QuestionId put(Kind kind = Kind::Question, bool is_urgent = false, const std::string& title = "表の作り方") {
        NewQuestion made;
        made.kind = kind;
        made.is_urgent = is_urgent;
        made.title = title;
        made.text = "表に見出しを付けるには、どうすればよいですか。";
        made.asker = {{3}, "佐藤 美咲", "sato@city.example", ""};
        return write([&](sys::Transaction& tx) { return receive(tx, made, {"person:3", "佐藤 美咲", kTuesday}); });
    }
    Question load(QuestionId id) {
        return db_->read([&](sys::Reader& db) { return load_question(db, id); });
    }
    void reply(QuestionId id, const Reply& said, By by = kDesk) {
        const auto version = load(id).version;
        write([&](sys::Transaction& tx) { answer(tx, id, version, said, hours_, by); });
    }
    std::vector<std::string> acts() {
        std::vector<std::string> acts;
        ledger::Search search;
        search.limit = 100;
        for (const auto& line : db_->read([&](sys::Reader& db) { return ledger::find_lines(db, search); }))
            acts.insert(acts.begin(), line.entry.act + " " + line.entry.detail);
        return acts;
    }
    static base::Kind kind_of(const std::function<void()>& work) {
        try {
            work();
        } catch (const base::Error& error) {
            return error.kind();
        }
        return base::Kind::Bug;
    }

    sys::testing::TestDatabase store_;
    std::unique_ptr<sys::Database> db_ = store_.open_empty(GetParam());
    calendar::OfficeCalendar hours_;
};
INSTANTIATE_TEST_SUITE_P(Engines, Helpdesk, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

TEST_P(Helpdesk, KeepsAQuestionFromReceiptToItsEnd) {
    const QuestionId id = put();
    EXPECT_EQ(load(id).number, "受付-2027-0001");
    write([&](sys::Transaction& tx) { accept(tx, id, 1, {7}, kDesk); });
    reply(id, {"テンプレートの「表」を選んでください。", Channel::Web, 15, true});
    EXPECT_EQ(load(id).state, State::Waiting);
    Message more;
    more.text = "できました。";
    write([&](sys::Transaction& tx) { add_asked(tx, id, more, hours_, {"person:3", "佐藤 美咲", kTuesday + 2h}); });
    EXPECT_EQ(load(id).state, State::Open);
    EXPECT_EQ(load(id).waited_minutes, 90);
    const auto version = load(id).version;
    write([&](sys::Transaction& tx) { close(tx, id, version, hours_, kDesk); });
    const Question closed = load(id);
    EXPECT_EQ(closed.state, State::Closed);
    EXPECT_EQ(closed.answered_at, kDesk.at);
    EXPECT_EQ(closed.minutes, 15);
    EXPECT_EQ(closed.assignee, base::PersonId{7});
    const auto messages = db_->read([&](sys::Reader& db) { return list_messages(db, id); });
    ASSERT_EQ(messages.size(), 3U);
    EXPECT_EQ(messages[1].what, What::Answered);
    EXPECT_EQ(messages[2].name, "佐藤 美咲");
    const auto lines = acts();
    ASSERT_EQ(lines.size(), 5U);
    EXPECT_NE(lines[0].find(R"("kind":"question","urgent":false,"channel":"web")"), std::string::npos) << lines[0];
    EXPECT_NE(lines[2].find(R"(desk.answer {"number":"受付-2027-0001","channel":"web")"), std::string::npos)
        << lines[2];
    EXPECT_TRUE(lines[4].starts_with("desk.close"));
}

TEST_P(Helpdesk, ClosesWhatIsUrgentOnlyWithARecordedCall) {
    const QuestionId id = put(Kind::Fault, true);
    reply(id, {"調べています。"});
    EXPECT_EQ(kind_of([&] { reply(id, {"直りました。", Channel::Web, 0, false, true}); }), base::Kind::BadInput);
    EXPECT_EQ(load(id).state, State::Open);
    EXPECT_EQ(db_->read([&](sys::Reader& db) { return list_messages(db, id); }).size(), 2U) << "nothing of it is kept";
    reply(id, {"直ったことを佐藤さんに伝えた。", Channel::Phone, 5, false, true});
    EXPECT_EQ(load(id).state, State::Closed);
    EXPECT_NE(acts()[2].find(R"("channel":"phone")"), std::string::npos);
}

TEST_P(Helpdesk, AsksWhetherACorrectionIsInsideTheFee) {
    const QuestionId id = put(Kind::Correction);
    reply(id, {"直しました。", Channel::Web, 20});
    EXPECT_EQ(kind_of([&] { write([&](sys::Transaction& tx) { close(tx, id, 2, hours_, kDesk); }); }),
              base::Kind::BadInput);
    write([&](sys::Transaction& tx) { decide_fee(tx, id, 2, Fee::Inside, "文言1か所の修正のため", kDesk); });
    write([&](sys::Transaction& tx) { close(tx, id, 3, hours_, kDesk); });
    EXPECT_EQ(load(id).fee, Fee::Inside);
    EXPECT_NE(acts()[2].find(R"("fee":"inside")"), std::string::npos);
}

TEST_P(Helpdesk, RefusesAnAnswerThatDoesNotKnowTheNewest) {
    const QuestionId id = put();
    reply(id, {"一人目の回答"});
    EXPECT_EQ(
        kind_of([&] { write([&](sys::Transaction& tx) { answer(tx, id, 1, {"二人目の回答"}, hours_, kDesk); }); }),
        base::Kind::Conflict);
    EXPECT_EQ(db_->read([&](sys::Reader& db) { return list_messages(db, id); }).size(), 2U);
}

TEST_P(Helpdesk, OpensAClosedQuestionAgainWhenTheAskerWrites) {
    const QuestionId id = put();
    reply(id, {"こうしてください。", Channel::Web, 0, false, true});
    Message more;
    more.text = "まだできません。";
    more.channel = Channel::Mail;
    write([&](sys::Transaction& tx) { add_asked(tx, id, more, hours_, {"mail", "佐藤 美咲", kTuesday + 2h}); });
    EXPECT_EQ(load(id).state, State::Open);
    EXPECT_EQ(load(id).waited_minutes, 90) << "while it was closed no time ran";
    EXPECT_NE(acts().back().find(R"("reopened":true)"), std::string::npos);
}

TEST_P(Helpdesk, KeepsWhatComesFromOthersWithoutAClock) {
    NewQuestion made;
    made.title = "質問";
    made.text = "本文";
    made.asker.name = "市民";
    made.is_referred = true;
    const auto id = write([&](sys::Transaction& tx) { return receive(tx, made, {"mail", "市民", kTuesday}); });
    EXPECT_EQ(load(id).state, State::Closed);
    EXPECT_TRUE(acts()[0].starts_with("desk.refer")) << "no contract waits for an answer";
    write([&](sys::Transaction& tx) { take_on(tx, id, 1, {"person:7", "受付", kTuesday + 1h}); });
    EXPECT_EQ(load(id).state, State::Open);
    EXPECT_EQ(load(id).received_at, kTuesday + 1h) << "the clock runs from then on";
    EXPECT_TRUE(acts()[1].starts_with("desk.receive")) << acts()[1];
    EXPECT_EQ(kind_of([&] { write([&](sys::Transaction& tx) { take_on(tx, id, 2, kDesk); }); }), base::Kind::Conflict);
}

TEST_P(Helpdesk, KeepsWhatIsAcceptedAcceptedAndCallsOffWhatIsUrgentNoMore) {
    const QuestionId id = put();
    write([&](sys::Transaction& tx) { accept(tx, id, 1, {7}, kDesk); });
    write([&](sys::Transaction& tx) { sort(tx, id, 2, Kind::Fault, true, "開かない", kDesk); });
    EXPECT_TRUE(acts()[2].starts_with("desk.receive"));
    EXPECT_TRUE(acts()[3].starts_with("desk.accept")) << "somebody has it already";
    EXPECT_NE(acts()[4].find(R"("urgent":true)"), std::string::npos);
    write([&](sys::Transaction& tx) { sort(tx, id, 3, Kind::Question, false, "開かない", kDesk); });
    EXPECT_TRUE(acts().back().starts_with("desk.sort") && acts().back().find(R"("urgent":false)") != std::string::npos)
        << "also with another kind: " << acts().back();
}

TEST_P(Helpdesk, NamesDamagedMailUntilSomebodyHasLooked) {
    write([&](sys::Transaction& tx) {
        for (const char* key : {"a", "b"}) {
            MailRow row;
            row.key = key;
            row.at = kTuesday;
            claim_mail(tx, row);
        }
        finish_mail(tx, "a", {}, "damaged", "大きい");
        finish_mail(tx, "b", {}, "automatic", "list");
    });
    const auto unseen = [&] { return db_->read([](sys::Reader& db) { return count_unseen_damaged(db); }); };
    EXPECT_EQ(db_->read([](sys::Reader& db) { return list_lost_mails(db, 9); }).size(), 2U);
    EXPECT_EQ(unseen(), 1);
    write([&](sys::Transaction& tx) { see_damaged(tx, kTuesday - 1h, kDesk); });
    EXPECT_EQ(unseen(), 1) << "what came after the list was shown";
    write([&](sys::Transaction& tx) { see_damaged(tx, kTuesday, kDesk); });
    EXPECT_EQ(unseen(), 0);
    EXPECT_TRUE(acts().back().starts_with("desk.look"));
    MailRow again;
    again.key = "a";
    EXPECT_EQ(write([&](sys::Transaction& tx) { return claim_mail(tx, again); }), Claim::Taken);
}

TEST_P(Helpdesk, StartsTheClockOfWhatItIsSortedInto) {
    const QuestionId id = put();
    write([&](sys::Transaction& tx) { sort(tx, id, 1, Kind::Fault, true, "公開ページが開かない", kDesk); });
    EXPECT_NE(acts()[1].find(R"(desk.receive {"number":"受付-2027-0001","kind":"fault","urgent":true)"),
              std::string::npos)
        << acts()[1];
    write([&](sys::Transaction& tx) { sort(tx, id, 2, Kind::Fault, true, "トップページが開かない", kDesk); });
    EXPECT_TRUE(acts()[2].starts_with("desk.sort"));
}

TEST_P(Helpdesk, ListsByWhatIsAskedFor) {
    const QuestionId first = put(), second = put(Kind::Consultation, false, "100%_幅の表");
    write([&](sys::Transaction& tx) {
        accept(tx, first, 1, {7}, kDesk);
        link(tx, second, "incident:3", kDesk);
        link(tx, second, "incident:3", kDesk);
    });
    const auto found = [&](const Filter& filter) {
        std::vector<std::int64_t> ids;
        for (const auto& one : db_->read([&](sys::Reader& db) { return list_questions(db, filter); }))
            ids.push_back(one.id.value);
        return ids;
    };
    Filter filter;
    EXPECT_EQ(found(filter), (std::vector{second.value, first.value}));
    filter.only_new = true;
    EXPECT_EQ(found(filter), std::vector{second.value});
    filter = {};
    filter.assignee = {7};
    EXPECT_EQ(found(filter), std::vector{first.value});
    filter = {};
    filter.words = "100%_";
    EXPECT_EQ(found(filter), std::vector{second.value});
    filter.words = "1_0";
    EXPECT_TRUE(found(filter).empty()) << "a mark stands for itself";
    filter = {};
    filter.kind = Kind::Question;
    filter.only_unclosed = true;
    EXPECT_EQ(found(filter), std::vector{first.value});
    EXPECT_EQ(db_->read([](sys::Reader& db) { return list_linked(db, "incident:3"); }).size(), 1U);
    const Counts counts = db_->read([](sys::Reader& db) { return count_questions(db); });
    EXPECT_EQ(counts.open, 2);
    EXPECT_EQ(counts.unaccepted, 1);
}

TEST_P(Helpdesk, TakesAMailOnceAndLeavesOneThatKillsTheReader) {
    const MailRow mail{"sha256:1", {}, kTuesday, "佐藤 <sato@city.example>", std::string("題\0", 4), "", ""};
    MailRow deadly = mail;
    deadly.key = "sha256:2";
    const auto claim = [&](const MailRow& one) {
        return write([&](sys::Transaction& tx) { return claim_mail(tx, one); });
    };
    const auto finish = [&] {
        return write([&](sys::Transaction& tx) { return finish_mail(tx, mail.key, {5}, "question"); });
    };
    EXPECT_EQ(claim(mail), Claim::Take);
    EXPECT_TRUE(finish());
    EXPECT_FALSE(finish());
    EXPECT_EQ(claim(mail), Claim::Taken);
    EXPECT_EQ(claim(deadly), Claim::Take);
    write([&](sys::Transaction& tx) { unclaim_mail(tx, deadly.key); });
    EXPECT_EQ(claim(deadly), Claim::Take);
    EXPECT_EQ(claim(deadly), Claim::Take) << "it may have been the power";
    EXPECT_EQ(claim(deadly), Claim::Deadly);
    EXPECT_EQ(claim(deadly), Claim::Taken);
    EXPECT_EQ(db_->read([](sys::Reader& db) { return count_automatic(db, kTuesday, "a@b.example"); }), 0);
    write([&](sys::Transaction& tx) {
        set_fetch(tx, {"imap", 5, 10, kTuesday, kTuesday, ""});
        set_fetch(tx, {"imap", 5, 11, kTuesday, kTuesday, "切れました"});
    });
    EXPECT_EQ(db_->read([](sys::Reader& db) { return find_fetch(db, "imap"); })->last_uid, 11);
    EXPECT_EQ(db_->read([](sys::Reader& db) { return list_mails(db, 5); }).size(), 2U);
}

TEST_P(Helpdesk, SetsARosterAsAWholeAndProvesOnlyAWholeOne) {
    Month april = db_->read([](sys::Reader& db) { return load_month(db, 2027, 4); });
    EXPECT_EQ(april.version, 0);
    for (const base::Day day : days_of(april)) april.days[day] = {"受付 花子", ""};
    write([&](sys::Transaction& tx) { set_month(tx, april, hours_, kDesk); });
    EXPECT_TRUE(acts()[0].starts_with(R"(roster.draft {"month":"2027-04","days":21,"gaps":21})")) << acts()[0];
    EXPECT_EQ(kind_of([&] { write([&](sys::Transaction& tx) { set_month(tx, april, hours_, kDesk); }); }),
              base::Kind::Conflict);
    april.version = 1;
    for (auto& [day, duty] : april.days) duty.engineer = "技術 次郎";
    write([&](sys::Transaction& tx) { set_month(tx, april, hours_, kDesk); });
    EXPECT_TRUE(acts()[1].starts_with("roster.change")) << "April was due in March: " << acts()[1];
    Month may = next_month(april);
    for (const base::Day day : days_of(may)) may.days[day] = {"受付 花子", "技術 次郎"};
    write([&](sys::Transaction& tx) { set_month(tx, may, hours_, kDesk); });
    EXPECT_TRUE(acts()[2].starts_with("roster.set")) << acts()[2];
    EXPECT_EQ(db_->read([](sys::Reader& db) { return load_duty(db, {2027, 4, 6}); }).engineer, "技術 次郎");
}

TEST_P(Helpdesk, KeepsTextsFaqAndWhoMayAsk) {
    const auto text = write([](sys::Transaction& tx) { return save_text(tx, {0, "受付", "{お名前}さん", 0}, kDesk); });
    EXPECT_EQ(kind_of([&] { write([&](sys::Transaction& tx) {
                                save_text(tx, {0, "受付", "別", 0}, kDesk);
                            }); }),
              base::Kind::Conflict);
    EXPECT_EQ(kind_of([&] { write([&](sys::Transaction& tx) {
                                save_text(tx, {text, "受付", "古い", 9}, kDesk);
                            }); }),
              base::Kind::Conflict);
    Faq faq;
    faq.topic = "表";
    faq.question = "見出しを付けるには";
    faq.answer = "テンプレートを使います。";
    faq.id = write([&](sys::Transaction& tx) { return save_faq(tx, faq, kDesk); });
    const auto published = [&] { return db_->read([](sys::Reader& db) { return list_faq(db, true); }).size(); };
    EXPECT_EQ(published(), 0U);
    faq.is_published = true;
    faq.version = 1;
    write([&](sys::Transaction& tx) { save_faq(tx, faq, kDesk); });
    EXPECT_EQ(published(), 1U);
    write([](sys::Transaction& tx) {
        set_allowed(tx, {9}, true, kDesk);
        set_allowed(tx, {9}, true, kDesk);
    });
    EXPECT_TRUE(db_->read([](sys::Reader& db) { return is_allowed(db, {9}); }));
    write([](sys::Transaction& tx) { set_allowed(tx, {9}, false, kDesk); });
    EXPECT_TRUE(db_->read([](sys::Reader& db) { return list_allowed(db); }).empty());
    EXPECT_EQ(acts().size(), 5U);
}

}  // namespace
}  // namespace helpdesk

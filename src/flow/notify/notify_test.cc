#include "flow/notify.h"

#include <gtest/gtest.h>

#include "flow/activate_due.h"
#include "flow/change_template.h"
#include "flow/edit_page.h"
#include "flow/stop_service.h"
#include "flow/testing/town.h"
#include "flow/watch_silence.h"
#include "ground/mail/mail.h"
#include "ground/mail/outbox.h"
#include "ground/mail/testing/smtp_server.h"
#include "ground/sys/files.h"
#include "office/notify/store.h"
#include "press/content/templates.h"

namespace flow {

namespace {

using flow::testing::consent;
using mail::testing::decode_words;
using mail::testing::Manners;
using mail::testing::SmtpServer;
using mail::testing::Taken;
using std::chrono::hours;
using std::chrono::minutes;

/// A town whose people have mail addresses, with a mail server that takes what is sent.
class Notices : public ::testing::TestWithParam<std::string>, public flow::testing::Town {
  protected:
    Notices() : Town(GetParam()) {
        site->settings.mail.smtp_url = server.url();
        site->settings.mail.from = "yakuba@city.example";
        site->settings.mail.bundle_minutes = 0;
        site->settings.office.base_url = "https://office.city.example/";
        for (const Doer* each : {&author, &other_author, &chief, &chief2, &admin}) set_address(*each, true);
        gather_notices(*site);  // from here on
    }

    void set_address(const Doer& doer, bool has_one) {
        write([&](sys::Transaction& tx) {
            people::Person person = people::load_person(tx, doer.person);
            person.mail = has_one ? person.login_name + "@city.example" : "";
            people::change_person(tx, person, by());
        });
    }
    void choose(const Doer& doer, notify::Choice choice) {
        write([&](sys::Transaction& tx) { notify::set_choice(tx, doer.person, choice); });
    }
    /// Everything that the clerk and the postman do in a turn. What was taken by the server this time.
    std::vector<Taken> turn() {
        const std::size_t before = server.taken().size();
        gather_notices(*site);
        gather_requests(*site);
        write_letters(*site);
        send_letters(*site);
        const auto taken = server.taken();
        return {taken.begin() + static_cast<std::ptrdiff_t>(before), taken.end()};
    }
    std::vector<Taken> morning() {
        const std::size_t before = server.taken().size();
        write([&](sys::Transaction& tx) { write_digests(tx, *site); });
        send_letters(*site);
        const auto taken = server.taken();
        return {taken.begin() + static_cast<std::ptrdiff_t>(before), taken.end()};
    }
    static std::vector<std::string> addresses(const std::vector<Taken>& mails) {
        std::vector<std::string> to;
        for (const Taken& one : mails) to.push_back(one.to.substr(0, one.to.find('@')));
        std::sort(to.begin(), to.end());
        return to;
    }
    static std::string subject(const Taken& one) { return decode_words(one.field("Subject")); }
    static bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
    void settle_receipt(std::int64_t receipt) {
        write([&](sys::Transaction& tx) {
            publish::DirtyBatch batch;
            batch.causes = {receipt};
            publish::note_unchanged(tx, batch, clock.now());
        });
    }

    SmtpServer server;
};
INSTANTIATE_TEST_SUITE_P(Engines, Notices, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

TEST_P(Notices, TellWhoMayApproveOnceAndTheSubmitterOfTheOutcome) {
    const content::Page page = taken_over("kurashi/gomi.html");
    Outcome asked = submitted(page.id, "<p>新しい文</p>", author);
    auto mails = turn();
    EXPECT_EQ(addresses(mails), (std::vector<std::string>{"chief", "chief2"}));
    EXPECT_EQ(subject(mails[0]), "【サンプル市】承認依頼：題");
    EXPECT_TRUE(has(mails[0].body(), "依頼した人：名前 author"));
    EXPECT_TRUE(has(mails[0].body(), fmt::format("画面：https://office.city.example/pages/{}/review", page.id.value)));
    EXPECT_TRUE(server.faults().empty());
    EXPECT_TRUE(turn().empty()) << "nobody is told twice";

    asked = return_page(*site, page.id, asked.version(), "日付を\r\n直してください", chief);
    ASSERT_TRUE(asked);
    mails = turn();
    ASSERT_EQ(addresses(mails), std::vector<std::string>{"author"});
    EXPECT_EQ(subject(mails[0]), "【サンプル市】差戻し：題");
    EXPECT_TRUE(has(mails[0].body(), "コメント：日付を  直してください")) << mails[0].body();

    asked = submitted(page.id, "<p>直した文</p>", author);
    ASSERT_TRUE(asked);
    EXPECT_EQ(turn().size(), 2U) << "the next round asks anew";
    const Outcome done = approve(*site, consent(asked), chief2);
    ASSERT_TRUE(done) << done.refusal->ja;
    EXPECT_TRUE(turn().empty()) << "\"public\" is said when it is";
    settle_receipt(done.receipt);
    mails = turn();
    ASSERT_EQ(addresses(mails), std::vector<std::string>{"author"});
    EXPECT_EQ(subject(mails[0]), "【サンプル市】公開しました：題");
    EXPECT_TRUE(has(mails[0].body(), fmt::format("/receipts/{}\r\n", done.receipt)));
}

TEST_P(Notices, TellAboutAChangeOfTheDesignByItsNameAndTheOneWhoAskedOfTheOutcome) {
    const Doer second = write([&](sys::Transaction& tx) {
        people::Person person;
        person.login_name = "kacho";
        person.name = "名前 kacho";
        person.mail = "kacho@city.example";
        const base::PersonId id = people::add_person(tx, person, "not a password", by());
        people::add_grant(tx, {{}, id, people::Role::SiteAdministrator, {}, {}}, by());
        return Doer{id, {}};
    });
    const auto home = [&] { return read([](sys::Reader& db) { return *content::find_template(db, "home"); }); };
    const auto change = [&] {
        std::string source = read([&](sys::Reader& db) {
            return content::find_template_revision(db, content::find_template(db, "home")->latest)->source;
        });
        source.insert(source.find("</h2>"), "一覧");
        save_template(*site, home().id, home().version, source, "", admin);
        submit_template(*site, home().id, home().version, admin);
    };
    change();
    auto mails = turn();
    ASSERT_EQ(addresses(mails), std::vector<std::string>{"kacho"});
    EXPECT_EQ(subject(mails[0]), "【サンプル市】デザインの変更の承認依頼：トップページ");
    const std::string screen = fmt::format("https://office.city.example/templates/{}/review", home().id.value);
    EXPECT_TRUE(has(mails[0].body(), "画面：" + screen)) << mails[0].body();
    return_template(*site, home().id, home().version, "見出しを短く", second);
    mails = turn();
    ASSERT_EQ(addresses(mails), std::vector<std::string>{"kanri"});
    EXPECT_EQ(subject(mails[0]), "【サンプル市】デザインの変更が差し戻されました：トップページ");
    EXPECT_TRUE(has(mails[0].body(), "コメント：見出しを短く")) << mails[0].body();
    change();
    turn();
    const base::Hash asked = read([&](sys::Reader& db) {
        return content::find_template_revision(db, content::find_template(db, "home")->latest)->hash;
    });
    approve_template(*site, home().id, home().version, asked, second);
    mails = turn();
    ASSERT_EQ(addresses(mails), std::vector<std::string>{"kanri"});
    EXPECT_EQ(subject(mails[0]), "【サンプル市】デザインの変更が承認されました：トップページ");
}

TEST_P(Notices, OfARequestThatIsOverAreNotSentAnyMore) {
    const content::Page page = taken_over("kurashi/a.html");
    choose(chief, notify::Choice::Digest);
    choose(chief2, notify::Choice::None);
    const Outcome asked = submitted(page.id, "<p>一</p>", author);
    EXPECT_TRUE(turn().empty());
    ASSERT_TRUE(take_back(*site, page.id, asked.version(), author));
    EXPECT_TRUE(morning().empty());
}

TEST_P(Notices, ComeTogetherInTheMorningWhenOneWantsThemSo) {
    choose(chief, notify::Choice::Digest);
    choose(chief2, notify::Choice::None);
    for (const std::string path : {"a.html", "b.html", "c.html"}) submitted(taken_over(path).id, "<p>一</p>", author);
    EXPECT_TRUE(turn().empty());
    const auto mails = morning();
    ASSERT_EQ(addresses(mails), std::vector<std::string>{"chief"});
    EXPECT_EQ(subject(mails[0]), "【サンプル市】お知らせ 3件");
    EXPECT_TRUE(has(mails[0].body(), "3. 承認依頼"));
    EXPECT_TRUE(morning().empty());
}

TEST_P(Notices, ComeTogetherWhenManyComeAtOnce) {
    site->settings.mail.bundle_minutes = 5;
    submitted(taken_over("a.html").id, "<p>一</p>", author);
    EXPECT_EQ(turn().size(), 2U);
    for (const std::string path : {"b.html", "c.html"}) {
        clock.advance(minutes(1));
        submitted(taken_over(path).id, "<p>一</p>", author);
        EXPECT_TRUE(turn().empty());
    }
    clock.advance(minutes(5));
    const auto mails = turn();
    ASSERT_EQ(mails.size(), 2U);
    EXPECT_EQ(subject(mails[0]), "【サンプル市】お知らせ 2件");
}

TEST_P(Notices, OfAnEmergencyReachAllApproversAtOnceWhateverTheyChose) {
    const content::Page page = taken_over("bosai/index.html");
    choose(chief, notify::Choice::None);
    choose(chief2, notify::Choice::Digest);
    const Outcome draft = edit(page.id, "<p>避難</p>", admin);
    const Outcome done = emergency_publish(*site, page.id, draft.version(), "大雨のため", admin);
    ASSERT_TRUE(done) << done.refusal->ja;
    auto mails = turn();
    EXPECT_EQ(addresses(mails), (std::vector<std::string>{"chief", "chief2"}));
    EXPECT_TRUE(has(mails[0].body(), "理由：大雨のため"));
    gather_reminders(*site);
    EXPECT_TRUE(turn().empty());
    clock.advance(hours(13));  // of the 24 that the settings allow
    gather_reminders(*site);
    gather_reminders(*site);
    mails = turn();
    EXPECT_EQ(addresses(mails), (std::vector<std::string>{"chief", "chief2"}));
    EXPECT_TRUE(has(subject(mails[0]), "事後承認をお願いします"));
    clock.advance(hours(12));
    gather_reminders(*site);
    mails = turn();
    ASSERT_EQ(mails.size(), 2U);
    EXPECT_TRUE(has(subject(mails[0]), "期限を過ぎています"));
    const Outcome now = look_at(*site, page.id);
    ASSERT_TRUE(approve_afterwards(*site, {page.id, now.version(), now.hash, "", {}}, chief));
    clock.advance(hours(48));
    gather_reminders(*site);
    EXPECT_EQ(addresses(turn()), std::vector<std::string>{"kanri"}) << "only who published is told of the approval";
}

TEST_P(Notices, OfAnEmergencyStopReachWhoMayEndItAtOnce) {
    choose(admin, notify::Choice::None);
    stop_service(site->folders, {"", Part::Public, clock.now(), "system:cli:0", "", "改ざんの疑い", ""}, "山川市");
    record_stops(*site);
    const auto mails = turn();
    ASSERT_EQ(addresses(mails), std::vector<std::string>{"kanri"});
    EXPECT_EQ(subject(mails[0]), "【サンプル市】緊急停止しました：公開サイト");
    EXPECT_TRUE(has(mails[0].body(), "理由：改ざんの疑い"));
    resume_service(site->folders, {"", Part::Public, clock.now(), "system:cli:0", "", "点検が終わった", ""});
    record_stops(*site);
    clock.advance(hours(1));
    const auto again = turn();
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(subject(again[0]), "【サンプル市】再開しました：公開サイト");
}

TEST_P(Notices, OfARequestToStopReachWhoMayAgree) {
    ask_stop(*site,
             {{"", Part::Public, clock.now(), fmt::format("person:{}", admin.person.value), "", "改ざんの疑い", ""}});
    EXPECT_TRUE(turn().empty()) << "nobody is told of what they ask for themselves";
    ask_stop(*site, {{"", Part::Public, clock.now(), "person:0", "", "改ざんの疑い", ""}});
    clock.advance(hours(1));
    const auto mails = turn();
    ASSERT_EQ(addresses(mails), std::vector<std::string>{"kanri"});
    EXPECT_EQ(subject(mails[0]), "【サンプル市】緊急停止の同意を待っています：公開サイト");
    EXPECT_TRUE(has(mails[0].body(), "理由：改ざんの疑い"));
}

TEST_P(Notices, OfADeadWatchReachWhoMayDoSomethingAboutIt) {
    choose(admin, notify::Choice::None);
    const base::Instant start = clock.now();
    clock.advance(hours(1));
    record_watch_silence(*site, start);
    const auto mails = turn();
    ASSERT_EQ(addresses(mails), std::vector<std::string>{"kanri"});
    EXPECT_EQ(subject(mails[0]), "【サンプル市】監視が動いていません");
    sys::write_file(site->folders.run / "watch.beat", base::format_utc(clock.now()));
    record_watch_silence(*site, start);
    clock.advance(hours(1));
    const auto again = turn();
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(subject(again[0]), "【サンプル市】監視が再開しました");
}

TEST_P(Notices, RemindByOpeningHours) {
    const content::Page page = taken_over("a.html");
    submitted(page.id, "<p>一</p>", author);  // Thursday, 10:00
    turn();
    clock.advance(hours(7) + minutes(30));
    gather_reminders(*site);
    EXPECT_TRUE(turn().empty()) << "7.5 opening hours";
    clock.set(base::from_local({{2027, 4, 2}, 8, 45}));
    gather_reminders(*site);
    EXPECT_TRUE(turn().empty()) << "the night does not count";
    clock.set(base::from_local({{2027, 4, 2}, 9, 30}));
    gather_reminders(*site);
    const auto mails = turn();
    EXPECT_EQ(addresses(mails), (std::vector<std::string>{"chief", "chief2"}));
    EXPECT_TRUE(has(subject(mails[0]), "承認をお待ちしています"));
    gather_reminders(*site);
    EXPECT_TRUE(turn().empty());
}

TEST_P(Notices, ReachADeputyAndASuccessorWithoutAnActOfTheirOwn) {
    const content::Page page = taken_over("a.html");
    write([&](sys::Transaction& tx) {
        people::Person person = people::load_person(tx, chief2.person);
        person.state = people::PersonState::Locked;
        people::change_person(tx, person, by());
    });
    submitted(page.id, "<p>一</p>", author);
    EXPECT_EQ(addresses(turn()), std::vector<std::string>{"chief"});
    write([&](sys::Transaction& tx) {
        people::add_absence(tx, {{}, chief.person, other_author.person, {2027, 4, 1}, {2027, 4, 5}, "休暇"}, by());
    });
    refresh_requests(*site);
    const auto mails = turn();
    ASSERT_EQ(addresses(mails), std::vector<std::string>{"other"});
    EXPECT_TRUE(has(mails[0].body(), "代理：名前 chiefさんの代わり"));
}

TEST_P(Notices, GoToTheSuccessorOfWhoHasLeft) {
    const content::Page page = taken_over("a.html");
    const Outcome asked = submitted(page.id, "<p>一</p>", author);
    turn();
    write([&](sys::Transaction& tx) {
        const std::int64_t version = people::load_person(tx, author.person).version;
        people::retire_person(tx, author.person, other_author.person, version, by());
    });
    ASSERT_TRUE(return_page(*site, page.id, asked.version(), "直してください", chief));
    EXPECT_EQ(addresses(turn()), std::vector<std::string>{"other"});
}

TEST_P(Notices, ForSomebodyWithoutAnAddressAreCounted) {
    set_address(chief, false);
    submitted(taken_over("a.html").id, "<p>一</p>", author);
    EXPECT_EQ(addresses(turn()), std::vector<std::string>{"chief2"});
    const auto unreached = read([&](sys::Reader& db) { return notify::list_unreached(db, clock.now() - hours(1)); });
    ASSERT_EQ(unreached.size(), 1U);
    EXPECT_EQ(unreached[0].person, chief.person);
    EXPECT_EQ(unreached[0].notices, 1);
}

TEST_P(Notices, AnnounceTheEndOfAPageToItsDepartment) {
    const content::Page page = taken_over("a.html");
    const Outcome draft = edit(page.id, "<p>一</p>", author);
    Submission submission;
    submission.withdraw_at = clock.now() + hours(24 * 10);
    const Outcome asked = submit(*site, page.id, draft.version(), submission, author);
    ASSERT_TRUE(approve(*site, consent(asked), chief));
    turn();
    gather_takedowns(*site);
    EXPECT_TRUE(turn().empty()) << "ten days ahead";
    clock.advance(hours(24 * 4));
    gather_takedowns(*site);
    gather_takedowns(*site);
    const auto mails = turn();
    EXPECT_EQ(addresses(mails), (std::vector<std::string>{"author", "chief", "chief2", "other"}));
    EXPECT_TRUE(has(mails[0].body(), "公開を終了する日時：2027年4月11日 10:00")) << mails[0].body();
}

TEST_P(Notices, SayThatAScheduledPublicationFailed) {
    const content::Page page = taken_over("a.html");
    const Outcome draft = edit(page.id, "<p>一</p>", author);
    Submission submission;
    submission.publish_at = clock.now() + hours(1);
    const Outcome asked = submit(*site, page.id, draft.version(), submission, author);
    ASSERT_TRUE(approve(*site, consent(asked), chief));
    EXPECT_EQ(addresses(turn()), (std::vector<std::string>{"author"})) << "approved; who asked is told of the plan";
    write([&](sys::Transaction& tx) {  // another page takes a path that belongs to this one
        tx.execute("UPDATE revision SET body = REPLACE(body, '一', '二') WHERE id = $1", {draft.revision.value});
    });
    clock.advance(hours(2));
    choose(author, notify::Choice::None);
    activate_due(*site);
    const auto mails = turn();
    ASSERT_EQ(addresses(mails), std::vector<std::string>{"author"});
    EXPECT_TRUE(has(subject(mails[0]), "予約した公開ができませんでした"));
}

TEST_P(Notices, OfThePastAndWhileMailIsOffAreNotSent) {
    site->settings.mail.smtp_url = "";
    const content::Page page = taken_over("a.html");
    const Outcome asked = submitted(page.id, "<p>一</p>", author);
    EXPECT_TRUE(turn().empty());
    ASSERT_TRUE(return_page(*site, page.id, asked.version(), "直してください", chief));
    gather_notices(*site);
    site->settings.mail.smtp_url = server.url();
    EXPECT_TRUE(turn().empty());
}

TEST_P(Notices, SurviveAMailServerThatIsBusyGoneOrRejecting) {
    submitted(taken_over("a.html").id, "<p>一</p>", author);
    server.set_manners({.to_text = "452 disk is full"});
    EXPECT_TRUE(turn().empty());
    server.set_manners({});
    EXPECT_TRUE(turn().empty()) << "not before its time";
    clock.advance(minutes(2));
    EXPECT_EQ(turn().size(), 2U);

    submitted(taken_over("b.html").id, "<p>一</p>", author);
    server.set_manners({.hangs_up_instead = true});
    EXPECT_EQ(turn().size(), 1U) << "taken, but nobody said so; the fault is the server's, so the next one waits";
    server.set_manners({});
    clock.advance(minutes(2));
    EXPECT_EQ(turn().size(), 2U);
    const auto mails = server.taken();
    std::map<std::string, int> copies;
    for (const Taken& one : mails) ++copies[one.field("Message-ID")];
    EXPECT_EQ(mails.size(), 5U);
    EXPECT_EQ(copies.size(), 4U) << "the second copy has the same Message-ID";

    server.set_manners({.to_recipient = "550 no such person"});
    submitted(taken_over("c.html").id, "<p>一</p>", author);
    EXPECT_TRUE(turn().empty());
    const auto counts = read([&](sys::Reader& db) { return mail::count(db, clock.now()); });
    EXPECT_EQ(counts.failed, 2);
    EXPECT_EQ(counts.waiting, 0);
}

TEST_P(Notices, StayWithinTheNumberAMinuteThatTheSettingsAllow) {
    site->settings.mail.per_minute = 3;
    for (const std::string path : {"a.html", "b.html", "c.html"}) {
        submitted(taken_over(path).id, "<p>一</p>", author);
        gather_notices(*site);
        write_letters(*site);
    }
    EXPECT_EQ(turn().size(), 3U);
    EXPECT_EQ(turn().size(), 0U);
    clock.advance(minutes(2));
    EXPECT_EQ(turn().size(), 3U);
}

}  // namespace

}  // namespace flow

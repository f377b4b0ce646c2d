// Planned stops where they meet the contract, the pages and the mail; and emergency stops on their way to a report.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "flow/contract_status.h"
#include "flow/plan_stop.h"
#include "flow/propose_status.h"
#include "flow/report_incident.h"
#include "flow/stop_service.h"
#include "flow/testing/composed_town.h"
#include "flow/watch_work.h"
#include "ground/ledger/store.h"
#include "ground/mail/outbox.h"
#include "press/publish/receipt.h"
#include "watch/signals/pipeline.h"

namespace flow {
namespace {

using namespace std::chrono_literals;
using base::Instant;

Instant at(int year, int month, int day, int hour = 0) {
    return base::from_local({{year, month, day}, hour, 0, 0, 0});
}

class StopFlow : public ::testing::TestWithParam<std::string> {
  protected:
    StopFlow() : town(GetParam()) {
        town.site->settings.mail.smtp_url = "smtp://127.0.0.1:1";
        town.site->settings.mail.from = "city@example.jp";
        town.set_section("oshirase/", [](content::Section& section) { section.title = "お知らせ"; });
    }
    stops::Plan typed(Instant starts_at) const {
        stops::Plan plan;
        plan.title = "サーバの入替え";
        plan.starts_at = starts_at;
        plan.ends_at = starts_at + 2h;
        plan.stops_public = true;
        plan.what = "ホームページ\n<b>すべて</b>";
        plan.works = "電話";
        plan.reason = "機器が古くなったため";
        plan.contact = "広報課";
        plan.work = "サーバを入れ替える";
        plan.decider = "保守責任者";
        return plan;
    }
    stops::By by() { return {"person:1", town.clock.now()}; }
    stops::PlannedStop planned() { return plan_stop(*town.site, typed(at(2027, 6, 1, 20)), "once", by()); }
    stops::PlannedStop now(stops::StopId id) {
        return town.read([&](sys::Reader& db) { return stops::load_stop(db, id); });
    }
    void follow() {
        wrong.clear();
        follow_stops(*town.site, town.site->watch(), down, wrong);
    }
    void give_mail(const Doer& doer) {
        town.write([&](sys::Transaction& tx) {
            people::Person person = people::load_person(tx, doer.person);
            person.mail = "author@city.example";
            people::change_person(tx, person, town.by());
        });
    }
    /// About the first stop, of one round or of all.
    std::vector<mail::Letter> letters(int round = 0) {
        const std::string key = round > 0 ? fmt::format("stop:1:{}:", round) : "stop:1:";
        return town.read([&](sys::Reader& db) { return mail::list_keyed(db, key, 100); });
    }
    std::vector<stops::Told> told() {
        return town.read([](sys::Reader& db) { return stops::list_told(db, {1}); });
    }
    std::vector<ledger::Line> lines(std::string act) {
        ledger::Search search;
        search.act = std::move(act);
        return town.read([&](sys::Reader& db) { return ledger::find_lines(db, search); });
    }

    testing::ComposedTown town;
    std::vector<Wrong> wrong;
    FailedDrafts failed;
    DownNotices down;
};
INSTANTIATE_TEST_SUITE_P(Engines, StopFlow, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

TEST_P(StopFlow, HasTheDaysThatTheContractsEngineHas) {
    EXPECT_FALSE(stop_limits(*town.site, at(2027, 6, 1, 20)).residents) << "no contract, no limit";
    write_sample_contract(town.site->folders, "cms");
    const auto contract = load_contract(town.site->folders, town.site->settings);
    for (const Instant starts_at : {at(2027, 10, 13, 22), at(2027, 5, 13), at(2028, 1, 22), at(2027, 6, 1, 20)}) {
        const auto limits = stop_limits(*town.site, starts_at);
        for (const auto& [id, limit] :
             {std::pair("stop-residents", limits.residents), std::pair("stop-staff", limits.staff)}) {
            // What the engine itself says of such a plan in the ledger.
            contract::Line line;
            line.act = "stop.plan";
            line.subject = "stop:1";
            line.at = town.clock.now();
            line.data = {{"starts_at", base::format_utc(starts_at)}, {"unavoidable", "false"}};
            for (const auto& judged : contract::judge(contract, std::span(&line, 1), town.clock.now()))
                if (judged.obligation->id == id) {
                    ASSERT_EQ(judged.items.size(), 1U);
                    EXPECT_EQ(judged.items[0].due, limit) << id << base::format_local(starts_at);
                }
            ASSERT_TRUE(limit);
        }
    }
    EXPECT_THROW(plan_stop(*town.site, typed(at(2027, 4, 20, 20)), "late", by()), base::Error);
    stops::Plan late = typed(at(2027, 4, 20, 20));
    late.unavoidable = "部品の故障";
    EXPECT_NO_THROW(plan_stop(*town.site, late, "late", by()));
    for (const auto& each : judge_contract(*town.site, town.clock.now()).obligations)
        if (each.obligation->id.starts_with("stop-")) {
            EXPECT_EQ(each.items.front().state, contract::State::NotApplicable);
        }
}

TEST_P(StopFlow, TellsResidentsOnlyWhenTheNoticeIsReallyPublic) {
    const auto stop = planned();
    const Outcome draft = write_stop_notice(*town.site, stop.id, town.ka, town.admin);
    ASSERT_FALSE(draft.refusal) << draft.refusal->ja;
    EXPECT_EQ(draft.page.path, "oshirase/teishi-1.html");
    const std::string body =
        town.read([&](sys::Reader& db) { return content::load_revision(db, draft.revision); }).body.parts.at("body");
    EXPECT_NE(body.find("令和9年6月1日（火）20時から"), std::string::npos) << body;
    EXPECT_EQ(body.find("<b>"), std::string::npos);
    follow();
    EXPECT_TRUE(told().empty());
    const Outcome out = emergency_publish(*town.site, draft.page.id, draft.version(), "計画停止のため", town.admin);
    ASSERT_FALSE(out.refusal) << out.refusal->ja;
    follow();
    EXPECT_TRUE(told().empty()) << "approved is not public";
    town.publish();
    town.clock.advance(10min);
    follow();
    follow();
    ASSERT_EQ(told().size(), 1U);
    EXPECT_EQ(told()[0].audience, stops::Audience::Residents);
    EXPECT_NE(told()[0].proof.find("公開記録"), std::string::npos);
    ASSERT_EQ(lines("stop.tell").size(), 1U);
    EXPECT_LT(lines("stop.tell")[0].entry.at, town.clock.now()) << "the time of the proof";
    // Another time has to be told anew.
    change_stop(*town.site, stop.id, typed(at(2027, 6, 8, 20)), by(), 0);
    follow();
    EXPECT_EQ(told().size(), 1U);
    const Outcome again = write_stop_notice(*town.site, stop.id, town.ka, town.admin);
    ASSERT_FALSE(again.refusal);
    EXPECT_EQ(again.page.id, draft.page.id);
    EXPECT_NE(
        town.read([&](sys::Reader& db) { return content::load_revision(db, again.revision); }).body.title.find("変更"),
        std::string::npos);
}

TEST_P(StopFlow, TellsOfTheEndAndThatTheNoticeIsStillPublic) {
    const auto stop = planned();
    const auto publish_notice = [&] {
        const Outcome draft = write_stop_notice(*town.site, stop.id, town.ka, town.admin);
        EXPECT_FALSE(draft.refusal);
        const Outcome out = emergency_publish(*town.site, draft.page.id, draft.version(), "計画停止のため", town.admin);
        EXPECT_FALSE(out.refusal);
        town.publish();
        follow();
        return town.read([&](sys::Reader& db) { return content::load_revision(db, draft.revision); }).body;
    };
    publish_notice();
    town.clock.set(stop.plan.starts_at);
    follow();
    town.clock.set(stop.plan.ends_at - 20min);
    town.write([&](sys::Transaction& tx) { return stops::end(tx, stop.id, town.clock.now(), "", by(), 0); });
    const content::Body body = publish_notice();
    EXPECT_TRUE(body.title.starts_with("【終了】")) << body.title;
    EXPECT_NE(body.parts.at("body").find("令和9年6月1日（火）21時40分に終わりました"), std::string::npos);
    ASSERT_EQ(told().size(), 2U);
    EXPECT_EQ(told()[1].round, 2);
    EXPECT_EQ(make_stop_paper(*town.site, stop.id, "person:1").title, "【終了】計画停止のお知らせ");
    EXPECT_NE(staff_letter(town.site->settings, now(stop.id)).find("保存と承認を再開できます"), std::string::npos);
    EXPECT_TRUE(wrong.empty());
    town.clock.set(now(stop.id).notice_until() + 25h);
    follow();
    ASSERT_EQ(wrong.size(), 1U);
    EXPECT_EQ(wrong[0].kind, "stop.notice");
    const Outcome page = look_at(*town.site, now(stop.id).page);
    town.clock.advance(24h * 31);
    follow();
    ASSERT_EQ(wrong.size(), 1U) << "however long it stays";
    ASSERT_FALSE(withdraw(*town.site, page.page.id, page.version(), {}, Asking::AtOnce, town.admin).refusal);
    follow();
    EXPECT_TRUE(wrong.empty());
    EXPECT_TRUE(down.contains(page.page.id)) << "and is not looked at for ever";
}

TEST_P(StopFlow, TellsOfTheEndToThoseWhoseLetterOrNoticeTheStartOvertook) {
    const auto stop = planned();
    give_mail(town.author);
    const Outcome draft = write_stop_notice(*town.site, stop.id, town.ka, town.admin);
    follow();
    ASSERT_FALSE(letters(1).empty());
    town.write([&](sys::Transaction& tx) {
        auto letter = mail::take(tx, town.clock.now(), 1min);
        EXPECT_TRUE(letter && mail::mark_later(tx, *letter, "450 greylisted", town.clock.now()));
    });
    town.clock.set(stop.plan.starts_at);
    follow();
    ASSERT_FALSE(emergency_publish(*town.site, draft.page.id, draft.version(), "計画停止のため", town.admin).refusal);
    town.publish();
    follow();
    ASSERT_EQ(told().size(), 1U) << "the notice, when it was: after the start";
    EXPECT_EQ(told()[0].audience, stops::Audience::Residents);
    EXPECT_GE(told()[0].at, stop.plan.starts_at);
    town.clock.advance(1h);
    town.write([&](sys::Transaction& tx) { return stops::end(tx, stop.id, town.clock.now(), "", by(), 0); });
    follow();
    follow();
    EXPECT_EQ(now(stop.id).revision, 0) << "the notice is to be written anew";
    ASSERT_EQ(letters(2).size(), letters(1).size());
    for (const auto& each : letters(2))
        EXPECT_NE(each.subject.find("計画停止の終了"), std::string::npos) << each.subject;
}

TEST_P(StopFlow, RecordsWhatWasToldInTimeAlsoOnceItRuns) {
    const auto stop = planned();
    give_mail(town.author);
    follow();
    const auto sent_at = stop.plan.starts_at - 1min;
    town.clock.set(sent_at);
    for (std::size_t left = letters(1).size(); left > 0; --left)
        town.write([&](sys::Transaction& tx) {
            auto letter = mail::take(tx, town.clock.now(), 1min);
            EXPECT_TRUE(letter && mail::mark_sent(tx, *letter, town.clock.now()));
        });
    town.clock.set(stop.plan.starts_at);  // the watch was not there in between
    follow();
    ASSERT_EQ(told().size(), 1U);
    EXPECT_EQ(told()[0].audience, stops::Audience::Staff);
    EXPECT_EQ(told()[0].at, sent_at);
    EXPECT_EQ(letters(2).size(), 0U);
}

TEST_P(StopFlow, TellsNobodyOfTheEndOfWhatNobodyHeardOf) {
    const auto stop = planned();
    give_mail(town.author);
    town.clock.set(stop.plan.starts_at);
    follow();
    town.write([&](sys::Transaction& tx) { return stops::end(tx, stop.id, town.clock.now(), "", by(), 0); });
    follow();
    EXPECT_TRUE(letters().empty());
}

TEST_P(StopFlow, WritesToStaffOnceAndWaitsForTheServersWord) {
    planned();
    give_mail(town.author);
    follow();
    follow();
    ASSERT_GE(letters().size(), 1U);
    const std::size_t count = letters().size();
    EXPECT_TRUE(told().empty());
    for (std::size_t sent = 0; sent < count; ++sent)
        town.write([&](sys::Transaction& tx) {
            auto letter = mail::take(tx, town.clock.now(), 1min);
            EXPECT_TRUE(letter && mail::mark_sent(tx, *letter, town.clock.now()));
        });
    follow();
    ASSERT_EQ(told().size(), 1U);
    EXPECT_EQ(told()[0].audience, stops::Audience::Staff);
    EXPECT_EQ(letters().size(), count);
    cancel_stop(*town.site, {1}, "延期", by(), 0);
    follow();
    EXPECT_EQ(letters().size(), 2 * count) << "and that it is called off";
    const auto paper = make_stop_paper(*town.site, {1}, "person:1");
    EXPECT_EQ(paper.title, "【中止】計画停止のお知らせ");
    const std::string html = town.site->objects->load(paper.find("text/html; charset=utf-8")->hash);
    for (const char* words : {"令和9年6月1日（火）20時から", "延期", "1回目", "メール"})
        EXPECT_NE(html.find(words), std::string::npos) << words << html;
}

TEST_P(StopFlow, WritesToStaffThatItTakesLonger) {
    const auto stop = planned();
    give_mail(town.author);
    town.clock.set(stop.plan.starts_at);
    follow();
    EXPECT_TRUE(letters().empty()) << "what runs is not announced any more";
    town.clock.set(stop.plan.ends_at + 10min);
    follow();
    ASSERT_EQ(wrong.size(), 1U);
    EXPECT_EQ(wrong[0].kind, "stop.late");
    town.write(
        [&](sys::Transaction& tx) { return stops::extend(tx, stop.id, stop.plan.ends_at + 3h, "部品待ち", by(), 0); });
    follow();
    EXPECT_TRUE(wrong.empty());
    ASSERT_FALSE(letters().empty());
    town.write([&](sys::Transaction& tx) {
        const auto letter = mail::take(tx, town.clock.now(), 1min);
        for (const char* words : {"予定を変更しました", "6月2日（水）1時まで"})
            EXPECT_NE(letter->text.find(words), std::string::npos) << letter->text;
    });
}

/// Each write that a crash may have been the last one.
TEST_P(StopFlow, TakesUpWhatWasCutOff) {
    const auto stop = planned();
    content::Body body;
    body.title = notice_title(stop);
    body.template_name = "article";
    body.parts["body"] = notice_body(stop);
    const Outcome left = create_page(*town.site, {"oshirase/teishi-1.html", body, town.ka, {}, "ja"}, town.admin);
    ASSERT_FALSE(left.refusal);
    EXPECT_EQ(write_stop_notice(*town.site, stop.id, town.ka, town.admin).page.id, left.page.id);
    EXPECT_EQ(now(stop.id).page, left.page.id);
    town.write([&](sys::Transaction& tx) {
        stops::EmergencyReport made;
        made.subject = "service:office:ab";
        made.stopped_at = town.clock.now();
        made.part = "office";
        made.by = "person:1";
        made.reason = "点検";
        stops::add_emergency(tx, made);
        ledger::append(tx, {town.clock.now(), "person:1", "service.stop", made.subject, R"({"reason":"点検"})"});
    });
    follow_emergencies(*town.site, failed, wrong);
    const auto found = town.read([](sys::Reader& db) { return stops::list_emergencies(db, 10); });
    ASSERT_EQ(found.size(), 1U);
    EXPECT_NE(found[0].document, 0);
}

TEST_P(StopFlow, ClosesEditingButNotAnEmergency) {
    const auto stop = planned();
    const content::Page page = town.taken_over("kurashi.html");
    const Outcome before = town.edit(page.id, "<p>前</p>", town.author);
    ASSERT_FALSE(before.refusal);
    town.clock.set(stop.plan.starts_at);
    const Outcome no = town.edit(page.id, "<p>途中</p>", town.author);
    ASSERT_TRUE(no.refusal);
    EXPECT_NE(no.refusal->ja.find("計画停止"), std::string::npos);
    EXPECT_TRUE(submit(*town.site, page.id, before.version(), {}, town.author).refusal);
    EXPECT_TRUE(
        create_page(*town.site,
                    {"atarashii.html", {"題", "", "article", {{"body", "<p>a</p>"}}, {}, {}}, town.ka, {}, "ja"},
                    town.author)
            .refusal);
    const Outcome urgent = town.edit(page.id, "<p>避難</p>", town.admin);
    ASSERT_FALSE(urgent.refusal);
    EXPECT_FALSE(emergency_publish(*town.site, page.id, urgent.version(), "避難の呼びかけ", town.admin).refusal);
    follow();
    EXPECT_EQ(now(stop.id).state, stops::State::Running) << "begun by the clock";
    EXPECT_EQ(propose_status(*town.site).site.state, PublicState::Planned);
    town.clock.set(stop.plan.ends_at + 1min);
    follow();
    ASSERT_EQ(wrong.size(), 1U);
    EXPECT_EQ(wrong[0].kind, "stop.late");
    town.write(
        [&](sys::Transaction& tx) { return stops::end(tx, stop.id, town.clock.now(), "部品が合わなかった", by(), 0); });
    follow();
    EXPECT_TRUE(wrong.empty());
    EXPECT_FALSE(town.edit(page.id, "<p>後</p>", town.author).refusal);
}

TEST_P(StopFlow, QuietensTheCallingAsPlanned) {
    const auto windows = [&] {
        return town.site->watch().read([&](sys::Reader& db) { return signals::list_windows(db, town.clock.now()); });
    };
    const auto stop = planned();
    follow();
    follow();
    ASSERT_EQ(windows().size(), 2U);
    EXPECT_EQ(windows()[0].from_at, stop.plan.starts_at);
    for (const auto& each : windows()) EXPECT_TRUE(each.source == "probe" || each.source == "outside") << each.source;
    change_stop(*town.site, stop.id, typed(at(2027, 6, 8, 20)), by(), 0);
    follow();
    ASSERT_EQ(windows().size(), 2U);
    EXPECT_EQ(windows()[0].from_at, at(2027, 6, 8, 20));
    cancel_stop(*town.site, stop.id, "延期", by(), 0);
    follow();
    EXPECT_TRUE(windows().empty());
}

TEST_P(StopFlow, OfEditingAloneLeavesTheEmergenciesOfThePublicSiteTold) {
    signals::Pipeline pipeline(town.site->watch(), town.clock, signals::Rules({"* * * hold=0s"}));
    stops::Plan plan = typed(at(2027, 6, 1, 20));
    plan.stops_public = false;
    plan.freezes = true;
    plan_stop(*town.site, plan, "editing", by());
    plan_stop(*town.site, typed(at(2027, 6, 8, 20)), "site", by());
    town.clock.set(plan.starts_at);
    follow();
    const auto is_quiet = [&](std::string source, std::string kind, std::string subject, signals::Severity severity) {
        signals::Signal one;
        one.source = std::move(source);
        one.kind = std::move(kind);
        one.subject = std::move(subject);
        one.severity = severity;
        one.observed_at = town.clock.now();
        one.text = "応答がありません。";
        pipeline.take(one);
        pipeline.tick();
        signals::Filter newest;
        newest.limit = 1;
        newest.words = one.subject;
        return !town.site->watch()
                    .read([&](sys::Reader& db) { return signals::list_anomalies(db, newest); })
                    .at(0)
                    .suppressed_by.empty();
    };
    EXPECT_FALSE(is_quiet("probe", "http", "http.public", signals::Severity::Emergency));
    EXPECT_FALSE(is_quiet("outside", "outside.unreachable", "https://city.example", signals::Severity::Serious));
    EXPECT_TRUE(is_quiet("probe", "http", "http.office", signals::Severity::Serious));
    town.clock.set(at(2027, 6, 8, 20));
    follow();
    EXPECT_TRUE(is_quiet("probe", "http", "http.again", signals::Severity::Emergency));
}

TEST_P(StopFlow, DraftsTheReportOfAnEmergencyStopAndRecordsItsHandOver) {
    stop_service(town.site->folders, {"", Part::Public, town.clock.now(), "person:1", "", "改ざんの疑い", ""},
                 "サンプル市");
    record_stops(*town.site);
    follow_emergencies(*town.site, failed, wrong);
    follow_emergencies(*town.site, failed, wrong);
    EXPECT_TRUE(wrong.empty());
    const auto found = [&] { return town.read([](sys::Reader& db) { return stops::list_emergencies(db, 10); }); };
    ASSERT_EQ(found().size(), 1U);
    ASSERT_NE(found()[0].document, 0);
    const auto versions = town.read([&](sys::Reader& db) { return documents::list_versions(db, found()[0].document); });
    ASSERT_EQ(versions.size(), 1U) << "one draft";
    town.write([&](sys::Transaction& tx) {
        const incidents::By by{"person:1", town.clock.now()};
        incidents::NewIncident made;
        made.title = "改ざんの疑い";
        made.occurred_at = made.detected_at = town.clock.now();
        made.found = "watch";
        made.once = "stop";
        const auto id = incidents::open(tx, made, by).id;
        incidents::Entry call;
        call.at = town.clock.now();
        call.kind = "contact";
        call.whom = "広報課長";
        call.how = "電話";
        call.text = "止めたことを伝えた。";
        incidents::add_entry(tx, id, call, "call", by);
    });
    const auto again = make_stop_report(*town.site, found()[0].subject, "person:1");
    EXPECT_NE(town.site->objects->load(again.find("text/html; charset=utf-8")->hash).find("止めたことを伝えた"),
              std::string::npos);
    town.clock.advance(5min);
    resume_service(town.site->folders, {"", Part::Public, town.clock.now(), "person:1", "", "確かめた", ""});
    record_stops(*town.site);
    follow_emergencies(*town.site, failed, wrong);
    EXPECT_TRUE(found()[0].resumed_at);
    deliver_document(*town.site, {again.id, "mail", "広報課長", "", town.clock.now()}, "person:1");
    EXPECT_EQ(settle_reports(*town.site), 1);
    EXPECT_EQ(settle_reports(*town.site), 0);
    ASSERT_EQ(lines("stop.report").size(), 1U);
    EXPECT_EQ(lines("stop.report")[0].entry.subject, found()[0].subject);
}

TEST_P(StopFlow, ReportsWhoWasToldOfWhatWasFoundBeforeAnEmergencyStopAndOfNothingLater) {
    const Instant found_at = town.clock.now();
    const auto call = [&](std::string_view title, std::string_view text) {
        town.write([&](sys::Transaction& tx) {
            const incidents::By by{"person:1", town.clock.now()};
            incidents::NewIncident made;
            made.title = title;
            made.occurred_at = made.detected_at = town.clock.now() - 3min;
            made.found = "watch";
            made.once = title;
            incidents::Entry entry;
            entry.at = town.clock.now();
            entry.kind = "contact";
            entry.whom = "広報課長";
            entry.how = "電話";
            entry.text = text;
            incidents::add_entry(tx, incidents::open(tx, made, by).id, entry, "call", by);
        });
    };
    town.clock.set(found_at + 3min);
    call("改ざん", "改ざんを伝えた。");
    stops::EmergencyReport stop;
    stop.subject = "service:public:ab";
    stop.stopped_at = found_at + 5min;
    stop.part = "public";
    stop.by = "person:1";
    stop.reason = "改ざんの疑い";
    town.write([&](sys::Transaction& tx) {
        stops::add_emergency(tx, stop);
        stops::set_resumed(tx, stop.subject, found_at + 1h);
    });
    town.clock.set(found_at + 24h * 14);
    call("回線の遅延", "遅延を伝えた。");
    for (int more = 0; more < 20; ++more) call(fmt::format("点検 {}", more), "点検を伝えた。");
    const auto made = make_stop_report(*town.site, stop.subject, "person:1");
    const std::string html = town.site->objects->load(made.find("text/html; charset=utf-8")->hash);
    EXPECT_NE(html.find("改ざんを伝えた"), std::string::npos) << html;
    EXPECT_EQ(html.find("遅延を伝えた"), std::string::npos) << html;
    EXPECT_EQ(html.find("点検を伝えた"), std::string::npos) << html;
}

}  // namespace
}  // namespace flow

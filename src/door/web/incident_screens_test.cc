// Incidents and planned stops over real HTTP: from a telephone call to the next step, what is refused and stays typed,
// who may what, and a form that is sent twice.
#include <gtest/gtest.h>

#include "door/web/testing/visitor.h"
#include "flow/contract_status.h"
#include "office/incidents/incident.h"
#include "office/stops/stop.h"
#include "watch/signals/pipeline.h"

namespace web {
namespace {

using testing::OpenOffice;
using testing::Visitor;
using namespace std::chrono_literals;

std::string first_fault(const Visitor& visitor) {
    const auto faults = testing::find_screen_faults(visitor.body);
    return faults.empty() ? std::string() : faults.front();
}

/// The site administrator who also works for the contractor.
void make_lead(OpenOffice& office) {
    office.town.write([&](sys::Transaction& tx) {
        people::Grant grant;
        grant.role = people::Role::MaintenanceLead;
        grant.person = office.town.admin.person;
        people::add_grant(tx, grant, office.town.by());
    });
}

TEST(IncidentScreens, GoFromACallToTheNextStep) {
    OpenOffice office;
    make_lead(office);
    Visitor lead = office.visitor();
    lead.sign_in("kanri");
    EXPECT_EQ(lead.get("/incidents").status, 200);
    EXPECT_EQ(first_fault(lead), "");
    EXPECT_TRUE(lead.shows("対応中の障害はありません"));
    EXPECT_EQ(lead.get("/incidents/new").status, 200);
    EXPECT_EQ(first_fault(lead), "");
    const std::string once = lead.hidden("once");
    const Visitor::Fields call{{"once", once},
                               {"title", "<b>開かない"},
                               {"found", "call"},
                               {"severity", "3"},
                               {"reporter", ""},
                               {"symptom", "白い画面"},
                               {"occurred_at", "2027-04-01T09:30"},
                               {"detected_at", "2027-04-01T09:50"}};
    lead.post("/incidents/new", call);
    EXPECT_EQ(lead.status, 422) << "who called?";
    EXPECT_TRUE(lead.shows("白い画面")) << "what was typed stays";
    Visitor::Fields whole = call;
    whole[4].second = "広報課 見本";
    lead.post("/incidents/new", whole);
    ASSERT_EQ(lead.status, 303);
    const std::string path = lead.location;
    lead.get("/incidents/new").post("/incidents/new", whole);
    EXPECT_EQ(lead.location, path) << "the same form twice";

    lead.get(path);
    EXPECT_EQ(lead.status, 200);
    EXPECT_EQ(first_fault(lead), "");
    EXPECT_TRUE(lead.shows("&lt;b&gt;開かない"));
    EXPECT_TRUE(lead.shows("障害対応の基本")) << "the manual";
    const std::string version = lead.hidden("version");
    lead.post(path, {{"act", "advance"},
                     {"version", version},
                     {"to", "restored"},
                     {"at", "2027-04-01T09:55"},
                     {"note", "試した"},
                     {"skipping", ""}});
    EXPECT_EQ(lead.status, 422);
    EXPECT_TRUE(lead.shows("試した"));
    EXPECT_TRUE(lead.shows("途中の段階を省く理由"));
    EXPECT_TRUE(lead.shows("#field-location")) << "what is missing is a link";
    lead.post(path, {{"act", "advance"},
                     {"version", version},
                     {"to", "restored"},
                     {"at", "2027-04-01T09:55"},
                     {"note", "試した"},
                     {"skipping", "急ぐため"}});
    EXPECT_EQ(lead.status, 422);
    EXPECT_LT(lead.body.find("#field-location"), lead.body.find("class=\"halves\""))
        << "the refusal itself leads to what is missing";
    lead.get(path).post(path, {{"act", "advance"},
                               {"version", version},
                               {"to", "received"},
                               {"at", "2027-04-01T10:00"},
                               {"note", ""},
                               {"skipping", ""}});
    EXPECT_EQ(lead.status, 303);
    lead.get(path).post(path, {{"act", "advance"},
                               {"version", version},
                               {"to", "investigating"},
                               {"at", "2027-04-01T10:00"},
                               {"note", ""},
                               {"skipping", ""}});
    EXPECT_EQ(lead.status, 409) << "made from what is no more";
    EXPECT_NE(lead.hidden("version"), version) << "what is shown now can be gone on from";
    office.town.clock.advance(std::chrono::minutes(20));
    lead.post(path, {{"act", "advance"},
                     {"version", lead.hidden("version")},
                     {"to", "investigating"},
                     {"at", "2027-04-01T10:00"},
                     {"shown_at", "2027-04-01T10:00"},
                     {"note", ""},
                     {"skipping", ""}});
    EXPECT_EQ(lead.status, 303) << "a form that was looked at for long is no going back in time";
    lead.post(path, {{"act", "advance"},
                     {"version", version},
                     {"to", "investigating"},
                     {"at", "2027-04-01T10:00"},
                     {"note", "二度目"},
                     {"skipping", ""}});
    EXPECT_EQ(lead.status, 409);
    EXPECT_TRUE(lead.shows("すでに「調査」まで進んでいます"));
    EXPECT_FALSE(lead.shows("二度目")) << "one more press would go a step further with it";
    lead.get(path).post(path, {{"act", "edit"},
                               {"version", version},
                               {"title", "つながらない"},
                               {"severity", "3"},
                               {"occurred_at", "2027-04-01T09:30"},
                               {"symptom", "青い画面"}});
    EXPECT_EQ(lead.status, 409);
    EXPECT_TRUE(lead.shows("青い画面"));
    EXPECT_TRUE(lead.shows("ほかの人が記録した内容：白い画面"));
    EXPECT_TRUE(lead.shows("ほかの人が記録した内容：&lt;b&gt;開かない"));
    const auto set_state = [&](const char* state) {
        office.town.write([&](sys::Transaction& tx) {
            tx.execute("UPDATE incident SET state = $1, closed_at = CASE WHEN $1 = 'closed' THEN state_at END",
                       {state});
        });
    };
    set_state("closed");
    lead.post(path, {{"act", "edit"},
                     {"version", version},
                     {"once", "of a form that nobody typed"},
                     {"title", "開かない"},
                     {"severity", "3"},
                     {"occurred_at", "2027-04-01T09:30"},
                     {"symptom", "終結と知らずに書いた、まだどこにもない長い記録"}});
    EXPECT_EQ(lead.status, 409);
    EXPECT_TRUE(lead.shows("終結と知らずに書いた、まだどこにもない長い記録")) << "to be copied";
    EXPECT_FALSE(lead.shows("of a form that nobody typed"));
    EXPECT_EQ(first_fault(lead), "");
    set_state("investigating");
    lead.get(path).post(path, {{"act", "entry"},
                               {"once", "x"},
                               {"at", "2027-04-01T10:00"},
                               {"whom", "広報課長"},
                               {"how", "電話（つながった）"},
                               {"text", "状況を伝えた"}});
    EXPECT_EQ(lead.status, 303);
    lead.get(path).post(path, {{"act", "tick"}, {"runbook", "general"}, {"step", "0"}, {"step_text", "別の手順"}});
    EXPECT_EQ(lead.status, 409) << "the manual has changed";
    lead.get(path);
    lead.post(path, {{"act", "tick"},
                     {"runbook", "general"},
                     {"step", lead.hidden("step")},
                     {"step_text", lead.hidden("step_text")}});
    EXPECT_EQ(lead.status, 303);
    lead.post(path, {{"act", "make"}, {"stage", "first"}});
    lead.get(path);
    EXPECT_TRUE(lead.shows("連絡：広報課長"));
    EXPECT_TRUE(lead.shows("手順の確認"));
    EXPECT_EQ(first_fault(lead), "");
    EXPECT_EQ(lead.get("/runbooks").status, 200);
    EXPECT_EQ(first_fault(lead), "");
    EXPECT_EQ(lead.get("/runbooks/tampering").status, 200);
    EXPECT_EQ(lead.get("/runbooks/tampering/edit").status, 200);
    EXPECT_EQ(first_fault(lead), "");
    lead.post(
        "/runbooks/tampering/edit",
        {{"number", "0"}, {"title", "市の手順"}, {"about", "guard:*"}, {"body", "本文"}, {"steps", "一つ目\n二つ目"}});
    EXPECT_EQ(lead.status, 303);
    lead.get("/runbooks/tampering");
    EXPECT_TRUE(lead.shows("二つ目"));
    EXPECT_EQ(lead.get("/incidents/99").status, 404);
}

TEST(IncidentScreens, AreReadByTheClientAndChangedByNobodyElse) {
    OpenOffice office;
    const auto id = office.town.write([&](sys::Transaction& tx) {
        incidents::NewIncident made;
        made.title = "開かない";
        made.occurred_at = made.detected_at = office.town.clock.now();
        made.reporter = "市";
        made.once = "a";
        return incidents::open(tx, made, {"person:1", office.town.clock.now()}).id.value;
    });
    const std::string path = fmt::format("/incidents/{}", id);
    Visitor admin = office.visitor();
    admin.sign_in("kanri");
    admin.get(path);
    EXPECT_EQ(admin.status, 200) << "the client's own view";
    EXPECT_FALSE(admin.shows("value=\"advance\""));
    admin.post(path, {{"act", "advance"}, {"version", "1"}, {"to", "received"}, {"at", "2027-04-01T10:00"}});
    EXPECT_EQ(admin.status, 422);
    EXPECT_EQ(admin.get("/incidents/new").status, 403);
    Visitor author = office.visitor();
    author.sign_in("author");
    EXPECT_EQ(author.get(path).status, 403);
    EXPECT_EQ(author.get("/stops").status, 403);
}

TEST(IncidentScreens, BeginAtAnAnomaly) {
    OpenOffice office;
    make_lead(office);
    signals::Pipeline pipeline(office.town.site->watch(), office.town.clock, signals::Rules({"* * * hold=0s"}));
    signals::Signal one;
    one.source = "guard";
    one.kind = "tree.changed";
    one.subject = "index.html";
    one.observed_at = office.town.clock.now();
    one.text = "ファイルが書き換えられました。";
    pipeline.take(one);
    Visitor lead = office.visitor();
    lead.sign_in("kanri");
    lead.get("/anomalies/1");
    EXPECT_TRUE(lead.shows("/runbooks/tampering"));
    lead.post("/anomalies/1/incident", {});
    EXPECT_EQ(lead.location, "/incidents/1");
    lead.get("/anomalies/1");
    EXPECT_TRUE(lead.shows("障害-2027-0001"));
    EXPECT_EQ(first_fault(lead), "");
    lead.get("/incidents/1");
    EXPECT_TRUE(lead.shows("異常 第1号"));
}

TEST(StopScreens, PlanTellAndEnd) {
    OpenOffice office;
    flow::write_sample_contract(office.town.site->folders, "cms");
    Visitor admin = office.visitor();
    admin.sign_in("kanri");
    EXPECT_EQ(admin.get("/stops").status, 200);
    EXPECT_EQ(first_fault(admin), "");
    admin.get("/stops/new");
    EXPECT_EQ(first_fault(admin), "");
    Visitor::Fields plan{{"do", "plan"},
                         {"once", admin.hidden("once")},
                         {"title", "入替え"},
                         {"starts_at", "2027-04-20T20:00"},
                         {"ends_at", "2027-04-20T22:00"},
                         {"rollback_at", ""},
                         {"stops_public", "yes"},
                         {"freezes", "yes"},
                         {"what", "すべて"},
                         {"works", "電話"},
                         {"reason", "古い"},
                         {"contact", "広報課"},
                         {"work", "入れ替える"},
                         {"decider", "責任者"},
                         {"tree", ""},
                         {"unavoidable", ""}};
    admin.post("/stops/new", plan);
    EXPECT_EQ(admin.status, 422);
    EXPECT_TRUE(admin.shows("利用者（住民）への周知の期限")) << admin.body;
    EXPECT_TRUE(admin.shows("入れ替える"));
    EXPECT_EQ(first_fault(admin), "");
    plan[3].second = "2027-05-13T20:00", plan[4].second = "2027-05-13T22:00";
    admin.post("/stops/new", plan);
    ASSERT_EQ(admin.status, 303) << admin.body;
    const std::string path = admin.location;
    admin.get("/stops/new").post("/stops/new", plan);
    EXPECT_EQ(admin.location, path);
    admin.get(path);
    EXPECT_EQ(first_fault(admin), "");
    EXPECT_TRUE(admin.shows("4月30日") || admin.shows("5月")) << "the last days";
    const std::string version = admin.hidden("version");
    admin.post(path, {{"act", "tell"},
                      {"version", version},
                      {"audience", "staff"},
                      {"at", "2027-04-01T10:00"},
                      {"proof", "庁内掲示板"}});
    EXPECT_EQ(admin.status, 303);
    admin.get(path).post(path, {{"act", "notice"}});
    ASSERT_EQ(admin.status, 303) << admin.body;
    EXPECT_EQ(admin.location.rfind("/pages/", 0), 0U);
    admin.get(admin.location + "/submit");
    EXPECT_TRUE(admin.shows("2027-05-16T22:00")) << "the notice comes down some days after the stop";
    admin.get(path + "/edit");
    EXPECT_EQ(first_fault(admin), "");
    admin.post(path + "/edit", [&] {
        Visitor::Fields changed = plan;
        changed[2].second = "入替え（改）";
        changed.emplace_back("version", "1");
        return changed;
    }());
    EXPECT_EQ(admin.status, 409) << "stale";
    EXPECT_TRUE(admin.shows("入替え（改）"));
    office.town.clock.set(base::from_local({{2027, 5, 13}, 20, 30, 0, 0}));
    admin.sign_in("kanri");
    admin.get("/");
    EXPECT_TRUE(admin.shows("保存と承認はできません")) << "the banner";
    admin.get(path);
    admin.post(path, {{"act", "start"}, {"version", admin.hidden("version")}, {"at", "2027-05-13T20:00"}});
    admin.get(path);
    admin.post(path, {{"act", "end"}, {"version", admin.hidden("version")}, {"at", "2027-05-13T20:30"}, {"note", ""}});
    EXPECT_EQ(admin.status, 303) << admin.body;
    admin.get(path);
    EXPECT_TRUE(admin.shows("終わったことを知らせるために書き直してください"));
    admin.get("/stops");
    EXPECT_TRUE(admin.shows("終了"));
    EXPECT_EQ(first_fault(admin), "");
}

TEST(StopScreens, KeepWhatWasTypedWhenEditingIsClosed) {
    OpenOffice office;
    const content::Page page = office.town.taken_over("kurashi/a.html", "<p>old</p>");
    Visitor author = office.visitor();
    author.sign_in("author");
    const std::string path = fmt::format("/pages/{}/edit", page.id.value);
    author.get(path);
    office.town.write([&](sys::Transaction& tx) {
        stops::Plan plan;
        plan.title = "入替え";
        plan.starts_at = office.town.clock.now() + 1min;
        plan.ends_at = plan.starts_at + 1h;
        plan.what = plan.works = plan.reason = plan.contact = plan.work = plan.decider = "書いた";
        stops::plan(tx, plan, {}, "a", {"person:1", office.town.clock.now()});
    });
    const std::string version = author.hidden("version");
    office.town.clock.advance(2min);
    author.post(path, {{"version", version}, {"title", "題"}, {"part.main", "<p>ここまで打った</p>"}, {"do", "save"}});
    EXPECT_TRUE(author.shows("計画停止「入替え」")) << author.status;
    EXPECT_TRUE(author.shows("ここまで打った")) << author.body;
    // The letter about it leads whoever works here to it; only those who plan it can do something there.
    author.get("/stops/1");
    EXPECT_EQ(author.status, 200);
    EXPECT_TRUE(author.shows("入替え"));
    EXPECT_FALSE(author.shows("中止の理由"));
    author.get("/stops");
    EXPECT_EQ(author.status, 403);
    office.town.write([&](sys::Transaction& tx) {
        return stops::start(tx, {1}, office.town.clock.now(), {"person:1", office.town.clock.now()}, 0);
    });
    Visitor admin = office.visitor();
    admin.sign_in("kanri");
    admin.get("/stops/1");
    const auto extend = [&](std::string_view until) {
        admin.post(
            "/stops/1",
            {{"act", "extend"}, {"version", admin.hidden("version")}, {"at", std::string(until)}, {"why", "部品待ち"}});
    };
    extend("2020-01-01T00:00");
    EXPECT_TRUE(admin.shows("これからの日時"));
    EXPECT_TRUE(admin.shows("2020-01-01T00:00")) << "what was typed is there";
    extend("2027-04-02T23:00");
    EXPECT_EQ(admin.status, 303) << admin.body;
    const auto extended = office.town.read([](sys::Reader& db) { return stops::load_stop(db, {1}); });
    EXPECT_EQ(extended.plan.ends_at, base::from_local({{2027, 4, 2}, 23, 0, 0, 0}));
    ASSERT_TRUE(extended.plan.freezes);
    admin.get("/stops/1");
    EXPECT_TRUE(admin.shows("お知らせは緊急公開で知らせてください")) << "an approval would be refused";
}

}  // namespace
}  // namespace web

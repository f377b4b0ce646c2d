// Incidents where they meet the watch: grouping, the end, the course, papers, and going upwards.
#include <gtest/gtest.h>

#include "flow/handle_incident.h"
#include "flow/report_incident.h"
#include "flow/testing/town.h"
#include "flow/watch_work.h"
#include "ground/ledger/store.h"
#include "watch/signals/pipeline.h"

namespace flow {
namespace {

using namespace std::chrono_literals;
using incidents::State;

class IncidentFlow : public ::testing::TestWithParam<std::string> {
  protected:
    IncidentFlow() : town(GetParam()) {}
    void signal(std::string source, std::string kind, std::string subject, bool is_wrong = true,
                signals::Severity severity = signals::Severity::Serious) {
        signals::Signal one;
        one.source = std::move(source);
        one.kind = std::move(kind);
        one.subject = std::move(subject);
        one.state = is_wrong ? signals::State::Raise : signals::State::Clear;
        one.severity = severity;
        one.observed_at = town.clock.now();
        one.text = "公開サイトに届きません。";
        pipeline().take(one);
        town.clock.advance(1s);
    }
    signals::Pipeline& pipeline() {
        if (!pipeline_)
            pipeline_ =
                std::make_unique<signals::Pipeline>(town.site->watch(), town.clock, signals::Rules({"* * * hold=0s"}));
        return *pipeline_;
    }
    incidents::By by(std::string who = "service:watch") { return {who, town.clock.now()}; }
    std::vector<incidents::Incident> all() {
        return town.read([](sys::Reader& db) { return incidents::list_incidents(db, {}); });
    }
    std::size_t members(incidents::IncidentId id) {
        return town.read([&](sys::Reader& db) { return incidents::list_members(db, id); }).size();
    }
    std::vector<std::string> acts(std::string subject) {
        ledger::Search search;
        search.subject = std::move(subject);
        std::vector<std::string> names;
        for (const auto& line : town.read([&](sys::Reader& db) { return ledger::find_lines(db, search); }))
            names.insert(names.begin(), line.entry.act);
        return names;
    }

    testing::Town town;
    std::unique_ptr<signals::Pipeline> pipeline_;
};
TEST(IncidentCauses, AnEmergencyStopAndTheSilenceAfterItAreOne) {
    signals::Anomaly stop, silence, change;
    stop.source = "watch";
    stop.kind = "service.stopped";
    silence.source = "probe";
    silence.kind = "http.public";
    change.source = "guard";
    change.kind = "tree.changed";
    EXPECT_EQ(cause_of(stop), cause_of(silence));
    EXPECT_NE(cause_of(stop), cause_of(change));
}

INSTANTIATE_TEST_SUITE_P(Engines, IncidentFlow, ::testing::ValuesIn(sys::testing::engines()),
                         sys::testing::engine_name);

TEST_P(IncidentFlow, GroupsWhatHasOneCauseAndNothingElse) {
    signal("probe", "http", "http.public");
    signal("outside", "outside.unreachable", "https://city.example");
    signal("probe", "disk", "/var");
    signal("probe", "cpu", "cpu", true, signals::Severity::Warning);
    signal("desk", "incident.step", "incident:9");
    EXPECT_EQ(group_anomalies(*town.site, by()), 2);
    EXPECT_EQ(group_anomalies(*town.site, by()), 0) << "done once";
    const auto found = all();
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(members(found[1].id), 2U);
    EXPECT_EQ(found[1].found, "watch");
    EXPECT_EQ(acts("incident:1"), (std::vector<std::string>{"incident.open", "incident.join"}));
    signal("probe", "http", "http.office");
    EXPECT_EQ(group_anomalies(*town.site, by()), 0) << "while it is not restored";
    EXPECT_EQ(members(found[1].id), 3U);
}

TEST_P(IncidentFlow, WaitsForTheEndOfAPlannedStopAndIsNotAboutDuties) {
    signals::Window window;
    window.reason_kind = "planned-stop";
    window.why = "計画停止";
    window.by = "stop:1";
    window.from_at = town.clock.now();
    window.until_at = window.from_at + 1h;
    window.source = "probe";
    town.site->watch().write([&](sys::Transaction& tx) { signals::add_window(tx, window, town.clock.now()); });
    signal("probe", "http", "http.public");
    signal("helpdesk", "helpdesk.late", "helpdesk");
    signal("backup", "backup.unset", "backup");
    pipeline().tick();
    EXPECT_EQ(group_anomalies(*town.site, by()), 0);
    town.clock.advance(61min);
    pipeline().tick();
    EXPECT_EQ(group_anomalies(*town.site, by()), 1) << "still wrong";
}

TEST_P(IncidentFlow, OpensAnotherWhenOneIsFull) {
    signal("probe", "http", "http.public");
    EXPECT_EQ(group_anomalies(*town.site, by()), 1);
    town.write([&](sys::Transaction& tx) {
        for (std::int64_t at = 1; at < incidents::kMostMembers; ++at)
            incidents::add_member(tx, {1}, {10'000 + at, "x", town.clock.now(), town.clock.now(), "x"}, 3, by());
    });
    signal("probe", "http", "http.office");
    EXPECT_EQ(group_anomalies(*town.site, by()), 1);
    EXPECT_EQ(members({2}), 1U);
}

TEST_P(IncidentFlow, OpensAtMostSoManyInAnHour) {
    for (int at = 0; at < 25; ++at) signal(fmt::format("source{}", at), "kind", "subject");
    EXPECT_EQ(group_anomalies(*town.site, by()), static_cast<int>(kMostOpenedInHour));
    EXPECT_EQ(all().size(), kMostOpenedInHour);
    std::size_t held = 0;
    for (const auto& each : all()) held += members(each.id);
    EXPECT_EQ(held, 25U) << "none is lost";
}

TEST_P(IncidentFlow, EndsOnlyWhenItsAnomaliesAreOverAndAnswered) {
    signal("probe", "http", "http.public");
    const auto incident = open_from_anomaly(*town.site, {1}, by("person:1"));
    EXPECT_EQ(open_from_anomaly(*town.site, {1}, by("person:1")).id, incident.id);
    const auto is_named = [&](std::string_view words) {
        for (const auto& each : missing_of(*town.site, incident.id, State::Closed))
            if (each.wording.find(words) != std::string::npos) return true;
        return false;
    };
    EXPECT_TRUE(is_named("異常 第1号の復旧"));
    signal("probe", "http", "http.public", false);
    EXPECT_FALSE(is_named("異常 第1号の復旧"));
    EXPECT_TRUE(is_named("異常 第1号への対応の判断"));
    town.site->watch().write([&](sys::Transaction& tx) {
        signals::answer(tx, {1}, {signals::Decision::Not, "", "自然に直った", {}, "person:1", {}},
                        {"person:1", town.clock.now()});
    });
    EXPECT_FALSE(is_named("異常"));
    EXPECT_THROW(advance_incident(*town.site, incident.id, {State::Closed, town.clock.now(), "", "急ぐ"}, by(), 0),
                 base::Error);
}

TEST_P(IncidentFlow, FillsItsCourseFromBothDatabases) {
    signal("probe", "http", "http.public");
    const auto incident = open_from_anomaly(*town.site, {1}, by("person:1"));
    town.write([&](sys::Transaction& tx) {
        ledger::append(tx, {town.clock.now(), "system:press", "release.seal", "release:7"});
        incidents::add_entry(tx, incident.id, {0, town.clock.now(), "contact", "広報課", "電話", "伝えた", "", {}}, "x",
                             by("person:1"));
    });
    std::string course;
    for (const Moment& each : list_course(*town.site, incident)) course += each.what + "|" + each.text + "\n";
    for (const char* part : {"異常 第1号", "公開記録の作成|公開記録 第7号", "連絡：広報課（電話）|伝えた", "検知"})
        EXPECT_NE(course.find(part), std::string::npos) << part << "\n" << course;
    EXPECT_EQ(course.find("監視の通知"), std::string::npos) << "what opened it is there already";
}

TEST_P(IncidentFlow, GoesUpwardsWhenNobodyTakesIt) {
    signal("probe", "http", "http.public");
    std::vector<signals::Signal> told;
    WorkDesk desk(town.site.get(), town.site->watch(), town.clock, [&](std::span<const signals::Signal> all) {
        told.assign(all.begin(), all.end());
        for (const auto& each : all) pipeline().take(each);
    });
    desk.turn();
    EXPECT_TRUE(told.empty());
    ASSERT_EQ(all().size(), 1U);
    town.clock.advance(31min);
    desk.turn();
    EXPECT_EQ(all()[0].level, incidents::Level::Manager);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].kind, "incident.step");
    EXPECT_NE(told[0].text.find("保守管理者"), std::string::npos);
    told.clear();
    desk.turn();
    EXPECT_TRUE(told.empty()) << "told already";
    town.clock.advance(31min);
    desk.turn();
    EXPECT_EQ(all()[0].level, incidents::Level::Lead);
    town.write([&](sys::Transaction& tx) {
        incidents::advance(tx, {1}, {State::Received, town.clock.now(), "", ""}, by("person:1"), 0);
    });
    told.clear();
    desk.turn();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].state, signals::State::Clear);
    EXPECT_EQ(all().size(), 1U) << "what the desk says makes no incident";
}

TEST_P(IncidentFlow, SaysThatItCannotWork) {
    std::vector<signals::Signal> told;
    WorkDesk desk(nullptr, town.site->watch(), town.clock,
                  [&](std::span<const signals::Signal> all) { told.assign(all.begin(), all.end()); });
    desk.turn();
    ASSERT_EQ(told.size(), 1U) << "once, not for each work";
    EXPECT_EQ(told[0].kind, "desk.failed");
}

TEST_P(IncidentFlow, RecordsAHandOverOnceFromWhereverItCame) {
    signal("probe", "http", "http.public");
    const auto incident = open_from_anomaly(*town.site, {1}, by("person:1"));
    EXPECT_THROW(make_incident_report(*town.site, incident.id, "final", "person:1"), base::Error);
    EXPECT_THROW(make_incident_report(*town.site, incident.id, "other", "person:1"), base::Error);
    const auto made = town.write([&](sys::Transaction& tx) {
        documents::Version version;
        version.made_at = town.clock.now();
        version.made_by = "person:1";
        version.title = "障害報告書（速報）";
        return documents::add_version(tx, "incident-first", "incident:1", "incident-first-2027-0001", version);
    });
    EXPECT_EQ(settle_reports(*town.site), 0);
    deliver_document(*town.site, {made.id, "mail", "広報課長", "", town.clock.now()}, "person:1");
    EXPECT_EQ(settle_reports(*town.site), 1);
    EXPECT_EQ(settle_reports(*town.site), 0);
    EXPECT_EQ(acts("incident:1").back(), "incident.report");
}

TEST(IncidentPapers, SayWhatIsKnownAndEachAnomalyOfTheMonth) {
    testing::Town town("sqlite");
    signals::Pipeline pipeline(town.site->watch(), town.clock, signals::Rules({"* * * hold=0s"}));
    for (const char* subject : {"http.public", "<b>http.office</b>"}) {
        signals::Signal one;
        one.source = "probe";
        one.kind = "http";
        one.subject = subject;
        one.severity = signals::Severity::Serious;
        one.observed_at = town.clock.now();
        one.text = "届きません。";
        pipeline.take(one);
    }
    const auto incident = open_from_anomaly(*town.site, {1}, {"person:1", town.clock.now()});
    const auto html_of = [&](const documents::Version& version) {
        for (const auto& file : version.files)
            if (file.type.starts_with("text/html")) return town.site->objects->load(file.hash);
        return std::string();
    };
    const std::string first = html_of(make_incident_report(*town.site, incident.id, "first", "person:1"));
    for (const char* part : {"障害報告書（速報）", "障害-2027-0001", "（まだ）", "届きません。"})
        EXPECT_NE(first.find(part), std::string::npos) << part;
    town.clock.advance(24h * 40);
    const std::string month = html_of(make_anomaly_report(*town.site, "2027-04", "person:1"));
    for (const char* part : {"異常報告書（令和9年4月）", "監視項目：http.public", "&lt;b&gt;http.office",
                             "対応の判断は、まだありません", "続いています"})
        EXPECT_NE(month.find(part), std::string::npos) << part;
    ledger::Search search;
    search.act = "report.make";
    const auto lines = town.read([&](sys::Reader& db) { return ledger::find_lines(db, search); });
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_NE(lines[0].entry.detail.find("\"kind\":\"anomalies\",\"month\":\"2027-04\""), std::string::npos);
    EXPECT_THROW(make_anomaly_report(*town.site, "2027-07", "person:1"), base::Error);
    EXPECT_THROW(make_anomaly_report(*town.site, "April", "person:1"), base::Error);
}

}  // namespace
}  // namespace flow

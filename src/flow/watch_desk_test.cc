#include "flow/watch_desk.h"

#include <set>

#include <gtest/gtest.h>

#include "flow/change_on_call.h"
#include "flow/change_setting.h"
#include "flow/hand_over/parts.h"
#include "flow/hand_over_site.h"
#include "flow/stop_service.h"
#include "flow/testing/composed_town.h"
#include "flow/verify_ledger.h"
#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "ground/sys/files.h"
#include "watch/signals/seen_release.h"

namespace flow {
namespace {

using namespace std::chrono_literals;
using signals::Signal;

class WatchDeskTest : public ::testing::Test {
  protected:
    Signal down() const {
        return {.source = "probe",
                .kind = "http.down",
                .subject = "www",
                .severity = signals::Severity::Serious,
                .observed_at = town_.clock.now(),
                .text = "公開サイトにつながりません。"};
    }
    std::vector<signals::Anomaly> anomalies() {
        return town_.site->watch().read([](sys::Reader& db) { return signals::list_anomalies(db, {}); });
    }
    std::unique_ptr<WatchDesk> desk() {
        return std::make_unique<WatchDesk>(town_.site->watch(), town_.site->folders, town_.site->settings, town_.clock);
    }

    testing::ComposedTown town_{"sqlite"};
};

TEST_F(WatchDeskTest, WritesALineADayOfWhatWasLookedAt) {
    const auto lines = [&] {
        std::vector<std::string> all;
        ledger::Search search;
        search.stream = ledger::kWatch;
        search.act = "round.day";
        for (const auto& line :
             town_.site->watch().read([&](sys::Reader& db) { return ledger::find_lines(db, search); }))
            all.push_back(line.entry.subject + " " + line.entry.detail);
        return all;
    };
    const auto at = [&](int day, int hour) { town_.clock.set(base::from_local({{2027, 4, day}, hour})); };
    at(1, 3);
    {
        const auto watch = desk();
        watch->add_round({"tree.bytes", town_.clock.now(), 1, 1200, 5000});
        watch->add_round({"tree.times", town_.clock.now(), 1, 1200, 0});
        watch->turn();
        watch->add_round({"tree.bytes", town_.clock.now(), 1, 1201, 5001});
    }  // ends within the minute: nothing of it is lost
    EXPECT_TRUE(lines().empty()) << "the day is not over";
    at(2, 0);
    const auto watch = desk();
    watch->add_round({"tree.bytes", town_.clock.now(), 1, 7, 7});
    watch->turn();
    EXPECT_EQ(
        lines(),
        (std::vector<std::string>{
            R"(round:tree.times {"kind":"tree.times","day":"2027-04-01","runs":1,"items":1200,"bytes":0,"first_at":"2027-03-31T18:00:00.000Z","last_at":"2027-03-31T18:00:00.000Z"})",
            R"(round:tree.bytes {"kind":"tree.bytes","day":"2027-04-01","runs":2,"items":2401,"bytes":10001,"first_at":"2027-03-31T18:00:00.000Z","last_at":"2027-03-31T18:00:00.000Z"})"}));
    town_.clock.advance(2min);
    watch->turn();
    EXPECT_EQ(lines().size(), 2U) << "once";
}

TEST_F(WatchDeskTest, IsVouchedForByEachRelease) {
    town_.put_page("index.html", "article", "トップページ");
    town_.publish();
    EXPECT_TRUE(verify_ledger(*town_.site, ledger::kWatch).is_whole()) << "no watch yet";
    desk()->take(down());
    town_.put_page("b.html", "article", "次のページ");
    town_.publish();
    const ledger::Report report = verify_ledger(*town_.site, ledger::kWatch);
    EXPECT_TRUE(report.is_whole());
    EXPECT_EQ(report.entries, 1);
    // Somebody removes the line and the head as if nothing had been: the release knows better.
    town_.site->watch().write([](sys::Transaction& tx) {
        tx.execute("DELETE FROM ledger_line");
        tx.execute("DELETE FROM ledger_head");
    });
    EXPECT_FALSE(verify_ledger(*town_.site, ledger::kWatch).is_whole());
    EXPECT_TRUE(verify_ledger(*town_.site, ledger::kOffice).is_whole());
}

TEST_F(WatchDeskTest, TellsOfAnEmergencyStopAndOfItsEndOnceEach) {
    const auto& folders = town_.site->folders;
    auto watch = desk();
    watch->turn();
    EXPECT_TRUE(anomalies().empty());
    Stop stop;
    stop.at = town_.clock.now();
    stop.by = "system:cli:0";
    stop.reason = "改ざんの疑い";
    stop_service(folders, stop, "山川市");
    for (int i = 0; i < 3; ++i) watch->turn();
    desk()->turn();  // a watch that starts meanwhile
    ASSERT_EQ(anomalies().size(), 1U);
    EXPECT_EQ(anomalies()[0].kind, "service.stopped");
    EXPECT_EQ(anomalies()[0].severity, signals::Severity::Emergency);
    EXPECT_NE(anomalies()[0].text.find("改ざんの疑い"), std::string::npos);
    EXPECT_EQ(anomalies()[0].standing, signals::Standing::Open);
    town_.clock.advance(1min);
    resume_service(folders, {"", Part::Public, town_.clock.now(), "system:cli:0", "", "点検が終わった", ""});
    watch->turn();
    ASSERT_EQ(anomalies().size(), 1U);
    EXPECT_EQ(anomalies()[0].standing, signals::Standing::Cleared);
}

TEST_F(WatchDeskTest, MissesAWatchThatSomebodyRemoved) {
    desk()->take(down());
    town_.put_page("index.html", "article", "トップページ");
    town_.publish();
    const auto folder = town_.site->folders.site;
    town_.site.reset();
    for (const char* name : {"watch.db", "watch.db-wal", "watch.db-shm"}) std::filesystem::remove(folder / name);
    town_.site = Site::open(folder, town_.clock);
    EXPECT_FALSE(verify_ledger(*town_.site, ledger::kWatch).is_whole());
}

TEST_F(WatchDeskTest, HandsItsTablesOver) {
    desk()->take(down());
    town_.put_page("index.html", "article", "トップページ");
    town_.publish();
    const sys::TemporaryFolder folder;
    const HandedOver handed = hand_over_site(*town_.site, folder.path() / "out");
    EXPECT_EQ(handed.counts.at("anomaly"), 1);
    EXPECT_NE(sys::read_file(folder.path() / "out/tables/anomaly.csv").find("公開サイトにつながりません。"),
              std::string::npos);
    EXPECT_NE(sys::read_file(folder.path() / "out/ledger/watch.jsonl").find("anomaly.open"), std::string::npos);

    std::set<std::string> known;
    for (const auto& [table, reason] : tables_not_handed_over()) known.insert(table);
    for (const sys::Extract& extract : hand_over::watch_extracts()) known.insert(std::string(extract.table));
    town_.site->watch().read([&](sys::Reader& db) {
        for (const auto& row :
             db.query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"))
            EXPECT_TRUE(known.contains(row.text(0)))
                << "name the table " << row.text(0) << " in its room's extracts.cc, or in tables_not_handed_over()";
    });
}

TEST_F(WatchDeskTest, TellsOfTheTimeInWhichNobodyWatched) {
    desk()->turn();
    EXPECT_TRUE(anomalies().empty());
    EXPECT_EQ(find_watch_beat(town_.site->folders, town_.clock.now()), town_.clock.now());
    town_.clock.advance(1h);
    desk()->turn();
    ASSERT_EQ(anomalies().size(), 1U);
    EXPECT_EQ(anomalies()[0].kind, "watch.gap");
    EXPECT_EQ(anomalies()[0].standing, signals::Standing::Cleared);
    EXPECT_EQ(*anomalies()[0].cleared_at, town_.clock.now());
}

TEST_F(WatchDeskTest, TakesUpAnOnCallTableThatWasChangedWhileItRuns) {
    Site& site = *town_.site;
    const people::By by{{}, town_.clock.now(), "system:test"};
    const auto made = desk();
    made->turn();
    const telling::Duty night =
        telling::parse_duty("closed serious 15 mail yakan@city.example name=夜間当番 days=mon,sat");
    change_on_call(site, 0, night, load_on_call(site).version, by);
    // A change within a tick of the file system's clock is a change all the same for the next one.
    std::filesystem::last_write_time(site.folders.site / "yakuba.toml",
                                     std::filesystem::file_time_type::clock::now() + 1h);
    made->turn();
    ASSERT_EQ(made->policy().on_call.all().size(), 1U);
    EXPECT_EQ(made->policy().on_call.all()[0].target, "yakan@city.example");
    EXPECT_TRUE(anomalies().empty());
    const std::string text = sys::read_file(site.folders.site / "yakuba.toml");
    sys::write_file(site.folders.site / "yakuba.toml", text + "\n[[[\n");
    std::filesystem::last_write_time(site.folders.site / "yakuba.toml",
                                     std::filesystem::file_time_type::clock::now() + 2h);
    made->turn();
    EXPECT_EQ(made->policy().on_call.all().size(), 1U);
    ASSERT_EQ(anomalies().size(), 1U);
    EXPECT_EQ(anomalies()[0].kind, "settings.bad");
}

TEST_F(WatchDeskTest, LetsNobodyRunAProgramByTheOnCallTableOfTheScreen) {
    Site& site = *town_.site;
    const people::By by{{}, town_.clock.now(), "system:test"};
    const auto change = [&](std::size_t index, const std::optional<telling::Duty>& duty) {
        change_on_call(site, index, duty, load_on_call(site).version, by);
    };
    EXPECT_THROW(change(0, telling::parse_duty("always warning 0 command /bin/sh")), base::Error);
    EXPECT_THROW(change(0, telling::parse_duty("always warning 0 webhook https://evil.example/")), base::Error);
    telling::Duty sly = telling::parse_duty("always warning 0 mail a@city.example");
    sly.name = "x days=mon";
    EXPECT_THROW(change(0, sly), base::Error);
    sly.name = "x";
    sly.target = "a@city.example command /bin/sh";
    EXPECT_THROW(change(0, sly), base::Error);
    write_setting(site, "watch.on_call", settings::TextList{"always warning 0 command /bin/sh", "nonsense"},
                  load_settings_file(site).version, by);
    EXPECT_THROW(change(0, std::nullopt), base::Error);
    EXPECT_THROW(change(0, telling::parse_duty("always warning 0 screen -")), base::Error);
    change(1, std::nullopt);  // what nobody can read may go
    EXPECT_EQ(load_on_call(site).lines, std::vector<std::string>{"always warning 0 command /bin/sh"});
    EXPECT_THROW(change_on_call(site, 1, telling::parse_duty("always warning 0 screen -"), "stale", by), base::Error);
}

TEST_F(WatchDeskTest, RemembersTheHighestReleaseWhenTheNotesOfItAreRolledBack) {
    const auto file = town_.site->seen_file();
    town_.put_page("index.html", "article", "一");
    town_.publish();
    const std::string old = sys::read_file(file);
    town_.put_page("b.html", "article", "二");
    town_.publish();
    const std::string newest = sys::read_file(file);
    ASSERT_NE(old, newest);
    const auto watch = desk();
    watch->turn();
    EXPECT_TRUE(anomalies().empty());
    // A number that nobody published would make every later log look rolled back.
    sys::write_file(file, release::write_seen({999, release::parse_seen(newest).record}));
    town_.clock.advance(2min);
    watch->turn();
    const auto kept = town_.site->watch().read([](sys::Reader& db) { return signals::find_seen_release(db); });
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->note, newest);
    for (const std::string& wrong : {old, std::string("rubbish"), std::string()}) {
        if (wrong.empty())
            sys::remove_file(file);
        else
            sys::write_file(file, wrong);
        town_.clock.advance(2min);
        watch->turn();
        const auto found = anomalies();
        ASSERT_FALSE(found.empty()) << wrong;
        EXPECT_EQ(found[0].kind, "release.forgotten");
        EXPECT_EQ(found[0].standing, signals::Standing::Open);
        EXPECT_EQ(sys::read_file(file), newest) << "the guard can see what became of the log";
        town_.clock.advance(2min);
        watch->turn();
        EXPECT_EQ(anomalies()[0].standing, signals::Standing::Cleared);
    }
}

TEST_F(WatchDeskTest, WorksOnWithARowThatIsWrongAndSaysSo) {
    town_.site->settings.watch.on_call = {"always warning 0 pigeon loft", "always warning 0 screen - name=当番画面"};
    town_.site->settings.watch.rules = {"probe"};
    const auto made = desk();
    made->turn();
    ASSERT_EQ(anomalies().size(), 1U);
    EXPECT_EQ(anomalies()[0].kind, "settings.bad");
    EXPECT_NE(anomalies()[0].text.find("2件"), std::string::npos);
    ASSERT_EQ(made->policy().on_call.all().size(), 1U);
    town_.clock.advance(5s);
    made->turn();
    made->deliver({});
    const auto messages = town_.site->watch().read([](sys::Reader& db) { return telling::list_messages(db, {}); });
    ASSERT_EQ(messages.size(), 1U);
    EXPECT_EQ(messages[0].name, "当番画面");
    EXPECT_EQ(messages[0].standing, "sent");
}

}  // namespace
}  // namespace flow

// The probes and the intrusion detectors of a real site directory.
#include "flow/watch_probes.h"

#include <algorithm>
#include <map>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "flow/change_setting.h"
#include "flow/stop_service.h"
#include "flow/testing/town.h"
#include "flow/watch_intrusion.h"
#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "ground/sys/files.h"
#include "ground/sys/testing/databases.h"
#include "watch/logs/access_log.h"
#include "watch/signals/rules.h"

namespace flow {

using namespace std::chrono_literals;

namespace {

std::vector<signals::Signal> of_kind(const std::vector<signals::Signal>& all, std::string_view kind) {
    std::vector<signals::Signal> found;
    for (const auto& one : all)
        if (one.kind == kind) found.push_back(one);
    return found;
}

}  // namespace

TEST(ServedBy, NamesTheServersAsThisMachineReachesThem) {
    settings::Settings settings;
    settings.public_site.address = "0.0.0.0:80";
    settings.office.address = "[::]:443";
    settings.office.tls_certificate = "cert.pem";
    EXPECT_EQ(served_by(settings).public_url, "http://127.0.0.1:80/");
    EXPECT_EQ(served_by(settings).office_url, "http://[::1]:443/") << "the program itself ends no TLS";
    settings.folder = "/srv/site";
    settings.public_site.address = "127.0.0.1:0";
    settings.office.preview_address = "127.0.0.1:8082";
    const probes::Plans plans = plan_probes(settings, {"http://127.0.0.1:45678/", ""});
    EXPECT_TRUE(plans.bad.empty());
    for (const probes::Plan& plan : plans.plans)
        EXPECT_TRUE(plan.id != "listeners" || plan.text("own") == "80,443,443,8082,45678") << plan.id;
}

TEST(ProbeDesk, TellsOfTheSitesOwnDutiesOnBothEnginesAndWritesTheBoard) {
    for (const std::string& engine : sys::testing::engines()) {
        SCOPED_TRACE(engine);
        testing::Town town(engine);
        settings::Settings settings = town.site->settings;
        settings.monitor.probes = {"raid off",         "nonsense warn=1", "http.public url=http://127.0.0.1:1/ raise=1",
                                   "jobs every=2",     "queues every=2",  "database every=2",
                                   "disk.site every=2"};
        const base::SystemClock clock;
        std::vector<signals::Signal> told;
        std::vector<samples::Sample> figures;
        ProbeDesk desk(
            town.site.get(), town.site->folders.site, settings, {"http://127.0.0.1:1/", ""}, clock,
            {[&](std::span<const signals::Signal> all) { told.insert(told.end(), all.begin(), all.end()); },
             [&](std::span<const samples::Sample> all) { figures.insert(figures.end(), all.begin(), all.end()); }});
        const std::set<std::string> wanted{"http", "jobs", "queues", "database", "disk"};
        std::set<std::string> seen;
        for (int turn = 0; turn < 1500 && !std::includes(seen.begin(), seen.end(), wanted.begin(), wanted.end());
             ++turn) {
            desk.turn();
            std::this_thread::sleep_for(10ms);
            for (const auto& one : told) seen.insert(one.kind);
        }
        for (const std::string& kind : wanted) EXPECT_TRUE(seen.contains(kind)) << kind;
        EXPECT_EQ(of_kind(told, "settings").at(0).state, signals::State::Raise);
        EXPECT_EQ(of_kind(told, "http").at(0).state, signals::State::Raise);
        EXPECT_EQ(of_kind(told, "database").at(0).state, signals::State::Clear) << of_kind(told, "database").at(0).text;
        EXPECT_EQ(of_kind(told, "queues").at(0).state, signals::State::Clear) << of_kind(told, "queues").at(0).text;
        ASSERT_EQ(of_kind(told, "raid").size(), 1U);  // what was open about it is over
        EXPECT_EQ(of_kind(told, "raid").at(0).state, signals::State::Clear);
        const auto board = probes::find_board(board_file(town.site->folders.site));
        ASSERT_TRUE(board);
        EXPECT_TRUE(board->is_alive(clock.now()));
        EXPECT_GT(board->standings.size(), 15U);
    }
}

TEST(ProbeDesk, EndsWhatItNoLongerLooksAt) {
    testing::Town town("sqlite");
    settings::Settings settings = town.site->settings;
    const auto told_with = [&](settings::TextList lines) {
        settings.monitor.probes = std::move(lines);
        std::vector<signals::Signal> told;
        ProbeDesk desk(
            nullptr, town.site->folders.site, settings, {}, town.clock,
            {[&](std::span<const signals::Signal> all) { told.insert(told.end(), all.begin(), all.end()); }, {}});
        desk.turn();
        return told;
    };
    const auto names = [](const std::vector<signals::Signal>& told) {
        return std::count_if(told.begin(), told.end(), [](const signals::Signal& one) {
            return one.subject == "tcp.shiryo" && one.state == signals::State::Clear &&
                   one.text.find("外れました") != std::string::npos;
        });
    };
    EXPECT_EQ(names(told_with({"tcp.shiryo kind=tcp target=127.0.0.1:1"})), 0);
    EXPECT_EQ(names(told_with({})), 1);
    EXPECT_EQ(names(told_with({})), 0);
}

TEST(ProbeRules, ASiteThatIsStoppedOnPurposeCallsOnce) {
    const auto plans = plan_probes({}, {"http://127.0.0.1:8081/", "http://127.0.0.1:8080/"});
    for (const std::string& line : probe_rules(plans)) {
        const signals::Rule rule = signals::parse_rule(line);
        const bool hides = std::any_of(rule.behind.begin(), rule.behind.end(), [](const signals::Pattern& each) {
            return signals::fits(each, "watch", "service.stopped", part_name(Part::Public));
        });
        EXPECT_EQ(hides, line.starts_with("probe http http.public ")) << line;
    }
}

TEST(ProbeWorld, KnowsThatThePublicSiteIsStopped) {
    testing::Town town("sqlite");
    const Folders& folders = town.site->folders;
    const probes::World world = probe_world(nullptr, folders.site, town.clock);
    EXPECT_FALSE(world.is_stopped());
    stop_service(folders, {"", Part::Public, town.clock.now(), "system:test", "", "点検", ""}, "山川市");
    EXPECT_TRUE(world.is_stopped());
}

TEST(ProbeDesk, TakesUpAChangedPlanWithoutARestart) {
    testing::Town town("sqlite");
    std::vector<signals::Signal> told;
    std::vector<std::string> rules;
    ProbeDesk desk(town.site.get(), town.site->folders.site, town.site->settings, {}, town.clock,
                   {[&](std::span<const signals::Signal> all) { told.insert(told.end(), all.begin(), all.end()); },
                    {},
                    [&](std::vector<std::string> fresh) { rules = std::move(fresh); }});
    const people::By by{{}, town.clock.now(), "system:test"};
    const auto change = [&](std::string_view id, std::string_view line) {
        change_probe(*town.site, id, line, load_settings_file(*town.site).version, by);
        // A file system may not tell two writes of one moment apart.
        const auto file = town.site->folders.site / "yakuba.toml";
        std::filesystem::last_write_time(file, std::filesystem::last_write_time(file) + 1s);
        told.clear();
        town.clock.advance(2s);
        desk.turn();
    };
    const auto is_on_board = [&](std::string_view id) {
        const auto board = probes::find_board(board_file(town.site->folders.site));
        return board && std::any_of(board->standings.begin(), board->standings.end(),
                                    [&](const probes::Standing& one) { return one.id == id; });
    };
    desk.turn();
    EXPECT_FALSE(is_on_board("tcp.shiryo"));
    change("tcp.shiryo", "tcp.shiryo kind=tcp target=127.0.0.1:1 every=7");
    EXPECT_TRUE(is_on_board("tcp.shiryo"));
    EXPECT_TRUE(std::any_of(rules.begin(), rules.end(),
                            [](const std::string& rule) { return rule.starts_with("probe tcp tcp.shiryo "); }));
    change("raid", "raid off");
    EXPECT_FALSE(is_on_board("raid"));
    ASSERT_FALSE(of_kind(told, "raid").empty());
    EXPECT_EQ(of_kind(told, "raid").back().state, signals::State::Clear);
    change("tcp.shiryo", "");
    EXPECT_FALSE(is_on_board("tcp.shiryo"));
    ASSERT_FALSE(of_kind(told, "tcp").empty());
    EXPECT_EQ(of_kind(told, "tcp").back().state, signals::State::Clear);
}

TEST(ChangeProbe, ChangesOneLineWithItsLedgerLineAndRefusesWhatCannotBe) {
    testing::Town town("sqlite");
    Site& site = *town.site;
    const people::By by{{}, site.clock.now(), "system:test"};
    change_probe(site, "disk.site", "disk.site warn=70", load_settings_file(site).version, by);
    change_probe(site, "raid", "raid off", load_settings_file(site).version, by);
    EXPECT_EQ(settings::parse(load_settings_file(site).text).monitor.probes,
              (settings::TextList{"disk.site warn=70", "raid off"}));
    change_probe(site, "disk.site", "", load_settings_file(site).version, by);
    EXPECT_EQ(settings::parse(load_settings_file(site).text).monitor.probes, settings::TextList{"raid off"});
    EXPECT_THROW(change_probe(site, "cpu", "cpu warn=hot", load_settings_file(site).version, by), base::Error);
    EXPECT_THROW(change_probe(site, "cpu", "cpu off", "stale", by), base::Error);
    const auto lines = site.database->read([&](sys::Reader& db) {
        ledger::Search search;
        search.act = "site.settings";
        return ledger::find_lines(db, search);
    });
    EXPECT_EQ(lines.size(), 3U);
}

TEST(IntrusionDesk, ReadsLogsOnFromWhereItStoppedAndSignInsFromTheLedger) {
    for (const std::string& engine : sys::testing::engines()) {
        SCOPED_TRACE(engine);
        testing::Town town(engine);
        Site& site = *town.site;
        settings::Settings settings = site.settings;
        settings.intrusion.eve_log = (site.folders.site / "eve.json").string();
        settings.intrusion.block = "dry-run";
        const auto file = settings.resolve(settings.public_site.access_log);
        const auto attack = [&](int from, int until) {
            logs::AccessLog log({.file = file});
            for (int attempt = from; attempt < until; ++attempt) {
                logs::Access access;
                access.address = "192.0.2.77";
                access.at = site.clock.now();
                access.method = "GET";
                access.target = "/.env";
                access.status = 404;
                log.add(access);
            }
        };
        std::vector<signals::Signal> told;
        const auto take = [&](std::span<const signals::Signal> all) {
            told.insert(told.end(), all.begin(), all.end());
        };
        {
            IntrusionDesk desk(&site, site.folders.site, settings, true, site.clock, take);
            desk.turn();  // nothing is there yet
            attack(0, 3);
            desk.turn();
            EXPECT_TRUE(of_kind(told, "attack.probe").empty());
            EXPECT_EQ(of_kind(told, "suricata.missing").size(), 1U);
            sys::write_file(
                site.folders.site / "eve.json",
                R"({"timestamp":"2026-11-22T09:03:21.123456+0000","event_type":"alert","src_ip":"192.0.2.7",)"
                R"("dest_ip":"10.0.0.1","alert":{"gid":1,"signature_id":5,"signature":"x","severity":1}})"
                "\n");
            attack(3, 9);
            site.database->write([&](sys::Transaction& tx) {
                for (int attempt = 0; attempt < 25; ++attempt)
                    ledger::append(tx, {site.clock.now(), "system:sign-in", "person.sign-in-refused", "person:1",
                                        R"({"address":"192.0.2.9","what":"password"})"});
            });
            desk.turn();
        }
        EXPECT_EQ(of_kind(told, "attack.probe").size(), 1U);
        EXPECT_FALSE(of_kind(told, "sign-in.guessing").empty());
        EXPECT_EQ(of_kind(told, "alert").size(), 1U);
        EXPECT_EQ(of_kind(told, "suricata.missing").back().state, signals::State::Clear);
        EXPECT_GE(of_kind(told, "block").size(), 2U);
        for (const auto& one : of_kind(told, "block")) EXPECT_EQ(one.state, signals::State::Info);
        told.clear();
        IntrusionDesk again(&site, site.folders.site, settings, true, site.clock, take);
        again.turn();
        EXPECT_TRUE(of_kind(told, "alert").empty());
        EXPECT_TRUE(of_kind(told, "sign-in.guessing").empty());
    }
}

TEST(IntrusionDesk, MissesALogThatItHasReadEvenAfterARestart) {
    testing::Town town("sqlite");
    settings::Settings settings = town.site->settings;
    const auto usual = settings::Settings::Intrusion{}.eve_log;
    const auto access = settings.resolve(settings.public_site.access_log);
    std::map<std::string, signals::State> now;
    const auto take = [&](std::span<const signals::Signal> all) {
        for (const auto& one : all) now[one.kind] = one.state;
    };
    const auto open = [&] {
        return std::make_unique<IntrusionDesk>(nullptr, town.site->folders.site, settings, true, town.clock, take);
    };
    auto desk = open();
    desk->turn();
    EXPECT_FALSE(now.contains("access-log.missing"));  // nothing was served yet, and Suricata is not installed
    EXPECT_FALSE(now.contains("suricata.missing")) << usual;
    sys::make_folders(access.parent_path());
    sys::write_file(access, "");
    desk->turn();
    EXPECT_EQ(now.at("access-log.missing"), signals::State::Clear);
    std::filesystem::rename(access, access.string() + ".1");
    desk->turn();
    town.clock.advance(30s);
    desk->turn();
    EXPECT_EQ(now.at("access-log.missing"), signals::State::Clear);  // it is being rotated
    town.clock.advance(40s);
    desk->turn();
    EXPECT_EQ(now.at("access-log.missing"), signals::State::Raise);
    now.clear();
    desk = open();
    desk->turn();
    EXPECT_EQ(now.at("access-log.missing"), signals::State::Raise);
    sys::write_file(access, "");
    desk->turn();
    EXPECT_EQ(now.at("access-log.missing"), signals::State::Clear);
}

}  // namespace flow

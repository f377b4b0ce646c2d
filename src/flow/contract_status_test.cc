#include "flow/contract_status.h"

#include <gtest/gtest.h>

#include "flow/testing/town.h"
#include "flow/watch_contract.h"
#include "ground/base/error.h"
#include "ground/ledger/acts.h"
#include "ground/ledger/store.h"
#include "office/contract/due.h"
#include "office/vulnerabilities/store.h"
#include "watch/signals/pipeline.h"

namespace flow {

using namespace std::chrono_literals;

namespace {

/// What the desk tells, by kind and subject: the newest.
struct Told {
    std::map<std::string, signals::Signal> newest;
    int count = 0;
    ContractDesk::Tell tell() {
        return [this](std::span<const signals::Signal> all) {
            for (const signals::Signal& each : all) newest[each.kind + " " + each.subject] = each;
            count += static_cast<int>(all.size());
        };
    }
    bool is_raised(const std::string& about) const {
        const auto found = newest.find(about);
        return found != newest.end() && found->second.state == signals::State::Raise;
    }
};

/// What stands in the watch's stream of the daily backup.
std::vector<ledger::Line> written(Site& site, std::string act) {
    ledger::Search search;
    search.subject = "obligation:backup-daily";
    search.stream = std::string(ledger::kWatch);
    search.act = std::move(act);
    return site.watch().read([&](sys::Reader& db) { return ledger::find_lines(db, search); });
}

void add(sys::Database& database, std::string_view stream, base::Instant at, std::string act, std::string subject,
         std::string detail) {
    database.write([&](sys::Transaction& tx) {
        ledger::append(tx, {at, "system:test", act, subject, detail}, stream);
    });
}

const contract::Judged& of(const ContractStatus& status, std::string_view id) {
    for (const contract::Judged& one : status.obligations)
        if (one.obligation->id == id) return one;
    throw std::runtime_error("no such obligation");
}

}  // namespace

TEST(SampleContracts, WaitForNothingThatTheProgramDoesNotWrite) {
    for (const char* name : {"cms", "portal"})
        for (const contract::Wanted& each : contract::acts_wanted(contract::read(contract::sample(name)).contract))
            EXPECT_TRUE(ledger::is_known_act(each.act)) << name << ": " << each.act;
}

TEST(ContractStatus, ReadsBothStreamsOnBothEngines) {
    for (const std::string& engine : sys::testing::engines()) {
        SCOPED_TRACE(engine);
        testing::Town town(engine);
        Site& site = *town.site;
        const base::Instant start = town.clock.now();
        try {
            judge_contract(site, start);
            ADD_FAILURE() << "there is no contract";
        } catch (const base::Error& error) {
            EXPECT_EQ(error.kind(), base::Kind::NotFound);
            EXPECT_NE(error.message().find("contract init"), std::string::npos);
        }
        write_sample_contract(site.folders, "cms");
        EXPECT_THROW(write_sample_contract(site.folders, "portal"), base::Error);
        add(site.watch(), ledger::kWatch, start + 9h, "backup.run", "backup:1",
            R"({"kind":"data","outcome":"made","day":"2027-04-01"})");
        add(*site.database, ledger::kOffice, start + 1h, "site.upkeep", "month:2027-04", R"({"list":["a",{"b":1}]})");

        EXPECT_EQ(of(judge_contract(site, start + 8h), "backup-daily").state, contract::State::Due);
        const auto status = judge_contract(site, start + 10h);
        const auto& backup = of(status, "backup-daily");
        EXPECT_EQ(backup.state, contract::State::Met);
        ASSERT_EQ(backup.evidence.size(), 1U);
        EXPECT_EQ(backup.evidence[0].stream, "watch");
        EXPECT_EQ(backup.evidence[0].sequence, 1);
        EXPECT_EQ(of(status, "maintenance").state, contract::State::Met);
        EXPECT_EQ(of(status, "maintenance").evidence.at(0).stream, "office");
        EXPECT_FALSE(status.has_late());
        EXPECT_TRUE(judge_contract(site, start + std::chrono::hours(24 * 30)).has_late()) << "if nothing is done";

        // By hand: an incident that came by telephone, and its report.
        EXPECT_THROW(record_for_contract(site, {"none", "done", "", "書面", {}}, "person:1"), base::Error);
        EXPECT_THROW(record_for_contract(site, {"incident-report", "done", "", " ", {}}, "person:1"), base::Error);
        EXPECT_THROW(
            record_for_contract(site, {"incident-report", "done", "", "書面", {{"what", "event"}}}, "person:1"),
            base::Error);
        record_for_contract(site, {"incident-report", "event", "incident:1", "電話で受けた", {}}, "person:1");
        EXPECT_EQ(of(judge_contract(site, start), "incident-report").state, contract::State::Due);
        town.clock.advance(2h);
        record_for_contract(site, {"incident-report", "done", "incident:1", "報告書を手渡した", {}}, "person:1");
        EXPECT_EQ(of(judge_contract(site, town.clock.now()), "incident-report").state, contract::State::Met);
        EXPECT_EQ(of(judge_contract(site, start), "incident-report").state, contract::State::Due) << "as of then";
    }
}

TEST(ContractStatus, OfWhatIsRememberedIsThatOfTheWholeLedger) {
    for (const std::string& engine : sys::testing::engines()) {
        SCOPED_TRACE(engine);
        testing::Town town(engine);
        Site& site = *town.site;
        write_sample_contract(site.folders, "cms");
        const auto told = [](std::span<const contract::Judged> all) {
            std::string text;
            for (const contract::Judged& one : all)
                for (const contract::Item& item : one.items) {
                    text += fmt::format("{} {} {} {}", one.obligation->id, item.key, contract::state_id(item.state),
                                        item.lateness.count());
                    for (const contract::Evidence& line : item.evidence)
                        text += fmt::format(" {}{}", line.stream, line.sequence);
                    text += "\n";
                }
            return text;
        };
        const auto compare = [&](base::Instant at) {
            const contract::Contract contract = load_contract(site.folders, site.settings);
            const ContractLines lines = gather_contract_lines(contract, site.database.get(), site.find_watch(), at);
            EXPECT_EQ(told(judge_contract(site, at).obligations), told(contract::judge(contract, lines.lines, at)));
        };
        compare(town.clock.now());
        for (int day = 0; day < 16; ++day) {
            town.clock.advance(24h);
            const base::Instant now = town.clock.now();
            const std::string anomaly = fmt::format("anomaly:{}", day);
            add(site.watch(), ledger::kWatch, now - 2h, "anomaly.open", anomaly,
                R"({"severity":"serious","source":"probe"})");
            if (day % 3 > 0) add(site.watch(), ledger::kWatch, now - 1h, "anomaly.answer", anomaly, "{}");
            if (day % 4 > 0)
                add(site.watch(), ledger::kWatch, now - 3h, "backup.run", fmt::format("backup:{}", day),
                    fmt::format(R"({{"kind":"data","outcome":"made","day":"{}"}})", day));
            add(*site.database, ledger::kOffice, now - 2h, "desk.receive", fmt::format("question:{}", day),
                R"({"kind":"question"})");
            if (day % 5 == 0)  // a clock that was put back
                add(*site.database, ledger::kOffice, now - 30h, "desk.answer", fmt::format("question:{}", day - 1),
                    "{}");
            for (int i = 0; i < day % 7; ++i) add(*site.database, ledger::kOffice, now, "page.save", "page:1", "{}");
            if (day % 2 == 0) continue;
            compare(now);
            compare(now + 24h * 200);
            compare(now - 24h * 9);
        }
        // An answer is kept for a minute, but not over the moment at which something is due, or later by a minute more.
        add(site.watch(), ledger::kWatch, town.clock.now() - 29min - 50s, "anomaly.open", "anomaly:900",
            R"({"severity":"serious","source":"probe"})");
        for (const auto later : {0s, 9s, 10s, 11s, 59s, 70s, 71s}) compare(town.clock.now() + later);
        compare(town.clock.now());
        sys::write_file(contract_file(site.folders), contract::sample("portal"));
        compare(town.clock.now());
        // Another ledger under the same name, as after a restore.
        town.write([](sys::Transaction& tx) {
            for (const char* table : {"ledger_line", "ledger_head"})
                tx.execute(fmt::format("DELETE FROM {} WHERE stream = 'office'", table), {});
        });
        for (int i = 0; i < 40; ++i)
            add(*site.database, ledger::kOffice, town.clock.now(), "desk.receive", fmt::format("question:{}", 900 + i),
                R"({"kind":"question"})");
        compare(town.clock.now());
    }
}

TEST(SampleContracts, NameTheDayThatTheScreensName) {
    for (const auto& [sample, id] : {std::pair("cms", "versions"), std::pair("portal", "patch-decision")}) {
        const contract::Contract made = contract::read(contract::sample(sample)).contract;
        const contract::Obligation* promised = made.find_obligation(id);
        ASSERT_NE(promised, nullptr);
        for (int day = 0; day < 3 * 365; ++day) {
            const base::Instant published = base::from_local({base::Day{2027, 4, 1} + day, day % 24});
            ASSERT_EQ(contract::due_after(made, *promised, published),
                      vulnerabilities::owed_by(made.calendar_of(*promised), published))
                << base::format_local(published);
        }
    }
}

TEST(ContractStatus, RefusesAFileWithFaultsAndNamesTheirLines) {
    testing::Town town("sqlite");
    sys::write_file(contract_file(town.site->folders), "[contract]\nid = 1\n");
    try {
        judge_contract(*town.site, town.clock.now());
        ADD_FAILURE() << "it was taken";
    } catch (const base::Error& error) {
        EXPECT_EQ(error.kind(), base::Kind::BadInput);
        EXPECT_NE(error.message().find("line 2"), std::string::npos) << error.message();
    }
}

TEST(ContractStatus, HoldsByTheLawsRulesWhenTheListOfHolidaysCannotBeRead) {
    testing::Town town("sqlite");
    Site& site = *town.site;
    write_sample_contract(site.folders, "cms");
    const std::size_t count = judge_contract(site, town.clock.now()).obligations.size();
    std::filesystem::create_directory(site.folders.site / "syukujitsu.csv");
    site.settings.calendar.holiday_list = (site.folders.site / "syukujitsu.csv").string();
    EXPECT_EQ(judge_contract(site, town.clock.now()).obligations.size(), count);
}

TEST(FindContract, WarnsWhereTheSettingsCountOtherHours) {
    testing::Town town("sqlite");
    Site& site = *town.site;
    write_sample_contract(site.folders, "cms");
    site.settings.calendar.opens = site.settings.helpdesk.opens = "08:30";
    const auto warnings = [&] {
        const auto read = find_contract(site.folders, site.settings);
        EXPECT_TRUE(read->is_usable());
        return contract::problems_text(read->problems, "contract.toml");
    };
    EXPECT_EQ(warnings(), "");
    site.settings.calendar.closes = "17:15";
    site.settings.calendar.closed_weekdays = {"sun"};
    const std::string text = warnings();
    EXPECT_NE(
        text.find("contract.toml: line 79, column 1: (to be checked) [[calendars]] office: closed_weekdays, closes "
                  "are otherwise in [calendar] of yakuba.toml"),
        std::string::npos)
        << text;
}

TEST(ContractDesk, NamesTheDayThatEndsWhenItIsDueAtMidnight) {
    testing::Town town("sqlite");
    Site& site = *town.site;
    write_sample_contract(site.folders, "cms");
    town.clock.set(*base::parse_instant("2027-07-31 20:00"));
    Told told;
    ContractDesk(&site, site.watch(), site.folders.site, site.settings, town.clock, told.tell()).turn();
    const std::string text = told.newest["contract.due obligation:maintenance"].text;
    EXPECT_NE(text.find("令和9年4月30日（金）24時00分"), std::string::npos) << text;
}

TEST(ContractDesk, WritesEachStepOnceAndTellsUntilItIsMet) {
    testing::Town town("sqlite");
    Site& site = *town.site;
    Told told;
    const auto desk = [&] {
        return ContractDesk(&site, site.watch(), site.folders.site, site.settings, town.clock, told.tell());
    };
    ContractDesk first = desk();
    first.turn();
    EXPECT_EQ(told.count, 0) << "without a contract there is nothing to tell";

    write_sample_contract(site.folders, "cms");
    const std::string about = "contract.due obligation:backup-daily";
    first.turn();
    EXPECT_FALSE(told.is_raised(about));
    EXPECT_TRUE(written(site, "contract").empty());

    town.clock.advance(30h);  // 04-02 16:00: 22.5 of 24 hours are gone
    first.turn();
    first.turn();
    ASSERT_TRUE(told.is_raised(about));
    EXPECT_EQ(told.newest[about].severity, signals::Severity::Warning);
    EXPECT_EQ(written(site, "contract.warn").size(), 1U);
    EXPECT_TRUE(written(site, "contract.late").empty());

    town.clock.advance(90min);     // 17:30
    ContractDesk second = desk();  // after a restart
    second.turn();
    second.turn();
    EXPECT_EQ(told.newest[about].severity, signals::Severity::Serious);
    EXPECT_NE(told.newest[about].text.find("日次バックアップ"), std::string::npos);
    ASSERT_EQ(written(site, "contract.late").size(), 1U);
    EXPECT_EQ(written(site, "contract.warn").size(), 1U) << "not again after a restart";

    const int before = told.count;
    second.turn();
    EXPECT_EQ(told.count, before) << "what has not changed is no news";
    add(site.watch(), ledger::kWatch, town.clock.now() + 1min, "backup.run", "backup:1",
        R"({"kind":"data","outcome":"made","day":"2027-04-02"})");
    town.clock.advance(10min);
    second.turn();
    EXPECT_FALSE(told.is_raised(about)) << "met, though late";
    EXPECT_EQ(written(site, "contract.late").size(), 1U);
}

TEST(ContractDesk, ClearsAfterARestartWhatTheContractNoLongerAsksFor) {
    testing::Town town("sqlite");
    Site& site = *town.site;
    signals::Signal signal;
    signal.source = "contract";
    signal.kind = "contract.due";
    signal.subject = "obligation:of-before";
    signal.severity = signals::Severity::Serious;
    signal.observed_at = town.clock.now();
    signal.text = "契約事項の期限を過ぎています。";
    signals::Pipeline(site.watch(), town.clock, signals::Rules()).take(signal);
    write_sample_contract(site.folders, "cms");
    Told told;
    ContractDesk desk(&site, site.watch(), site.folders.site, site.settings, town.clock, told.tell());
    desk.turn();
    ASSERT_TRUE(told.newest.contains("contract.due obligation:of-before"));
    EXPECT_FALSE(told.is_raised("contract.due obligation:of-before"));
}

TEST(ContractDesk, MissesAfterARestartAContractThatWasThere) {
    testing::Town town("sqlite");
    Site& site = *town.site;
    add(site.watch(), ledger::kWatch, town.clock.now(), "contract.warn", "obligation:backup-daily", R"({"word":"x"})");
    Told told;
    ContractDesk desk(&site, site.watch(), site.folders.site, site.settings, town.clock, told.tell());
    desk.turn();
    EXPECT_TRUE(told.is_raised("contract.file contract.toml"));
}

TEST(ContractDesk, TellsWhenItCannotJudge) {
    testing::Town town("sqlite");
    Site& site = *town.site;
    Told told;
    ContractDesk desk(&site, site.watch(), site.folders.site, site.settings, town.clock, told.tell());
    const auto file = write_sample_contract(site.folders, "portal");
    desk.turn();
    EXPECT_FALSE(told.is_raised("contract.file contract.toml"));
    sys::write_file(file, "[contract\n");
    desk.turn();
    EXPECT_TRUE(told.is_raised("contract.file contract.toml"));
    std::filesystem::remove(file);
    desk.turn();
    EXPECT_TRUE(told.is_raised("contract.file contract.toml")) << "gone is not well";
    write_sample_contract(site.folders, "portal");
    desk.turn();
    EXPECT_FALSE(told.is_raised("contract.file contract.toml"));

    Told alone;
    ContractDesk without(nullptr, site.watch(), site.folders.site, site.settings, town.clock, alone.tell());
    without.turn();
    EXPECT_TRUE(alone.is_raised("contract.evidence ledger"));
    EXPECT_FALSE(alone.newest.contains("contract.due obligation:backup-data"));
}

}  // namespace flow

#include "flow/upkeep.h"

#include <fstream>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "flow/testing/composed_town.h"
#include "flow/timetable.h"
#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"
#include "ground/sys/testing/databases.h"

namespace flow {

namespace {

using base::Error;

class Upkeep : public ::testing::TestWithParam<std::string> {
  protected:
    Upkeep() : town_(GetParam()) {}
    Site& site() { return *town_.site; }
    /// The detail of the newest line of upkeep.
    boost::json::object last() {
        ledger::Search search;
        search.act = "site.upkeep";
        const auto lines = site().database->read([&](sys::Reader& db) { return ledger::find_lines(db, search); });
        if (lines.empty()) return {};
        return boost::json::parse(lines.front().entry.detail).as_object();
    }
    std::filesystem::path put(std::string_view bytes) {
        const auto stored = site().objects->put(bytes, sys::Durability::Now);
        const std::string name = stored.hash.hex();
        return site().folders.objects / name.substr(0, 2) / name;
    }

    testing::Town town_;
};

TEST_P(Upkeep, ReadsEveryObjectBackWithinAWeek) {
    std::int64_t files = 0;
    for (int i = 0; i < 40; ++i) put("object " + std::to_string(i));
    const base::Day start{2026, 12, 28};  // over the year's end
    for (int day = 0; day < kScrubParts; ++day) {
        scrub_objects(site(), start + day, {});
        EXPECT_EQ(last().at("damaged").to_number<int>(), 0);
        files += last().at("files").to_number<std::int64_t>();
    }
    std::int64_t there = 0;
    for (const auto& one : std::filesystem::recursive_directory_iterator(site().folders.objects))
        there += one.is_regular_file();
    EXPECT_EQ(files, there);
    EXPECT_GE(files, 40);
}

TEST_P(Upkeep, FindsADamagedObjectAndRecordsItBeforeItFails) {
    const auto file = put("what was approved");
    std::filesystem::permissions(file, std::filesystem::perms::owner_write, std::filesystem::perm_options::add);
    std::ofstream(file) << "what was approveD";
    int failures = 0;
    for (int day = 0; day < kScrubParts; ++day) {
        try {
            scrub_objects(site(), base::Day{2026, 11, 22} + day, {});
        } catch (const Error& error) {
            ++failures;
            EXPECT_EQ(error.kind(), base::Kind::Damaged);
            EXPECT_NE(error.message().find(file.filename().string()), std::string::npos) << error.message();
            EXPECT_EQ(last().at("damaged").to_number<int>(), 1);
        }
    }
    EXPECT_EQ(failures, 1);
}

TEST_P(Upkeep, StopsWhenItIsToldToAndSaysSo) {
    for (int i = 0; i < 40; ++i) put("object " + std::to_string(i));
    scrub_objects(site(), base::Day{2026, 11, 22}, {[] { return true; }, {}});
    EXPECT_EQ(last().at("files").to_number<int>(), 0);
    EXPECT_FALSE(last().at("is_whole_part").as_bool());
}

TEST_P(Upkeep, TellsWhenANightIsTooShort) {
    for (int i = 0; i < 40; ++i) put("object " + std::to_string(i));
    EXPECT_THROW(scrub_objects(site(), base::Day{2026, 11, 22}, {{}, {}, std::chrono::minutes(-1)}), Error);
    EXPECT_FALSE(last().at("is_whole_part").as_bool());
}

TEST_P(Upkeep, TendsAndChecksADatabaseThatIsWell) {
    tend_database(site());
    EXPECT_EQ(last().at("duty"), "tend-database");
    EXPECT_GT(last().at("bytes").to_number<std::int64_t>(), 0);
    check_database(site());
    EXPECT_EQ(last().at("problem"), "");
    check_ledgers(site());
    EXPECT_GE(last().at("lines").to_number<std::int64_t>(), 2);
}

TEST_P(Upkeep, ChecksTheDatabaseOfTheWatchToo) {
    tend_database(site());
    EXPECT_FALSE(last().contains("watch_bytes")) << "no watch has run yet";
    site().watch();
    tend_database(site());
    EXPECT_GT(last().at("watch_bytes").to_number<std::int64_t>(), 0);
    check_database(site());
    site().watch().write([](sys::Transaction& tx) {
        tx.execute_script(
            "PRAGMA ignore_check_constraints = ON; INSERT INTO backup_run (repository, kind, why, due_at, started_at, "
            "outcome, day) VALUES ('disk', 'no kind', 'daily', 0, 0, 'made', '2027-04-01'); "
            "PRAGMA ignore_check_constraints = OFF");
    });
    EXPECT_THROW(check_database(site()), Error);
    EXPECT_TRUE(last().at("problem").as_string().starts_with("watch.db: ")) << last().at("problem");
}

TEST_P(Upkeep, FindsALedgerThatWasChanged) {
    tend_database(site());
    site().database->write([](sys::Transaction& tx) {
        tx.execute("UPDATE ledger_line SET actor = 'somebody else' WHERE act = 'site.upkeep'");
    });
    EXPECT_THROW(check_ledgers(site()), Error);
    EXPECT_NE(last().at("problem"), "");
}

TEST_P(Upkeep, IsInTheTimetableAtItsTimes) {
    const auto next = [&](std::string_view name, std::string_view after) {
        for (const jobs::Kind& kind : timetable(site()))
            if (kind.name == name) return base::format_local(*kind.next(*base::parse_instant(std::string(after))));
        return std::string("none");
    };
    EXPECT_EQ(next("check-database", "2026-12-01 04:20"), "2027-01-01 04:20");
    EXPECT_EQ(next("check-ledger", "2026-11-22 04:00"), "2026-11-29 04:00");
    EXPECT_EQ(next("scrub-objects", "2028-02-28 12:00"), "2028-02-29 03:40");
    EXPECT_EQ(next("tend-database", "2026-12-31 03:20"), "2027-01-01 03:20");
    for (const jobs::Kind& kind : timetable(site()))
        EXPECT_TRUE(std::any_of(all_duties().begin(), all_duties().end(),
                                [&](const Duty& duty) { return duty.name == kind.name; }))
            << kind.name << " has no words";
}

TEST(UpkeepOfObjects, TakesADamagedOneFromTheFirstPlaceThatHasItWhole) {
    testing::ComposedTown town("sqlite");
    const Folders& folders = town.site->folders;
    const auto object_of = [&](std::string_view bytes) {
        const std::string name = town.site->objects->put(bytes, sys::Durability::Now).hash.hex();
        return folders.objects / name.substr(0, 2) / name;
    };
    const auto damage = [](const std::filesystem::path& file) {
        std::filesystem::permissions(file, std::filesystem::perms::owner_write, std::filesystem::perm_options::add);
        std::ofstream(file) << "damaged";
    };
    town.put_page("kurashi/a.html", "article", "題", "<p>public</p>");
    town.publish();
    const std::string bytes = sys::read_file(folders.document_root / "kurashi/a.html");
    const auto public_file = object_of(bytes), other_file = object_of("a draft's picture");
    std::vector<std::string> asked;
    UpkeepMeans means;
    for (const std::string name : {"backup", "server"})
        means.sources.emplace_back(name, [&, name](const base::Hash& hash, const std::string& path) {
            asked.push_back(name + " " + path);
            if (name == "backup") throw Error(base::Kind::Unavailable, "away");
            return hash == sys::sha256(bytes) ? std::optional(bytes) : std::optional<std::string>("a draft's picture");
        });
    const auto scrub = [&] {
        for (int day = 0; day < kScrubParts; ++day) scrub_objects(*town.site, base::Day{2026, 11, 22} + day, means);
    };
    damage(public_file);
    damage(other_file);
    scrub();
    EXPECT_EQ(sys::read_file(public_file), bytes);
    EXPECT_EQ(sys::read_file(other_file), "a draft's picture");
    EXPECT_EQ(asked, (std::vector<std::string>{"backup ", "server "})) << "the public file is asked first";
    asked.clear();
    damage(public_file);
    damage(folders.document_root / "kurashi/a.html");
    scrub();
    EXPECT_EQ(sys::read_file(public_file), bytes);
    EXPECT_EQ(asked, (std::vector<std::string>{"backup kurashi/a.html", "server kurashi/a.html"}));
}

TEST_P(Upkeep, OfAnotherProgramIsPutOnRecordHoweverItEnded) {
    record_upkeep(site(), "renew-certificate", "success", "www.city.example.jp", "shell:root");
    record_upkeep(site(), "renew-certificate", "exit-code", "", "shell:root");
    ledger::Search search;
    search.act = "upkeep.record";
    const auto lines = site().database->read([&](sys::Reader& db) { return ledger::find_lines(db, search); });
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines.at(0).entry.detail, R"({"duty":"renew-certificate","result":"exit-code","note":""})");
    EXPECT_EQ(lines.at(1).entry.detail,
              R"({"duty":"renew-certificate","result":"success","note":"www.city.example.jp"})");
    for (const auto& [duty, result] : {std::pair("", "success"),
                                       {"Renew", "success"},
                                       {"renew", ""},
                                       {"renew", "it failed"},
                                       {"check-database", "success"}})
        EXPECT_THROW(record_upkeep(site(), duty, result, "", "shell:root"), Error) << duty << " " << result;
    EXPECT_THROW(record_upkeep(site(), "renew", "success", std::string(1001, 'x'), "shell:root"), Error);
}

INSTANTIATE_TEST_SUITE_P(Engines, Upkeep, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

}  // namespace

}  // namespace flow

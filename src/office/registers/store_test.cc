#include "office/registers/store.h"

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "ground/sys/testing/databases.h"

namespace registers {
namespace {

using namespace std::chrono_literals;

class Registers : public ::testing::TestWithParam<std::string> {
  protected:
    Registers() {
        std::vector<sys::Migration> all(ledger::migrations().begin(), ledger::migrations().end());
        all.insert(all.end(), migrations().begin(), migrations().end());
        sys::migrate(*db_, all);
    }
    template <class Work>
    auto write(Work&& work) {
        return db_->write(std::forward<Work>(work));
    }
    template <class Work>
    auto read(Work&& work) {
        return db_->read(std::forward<Work>(work));
    }
    std::int64_t add(Entry made) {
        return write([&](sys::Transaction& tx) { return add_entry(tx, made, by_); });
    }
    Entry load(std::int64_t id) {
        return read([&](sys::Reader& db) { return load_entry(db, id); });
    }
    std::vector<std::string> acts() {
        std::vector<std::string> all;
        for (const ledger::Line& line : read([](sys::Reader& db) { return ledger::find_lines(db, {}); }))
            all.insert(all.begin(), line.entry.act + " " + line.entry.subject);
        return all;
    }
    std::string newest_detail() {
        return read([](sys::Reader& db) { return ledger::find_lines(db, {}); }).front().entry.detail;
    }
    Entry licence(std::string name, base::Day due) {
        Entry made;
        made.kind = "licence";
        made.name = std::move(name);
        made.due = due;
        return made;
    }
    std::vector<Warning> warnings(std::string_view at) {
        return read([&](sys::Reader& db) { return list_warnings(db, base::parse_instant(at).value()); });
    }
    Imported import(std::string_view kind, std::string_view text) {
        return write([&](sys::Transaction& tx) { return import_csv(tx, *find_register(kind), text, by_); });
    }

    sys::testing::TestDatabase store_;
    std::unique_ptr<sys::Database> db_ = store_.open_empty(GetParam());
    By by_{"person:1", base::parse_instant("2027-05-01 09:00").value()};
};
INSTANTIATE_TEST_SUITE_P(Engines, Registers, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

TEST_P(Registers, RenewALicenceAndCountItsNextTermFromThere) {
    const auto id = add(licence("地図", {2027, 6, 30}));
    EXPECT_NE(newest_detail().find("\"ends_at\":\"2027-06-30\""), std::string::npos);
    EXPECT_THROW(add(licence("地図", {2028, 1, 1})), base::Error) << "it is there already";
    Entry moved = load(id);
    moved.due = base::Day{2028, 6, 30};
    EXPECT_THROW(write([&](sys::Transaction& tx) { change_entry(tx, moved, by_); }), base::Error);
    write([&](sys::Transaction& tx) { renew_entry(tx, id, load(id).version, {2028, 6, 30}, by_); });
    EXPECT_EQ(acts(),
              (std::vector<std::string>{"licence.add licence:1", "licence.renew licence:1", "licence.add licence:1"}));
    EXPECT_NE(newest_detail().find("\"ends_at\":\"2028-06-30\""), std::string::npos);
    EXPECT_THROW(write([&](sys::Transaction& tx) {
                     renew_entry(tx, id, 1, {2029, 6, 30}, by_);
                 }),
                 base::Error)
        << "stale";
    write([&](sys::Transaction& tx) { end_entry(tx, id, load(id).version, {2027, 4, 30}, "使わなくなった", by_); });
    EXPECT_EQ(acts().back(), "licence.end licence:1");
    EXPECT_TRUE(read([](sys::Reader& db) { return list_entries(db, "licence"); }).empty());
    EXPECT_EQ(read([](sys::Reader& db) { return list_entries(db, "licence", Which::All); }).size(), 1U);
}

TEST_P(Registers, WarnEighteenTwelveAndSixMonthsBeforeSupportEnds) {
    Entry made;
    made.kind = "support";
    made.name = "Debian";
    made.due = base::Day{2028, 6, 30};
    made.fields["version"] = "12";
    add(made);
    EXPECT_TRUE(warnings("2026-12-25 09:00").empty());
    ASSERT_EQ(warnings("2026-12-31 09:00").size(), 1U) << "18 months before";
    EXPECT_FALSE(warnings("2027-08-01 09:00").at(0).is_pressing);
    EXPECT_TRUE(warnings("2028-01-15 09:00").at(0).is_pressing) << "6 months before";
    const Warning late = warnings("2028-07-01 09:00").at(0);
    EXPECT_EQ(late.days_left, -1);
    EXPECT_NE(late.text.find("過ぎています"), std::string::npos);
}

TEST_P(Registers, KnowTheEndsOfWhatTheSiteStandsOnOnce) {
    const int added = write([&](sys::Transaction& tx) { return add_known_support(tx, by_); });
    EXPECT_EQ(added, static_cast<int>(known_support().size()));
    EXPECT_EQ(write([&](sys::Transaction& tx) { return add_known_support(tx, by_); }), 0);
    for (const KnownSupport& one : known_support()) EXPECT_TRUE(base::parse_day(one.ends_on)) << one.product;
}

TEST_P(Registers, RefuseWhatAFieldCannotHold) {
    Entry made = licence("x", {2027, 6, 30});
    for (const auto& [id, value] : std::vector<std::pair<std::string, std::string>>{{"cost", "-1"},
                                                                                    {"cost", "abc"},
                                                                                    {"vendor", "a\nb"},
                                                                                    {"vendor", std::string(3000, 'a')},
                                                                                    {"unknown", "a"}}) {
        SCOPED_TRACE(id + " " + value.substr(0, 10));
        made.fields = {{id, value}};
        EXPECT_THROW(add(made), base::Error);
    }
    made.fields = {};
    made.due.reset();
    EXPECT_THROW(add(made), base::Error) << "a licence has an end";
    Entry terminal;
    terminal.kind = "terminal";
    terminal.name = "運用 1";
    EXPECT_THROW(add(terminal), base::Error);
}

TEST_P(Registers, ComeBackFromTheirOwnFile) {
    Entry made = licence("地図,検索", {2027, 6, 30});
    made.fields = {{"vendor", "地図社"}, {"terms", "1行目\n2行目"}};
    add(made);
    const std::string file = read([](sys::Reader& db) { return write_csv(db, *find_register("licence")); });
    Imported same = import("licence", file);
    EXPECT_TRUE(same.faults.empty());
    EXPECT_EQ(same.same, 1);
    const Imported more =
        import("licence", "name,due,vendor\r\n\"地図,検索\",2028-06-30,新社\r\n文字,2027-12-31,字社\r\n");
    EXPECT_EQ(more.added, 1);
    EXPECT_EQ(more.changed, 1);
    const auto all = read([](sys::Reader& db) { return list_entries(db, "licence"); });
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[1].fields.at("terms"), "1行目\n2行目") << "a column that was not sent stays";
    EXPECT_EQ(all[1].fields.at("vendor"), "新社");
    const auto lines = acts();
    EXPECT_EQ(std::count(lines.begin(), lines.end(), "licence.renew licence:1"), 1);
}

TEST_P(Registers, NameEachFaultyLineOfAFile) {
    const Imported bad = import("licence", "name,due\n地図,2027-99-99\n,2027-01-01\n字\n");
    ASSERT_EQ(bad.faults.size(), 3U);
    EXPECT_EQ(bad.faults[0].line, 2);
    EXPECT_EQ(bad.faults[1].line, 3);
    EXPECT_EQ(bad.faults[2].line, 4);
    EXPECT_EQ(import("licence", "謎,due\nx,2027-01-01\n").faults.size(), 2U) << "unknown column, no name";
    EXPECT_THROW(import("licence", "name\n\xFF\n"), base::Error);
    EXPECT_THROW(import("licence", ""), base::Error);
}

TEST_P(Registers, TakeATerminalsReportByItsOwnToken) {
    Entry made;
    made.kind = "terminal";
    made.name = "op-01";
    const auto id = add(made);
    const base::Instant now = by_.at;
    const auto report = [&](std::string_view signatures, bool on = true) {
        return read_report(
            fmt::format(R"({{"terminal":"OP-01","product":"Defender","active":{},"signatures_at":"{}"}})", on,
                        signatures),
            now);
    };
    const std::string token = write([&](sys::Transaction& tx) { return make_token(tx, id, by_); });
    const auto take = [&](const TerminalReport& one, std::string_view secret, base::Instant at) {
        write([&](sys::Transaction& tx) { take_report(tx, one, secret, at); });
    };
    const TerminalReport good = report("2027-04-30 20:00");
    EXPECT_THROW(take(good, "wrong", now), base::Error);
    EXPECT_THROW(take({"op-02", "x", true, now, 0}, token, now), base::Error);
    take(good, token, now);
    EXPECT_EQ(acts().back(), "terminal.report terminal:op-01");
    EXPECT_NE(newest_detail().find("\"state\":\"fresh\""), std::string::npos);
    const auto lines = acts().size();
    take(good, token, now + 10min);
    EXPECT_EQ(acts().size(), lines) << "an hour has one line";
    take(report("2027-04-30 20:00", false), token, now + 20min);
    EXPECT_NE(newest_detail().find("\"state\":\"stale\""), std::string::npos) << "a change is told at once";
    EXPECT_TRUE(warnings("2027-05-01 10:00").at(0).is_pressing);
    take(good, token, now + 30min);
    EXPECT_TRUE(warnings("2027-05-01 10:00").empty());
    EXPECT_EQ(warnings("2027-05-05 10:00").size(), 1U) << "silence is no good sign";
    const std::string renewed = write([&](sys::Transaction& tx) { return make_token(tx, id, by_); });
    EXPECT_THROW(take(good, token, now + 2h), base::Error) << "the old token is void";
    take(good, renewed, now + 2h);
    write([&](sys::Transaction& tx) { end_entry(tx, id, load(id).version, {2027, 5, 1}, "", by_); });
    EXPECT_EQ(acts().back(), "terminal.remove terminal:op-01");
    EXPECT_THROW(take(good, renewed, now + 3h), base::Error);
}

TEST(TerminalReport, IsReadStrictly) {
    const base::Instant now = base::parse_instant("2027-05-01 09:00").value();
    for (const char* text :
         {"", "[]", "{}", R"({"terminal":"a","product":"b","active":"yes","signatures_at":"2027-04-01"})",
          R"({"terminal":"a","product":"b","active":true,"signatures_at":"2030-04-01"})",
          R"({"terminal":"a","product":"","active":true,"signatures_at":"2027-04-01"})",
          R"({"terminal":"a","product":"b","active":true,"signatures_at":"2027-04-01","detections":-1})"}) {
        SCOPED_TRACE(text);
        EXPECT_THROW(read_report(text, now), base::Error);
    }
    EXPECT_THROW(read_report(std::string(kLargestReport + 1, ' '), now), base::Error);
}

}  // namespace
}  // namespace registers

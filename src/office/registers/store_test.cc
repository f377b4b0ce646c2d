#include "office/registers/store.h"

#include <map>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"
#include "ground/sys/files.h"
#include "ground/sys/process.h"
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
    const auto all = known_support();
    EXPECT_GT(added, 5);
    const auto entries = read([](sys::Reader& db) { return list_entries(db, "support"); });
    EXPECT_EQ(added, static_cast<int>(entries.size()));
    const auto has = [&](std::string_view name, std::string_view version) {
        return std::any_of(entries.begin(), entries.end(), [&](const Entry& one) {
            return one.name == name && one.fields.at("version").starts_with(version);
        });
    };
    EXPECT_FALSE(has("Node.js", "20")) << "past, and a later one is there";
    EXPECT_FALSE(has("Debian", "12（bookworm）通常"));
    EXPECT_TRUE(has("Node.js", "24"));
    EXPECT_TRUE(has("OpenSSL", "3.0")) << "past, and nothing later is known";
    EXPECT_EQ(write([&](sys::Transaction& tx) { return add_known_support(tx, by_); }), 0);
    for (const KnownSupport& one : all) EXPECT_TRUE(base::parse_day(one.ends_on)) << one.product;
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

TEST_P(Registers, KnowAnEntryAgainByTheColumnsThatTheFileHas) {
    const auto add_support = [&](const char* version) {
        Entry made;
        made.kind = "support";
        made.name = "Debian";
        made.due = base::Day{2028, 6, 30};
        made.fields["version"] = version;
        add(made);
    };
    add_support("12");
    const Imported moved = import("support", "name,due\nDebian,2028-07-31\n");
    EXPECT_TRUE(moved.faults.empty());
    EXPECT_EQ(moved.changed, 1);
    EXPECT_EQ(moved.added, 0);
    add_support("13");
    EXPECT_EQ(import("support", "name,due\nDebian,2028-08-31\n").faults.size(), 1U) << "which of the two?";
    EXPECT_EQ(import("support", "name,due,version\nDebian,2028-08-31,13\n").changed, 1);
}

TEST_P(Registers, CountATerminalThatNeverReportedFromItsRegistration) {
    Entry made;
    made.kind = "terminal";
    made.name = "op-09";
    const auto id = add(made);
    EXPECT_TRUE(warnings("2027-05-03 10:00").empty());
    Entry changed = load(id);
    changed.fields["place"] = "2階";
    write([&](sys::Transaction& tx) { change_entry(tx, changed, {"person:1", by_.at + 50h}); });
    ASSERT_EQ(warnings("2027-05-04 10:00").size(), 1U) << "a changed place is no sign of life";
    EXPECT_NE(warnings("2027-05-04 10:00")[0].text.find("一度も"), std::string::npos);
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
    EXPECT_THROW(read([&](sys::Reader& db) { check_token(db, "op-01", "wrong"); }), base::Error);
    read([&](sys::Reader& db) { check_token(db, "op-01", token); });
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

TEST(TerminalReport, OfTheScriptCountsWhatALogFoundAndIsStillThere) {
    const sys::TemporaryFolder folder;
    const auto file = [&](const char* name) { return (folder.path() / name).string(); };
    const auto run = [&] {
        sys::Command command;
        command.arguments = {"sh", YAKUBA_SOURCE_DIR "/packaging/terminal/yakuba-terminal-report", file("config"),
                             "--file", file("report")};
        return sys::run(command);
    };
    const auto write = [&](const char* name, const std::string& text) {
        sys::write_file(folder.path() / name, text, sys::Durability::Later);
    };
    write("config", fmt::format("TERMINAL=OP-01\nSIGNATURES={}\nLOGS=\"{} {}\"\n", folder.path().string(),
                                file("clamd.log"), file("scan.log")));
    write("daily.cld", "x");
    EXPECT_EQ(run().exit_code, 1) << "no log is no good news";
    write("a virus", "x");
    write("clamd.log",
          fmt::format("Sat May  1 09:00:00 2027 -> {0}: Eicar FOUND\nSat May  1 09:00:01 2027 -> {0}: Eicar "
                      "FOUND\nSat May  1 09:00:02 2027 -> {1}: Eicar FOUND\n",
                      file("a virus"), file("removed")));
    EXPECT_EQ(run().exit_code, 0);
    const auto report = [&] {
        return read_report(sys::read_file(folder.path() / "report", 10'000), base::SystemClock().now());
    };
    EXPECT_EQ(report().detections, 1);
    EXPECT_EQ(report().terminal, "op-01");
    EXPECT_FALSE(report().product.ends_with(' ')) << "where no program tells its version";
    write("clamd.log", "");
    EXPECT_EQ(run().exit_code, 0);
    EXPECT_EQ(report().detections, 0);
    sys::remove_file(folder.path() / "daily.cld");
    write("main.cvd", "x");
    EXPECT_EQ(run().exit_code, 1) << "only the daily signatures count";
}

/// There is no Windows here: what the script would write is put together from its own text, each expression by what it
/// gives there; one that nobody knows fails.
TEST(TerminalReport, OfWindowsIsWhatTheRegisterReads) {
    const std::string script =
        sys::read_file(YAKUBA_SOURCE_DIR "/packaging/terminal/yakuba-terminal-report.ps1", 100'000);
    const std::map<std::string_view, std::string_view> given{
        {"$Terminal.ToLowerInvariant()", R"("op-01")"},
        {R"ps("Microsoft Defender $($status.AMProductVersion)")ps", R"("Microsoft Defender 4.18.24090.11")"},
        {"[bool]($status.AntivirusEnabled -and $status.RealTimeProtectionEnabled)", "true"},
        {R"ps($status.AntivirusSignatureLastUpdated.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", $plain))ps",
         R"("2027-04-01T03:04:05.678Z")"},
        {"$threats.Count", "2"}};
    EXPECT_NE(script.find("$plain = [System.Globalization.CultureInfo]::InvariantCulture\n"), std::string::npos);
    EXPECT_NE(script.find("$threats = @("), std::string::npos) << "one threat alone has no Count that is sure";
    EXPECT_TRUE(std::all_of(script.begin(), script.end(), [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }))
        << "PowerShell 5.1 reads a file without a mark in the system's own encoding";
    EXPECT_NE(script.find("-bor [System.Net.SecurityProtocolType]::Tls12"), std::string::npos);
    EXPECT_NE(script.find("-Body ([System.Text.Encoding]::UTF8.GetBytes($report))"), std::string::npos);
    const std::string_view opening = "$report = [ordered]@{\n", closing = "\n} | ConvertTo-Json -Compress\n";
    const auto begin = script.find(opening), end = script.find(closing);
    ASSERT_TRUE(begin != std::string::npos && end != std::string::npos);
    std::string json;
    for (const std::string_view line :
         base::split(std::string_view(script).substr(begin + opening.size(), end - begin - opening.size()), '\n')) {
        const auto sign = line.find(" = ");
        ASSERT_NE(sign, std::string_view::npos) << line;
        const auto value = given.find(line.substr(sign + 3));
        ASSERT_NE(value, given.end()) << line;
        json += fmt::format("{}\"{}\":{}", json.empty() ? "{" : ",", base::trim(line.substr(0, sign)), value->second);
    }
    const base::Instant now = base::from_local({{2027, 4, 1}, 13});
    // ConvertTo-Json of 5.1 writes an apostrophe so.
    std::string escaped = json + "}";
    escaped.insert(escaped.find("Defender") + std::string_view("Defender").size(), "\\u0027s");
    EXPECT_EQ(read_report(escaped, now).product, "Microsoft Defender's 4.18.24090.11");
    const TerminalReport report = read_report(json + "}", now);
    EXPECT_EQ(report.terminal, "op-01");
    EXPECT_EQ(report.product, "Microsoft Defender 4.18.24090.11");
    EXPECT_TRUE(report.is_on);
    EXPECT_EQ(base::format_utc(report.signatures_at), "2027-04-01T03:04:05.678Z");
    EXPECT_EQ(report.detections, 2);
    EXPECT_EQ(read_report("\xEF\xBB\xBF" + json + "}\r\n", now).terminal, "op-01") << "as Out-File writes it";
    for (const std::string_view gone : {"terminal", "product", "active", "signatures_at"}) {
        std::string less = json + "}";
        less.replace(less.find(gone), gone.size(), "other");
        EXPECT_THROW(read_report(less, now), base::Error) << gone;
    }
}

}  // namespace
}  // namespace registers

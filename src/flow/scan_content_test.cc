// What comes in is looked at: a takeover tells what it found, an upload that is dangerous stays outside.
#include "flow/scan_content.h"

#include <fstream>

#include <gtest/gtest.h>

#include "flow/screen_upload.h"
#include "flow/take_over_site.h"
#include "flow/testing/town.h"
#include "ground/base/error.h"
#include "ground/base/interrupted.h"
#include "ground/ledger/store.h"
#include "ground/sys/crypto.h"
#include "ground/sys/testing/databases.h"
#include "watch/signals/anomaly.h"

namespace flow {
namespace {

namespace fs = std::filesystem;

const fs::path kSamples = fs::path(YAKUBA_SOURCE_DIR) / "src/watch/content/rules/samples";

TEST(TakeOverSite, TellsWhatItsFilesCarryAndTakesThemInAllTheSame) {
    sys::TemporaryFolder source;
    fs::copy_file(kSamples / "hidden-frame/hit/far.html", source.path() / "index.html");
    fs::copy_file(kSamples / "polyglot-media/hit/photo.jpg", source.path() / "photo.jpg");
    fs::copy_file(kSamples / "hidden-links/clean/menu.html", source.path() / "menu.html");
    testing::Town town("sqlite");
    town.site->watch();
    TakeoverOptions options;
    std::vector<signals::Signal> told;
    options.tell = [&](signals::Signal one) { told.push_back(std::move(one)); };
    const TakenOver result = take_over_site(*town.site, source.path().string(), options);
    EXPECT_EQ(result.files, 3);
    EXPECT_EQ(result.suspicious, 2);
    ASSERT_EQ(result.findings.size(), 2U);
    EXPECT_EQ(result.findings[0].path, "index.html");
    EXPECT_EQ(result.findings[0].threat.rule, "hidden-frame");
    EXPECT_EQ(result.findings[1].threat.rule, "polyglot-media");
    ASSERT_EQ(told.size(), 2U);
    EXPECT_EQ(told[0].kind, "content.threat");
    EXPECT_EQ(told[0].subject, "index.html");
    EXPECT_EQ(told[0].severity, signals::Severity::Serious);
    const auto open = town.site->watch().read([](sys::Reader& db) { return signals::list_anomalies(db, {}); });
    ASSERT_EQ(open.size(), 2U) << "and the watch has them";
    EXPECT_EQ(open[1].subject, "index.html");
}

TEST(ScreenUpload, RefusesWhatASeriousRuleHitsAndSaysWhatToDo) {
    const settings::Settings settings;
    const std::string bad = sys::read_file(kSamples / "polyglot-media/hit/photo.jpg");
    try {
        screen_upload(settings, bad, "写真.jpg");
        FAIL() << "it came in";
    } catch (const base::Error& error) {
        EXPECT_EQ(error.kind(), base::Kind::BadInput);
        EXPECT_NE(error.message().find("写真.jpg"), std::string::npos);
        EXPECT_NE(error.message().find("作り直した"), std::string::npos);
    }
    EXPECT_NO_THROW(screen_upload(settings, sys::read_file(kSamples / "polyglot-media/clean/photo.jpg"), "photo.jpg"));
}

TEST(ScreenUpload, RecordsARefusalAndTellsTheWatch) {
    for (const std::string& engine : sys::testing::engines()) {
        SCOPED_TRACE(engine);
        testing::Town town(engine);
        const std::string bad = sys::read_file(kSamples / "polyglot-media/hit/photo.jpg");
        const std::string good = sys::read_file(kSamples / "polyglot-media/clean/photo.jpg");
        screen_upload(*town.site, good, "よい写真.jpg", "person:7");
        EXPECT_THROW(screen_upload(*town.site, bad, "写真.jpg", "person:7"), base::Error);
        town.site->settings.antivirus.clamd = "/nowhere/clamd.ctl";
        EXPECT_THROW(screen_upload(*town.site, good, "調べられない.jpg", "person:7"), base::Error);
        ledger::Search search;
        search.act = "upload.refuse";
        const auto lines = town.read([&](sys::Reader& db) { return ledger::find_lines(db, search); });
        ASSERT_EQ(lines.size(), 2U);
        EXPECT_EQ(lines[1].entry.by, "person:7");
        EXPECT_NE(lines[1].entry.detail.find("写真.jpg"), std::string::npos);
        EXPECT_NE(lines[1].entry.detail.find(sys::sha256(bad).hex()), std::string::npos);
        const auto open = town.site->watch().read([](sys::Reader& db) { return signals::list_anomalies(db, {}); });
        ASSERT_EQ(open.size(), 1U) << "the scanner that is away is an anomaly of its own";
        EXPECT_EQ(open[0].kind, "content.threat");
        EXPECT_NE(open[0].text.find("写真.jpg"), std::string::npos);
        EXPECT_EQ(open[0].subject.find("写真.jpg"), std::string::npos) << "who sends it does not name the anomaly";
    }
}

TEST(ScreenUpload, MakesOneWarningOfWhateverComesByMail) {
    testing::Town town("sqlite");
    const std::string bad = sys::read_file(kSamples / "polyglot-media/hit/photo.jpg");
    for (const char* name : {"a.jpg", "すぐに電話してください.jpg"})
        EXPECT_THROW(screen_upload(*town.site, bad, name, "system:desk", Sender::OutsideMail), base::Error);
    const auto open = town.site->watch().read([](sys::Reader& db) { return signals::list_anomalies(db, {}); });
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open[0].subject, "ヘルプデスクへのメール");
    EXPECT_EQ(open[0].severity, signals::Severity::Warning);
    EXPECT_EQ(open[0].text.find("職員"), std::string::npos) << open[0].text;
    EXPECT_EQ(open[0].text.find("電話"), std::string::npos) << open[0].text;
}

TEST(ScreenUpload, LetsNothingInWhileTheScannerIsAway) {
    settings::Settings settings;
    settings.antivirus.clamd = "/nowhere/clamd.ctl";
    try {
        screen_upload(settings, "%PDF-1.4\n", "a.pdf");
        FAIL() << "it came in";
    } catch (const base::Error& error) {
        EXPECT_EQ(error.kind(), base::Kind::Unavailable);
    }
}

TEST(ScanFiles, NamesAnAreaThatIsNotThere) {
    sys::TemporaryFolder folder;
    sys::make_folders(folder.path() / "public");
    settings::Settings settings;
    settings.folder = folder.path();
    settings.others = {{"/gikai/", "others/gikai"}};
    std::string problem;
    scan_files(all_files_to_scan(folder.path(), settings), {}, {},
               [&](const FileToScan& one, const content::Scanned& scanned) {
                   EXPECT_EQ(one.path, "gikai/");
                   problem = scanned.problem;
               });
    EXPECT_NE(problem, "");
}

TEST(ScanFiles, GoesThroughATreeInOrderAndStopsWhenAsked) {
    const auto files = files_to_scan(kSamples / "foreign-script", "x/");
    ASSERT_GT(files.size(), 5U);
    std::vector<std::string> seen;
    int found = 0;
    scan_files(files, site_hosts(settings::Settings()), {},
               [&](const FileToScan& one, const content::Scanned& scanned) {
                   seen.push_back(one.path);
                   found += scanned.threats.empty() ? 0 : 1;
               });
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
    EXPECT_EQ(seen.size(), files.size());
    EXPECT_GE(found, 6);
    ScanOptions options;
    options.is_stopped = [] { return true; };
    EXPECT_THROW(scan_files(files, {}, options, [](const FileToScan&, const content::Scanned&) {}), base::Interrupted);
}

}  // namespace
}  // namespace flow

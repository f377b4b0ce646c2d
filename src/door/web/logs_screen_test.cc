// The screens of logs over real HTTP: who sees them, what a search shows, and an archive asked for and fetched.
#include <fstream>

#include <gtest/gtest.h>

#include "door/web/testing/visitor.h"
#include "flow/keep_logs.h"
#include "ground/ledger/store.h"
#include "watch/log_archive/requests.h"

namespace web {
namespace {

using testing::OpenOffice;
using testing::Visitor;

std::string first_fault(const Visitor& visitor) {
    const auto faults = testing::find_screen_faults(visitor.body);
    return faults.empty() ? std::string() : faults.front();
}

class LogScreens : public ::testing::Test {
  protected:
    LogScreens() { admin_.sign_in("kanri"); }

    flow::testing::Town& town() { return office_.town; }
    flow::LogDesk desk() {
        return {town().site.get(),     town().site->watch(), town().site->folders.site,
                town().site->settings, town().clock,         [](std::span<const signals::Signal>) {}};
    }
    /// A line with markup in it, collected.
    void collect() {
        const auto file = town().site->folders.site / "logs/access.log";
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file) << R"(192.0.2.7 - - [01/Apr/2027:09:00:00 +0900] "GET /<b>x HTTP/1.1" 404 1 "-" "-")"
                            << "\n";
        desk().turn({});
    }

    OpenOffice office_;
    Visitor admin_ = office_.visitor();
};

TEST_F(LogScreens, AreWholeBeforeAndAfterThereAreLogs) {
    for (const char* path : {"/logs", "/logs/days", "/logs/exports"}) {
        SCOPED_TRACE(path);
        EXPECT_EQ(admin_.get(path).status, 200);
        EXPECT_EQ(first_fault(admin_), "");
    }
    collect();
    admin_.get("/logs?from=2027-04-01T00:00&until=2027-04-02T00:00&kind=access&status=4");
    EXPECT_EQ(first_fault(admin_), "");
    EXPECT_NE(admin_.body.find("GET /&lt;b&gt;x"), std::string::npos);
    admin_.get("/logs?from=2027-04-01T00:00&until=2027-04-02T00:00&kind=access&status=5");
    EXPECT_TRUE(admin_.shows("条件に合う行はありません"));
    admin_.get("/logs?from=2027-04-02T00:00&until=2027-04-01T00:00&kind=");
    EXPECT_TRUE(admin_.shows("期間の終わりは、始まりより後にしてください。"));
    admin_.get("/logs/days?series=access");
    EXPECT_TRUE(admin_.shows("収集中"));
    EXPECT_EQ(first_fault(admin_), "");
}

TEST_F(LogScreens, AreNotForAuthors) {
    Visitor author = office_.visitor();
    author.sign_in("author");
    for (const char* path : {"/logs", "/logs/days", "/logs/exports"}) EXPECT_EQ(author.get(path).status, 403) << path;
}

TEST_F(LogScreens, HandOverAnArchiveAndRecordWhoFetchedIt) {
    collect();
    admin_.get("/logs/exports");
    EXPECT_EQ(
        admin_
            .post("/logs/exports",
                  {{"from", "2027-04-01T00:00"}, {"until", "2027-04-02T00:00"}, {"why", ""}, {"kind.access", "1"}})
            .status,
        422);
    EXPECT_EQ(first_fault(admin_), "");
    admin_.get("/logs/exports");
    EXPECT_EQ(admin_
                  .post("/logs/exports", {{"from", "2027-04-01T00:00"},
                                          {"until", "2027-04-02T00:00"},
                                          {"why", "照会"},
                                          {"kind.access", "1"},
                                          {"mask", "1"}})
                  .status,
              303);
    admin_.get("/logs/exports");
    EXPECT_TRUE(admin_.shows("作成中"));
    desk().make_exports({});
    admin_.get("/logs/exports");
    EXPECT_EQ(first_fault(admin_), "");
    EXPECT_EQ(admin_.post("/logs/exports/1", {}).status, 200);
    EXPECT_TRUE(admin_.body.starts_with("PK"));
    ledger::Search search;
    search.stream = std::string(ledger::kWatch);
    search.act = "log";
    std::vector<std::string> acts;
    town().site->watch().read([&](sys::Reader& db) {
        for (const auto& line : ledger::find_lines(db, search)) acts.push_back(line.entry.act);
    });
    acts.resize(4);  // before those, days of the town's ledger were sealed
    EXPECT_EQ(acts, (std::vector<std::string>{"log.downloaded", "log.exported", "log.key-made", "log.export-asked"}));
}

}  // namespace
}  // namespace web

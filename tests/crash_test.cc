// Kills the program at every kill point that the source names, at its first, a middle and its last visit, on both
// databases. Afterwards the public tree is the old release or the new one, file by file while the work was cut, and
// exactly one of them after the same command has run again; the ledger and the release log verify; and no finished file
// of a takeover is read twice.

#include <csignal>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "ground/base/text.h"
#include "ground/sys/files.h"
#include "ground/sys/testing/databases.h"
#include "program.h"

namespace tests {

namespace {

namespace fs = std::filesystem;

const std::map<std::string, std::string> kOldSite = {
    {"index.html",
     "<!DOCTYPE html><html lang=\"ja\"><head><meta charset=\"utf-8\"><title>山川市</title></head><body>"
     "<a href=\"kurashi/gomi.html\">ごみ</a></body></html>\n"},
    {"kurashi/gomi.html", "<html><title>ごみの出し方</title><p>月曜日</html>"},
    {"kurashi/suido.htm", "<html><title>水道</title></html>"},
    {"css/site.css", "body { color: #222 }\n"},
    {"pdf/shinsei.pdf", "%PDF-1.4 not a real one\n"},
    {"img/logo.png", std::string("\x89PNG\r\n\x1a\n\0\0", 10)}};
const std::map<std::string, std::string> kMore = {{"bosai/index.html", "<html><title>防災</title></html>"},
                                                  {"bosai/map.png", "map"},
                                                  {"kurashi/zei/index.html", "<html><title>税</title></html>"}};

/// A command under test, what must have run before it, and its name in the output.
struct Scenario {
    std::string name;
    std::vector<std::vector<std::string>> before;
    std::vector<std::string> command;
};

std::vector<Scenario> scenarios(const fs::path& old_site, const fs::path& more) {
    const std::vector<std::string> take_old{"site", "takeover", old_site.string()};
    const std::vector<std::string> take_more{"site", "takeover", more.string()};
    const std::vector<std::string> publish{"site", "publish"};
    return {{"takeover", {}, take_old},
            {"first publication", {take_old}, publish},
            {"second publication", {take_old, publish, take_more}, publish}};
}

/// How often the command reaches each step.
std::map<std::string, int> visits_of(const std::string& engine, const Scenario& scenario) {
    const TestSite site(engine);
    for (const auto& command : scenario.before) EXPECT_EQ(site.run(command).exit_code, 0);
    const fs::path log = site.beside("steps");
    const sys::Outcome outcome = site.run_with_steps(scenario.command, "", log);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
    std::map<std::string, int> visits;
    const std::string steps = sys::read_file(log);
    for (const std::string_view name : base::split(steps, '\n'))
        if (!name.empty()) ++visits[std::string(name)];
    return visits;
}

void expect_whole(const TestSite& site) {
    const auto verified = site.json({"guard", "verify"});
    EXPECT_TRUE(verified.at("deviations").as_array().empty()) << boost::json::serialize(verified);
    EXPECT_TRUE(site.json({"ledger", "verify"}).at("ok").as_bool());
    const sys::Outcome independent =
        sys::run({{YAKUBA_SOURCE_DIR "/tools/verify_release.py", (site.folder() / "releases").string(),
                   (site.folder() / "keys").string(), site.public_folder().string()}});
    EXPECT_EQ(independent.exit_code, 0) << independent.output << independent.errors;
}

/// Kills the command at one visit of one step and looks at what is left, then runs it again.
void kill_and_recover(const std::string& engine, const Scenario& scenario, const std::string& kill_at,
                      const std::map<std::string, std::string>& wanted) {
    SCOPED_TRACE(engine + ", " + scenario.name + ", killed at " + kill_at);
    const TestSite site(engine);
    for (const auto& command : scenario.before) ASSERT_EQ(site.run(command).exit_code, 0);
    const auto before = tree_of(site.public_folder());
    const sys::Outcome killed = site.run_with_steps(scenario.command, kill_at);
    ASSERT_EQ(killed.exit_code, 128 + SIGKILL) << killed.output << killed.errors;
    for (const auto& [path, hash] : tree_of(site.public_folder())) {
        const bool is_old = before.contains(path) && before.at(path) == hash;
        const bool is_new = wanted.contains(path) && wanted.at(path) == hash;
        EXPECT_TRUE(is_old || is_new) << path << " is neither of the old release nor of the new one";
    }
    const auto again = site.json(scenario.command);
    if (scenario.name == "takeover") {
        EXPECT_EQ(again.at("read").to_number<std::size_t>() + again.at("resumed").to_number<std::size_t>(),
                  kOldSite.size());
        site.json({"site", "publish"});
    }
    EXPECT_EQ(tree_of(site.public_folder()), wanted);
    expect_whole(site);
}

class Crash : public testing::TestWithParam<std::string> {};

TEST_P(Crash, LeavesTheOldReleaseOrTheNewOne) {
    const sys::TemporaryFolder sources;
    write_tree(sources.path() / "old", kOldSite);
    write_tree(sources.path() / "more", kMore);
    const auto old_tree = tree_of(sources.path() / "old");
    auto both = old_tree;
    both.merge(tree_of(sources.path() / "more"));
    for (const Scenario& scenario : scenarios(sources.path() / "old", sources.path() / "more")) {
        const auto visits = visits_of(GetParam(), scenario);
        ASSERT_FALSE(visits.empty());
        for (const auto& [step, count] : visits) {
            const std::set<int> at{1, (count + 1) / 2, count};
            for (const int visit : at) {
                kill_and_recover(GetParam(), scenario, step + ":" + std::to_string(visit),
                                 scenario.name == "second publication" ? both : old_tree);
                if (HasFatalFailure()) return;
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Engines, Crash, testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

}  // namespace

}  // namespace tests

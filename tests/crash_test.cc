// Kills the program at every kill point that the source names (tools/list_steps), on both databases: takeover, save,
// submission, approval, withdrawal with a redirect, scheduled publication, a template, a region, publication of each,
// over tampered files, healing of those, a new signing key, a restore and the switch to it. Afterwards each public file
// is of the old release or the new one; once the next start has finished, the tree is exactly the newest release, one
// later at most; ledger and release log verify; no acknowledged save is missing, no finished file of a takeover is read
// twice.

#include <csignal>
#include <fstream>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "editor_acts.h"
#include "flow/verify_ledger.h"
#include "flow/verify_site.h"
#include "ground/base/text.h"
#include "ground/release/store.h"
#include "ground/settings/settings.h"
#include "ground/sys/files.h"
#include "ground/sys/testing/databases.h"
#include "program.h"

namespace tests {

namespace {

namespace fs = std::filesystem;

std::string page(const std::string& title, const std::string& text) {
    return "<!DOCTYPE html><html lang=\"ja\"><head><meta charset=\"utf-8\"><title>" + title +
           "</title></head><body><div id=\"main\">" + text + "</div></body></html>\n";
}

std::map<std::string, std::string> old_site() {
    std::map<std::string, std::string> files{{"index.html", page("山川市", "<a href=\"kurashi/gomi.html\">ごみ</a>")},
                                             {"kurashi/gomi.html", page("ごみの出し方", "<p>月曜日</p>")},
                                             {"kurashi/suido.htm", page("水道", "<p>水</p>")},
                                             {"css/site.css", "body { color: #222 }\n"},
                                             {"img/logo.png", std::string("\x89PNG\r\n\x1a\n\0\0", 10)}};
    for (int i = 0; i < 60; ++i) files[fmt::format("pool/p{}.html", i)] = page("束", fmt::format("<p>{}</p>", i));
    return files;
}

/// "yakuba site publish", or "acts save {n}"; also "tamper {n}", "deface {n}", "more {n}" and "long {n}", done by the
/// test itself.
using Line = std::string;

/// A command that is killed, and what is done each time before it. {n} is the number of the time.
struct Scenario {
    std::string name;
    std::vector<Line> before;
    Line killed;
    Line recovery = "yakuba site publish";
    /// Each step is killed at its first visit, or also at a middle one and its last; "checkpoint" at steps of that
    /// name.
    enum class Kills { First, Thorough, Checkpoint } kills = Kills::First;
    bool is_fresh_each_time = false;
    std::string only = {};  ///< of the steps those that have this in their name
    bool is_sqlite_enough = false;
};

const std::vector<Scenario>& scenarios() {
    using Kills = Scenario::Kills;
    const Line publish = "yakuba site publish";
    const Line restore = "yakuba backup restore --key {key} --to {restored}";
    static const std::vector<Scenario> all{
        {"takeover", {"more {n}"}, "yakuba site takeover {more}", publish, Kills::Thorough},
        {"publication of a takeover", {"more {n}", "yakuba site takeover {more}"}, publish, publish, Kills::Thorough},
        {"save", {"acts save {n}"}, "acts save {n}", publish, Kills::Thorough},
        {"submission", {"acts save {n}"}, "acts submit {n}"},
        {"approval", {"acts save {n}", "acts submit {n}"}, "acts approve {n}"},
        {"publication of a page", {"acts save {n}", "acts submit {n}", "acts approve {n}"}, publish},
        {"withdrawal", {}, "acts withdraw {n}"},
        {"publication of a rename", {"acts rename {n}"}, publish},
        {"publication of a redirect", {"acts withdraw {n}"}, publish},
        {"publication at its time",
         {"acts save {n}", "acts submit-for-later {n}", "acts approve {n}"},
         "acts activate {n}",
         "acts activate {n}"},
        {"template", {"acts ask-template {n}"}, "acts approve-template {n}"},
        {"publication of a template", {"acts ask-template {n}", "acts approve-template {n}"}, publish},
        {"region", {}, "acts region {n}"},
        {"publication over tampered files",
         {"acts save {n}", "acts submit {n}", "acts approve {n}", "acts withdraw {n}", "tamper {n}"},
         publish},
        {"healing", {"deface {n}"}, "yakuba guard heal", "yakuba guard heal"},
        {"new key", {}, "yakuba site rekey"},
        {"message of the watch", {}, "yakuba monitor tell-test"},
        {"emergency stop", {}, "yakuba site stop public --reason fire", "yakuba site resume public --reason over"},
        {"restore", {"vault {n}"}, restore, "unrestore {n}", Kills::First, false, "restore", true},
        {"switch",
         {"vault {n}", restore},
         "yakuba backup switch {restored}",
         "unswitch {n}",
         Kills::First,
         false,
         "switch",
         true},
        {"publication after a restore",
         {"vault {n}", "yakuba backup now --anyway kill-test", restore, "yakuba backup switch {restored}"},
         publish,
         publish,
         Kills::First,
         false,
         "publish.after_restored",
         true},
        {"checkpoint", {"long {n}", "yakuba site takeover {more}"}, publish, publish, Kills::Checkpoint, true},
    };
    return all;
}

class Site {
  public:
    explicit Site(const std::string& engine) : site_(engine) {
        write_tree(site_.beside("old"), old_site());
        run("acts prepare 0", 0);
        must({"site", "takeover", site_.beside("old").string()});
        must({"site", "publish"});
        must({"page", "region", "kurashi/", "--under", "--selector", "#main"});
    }

    const TestSite& site() const { return site_; }

    /// A line as the real program, or as an act; killed at `kill_at`, or noting its steps in `log`.
    sys::Outcome run(const Line& line, int number, const std::string& kill_at = {}, const fs::path& log = {}) {
        std::vector<std::string> words;
        for (const std::string_view word : base::split(line, ' '))
            words.push_back(word == "{n}"          ? std::to_string(number)
                            : word == "{more}"     ? site_.beside("more").string()
                            : word == "{key}"      ? site_.beside("recovery.txt").string()
                            : word == "{restored}" ? restored().string()
                                                   : std::string(word));
        const std::string kind = words.front();
        words.erase(words.begin());
        if (kind == "yakuba" && kill_at.empty() && log.empty()) return site_.run(words);
        if (kind == "yakuba") return site_.run_with_steps(words, kill_at, log);
        if (kind == "acts") {
            sys::Command command;
            command.arguments = {program_path("crash-acts"), site_.folder().string(), words.at(0), words.at(1)};
            if (!kill_at.empty()) command.environment["YAKUBA_KILL_AT"] = kill_at;
            if (!log.empty()) command.environment["YAKUBA_STEP_LOG"] = log.string();
            return sys::run(command);
        }
        fs::remove_all(site_.beside("more"));
        if (kind == "more")
            write_tree(site_.beside("more"), {{fmt::format("bosai/{}/index.html", number), page("防災", words.at(0))},
                                              {fmt::format("bosai/map{}.png", number), "map " + words.at(0)},
                                              {fmt::format("bosai/{}/zei.html", number), page("税", words.at(0))}});
        if (kind == "long") {  // paths of which four hundred make a record of more than a megabyte
            std::map<std::string, std::string> files;
            std::string folder;
            for (int i = 0; i < 3; ++i) folder += std::string(80, 'a') + "市役所の長い名前のフォルダ" + "/";
            for (int i = 0; i < 1600; ++i) files[folder + fmt::format("{}-{}.txt", number, i)] = std::to_string(i);
            write_tree(site_.beside("more"), files);
        }
        if (kind == "deface") {
            std::ofstream(site_.public_folder() / "kurashi/gomi.html") << "defaced " << number;
            std::ofstream(site_.public_folder() / fmt::format("shell{}.php", number)) << "<?php";
            fs::remove(site_.public_folder() / fmt::format("pool/p{}.html", number));
            fs::create_symlink("../index.html", site_.public_folder() / "css/link");
        }
        if (kind == "tamper") {
            std::ofstream(site_.public_folder() / "kurashi/gomi.html") << "defaced " << number;
            std::ofstream(site_.public_folder() / fmt::format("pool/p{}.html", number)) << "defaced too";
        }
        if (kind == "vault") prepare_backup();
        if (kind == "unrestore") return check_restored();
        if (kind == "unswitch") return switch_back();
        sys::Outcome done;
        done.exit_code = 0;
        return done;
    }

    fs::path restored() const { return site_.beside("restored"); }
    /// A backup that is there, and room for what is restored.
    void prepare_backup() {
        fs::remove_all(restored());
        if (fs::exists(site_.beside("recovery.txt"))) return;
        const fs::path toml = site_.folder() / "yakuba.toml";
        sys::write_file(toml, settings::edited(sys::read_file(toml), "backup.repositories",
                                               settings::TextList{site_.beside("repository").string()}));
        must({"backup", "key", "--out", site_.beside("recovery.txt").string()});
        must({"backup", "now", "--anyway", "kill-test"});
    }
    /// What is there is whole; where nothing is, the next restore brings it.
    sys::Outcome check_restored() {
        if (!fs::exists(restored()))
            must({"backup", "restore", "--key", site_.beside("recovery.txt").string(), "--to", restored().string()});
        EXPECT_EQ(tree_of(restored() / "public"), tree());
        const sys::Outcome verified =
            sys::run({{program_path("yakuba"), "--site", restored().string(), "guard", "verify"}});
        fs::remove_all(restored());
        return verified;
    }
    /// Whichever is there is whole; then the first one comes back.
    sys::Outcome switch_back() {
        sys::Outcome outcome = site_.run({"guard", "verify"});
        EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
        const fs::path run = site_.folder() / "run";
        if (fs::exists(run / "switch") || fs::exists(run / "switched"))
            outcome = site_.run({"backup", "switch", "--back"});
        fs::remove(run / "switched");
        return outcome;
    }

    void must(const std::vector<std::string>& words) {
        const sys::Outcome outcome = site_.run(words);
        EXPECT_EQ(outcome.exit_code, 0) << base::join(words, " ") << outcome.errors;
    }
    void prepare(const Scenario& scenario, int number) {
        for (const Line& line : scenario.before) {
            if (line.starts_with("acts ")) {  // nobody kills it here, so it needs no process of its own
                EXPECT_NO_THROW(do_act(*open(), std::string(base::split(line, ' ').at(1)), number)) << line;
            } else {
                const sys::Outcome outcome = run(line, number);
                EXPECT_EQ(outcome.exit_code, 0) << line << ": " << outcome.errors;
            }
            if (line.starts_with("acts save")) acknowledged_.insert(saved_text(number));
        }
    }
    void acknowledge(int number) { acknowledged_.insert(saved_text(number)); }

    std::map<std::string, std::string> tree() const { return tree_of(site_.public_folder()); }
    std::unique_ptr<flow::Site> open() const { return flow::Site::open(site_.folder(), clock_); }
    std::int64_t release() const {
        return open()->database->read([](sys::Reader& db) { return release::find_newest(db); }).value().number;
    }

    /// In this process: of the time of a kill most went into the starts of programs. The number of the release.
    std::int64_t expect_whole() {
        const flow::Verified verified = flow::verify_site(site_.folder(), {}, clock_);
        EXPECT_TRUE(verified.tree.deviations.empty()) << verified.tree.deviations.front().path;
        EXPECT_TRUE(verified.log_problems.empty()) << verified.log_problems.front().message;
        const auto opened = open();
        for (const std::string_view stream : {ledger::kOffice, ledger::kWatch})
            EXPECT_TRUE(flow::verify_ledger(*opened, stream).is_whole()) << stream;
        const std::set<std::string> saves = list_saved(*opened);
        for (const std::string& text : acknowledged_)
            EXPECT_TRUE(saves.contains(text)) << text << " was acknowledged and is lost";
        return opened->database->read([](sys::Reader& db) { return release::find_newest(db); }).value().number;
    }
    /// The program itself says so, and who has only the description of the format.
    void expect_proved_by_program_and_others() const {
        EXPECT_TRUE(site_.json({"guard", "verify"}).at("deviations").as_array().empty());
        EXPECT_TRUE(site_.json({"ledger", "verify"}).at("ok").as_bool());
        const sys::Outcome independent =
            sys::run({{YAKUBA_SOURCE_DIR "/tools/verify_release.py", (site_.folder() / "releases").string(),
                       (site_.folder() / "keys").string(), site_.public_folder().string()}});
        EXPECT_EQ(independent.exit_code, 0) << independent.output << independent.errors;
    }

  private:
    TestSite site_;
    base::SystemClock clock_;
    std::set<std::string> acknowledged_;
};

/// How often the command reaches each step.
std::map<std::string, int> visits_of(Site& site, const Scenario& scenario, int number) {
    site.prepare(scenario, number);
    const fs::path log = site.site().beside("steps");
    fs::remove(log);
    const sys::Outcome outcome = site.run(scenario.killed, number, "", log);
    EXPECT_EQ(outcome.exit_code, 0) << scenario.name << ": " << outcome.errors;
    std::map<std::string, int> visits;
    const std::string steps = sys::find_file(log).value_or("");
    for (const std::string_view name : base::split(steps, '\n'))
        if (!name.empty()) ++visits[std::string(name)];
    return visits;
}

void kill_and_recover(Site& site, const Scenario& scenario, int number, const std::string& kill_at) {
    SCOPED_TRACE(scenario.name + ", killed at " + kill_at);
    site.prepare(scenario, number);
    const auto before = site.tree();
    const std::int64_t release = site.release();
    const sys::Outcome killed = site.run(scenario.killed, number, kill_at);
    ASSERT_EQ(killed.exit_code, 128 + SIGKILL) << killed.output << killed.errors;
    if (killed.output.ends_with("done\n")) site.acknowledge(number);
    const auto cut = site.tree();
    if (scenario.killed.starts_with("yakuba site takeover")) {
        const auto again = site.site().json({"site", "takeover", site.site().beside("more").string()});
        EXPECT_EQ(again.at("read").to_number<int>() + again.at("resumed").to_number<int>(), 3);
    }
    const sys::Outcome recovered = site.run(scenario.recovery, number);
    EXPECT_EQ(recovered.exit_code, 0) << recovered.errors;
    const auto after = site.tree();
    for (const auto& [path, hash] : cut) {
        const bool is_old = before.contains(path) && before.at(path) == hash;
        const bool is_new = after.contains(path) && after.at(path) == hash;
        EXPECT_TRUE(is_old || is_new) << path << " is neither of the old release nor of the new one";
    }
    const std::int64_t now = site.expect_whole();
    EXPECT_TRUE(now == release || now == release + 1) << release << " became " << now;
}

std::vector<std::string> kills_of(const Scenario& scenario, const std::map<std::string, int>& visits) {
    std::vector<std::string> kills;
    for (const auto& [step, count] : visits) {
        if (scenario.kills == Scenario::Kills::Checkpoint && step.find("checkpoint") == std::string::npos) continue;
        if (step.find(scenario.only) == std::string::npos) continue;
        std::set<int> at{1};
        if (scenario.kills == Scenario::Kills::Thorough) at.insert({(count + 1) / 2, count});
        for (const int visit : at) kills.push_back(fmt::format("{}:{}", step, visit));
    }
    return kills;
}

class Crash : public testing::TestWithParam<std::tuple<std::string, std::size_t>> {};

TEST_P(Crash, LeavesTheOldReleaseOrTheNewOneAndEveryAcknowledgedSave) {
    const auto& [engine, which] = GetParam();
    const Scenario& scenario = scenarios()[which];
    SCOPED_TRACE(engine);
    auto site = std::make_unique<Site>(engine);
    int number = 0;
    const auto visits = visits_of(*site, scenario, number);
    ASSERT_FALSE(visits.empty()) << scenario.name << " reaches no kill point";
    site->run(scenario.recovery, number);
    for (const std::string& kill : kills_of(scenario, visits)) {
        if (scenario.is_fresh_each_time) site = std::make_unique<Site>(engine);
        kill_and_recover(*site, scenario, ++number, kill);
        if (HasFailure()) return;
    }
    site->expect_proved_by_program_and_others();
}

std::string case_name(const testing::TestParamInfo<Crash::ParamType>& info) {
    std::string name = std::get<0>(info.param) + "_" + scenarios()[std::get<1>(info.param)].name;
    std::replace(name.begin(), name.end(), ' ', '_');
    return name;
}

/// Each scenario on each database; a checkpoint is made of the log alone, so once is enough.
std::vector<Crash::ParamType> all_cases() {
    std::vector<Crash::ParamType> cases;
    for (const std::string& engine : sys::testing::engines())
        for (std::size_t i = 0; i < scenarios().size(); ++i)
            if (engine == "sqlite" ||
                (scenarios()[i].kills != Scenario::Kills::Checkpoint && !scenarios()[i].is_sqlite_enough))
                cases.emplace_back(engine, i);
    return cases;
}

INSTANTIATE_TEST_SUITE_P(Engines, Crash, testing::ValuesIn(all_cases()), case_name);

TEST(KillPoints, AreEachReachedByAScenario) {
    const sys::Outcome listed = sys::run({{YAKUBA_SOURCE_DIR "/tools/list_steps"}});
    ASSERT_EQ(listed.exit_code, 0) << listed.errors;
    std::set<std::string> unvisited;
    for (const std::string_view name : base::split(listed.output, '\n'))
        if (!name.empty() && !name.starts_with("backup-") && !name.starts_with("upgrade."))
            unvisited.emplace(name);  // tests/backup_test.cc, tests/upgrade_test.cc
    EXPECT_GT(unvisited.size(), 20U);
    // Killed where their journeys are tested: tests/backup_test.cc, tests/upgrade_test.cc.
    for (const char* elsewhere : {"backup-", "upgrade."})
        std::erase_if(unvisited, [&](const std::string& step) { return step.starts_with(elsewhere); });
    auto site = std::make_unique<Site>("sqlite");
    int number = 0;
    for (const Scenario& scenario : scenarios()) {
        if (scenario.is_fresh_each_time) site = std::make_unique<Site>("sqlite");
        for (const auto& [step, count] : visits_of(*site, scenario, ++number)) unvisited.erase(step);
        site->run(scenario.recovery, number);
    }
    for (const std::string& step : unvisited)
        ADD_FAILURE() << "no scenario of the crash test reaches the kill point \"" << step
                      << "\"; add one to scenarios() in tests/crash_test.cc";
}

}  // namespace

}  // namespace tests

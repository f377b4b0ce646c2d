// The command line as scripts and operators meet it: what --json promises (docs and design: at least these keys), exit
// codes, the error document, and where the site is found.

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "ground/sys/files.h"
#include "program.h"

namespace tests {

namespace {

namespace fs = std::filesystem;

class CommandLine : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        site_ = new TestSite("sqlite");
        write_tree(site_->beside("old"), {{"index.html", "<html><title>山川市</title><p>本文</html>"},
                                          {"css/site.css", "body { color: #222 }\n"}});
        taken_ = site_->json({"site", "takeover", site_->beside("old").string()});
        published_ = site_->json({"site", "publish"});
    }
    static void TearDownTestSuite() {
        delete site_;
        site_ = nullptr;
    }
    static void expect_keys(const boost::json::object& document, const std::vector<std::string>& keys) {
        for (const std::string& key : keys)
            EXPECT_TRUE(document.contains(key)) << key << " is not in " << boost::json::serialize(document);
    }
    static sys::Outcome run_bare(std::vector<std::string> arguments,
                                 const std::map<std::string, std::string>& environment = {}) {
        arguments.insert(arguments.begin(), program_path("yakuba"));
        sys::Command command;
        command.arguments = std::move(arguments);
        command.environment = environment;
        return sys::run(command);
    }
    static boost::json::object error_of(const sys::Outcome& outcome) {
        EXPECT_EQ(outcome.exit_code, 2) << outcome.output << outcome.errors;
        EXPECT_FALSE(outcome.errors.empty());
        boost::system::error_code problem;
        const auto value = boost::json::parse(outcome.output, problem);
        if (problem || !value.is_object() || !value.as_object().contains("error")) {
            ADD_FAILURE() << "no error document: " << outcome.output;
            return {{"kind", ""}, {"message", ""}};
        }
        return value.at("error").as_object();
    }

    static TestSite* site_;
    static boost::json::object taken_, published_;
};
TestSite* CommandLine::site_ = nullptr;
boost::json::object CommandLine::taken_, CommandLine::published_;

TEST_F(CommandLine, ThePasswordsOfTheProgramItselfAreDearToGuess) {  // those of unit tests are not
    const std::string database = sys::read_file(site_->folder() / "yakuba.db");
    EXPECT_NE(database.find("$argon2id$v=19$m=19456,t=2,p=1$"), std::string::npos);
}

TEST_F(CommandLine, AHandoverThatIsKilledLeavesNoFolderThatPassesForOne) {
    const fs::path target = site_->beside("handover");
    sys::Command command;
    command.arguments = {program_path("yakuba"), "--site", site_->folder().string(), "site", "handover",
                         target.string()};
    bool was_killed = false;  // when depends on the load, so it is tried a few times
    for (int attempt = 0; attempt < 20 && !was_killed; ++attempt) {
        fs::remove_all(target);
        for (command.patience = std::chrono::milliseconds(2); !fs::exists(target); command.patience *= 2) {
            const sys::Outcome outcome = sys::run(command);
            was_killed = was_killed || outcome.timed_out;
            if (!outcome.timed_out) {
                ASSERT_EQ(outcome.exit_code, 0) << outcome.errors;
            }
        }
    }
    EXPECT_TRUE(was_killed);
    // Renamed as its last act: whatever the moment of the kill, the folder is whole.
    EXPECT_EQ(tree_of(target / "public"), tree_of(site_->public_folder()));
    EXPECT_TRUE(fs::exists(target / "README.html"));
    EXPECT_FALSE(fs::exists(target / "UNFINISHED"));
    fs::remove_all(target);
    expect_keys(site_->json({"site", "handover", target.string()}),
                {"release", "files", "bytes", "counts", "missing", "seconds"});
    EXPECT_FALSE(fs::exists(target.string() + ".partial"));
    EXPECT_EQ(run_bare({"--site", site_->folder().string(), "site", "handover", target.string()}).exit_code, 2);
}

}  // namespace

TEST_F(CommandLine, AnswersWithThePromisedKeys) {
    expect_keys(taken_, {"files", "pages", "assets", "bytes", "encodings", "skipped", "regions"});
    EXPECT_EQ(taken_.at("files").to_number<int>(), 2);
    expect_keys(published_, {"release", "written", "deleted", "unchanged", "pages", "seconds"});
    EXPECT_EQ(published_.at("release").to_number<int>(), 1);
    expect_keys(site_->json({"site", "status"}), {"release", "pages", "due", "overdue", "failed"});
    expect_keys(site_->json({"site", "export", site_->beside("export").string()}), {"release", "files", "bytes"});
    expect_keys(site_->json({"guard", "verify"}), {"release", "files", "bytes", "seconds", "deviations"});
    expect_keys(site_->json({"ledger", "verify"}), {"entries", "first", "last", "ok"});
}

TEST_F(CommandLine, EndsWithOneWhenSomethingWasFoundWrong) {
    const fs::path page = site_->public_folder() / "index.html";
    const std::string right = sys::read_file(page);
    sys::write_file(page, "tampered");
    const auto verified = site_->json({"guard", "verify"}, 1);
    ASSERT_EQ(verified.at("deviations").as_array().size(), 1U);
    const auto& found = verified.at("deviations").as_array()[0].as_object();
    EXPECT_EQ(found.at("path").as_string(), "index.html");
    EXPECT_EQ(found.at("kind").as_string(), "changed");
    sys::write_file(page, right);
    site_->json({"guard", "verify"}, 0);
}

TEST_F(CommandLine, EndsWithTwoAndAnErrorDocumentWhenItCannotBeDone) {
    const auto none = error_of(run_bare({"--site", site_->beside("nothing").string(), "site", "status", "--json"}));
    EXPECT_EQ(none.at("kind").as_string(), "not-found");
    const auto taken = error_of(site_->run({"site", "export", site_->folder().string(), "--json"}));
    EXPECT_EQ(taken.at("kind").as_string(), "conflict");
    error_of(site_->run({"site", "takeover", site_->beside("nowhere").string(), "--json"}));
    error_of(site_->run({"site", "export", site_->beside("x").string(), "--release", "999", "--json"}));
    error_of(site_->run({"site", "export", site_->beside("x").string(), "--release", "one", "--json"}));
    error_of(site_->run({"site", "export", site_->beside("x").string(), "--at", "yesterday", "--json"}));
    EXPECT_FALSE(fs::exists(site_->beside("x")));
}

TEST_F(CommandLine, NeverPutsAnEmptyDatabaseInThePlaceOfOneThatIsGone) {
    const TestSite site("sqlite");
    fs::rename(site.folder() / "yakuba.db", site.folder() / "elsewhere.db");
    const sys::Outcome refused = site.run({"site", "status"});
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_NE(refused.errors.find("yakuba.db is missing"), std::string::npos) << refused.errors;
    EXPECT_FALSE(fs::exists(site.folder() / "yakuba.db"));
}

TEST_F(CommandLine, RefusesWhatItDoesNotKnowWithAnErrorDocumentToo) {
    for (const std::vector<std::string>& arguments :
         std::vector<std::vector<std::string>>{{"site", "status", "--unknown", "--json"},
                                               {"site", "--json"},
                                               {"--json"},
                                               {"nonsense", "--json"},
                                               {"site", "takeover", "--json"}}) {
        const auto error = error_of(site_->run(arguments));
        EXPECT_EQ(error.at("kind").as_string(), "bad-input") << boost::json::serialize(error);
    }
    const sys::Outcome prose = site_->run({"site", "status", "--unknown"});
    EXPECT_EQ(prose.exit_code, 2);
    EXPECT_TRUE(prose.output.empty()) << prose.output;
    EXPECT_NE(prose.errors.find("--unknown"), std::string::npos);
    EXPECT_NE(site_->run({"nonsense"}).errors.find("there is no command \"nonsense\""), std::string::npos);
    EXPECT_NE(site_->run({"page", "lst"}).errors.find("there is no command \"lst\""), std::string::npos);
}

TEST_F(CommandLine, TakesSeveralWordsEachForItself) {
    const auto error = error_of(site_->run({"frame", "template", "99", "article", "--json"}));
    EXPECT_EQ(error.at("kind").as_string(), "not-found") << boost::json::serialize(error);
    EXPECT_EQ(error_of(site_->run({"frame", "template", "99", "article", "more", "--json"})).at("kind").as_string(),
              "bad-input");
}

TEST_F(CommandLine, SaysOfTheDeskWhatIsThereAndWhatIsNot) {
    const std::string nowhere = site_->beside("nowhere").string();
    const std::vector<std::pair<std::vector<std::string>, std::string>> there{
        {{"incident", "list"}, "incidents"},
        {{"stop", "list"}, "stops"},
        {{"question", "list"}, "questions"},
        {{"inventory", "list"}, "components"},
        {{"vulnerability", "list"}, "vulnerabilities"},
        {{"training", "status"}, "sessions"},
        {{"register", "list", "licence"}, "entries"}};
    for (const auto& [arguments, key] : there) expect_keys(site_->json(arguments), {key});
    const std::vector<std::pair<std::vector<std::string>, std::string>> missing{
        {{"incident", "show", "9"}, "not-found"},
        {{"incident", "open"}, "bad-input"},
        {{"question", "show", "9"}, "not-found"},
        {{"question", "list", "--kind", "x"}, "bad-input"},
        {{"stop", "cancel", "9", "--reason", "x"}, "not-found"},
        {{"stop", "plan", "--title", "x"}, "bad-input"},
        {{"vulnerability", "import", nowhere}, "not-found"},
        {{"inspect", "import", "1", nowhere}, "not-found"},
        {{"training", "open", "9"}, "not-found"},
        {{"register", "list", "nothing"}, "bad-input"},
        {{"register", "import", "licence", nowhere}, "not-found"},
        {{"report", "list"}, "not-found"},
        {{"report", "month", "2027-13"}, "bad-input"}};
    for (auto [arguments, kind] : missing) {
        arguments.push_back("--json");
        const auto error = error_of(site_->run(arguments));
        EXPECT_EQ(error.at("kind").as_string(), kind) << arguments[0] << " " << arguments[1];
    }
}

TEST_F(CommandLine, FindsTheSiteByOptionThenByEnvironment) {
    const std::map<std::string, std::string> here{{"YAKUBA_SITE", site_->folder().string()}};
    const std::map<std::string, std::string> wrong{{"YAKUBA_SITE", site_->beside("nothing").string()}};
    EXPECT_EQ(run_bare({"site", "status"}, here).exit_code, 0);
    EXPECT_EQ(run_bare({"site", "status"}, wrong).exit_code, 2);
    EXPECT_EQ(run_bare({"--site", site_->folder().string(), "site", "status"}, wrong).exit_code, 0);
    EXPECT_EQ(run_bare({"site", "status", "--site", site_->folder().string()}, wrong).exit_code, 0);
}

TEST_F(CommandLine, HelpNamesEveryCommandAndVersionIsOneLine) {
    const sys::Outcome help = run_bare({"--help"});
    EXPECT_EQ(help.exit_code, 0);
    for (const std::string noun : {"site", "guard", "ledger", "serve"})
        EXPECT_NE(help.output.find(noun), std::string::npos) << noun;
    // "  site            A site: make one, ...": a newcomer chooses by what stands behind the name.
    std::istringstream lines(help.output.substr(help.output.find("Subcommands:")));
    std::string line;
    for (std::getline(lines, line); std::getline(lines, line);) {
        const std::size_t name = line.find_first_not_of(' ');
        if (name == std::string::npos) continue;
        const std::size_t gap = line.find(' ', name);
        EXPECT_NE(line.find_first_not_of(' ', gap), std::string::npos) << line << " says nothing of itself";
    }
    const sys::Outcome site = run_bare({"site", "--help"});
    for (const std::string verb : {"init", "takeover", "publish", "export", "status"})
        EXPECT_NE(site.output.find(verb), std::string::npos) << verb;
    const sys::Outcome version = run_bare({"--version"});
    EXPECT_EQ(version.exit_code, 0);
    EXPECT_EQ(std::count(version.output.begin(), version.output.end(), '\n'), 1);
}

}  // namespace tests

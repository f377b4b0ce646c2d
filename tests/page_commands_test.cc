// A page's journey from the shell, on both databases: a site that was taken over, a draft, an approval by another
// person, the public bytes, and what the ledger says about it.

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "ground/sys/files.h"
#include "ground/sys/testing/databases.h"
#include "program.h"

namespace tests {

namespace {

const std::string kBefore =
    "<!DOCTYPE html>\n<html lang=\"ja\"><head><meta charset=\"utf-8\"><title>ごみ</title></head>\n"
    "<body><h1>ごみ</h1>\n<div id=\"main\">";
const std::string kAfter = "</div>\n<p>担当: 環境課</p></body></html>\n";

class PageCommands : public testing::TestWithParam<std::string> {
  protected:
    PageCommands() : site_(GetParam()) {
        write_tree(site_.beside("old"), {{"kurashi/gomi.html", kBefore + "<p>月曜日</p>" + kAfter},
                                         {"kurashi/other.html", kBefore + "<p>別</p>" + kAfter}});
        site_.json({"site", "takeover", site_.beside("old").string()});
        site_.json({"site", "publish"});
        site_.json({"page", "region", "/", "--under", "--selector", "#main"});
        site_.json({"department", "add", "--code", "11", "--name", "環境課"});
        site_.json({"section", "assign", "kurashi/", "--department", "11"});
        add("hanako", "author");
        add("taro", "approver");
        write_tree(site_.beside("new"), {{"main.html", "<p>火曜日</p>"}});
    }

    void add(const std::string& login, const std::string& role) {
        const auto made =
            site_.json({"people", "add", "--login", login, "--name", login, "--role", role, "--department", "11"});
        passwords_[login] = made.at("password").as_string();
    }
    /// Runs a page command as the person; their first one changes the first password.
    sys::Outcome as(const std::string& login, std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "page");
        arguments.insert(arguments.end(), {"--as", login, "--json"});
        std::map<std::string, std::string> environment{{"YAKUBA_PASSWORD", passwords_.at(login)}};
        if (!has_changed_[login]) environment["YAKUBA_NEW_PASSWORD"] = "hashi no ue no neko";
        const sys::Outcome outcome = site_.run(arguments, environment);
        if (!has_changed_[login] && outcome.output.find("wrong name") == std::string::npos) {
            has_changed_[login] = true;
            passwords_[login] = "hashi no ue no neko";
        }
        return outcome;
    }
    boost::json::object done(const sys::Outcome& outcome) {
        EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
        const boost::json::value document = boost::json::parse(outcome.output);
        for (const char* key : {"page", "state", "version", "receipt"})
            EXPECT_TRUE(document.as_object().contains(key)) << outcome.output;
        return document.as_object();
    }
    static std::string error_kind(const sys::Outcome& outcome) {
        EXPECT_EQ(outcome.exit_code, 2) << outcome.output;
        return std::string(boost::json::parse(outcome.output).at("error").at("kind").as_string());
    }
    std::string public_page() const { return sys::read_file(site_.public_folder() / "kurashi/gomi.html"); }

    TestSite site_;
    std::map<std::string, std::string> passwords_;
    std::map<std::string, bool> has_changed_;
};

}  // namespace

TEST_P(PageCommands, TakeAPageFromDraftToThePublicBytes) {
    const std::string part = "main=" + site_.beside("new/main.html").string();
    const auto saved = done(as("hanako", {"save", "kurashi/gomi.html", "--part", part}));
    EXPECT_EQ(saved.at("state").as_string(), "draft");
    EXPECT_TRUE(saved.at("receipt").is_null());
    done(as("hanako", {"submit", "kurashi/gomi.html", "--comment", "曜日が変わりました"}));
    EXPECT_EQ(error_kind(as("hanako", {"approve", "kurashi/gomi.html"})), "not-allowed");
    EXPECT_EQ(error_kind(as("taro", {"approve", "kurashi/gomi.html", "--opened", std::string(64, '0')})),
              "not-allowed");
    site_.json({"site", "publish"});
    EXPECT_EQ(public_page(), kBefore + "<p>月曜日</p>" + kAfter) << "not before it is approved";

    const auto listed = site_.json({"page", "list", "--state", "submitted"});
    ASSERT_EQ(listed.at("pages").as_array().size(), 1U);
    EXPECT_EQ(listed.at("pages").as_array()[0].at("path").as_string(), "kurashi/gomi.html");
    EXPECT_EQ(site_.json({"page", "list", "--under", "kurashi/"}).at("pages").as_array().size(), 2U);

    const auto approved =
        done(as("taro", {"approve", "kurashi/gomi.html", "--opened", std::string(saved.at("hash").as_string())}));
    EXPECT_EQ(approved.at("state").as_string(), "none");
    EXPECT_EQ(approved.at("live").as_string(), "live");
    site_.json({"site", "publish"});
    EXPECT_EQ(public_page(), kBefore + "<p>火曜日</p>" + kAfter) << "only the region's bytes differ";
    const auto shown = site_.json({"page", "show", "kurashi/gomi.html"});
    const auto& receipt = shown.at("receipts").as_array().at(0).as_object();
    EXPECT_EQ(receipt.at("id"), approved.at("receipt"));
    EXPECT_EQ(receipt.at("state").as_string(), "placed");
    EXPECT_EQ(receipt.at("changes").as_array().at(0).as_string(), "put kurashi/gomi.html");
    EXPECT_EQ(shown.at("approvals").as_array().at(0).at("hash"), saved.at("hash"));
    const auto ledger = site_.run({"ledger", "export"});
    EXPECT_NE(ledger.output.find(R"("via":"cli:)"), std::string::npos);
    EXPECT_TRUE(site_.json({"ledger", "verify"}).at("ok").as_bool());
    EXPECT_TRUE(site_.json({"guard", "verify"}).at("deviations").as_array().empty());
}

TEST_P(PageCommands, RefuseStaleVersionsWrongPasswordsAndPagesThatAreNotThere) {
    const std::string part = "main=" + site_.beside("new/main.html").string();
    const auto first = done(as("hanako", {"save", "kurashi/gomi.html", "--part", part}));
    EXPECT_EQ(error_kind(as("hanako", {"save", "kurashi/gomi.html", "--title", "題", "--version-seen", "0"})),
              "conflict");
    const std::string live =
        std::to_string(site_.json({"page", "show", "kurashi/gomi.html"}).at("page").at("live_revision").as_int64());
    EXPECT_EQ(error_kind(as("hanako", {"save", "kurashi/gomi.html", "--title", "題", "--based-on", live})), "conflict");
    EXPECT_EQ(error_kind(as("hanako", {"save", "kurashi/gomi.html", "--part",
                                       "aside=" + site_.beside("new/main.html").string()})),
              "bad-input");
    EXPECT_EQ(error_kind(as("hanako", {"submit", "99999"})), "not-found");
    passwords_["hanako"] = "wrong";
    EXPECT_EQ(error_kind(as("hanako", {"submit", "kurashi/gomi.html"})), "not-allowed");
    EXPECT_EQ(site_.json({"page", "show", std::to_string(first.at("page").as_int64())})
                  .at("standing")
                  .at("state")
                  .as_string(),
              "draft");
}

TEST_P(PageCommands, SaveANewPageOnlyOfATypeThatThereIsAndInPartsThatItShows) {
    const std::string file = site_.beside("new/main.html").string();
    const auto save = [&](std::vector<std::string> more) {
        std::vector<std::string> words{"save", "kurashi/new.html", "--title", "題"};
        words.insert(words.end(), more.begin(), more.end());
        return as("hanako", words);
    };
    EXPECT_EQ(error_kind(save({"--part", "body=" + file})), "bad-input");
    EXPECT_EQ(error_kind(save({"--template", "nosuch"})), "bad-input");
    EXPECT_EQ(error_kind(save({"--template", "base"})), "bad-input") << "a layout";
    EXPECT_EQ(error_kind(save({"--template", "article", "--part", "main=" + file})), "bad-input");
    done(save({"--template", "article", "--part", "body=" + file}));
    EXPECT_EQ(error_kind(save({"--part", "bdy=" + file})), "bad-input");
    done(save({"--part", "body=" + file}));
}

TEST_P(PageCommands, TakeBackDiscardAndGoBackToAnEarlierRevision) {
    const std::string part = "main=" + site_.beside("new/main.html").string();
    done(as("hanako", {"save", "kurashi/gomi.html", "--part", part}));
    done(as("hanako", {"submit", "kurashi/gomi.html"}));
    EXPECT_EQ(error_kind(as("taro", {"take-back", "kurashi/gomi.html"})), "not-allowed") << "of the one who asked";
    EXPECT_EQ(done(as("hanako", {"take-back", "kurashi/gomi.html"})).at("state").as_string(), "draft");
    EXPECT_EQ(done(as("hanako", {"discard", "kurashi/gomi.html"})).at("state").as_string(), "none");
    const auto restored = done(as("hanako", {"restore", "kurashi/gomi.html", "--number", "2"}));
    EXPECT_EQ(restored.at("state").as_string(), "draft");
    EXPECT_EQ(error_kind(as("hanako", {"restore", "kurashi/gomi.html", "--number", "99"})), "not-found");

    done(as("hanako", {"submit", "kurashi/gomi.html", "--at", "2099-04-01 09:00"}));
    EXPECT_EQ(done(as("taro", {"approve", "kurashi/gomi.html"})).at("state").as_string(), "scheduled");
    EXPECT_NE(done(as("taro", {"cancel-schedule", "kurashi/gomi.html"})).at("state").as_string(), "scheduled");
    EXPECT_EQ(public_page(), kBefore + "<p>月曜日</p>" + kAfter);
}

TEST_P(PageCommands, TakeAPageDownWithAWayToItsNewPlace) {
    const auto asked =
        done(as("hanako", {"withdraw", "kurashi/gomi.html", "--reason", "moved", "--to", "kurashi/other.html"}));
    EXPECT_EQ(asked.at("state").as_string(), "submitted");
    EXPECT_EQ(error_kind(as("taro", {"withdraw", "kurashi/other.html", "--reason", "gone", "--at-once"})),
              "not-allowed");
    EXPECT_EQ(error_kind(as("taro", {"return", "kurashi/gomi.html", "--comment", " "})), "not-allowed");
    const auto approved = done(as("taro", {"approve", "kurashi/gomi.html"}));
    EXPECT_EQ(approved.at("live").as_string(), "withdrawn");
    EXPECT_TRUE(approved.at("receipt").is_int64());
    site_.json({"site", "publish"});
    EXPECT_FALSE(std::filesystem::exists(site_.public_folder() / "kurashi/gomi.html"));
    EXPECT_TRUE(site_.json({"guard", "verify"}).at("deviations").as_array().empty());
}

INSTANTIATE_TEST_SUITE_P(Engines, PageCommands, testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

}  // namespace tests

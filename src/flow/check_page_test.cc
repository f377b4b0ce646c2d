#include "flow/check_page.h"

#include <gtest/gtest.h>

#include "flow/testing/composed_town.h"
#include "press/content/store.h"

namespace flow {
namespace {

using testing::Town;

std::vector<std::string> rules_of(const std::vector<base::Finding>& findings) {
    std::vector<std::string> rules;
    for (const base::Finding& each : findings) rules.push_back(each.rule);
    std::sort(rules.begin(), rules.end());
    return rules;
}

TEST(CheckPage, FindsNothingInAPlainPageAndCountsWhatIsWrong) {
    Town town("sqlite");
    const content::Page plain = town.taken_over("a.html", "<h2>窓口</h2><p><img src=\"a.png\" alt=\"\"></p>");
    EXPECT_TRUE(check_page(*town.site, plain.id, plain.latest).empty());
    const content::Page page = town.taken_over(
        "b.html",
        "<h2></h2><img src=\"a.png\"><img src=\"b.png\"><a href=\"/\"></a><iframe src=\"/map.html\"></iframe>");
    const auto findings = check_page(*town.site, page.id, page.latest);
    EXPECT_EQ(rules_of(findings), (std::vector<std::string>{"frame-title", "heading-text", "image-alt", "link-text"}));
    for (const base::Finding& each : findings) {
        if (each.rule == "image-alt") {
            EXPECT_EQ(each.message, "代替テキストのない画像が2か所あります。");
            EXPECT_EQ(each.sc, "1.1.1");
        }
    }
}

TEST(CheckPage, TellsOfAnArticleWithoutWords) {
    testing::ComposedTown town("sqlite");
    const auto rules = [&](base::PageId id) {
        const content::Page page = town.read([&](sys::Reader& db) { return content::load_page(db, id); });
        return rules_of(check_page(*town.site, id, page.latest));
    };
    EXPECT_EQ(rules(town.put_page("a.html", "article", "題", "<p> </p>")), std::vector<std::string>{"empty-body"});
    EXPECT_TRUE(rules(town.put_page("b.html", "article", "題", "<p><img src=\"/x.png\" alt=\"図\"></p>")).empty());
    EXPECT_TRUE(rules(town.put_page("c/index.html", "section", "入口", "")).empty()) << "it lists its pages";
}

TEST(CheckPage, TellsOfWhatAnIntruderLeaves) {
    Town town("sqlite");
    const content::Page page = town.taken_over(
        "a.html", "<p>本文</p><iframe src=\"//bad.example.org/\" title=\"x\" width=\"0\" height=\"0\"></iframe>");
    const auto rules = rules_of(check_page(*town.site, page.id, page.latest));
    EXPECT_NE(std::find(rules.begin(), rules.end(), "hidden-frame"), rules.end());
}

TEST(CheckPage, SaysThatAPageCannotBeLookedAt) {
    Town town("sqlite");
    const content::Page page = town.taken_over("a.html");
    EXPECT_EQ(rules_of(check_page(*town.site, page.id, base::RevisionId{9999})), std::vector<std::string>{"unread"});
}

TEST(CheckPage, IsKeptWithAnEmergencyPublicationForWhoApprovesItAfterwards) {
    Town town("sqlite");
    const content::Page page = town.taken_over("a.html");
    const Outcome draft = town.edit(page.id, "<p>避難所</p><h2></h2>", town.author);
    ASSERT_TRUE(emergency_publish(*town.site, page.id, draft.version(), "大雨", town.chief));
    const auto open = list_emergencies_for(*town.site, town.chief2.person, 10);
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(rules_of(open[0].findings), std::vector<std::string>{"heading-text"});
}

}  // namespace
}  // namespace flow

#include "flow/inbound_links.h"

#include <gtest/gtest.h>

#include "flow/testing/composed_town.h"

namespace flow {
namespace {

class InboundLinksTest : public ::testing::TestWithParam<std::string> {
  protected:
    std::vector<std::string> linking(base::PageId id) {
        std::vector<std::string> paths;
        for (const auto& page : find(id).pages) paths.push_back(page.path);
        return paths;
    }
    InboundLinks find(base::PageId id) {
        return town_.read([&](sys::Reader& db) { return find_inbound_links(db, content::load_page(db, id)); });
    }
    testing::ComposedTown town_{GetParam()};
};

TEST_P(InboundLinksTest, AreFoundHoweverTheyAreWritten) {
    const auto gomi = town_.put_page("kurashi/gomi/index.html", "article", "ごみ");
    const auto page = town_.put_page("kurashi/a_b.html", "article", "題", "<p><a href=\"gomi/\">ごみ</a></p>");
    town_.put_page("kurashi/absolute.html", "article", "題", "<p><a href=\"/kurashi/gomi/#when\">ごみ</a></p>");
    town_.put_page("index.html", "home", "題", "<p><a href=\"kurashi/gomi/index.html\">ごみ</a></p>");
    town_.put_page("other.html", "article", "題", "<p>gomi <a href=\"/oshirase/gomi/\">別</a></p>");
    EXPECT_EQ(linking(gomi), (std::vector<std::string>{"index.html", "kurashi/a_b.html", "kurashi/absolute.html"}));
    EXPECT_TRUE(find(page).empty());
    town_.put_page("kurashi/axb.html", "article", "題", "<p><a href=\"axb.html\">自分</a></p>");
    EXPECT_TRUE(find(page).empty()) << "_ is a letter, not a pattern";
    town_.change_template("main", [](std::string& source) {
        source = content::write_menu(std::vector<content::MenuItem>{{"ごみ", "/kurashi/gomi/", {}}});
    });
    ASSERT_EQ(find(gomi).templates.size(), 1U);
    EXPECT_EQ(find(gomi).templates[0].name, "main");
}

INSTANTIATE_TEST_SUITE_P(Engines, InboundLinksTest, ::testing::ValuesIn(sys::testing::engines()),
                         sys::testing::engine_name);

}  // namespace
}  // namespace flow

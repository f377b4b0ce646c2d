#include "flow/change_category.h"

#include <gtest/gtest.h>

#include "flow/testing/composed_town.h"

namespace flow {
namespace {

class Categories : public ::testing::TestWithParam<std::string> {
  protected:
    std::vector<std::string> names(std::string_view parent) {
        std::vector<std::string> list;
        for (const auto& each : town_.read([&](sys::Reader& db) { return content::list_categories(db, parent); }))
            list.push_back(each.name);
        return list;
    }
    content::Category find(std::string_view name) {
        return *town_.read([&](sys::Reader& db) { return content::find_category(db, name); });
    }
    std::vector<std::string> pages_of(std::string_view name) {
        std::vector<std::string> paths;
        for (const auto& page : town_.read(
                 [&](sys::Reader& db) { return content::list_newest(db, fmt::format("category:{}", name), 10); }))
            paths.push_back(page.path);
        return paths;
    }
    testing::ComposedTown town_{GetParam()};
    Site& site_ = *town_.site;
};

using Names = std::vector<std::string>;

TEST_P(Categories, AreMadePutInOrderAndEnded) {
    for (const char* name : {"event", "life", "notice"}) add_category(site_, {name, name, "", 0, 0}, town_.admin);
    move_category(site_, "notice", find("notice").version, Direction::Up, town_.admin);
    EXPECT_EQ(names(""), (Names{"event", "notice", "life"}));
    move_category(site_, "event", find("event").version, Direction::Up, town_.admin);
    EXPECT_EQ(names(""), (Names{"event", "notice", "life"})) << "the first stays the first";
    move_category(site_, "event", find("event").version, Direction::Down, town_.admin);
    EXPECT_EQ(names(""), (Names{"notice", "event", "life"}));
    EXPECT_THROW(move_category(site_, "life", find("life").version + 1, Direction::Up, town_.admin), base::Error);
    end_category(site_, "event", find("event").version, town_.admin);
    EXPECT_EQ(names(""), (Names{"notice", "life"}));
    EXPECT_EQ(town_.acts("category:event").back(), "category.end");
    EXPECT_THROW(add_category(site_, {"mine", "mine", "", 0, 0}, town_.author), base::Error);
}

TEST_P(Categories, TakeTheirPagesAlongUnderAnotherParent) {
    for (const char* name : {"life", "old", "new"}) add_category(site_, {name, name, "", 0, 0}, town_.admin);
    content::Category moved = find("life");
    moved.parent = "old";
    change_category(site_, moved, town_.admin);
    const auto id = town_.put_page("a.html", "article", "題");
    town_.change_page(id, [](content::Body& body) { body.categories = {"life"}; });
    town_.publish();
    EXPECT_EQ(pages_of("old"), Names{"a.html"});
    moved = find("life");
    moved.parent = "new";
    moved.title = "人生のできごと";
    change_category(site_, moved, town_.admin);
    EXPECT_EQ(pages_of("old"), Names{});
    EXPECT_EQ(pages_of("new"), Names{"a.html"});
    end_category(site_, "life", find("life").version, town_.admin);
    EXPECT_EQ(pages_of("new"), Names{});
}

INSTANTIATE_TEST_SUITE_P(Engines, Categories, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

}  // namespace
}  // namespace flow

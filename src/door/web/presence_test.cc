// Who edits a page is told to everybody else who opens its form, and never keeps them from it.
#include <gtest/gtest.h>

#include "door/web/testing/visitor.h"

namespace web {
namespace {

using namespace std::chrono_literals;

class PresenceTest : public ::testing::TestWithParam<std::string> {
  protected:
    PresenceTest() : page_(office_.town.taken_over("kurashi/a.html")), path_(fmt::format("/pages/{}", page_.id.value)) {
        author_.sign_in("author");
        other_.sign_in("other");
    }
    /// What the open form asks every twenty seconds.
    testing::Visitor& beat(testing::Visitor& visitor) {
        return visitor.post_json(path_ + "/editing.json", fmt::format(R"({{"version":"{}"}})", version_));
    }
    testing::OpenOffice office_{GetParam()};
    content::Page page_;
    std::string path_, version_;
    testing::Visitor author_ = office_.visitor(), other_ = office_.visitor();
};

TEST_P(PresenceTest, TellsWhoElseEditsThePageAndSinceWhen) {
    EXPECT_FALSE(author_.get(path_ + "/edit").shows("さんが編集中"));
    office_.town.clock.advance(42min);
    other_.get(path_ + "/edit");
    EXPECT_FALSE(other_.shows("さんが編集中")) << "the lease of two minutes is over";
    version_ = other_.hidden("version");
    EXPECT_TRUE(author_.get(path_ + "/edit").shows("名前 otherさんが編集中（10:42から）"));
    EXPECT_EQ(author_.status, 200) << "it only tells";
    EXPECT_TRUE(author_.get(path_).shows("名前 otherさんが編集中（10:42から）")) << "before the form is opened, too";
    EXPECT_FALSE(other_.get(path_).shows("名前 otherさん")) << "nobody is told of themselves";
    for (int i = 0; i < 6; ++i) {
        office_.town.clock.advance(40s);
        EXPECT_EQ(beat(other_).status, 200);
    }
    EXPECT_TRUE(beat(author_).shows("名前 otherさんが編集中（10:42から）")) << author_.body;
    EXPECT_TRUE(author_.shows("\"newer\":null"));
    other_.post(path_ + "/editing.json", {{"leaving", "1"}});
    EXPECT_EQ(other_.status, 200);
    EXPECT_TRUE(beat(author_).shows("\"words\":\"\"")) << author_.body;
}

TEST_P(PresenceTest, SaysWhenSomebodyElseHasSavedMeanwhile) {
    author_.get(path_ + "/edit");
    version_ = author_.hidden("version");
    office_.town.edit(page_.id, "<p>新しい文</p>", office_.town.other_author);
    EXPECT_TRUE(beat(author_).shows("\"newer\":{\"name\":\"名前 other\"")) << author_.body;
}

INSTANTIATE_TEST_SUITE_P(Engines, PresenceTest, ::testing::ValuesIn(sys::testing::engines()),
                         sys::testing::engine_name);

}  // namespace
}  // namespace web

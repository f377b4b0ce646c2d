#include "flow/guard/unsaid.h"

#include <gtest/gtest.h>

namespace flow {

TEST(Unsaid, LosesTheOldestButNoEndAndSaysHowMany) {
    Unsaid unsaid;
    signals::Signal over{.source = "guard", .kind = "tree.changed", .subject = "/a", .state = signals::State::Clear};
    unsaid.add(over);
    for (std::size_t one = 0; one < Unsaid::kMost + 9; ++one)
        unsaid.add({.source = "guard", .kind = "tree.changed", .subject = std::to_string(one)});
    EXPECT_EQ(unsaid.take().state, signals::State::Clear);
    EXPECT_EQ(unsaid.take().subject, "10");
    const auto loss = unsaid.take_loss({});
    ASSERT_TRUE(loss);
    EXPECT_NE(loss->text.find("10件"), std::string::npos) << loss->text;
    EXPECT_FALSE(unsaid.take_loss({}));
    std::size_t left = 0;
    for (; !unsaid.is_empty(); unsaid.take()) ++left;
    EXPECT_EQ(left, Unsaid::kMost - 2);
    for (std::size_t one = 0; one <= Unsaid::kMost; ++one) unsaid.add(over);  // bounded all the same
    EXPECT_TRUE(unsaid.take_loss({}));
}

}  // namespace flow

#include "office/helpdesk/spooled.h"

#include <gtest/gtest.h>

namespace helpdesk {
namespace {

TEST(SpooledQuestion, IsReadAsItWasWritten) {
    SpooledQuestion asked;
    asked.is_urgent = true;
    asked.name = "佐藤";
    asked.address = "a@b.example";
    asked.title = "題";
    asked.text = "一行目\n二行目";
    asked.at = {1'800'000'000'000};
    const auto read = read_spooled(write_spooled(asked));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->text, asked.text);
    EXPECT_TRUE(read->is_urgent);
    EXPECT_FALSE(read->is_fault);
    EXPECT_FALSE(read_spooled("yakuba-question-1\nx\n\n\n\n\n\n\n"));
    EXPECT_FALSE(read_spooled(""));
}
}  // namespace
}  // namespace helpdesk

#include "watch/probes/handbook.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/sys/files.h"

namespace probes {

TEST(Handbook, HoldsTheTablesOfTheProgram) {
    const std::string file = YAKUBA_SOURCE_DIR "/docs/handbook/monitoring.md";
    const std::string page = sys::read_file(file);
    const std::string wanted = with_part(with_part(page, "kinds", kinds_table()), "standard", standard_table());
    if (std::getenv("UPDATE_GOLDEN") != nullptr) sys::write_file(file, wanted);
    EXPECT_EQ(sys::read_file(file), wanted) << "UPDATE_GOLDEN=1 build/bin/watch_probes_test writes it anew";
}

TEST(Handbook, ReplacesOnlyWhatStandsBetweenTheMarks) {
    EXPECT_EQ(with_part("a\n<!-- x -->\nold\n<!-- /x -->\nb\n", "x", "new\n"), "a\n<!-- x -->\nnew\n<!-- /x -->\nb\n");
    EXPECT_THROW(with_part("a", "x", "new"), base::Error);
}

}  // namespace probes

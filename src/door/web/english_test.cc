// The office in English: nothing of a template is left in Japanese, and nothing that the catalogue knows is shown
// without being asked for.
#include <gtest/gtest.h>

#include "door/web/language.h"
#include "door/web/resources.h"
#include "door/web/testing/visitor.h"

namespace web {
namespace {

TEST(English, HasTheTextsOfEveryTemplate) {
    std::string missing;
    for (const base::Resource& resource : all_resources()) {
        if (!resource.name.ends_with(".html")) continue;
        language::translate_template(resource.bytes, [&](const std::string& message) -> std::optional<std::string> {
            if (!english().find(message)) missing += fmt::format("#: {}\nmsgid \"{}\"\n", resource.name, message);
            return std::nullopt;
        });
    }
    EXPECT_EQ(missing, "");
}

TEST(English, KeepsEachPlaceForAValue) {
    for (const std::string& mistake : english().list_mistakes()) ADD_FAILURE() << mistake;
}

}  // namespace
}  // namespace web

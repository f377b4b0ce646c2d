#include <algorithm>

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/settings/settings.h"

namespace settings {
namespace {

constexpr std::string_view kFile =
    "# our city\n"
    "[site]\n"
    "name   =   \"架空市\"   # as on the seal\n"
    "\n"
    "[office]   # screens\n"
    "# where they listen\n"
    "# address = \"127.0.0.1:8080\"\n"
    "town_hall_networks = [\n"
    "  \"10.1.0.0/16\", # main building\n"
    "]\n"
    "\n"
    "# below: the public side\n"
    "[public]\n"
    "headers = { \"A\" = \"1\" }\n";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}
const std::string file(kFile);

TEST(EditSettings, ChangesOneValueAndKeepsEveryOtherByte) {
    EXPECT_EQ(edited(kFile, "site.name", "新市"), replaced(file, "\"架空市\"", "\"新市\""));
    EXPECT_EQ(edited(kFile, "office.town_hall_networks", TextList{"10.2.0.0/16"}),
              replaced(file, "[\n  \"10.1.0.0/16\", # main building\n]", "[\"10.2.0.0/16\"]"));
    EXPECT_EQ(edited(kFile, "public.headers", TextMap{{"B", "2"}}),
              replaced(file, "{ \"A\" = \"1\" }", "{ \"B\" = \"2\" }"));
}

TEST(EditSettings, TakesThePlaceOfTheCommentedDefault) {
    EXPECT_EQ(edited(kFile, "office.address", "127.0.0.1:9000"),
              replaced(file, "# address = \"127.0.0.1:8080\"", "address = \"127.0.0.1:9000\""));
}

TEST(EditSettings, AddsWhatIsMissingAfterTheSectionsLastValue) {
    EXPECT_EQ(edited(kFile, "office.threads", Integer{4}), replaced(file, "]\n\n# below", "]\nthreads = 4\n\n# below"));
    EXPECT_EQ(edited(kFile, "public.cache_mb", Integer{64}), file + "cache_mb = 64\n");
    EXPECT_EQ(edited(kFile, "publish.readback", false), file + "\n[publish]\nreadback = false\n");
    EXPECT_EQ(edited("", "publish.readback", false), "\n[publish]\nreadback = false\n");
    EXPECT_EQ(edited("[site]", "site.language", "en"), "[site]\nlanguage = \"en\"\n");
    EXPECT_EQ(edited("[site]\r\n# language = \"ja\"\r\n[office]\r\n", "site.language", "en"),
              "[site]\r\nlanguage = \"en\"\r\n[office]\r\n");
    EXPECT_EQ(edited("[site]\r\n\r\n[office]\r\n", "site.language", "en"),
              "[site]\r\nlanguage = \"en\"\r\n\r\n[office]\r\n");
}

TEST(EditSettings, WorksOnEverySettingOfTheFirstFile) {
    std::string text = initial_file({});
    text = edited(text, "site.name", "改行なし\"引用\"\\市");
    text = edited(text, "workflow.approval_steps", Integer{3});
    text = edited(text, "workflow.allow_emergency", false);
    text = edited(text, "calendar.extra_closed", TextList{"2026-11-30"});
    text = edited(text, "public.headers", TextMap{});
    text = edited(text, "workflow.approval_steps", Integer{2});
    const Settings settings = parse(text);
    EXPECT_EQ(settings.site.name, "改行なし\"引用\"\\市");
    EXPECT_EQ(settings.workflow.approval_steps, 2);
    EXPECT_FALSE(settings.workflow.allow_emergency);
    EXPECT_EQ(settings.calendar.extra_closed, TextList{"2026-11-30"});
    EXPECT_TRUE(settings.public_site.headers.empty());
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), [] {
        const std::string first = initial_file({});
        return std::count(first.begin(), first.end(), '\n');
    }());
}

TEST(EditSettings, RefusesWhatItCannotDoAlone) {
    const auto refused = [](std::string_view toml, std::string_view key, const Value& value) {
        try {
            edited(toml, key, value);
        } catch (const base::Error& e) {
            return e.message();
        }
        return std::string("accepted");
    };
    EXPECT_NE(refused(kFile, "site.nam", "x").find("no setting"), std::string::npos);
    EXPECT_NE(refused(kFile, "office.threads", "4").find("must be a number"), std::string::npos);
    EXPECT_NE(refused(kFile, "office.threads", Integer{0}).find("must be 1 to 256"), std::string::npos);
    EXPECT_NE(refused(kFile, "others", TextList{}).find("list of tables"), std::string::npos);
    EXPECT_NE(refused(kFile, "others[].path", "/a/").find("list of tables"), std::string::npos);
    EXPECT_NE(refused("[site\n", "site.name", "x").find("not TOML"), std::string::npos);
    EXPECT_NE(refused("site = { name = \"x\" }\n", "site.language", "en").find("by itself"), std::string::npos);
    EXPECT_NE(refused("[public.headers]\nA = \"1\"\n", "public.headers", TextMap{}).find("by itself"),
              std::string::npos);
    EXPECT_NE(refused("[public.headers]\nA = \"1\"\n", "public.cache_mb", Integer{1}).find("by itself"),
              std::string::npos);
    EXPECT_EQ(edited("site = { name = \"x\" }\n", "site.name", "y"), "site = { name = \"y\" }\n");
}

}  // namespace
}  // namespace settings

#include "flow/guard/inspect.h"

#include <gtest/gtest.h>

#include "ground/sys/files.h"

namespace flow {
namespace {

TEST(InspectTouched, TellsWhatAnotherWriterPutIntoItsArea) {
    sys::TemporaryFolder site;
    const Area area{"/gikai/", site.path() / "others/gikai"};
    std::filesystem::create_directories(area.folder / "a");
    sys::write_file(site.path() / "yakuba.toml", "[guard]\nknown_hosts = [\"video.example.net\"]\n");
    sys::write_file(area.folder / "a/live.html",
                    "<!DOCTYPE html><title>中継</title><iframe src=https://video.example.net/1></iframe>");
    sys::write_file(area.folder / "bad.html",
                    "<!DOCTYPE html><title>会議録</title><iframe src=https://bad.example.org/1 hidden></iframe>");
    std::filesystem::create_symlink("bad.html", area.folder / "link.html");
    const auto told =
        inspect_touched(site.path(), area, {"a/", "a/live.html", "bad.html", "gone.html", "link.html"}, {0});
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].kind, "content.threat");
    EXPECT_EQ(told[0].rule, "hidden-frame");
    EXPECT_EQ(told[0].subject, "gikai/bad.html");
}

}  // namespace
}  // namespace flow

#include "press/content/theme_files.h"

#include <gtest/gtest.h>

#include "ground/sys/crypto.h"
#include "press/content/file_kinds.h"

namespace content {
namespace {

TEST(ThemeFiles, NameTheirBytesAndAreFoundInASource) {
    const base::Hash one = sys::sha256("one"), two = sys::sha256("two");
    const std::string banner = theme_file_path(one, "kosodate.png"), logo = theme_file_path(two, "logo-2.webp");
    const auto files = list_theme_files("{# fields [{\"image\":\"/" + logo + "\"}] #}<img src=\"/" + banner +
                                        "\"><img src='/" + banner + "'>theme/files/short");
    ASSERT_EQ(files.size(), 2U);
    EXPECT_EQ(*find_theme_file(banner), (ThemeFile{banner, one, "image/png"}));
    EXPECT_NE(std::find(files.begin(), files.end(), ThemeFile{logo, two, "image/webp"}), files.end());
}

TEST(ThemeFiles, AreNothingElse) {
    const std::string hex = sys::sha256("x").hex();
    for (const std::string& path : std::vector<std::string>{
             "theme/files/" + hex, "theme/files/" + hex + "/", "theme/files/" + hex + "/.png", "theme/site.css",
             "theme/files/" + hex + "/a.html", "theme/files/" + hex + "/a/b.png", "theme/files/" + hex + "/..%2fa.png",
             "theme/files/" + hex.substr(1) + "/aa.png", "/theme/files/" + hex + "/a.png",
             "theme/files/" + hex + "/" + std::string(80, 'a') + ".png",
             "theme/files/" + std::string(64, 'g') + "/a.png"})
        EXPECT_FALSE(find_theme_file(path)) << path;
}

TEST(FileKinds, AreKnownByTheirBytesAndNamedForThePublicTree) {
    const FileKind* png = find_file_kind("\x89PNG\r\n\x1a\n....");
    ASSERT_NE(png, nullptr);
    EXPECT_TRUE(png->is_picture());
    EXPECT_EQ(public_file_name("Ｂ地図 2.PNG", *png), "2.png");
    EXPECT_EQ(public_file_name("地図.png", *png, "gomi-calendar"), "gomi-calendar.png");
    EXPECT_EQ(public_file_name("地図.html", *png), "file.png") << "the bytes decide";
    EXPECT_LE(public_file_name(std::string(300, 'a'), *png).size(), 70U);
    EXPECT_FALSE(find_file_kind("%PDF-1.7")->is_picture());
    EXPECT_EQ(find_file_kind("<svg onload='x'>"), nullptr);
    EXPECT_EQ(find_file_kind("RIFF"), nullptr);
    EXPECT_EQ(find_file_kind(""), nullptr);
}

}  // namespace
}  // namespace content

#include "press/intake/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/sys/files.h"

namespace intake {

namespace {

namespace fs = std::filesystem;

struct Member {
    std::string name;
    std::string bytes;
    unsigned type = AE_IFREG;
    std::string link = {}, second_name_of = {};
};

void write_archive(const fs::path& file, const std::vector<Member>& members) {
    archive* writer = archive_write_new();
    if (file.extension() == ".zip") {
        archive_write_set_format_zip(writer);
    } else {
        archive_write_set_format_gnutar(writer);
        archive_write_add_filter_gzip(writer);
    }
    ASSERT_EQ(archive_write_open_filename(writer, file.c_str()), ARCHIVE_OK);
    for (const Member& member : members) {
        archive_entry* entry = archive_entry_new();
        archive_entry_set_pathname(entry, member.name.c_str());
        archive_entry_set_filetype(entry, member.type);
        archive_entry_set_perm(entry, member.type == AE_IFDIR ? 0755 : 0644);
        archive_entry_set_mtime(entry, 1'700'000'000, 0);
        archive_entry_set_size(entry, static_cast<la_int64_t>(member.bytes.size()));
        if (!member.link.empty()) archive_entry_set_symlink(entry, member.link.c_str());
        if (!member.second_name_of.empty()) archive_entry_set_hardlink(entry, member.second_name_of.c_str());
        ASSERT_EQ(archive_write_header(writer, entry), ARCHIVE_OK) << archive_error_string(writer);
        archive_write_data(writer, member.bytes.data(), member.bytes.size());
        archive_entry_free(entry);
    }
    archive_write_free(writer);
}

class Unpack : public ::testing::TestWithParam<std::string> {
  protected:
    std::vector<Skipped> run(const std::vector<Member>& members, const UnpackBounds& bounds = {}) {
        const fs::path file = work_.path() / ("site" + GetParam());
        write_archive(file, members);
        fs::create_directory(target());
        return unpack(file, target(), bounds, {});
    }
    fs::path target() const { return work_.path() / "out"; }

  private:
    sys::TemporaryFolder work_;
};

TEST_P(Unpack, KeepsBytesNamesAndTimes) {
    const std::string bytes("a\0b\r\n", 5);
    EXPECT_TRUE(run({{"kurashi/", "", AE_IFDIR}, {"kurashi/gomi.html", bytes}, {"\x83\x74.txt", "sjis name"}}).empty());
    EXPECT_EQ(sys::read_file(target() / "kurashi/gomi.html"), bytes);
    EXPECT_EQ(sys::read_file(target() / "\x83\x74.txt"), "sjis name");
    const Survey survey = survey_folder(target(), {});
    ASSERT_EQ(survey.items.size(), 2U);
    EXPECT_EQ(survey.items[0].changed_at, 1'700'000'000'000'000'000);
}

TEST_P(Unpack, NeverWritesOutsideItsFolder) {
    const auto skipped =
        run({{"../escaped.html", "x"}, {"/absolute.html", "x"}, {"a/../../b.html", "x"}, {"good.html", "x"}});
    EXPECT_EQ(skipped.size(), 3U);
    EXPECT_TRUE(fs::exists(target() / "good.html"));
    EXPECT_FALSE(fs::exists(target().parent_path() / "escaped.html"));
    EXPECT_FALSE(fs::exists(target().parent_path() / "b.html"));
    EXPECT_FALSE(fs::exists("/absolute.html"));
}

TEST_P(Unpack, TakesLinksWithinAsAFolderDoes) {
    const auto skipped = run({{"alias.html", "", AE_IFLNK, "real/a.html"},
                              {"real/a.html", "x"},
                              {"folder", "", AE_IFLNK, "real"},
                              {"out", "", AE_IFLNK, "../../etc/passwd"},
                              {"absolute", "", AE_IFLNK, "/etc/passwd"}});
    EXPECT_TRUE(skipped.empty());
    const Survey survey = survey_folder(target(), {});
    std::vector<std::string> paths;
    for (const Item& item : survey.items) {
        paths.push_back(item.path);
        EXPECT_EQ(sys::read_file(item.file), "x");
    }
    EXPECT_EQ(paths, (std::vector<std::string>{"alias.html", "folder/a.html", "real/a.html"}));
    ASSERT_EQ(survey.skipped.size(), 2U);
    for (const Skipped& one : survey.skipped) EXPECT_TRUE(one.reason.starts_with("a link ")) << one.path;
}

TEST_P(Unpack, WritesNothingThroughALink) {
    const sys::TemporaryFolder outside;
    const std::string to = outside.path().string();
    const auto skipped = run({{"evil", "", AE_IFLNK, to},
                              {"evil/file", "x"},
                              {"other", "", AE_IFLNK, to},
                              {"other/link", "", AE_IFLNK, "anywhere"},
                              {"twice", "", AE_IFLNK, to},
                              {"twice", "", AE_IFLNK, "evil"}});
    ASSERT_EQ(skipped.size(), 3U) << "folders stand where two of the links would, and a name comes twice";
    EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(target() / "evil/file")));
    EXPECT_TRUE(fs::is_directory(fs::symlink_status(target() / "other")));
    EXPECT_TRUE(fs::is_empty(outside.path()));
}

TEST_P(Unpack, RefusesABomb) {
    EXPECT_THROW(run({{"zeros", std::string(80 << 20, '\0')}}), base::Error);
}

TEST_P(Unpack, HoldsItsBounds) {
    UnpackBounds bounds;
    bounds.files.files = 2;
    EXPECT_THROW(run({{"a", "1"}, {"b", "2"}, {"c", "3"}}, bounds), base::Error);
}

TEST_P(Unpack, BoundsFoldersToo) {
    UnpackBounds bounds;
    bounds.files.files = 2;
    EXPECT_THROW(run({{"a/", "", AE_IFDIR}, {"b/", "", AE_IFDIR}, {"c/", "", AE_IFDIR}}, bounds), base::Error);
    fs::remove_all(target());
    bounds.files.depth = 2;
    const auto skipped = run({{"a/b/c/", "", AE_IFDIR}, {"a/b/c.html", "x"}, {"a/b.html", "x"}}, bounds);
    EXPECT_EQ(skipped.size(), 2U);
    EXPECT_TRUE(fs::exists(target() / "a/b.html"));
    EXPECT_FALSE(fs::exists(target() / "a/b"));
}

TEST_P(Unpack, RefusesADamagedArchive) {
    const sys::TemporaryFolder work;
    const fs::path file = work.path() / ("site" + GetParam());
    write_archive(file, {{"a.html", std::string(100'000, 'q') + "end"}});
    const std::string bytes = sys::read_file(file);
    sys::write_file(file, bytes.substr(0, bytes.size() / 2));
    fs::create_directory(work.path() / "out");
    EXPECT_THROW(unpack(file, work.path() / "out", {}, {}), base::Error);
    sys::write_file(file, "no archive at all");
    EXPECT_THROW(unpack(file, work.path() / "out", {}, {}), base::Error);
}

/// As Windows and macOS pack it: one empty file, whose name says of itself that it is UTF-8 (bit 11 of the flags).
std::string zip_with_utf8_name(const std::string& name) {
    const auto little = [](std::size_t value, int bytes) {
        std::string text;
        for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xff);
        return text;
    };
    const std::string common =
        little(20, 2) + little(0x800, 2) + little(0, 2) + little(0, 4) + std::string(12, '\0') + little(name.size(), 2);
    const std::string local = "PK\x03\x04" + common + little(0, 2) + name;
    const std::string central = "PK\x01\x02" + little(20, 2) + common + std::string(16, '\0') + name;
    return local + central + "PK\x05\x06" + little(0, 4) + little(1, 2) + little(1, 2) + little(central.size(), 4) +
           little(local.size(), 4) + little(0, 2);
}

TEST(UnpackTar, ASecondNameOfAFileIsThatFile) {
    const sys::TemporaryFolder work;
    const fs::path target = work.path() / "out", file = work.path() / "site.tar.gz";
    fs::create_directory(target);
    write_archive(file, {{"./a.html", "x"},
                         {"sub/b.html", "", AE_IFREG, "", "./a.html"},
                         {"c.html", "", AE_IFREG, "", "later.html"},
                         {"d.html", "", AE_IFREG, "", "../../etc/passwd"},
                         {"later.html", "y"}});
    const auto skipped = unpack(file, target, {}, {});
    EXPECT_EQ(sys::read_file(target / "sub/b.html"), "x");
    ASSERT_EQ(skipped.size(), 2U);
    EXPECT_EQ(skipped[0].path, "c.html");
    EXPECT_EQ(skipped[1].path, "d.html");
    EXPECT_EQ(survey_folder(target, {}).items.size(), 3U);
}

TEST(UnpackNames, FlaggedAsUtf8KeepTheirBytes) {
    const sys::TemporaryFolder work;
    const fs::path target = work.path() / "out", file = work.path() / "site.zip";
    fs::create_directory(target);
    sys::write_file(file, zip_with_utf8_name("くらし/ごみ　一覧.html"));
    EXPECT_TRUE(unpack(file, target, {}, {}).empty());
    EXPECT_TRUE(fs::exists(target / "くらし/ごみ　一覧.html"));
}

INSTANTIATE_TEST_SUITE_P(Kinds, Unpack, ::testing::Values(".zip", ".tar.gz"),
                         [](const auto& made) { return std::string(made.param == ".zip" ? "zip" : "tar"); });

}  // namespace

}  // namespace intake

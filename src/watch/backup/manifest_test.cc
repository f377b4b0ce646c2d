#include "watch/backup/manifest.h"

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/sys/crypto.h"

namespace backup {
namespace {

Manifest sample() {
    Manifest made;
    made.program = "1.2.3";
    made.site = "site-12";
    made.site_name = "サンプル市";
    made.site_path = "/srv/city";
    made.taken_at = {1'790'000'000'123};
    made.kind = Kind::System;
    made.engine = "sqlite";
    made.database = "yakuba.db";
    made.release = 12;
    made.release_hash = sys::sha256("release");
    made.tables = {{"yakuba", "page", 10, sys::sha256("rows")}};
    made.objects = {3, 4000};
    made.others = {2, 20};
    made.missing_objects = {sys::sha256("gone").hex()};
    made.areas = {"/srv/gikai"};
    made.also = {"/etc/nginx"};
    made.packages = {"nginx 1.22.1"};
    made.files = {{"yakuba.db", 4096, sys::sha256("file")}};
    made.last_edit = LastEdit{{1'789'999'999'000}, "佐藤", "kurashi/gomi.html", "ごみの出し方"};
    made.office = {7, sys::sha256("office")};
    made.watch = {9, sys::sha256("watch")};
    return made;
}

TEST(Manifest, ReadsBackWhatItWrote) {
    const Manifest made = sample();
    const Manifest read = parse_manifest(write_manifest(made));
    EXPECT_EQ(write_manifest(read), write_manifest(made));
    EXPECT_EQ(read.last_edit, made.last_edit);
    EXPECT_EQ(read.tables, made.tables);
    EXPECT_EQ(read.files, made.files);
    EXPECT_EQ(read.taken_at, made.taken_at);
}

TEST(Manifest, IsRefusedWhenAnyMemberIsMissingOrOfAnotherVersion) {
    const std::string whole = write_manifest(sample());
    for (std::size_t length = 0; length + 1 < whole.size(); length += 17)
        EXPECT_THROW(parse_manifest(std::string_view(whole).substr(0, length)), base::Error);
    std::string later = whole;
    later.replace(later.find("\"version\":1"), 11, "\"version\":2");
    EXPECT_THROW(parse_manifest(later), base::Error);
    std::string without = whole;
    without.replace(without.find("\"release\""), 9, "\"relapse\"");
    EXPECT_THROW(parse_manifest(without), base::Error);
}

}  // namespace
}  // namespace backup

#include "ground/http/shelf.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace http {
namespace {

std::string read(const FileBody& body) {
    std::string bytes(static_cast<std::size_t>(body.length), '\0');
    EXPECT_EQ(::pread(body.file->get(), bytes.data(), bytes.size(), static_cast<off_t>(body.offset)),
              static_cast<ssize_t>(bytes.size()));
    return bytes;
}

/// Bytes of memory that a shelf holds, seen through one of its bodies.
std::int64_t held(const FileBody& body) {
    struct stat about {};
    EXPECT_EQ(::fstat(body.file->get(), &about), 0);
    return std::int64_t{about.st_blocks} * 512;
}

TEST(Shelf, KeepsBodiesApart) {
    Shelf shelf;
    const FileBody one = shelf.put(std::string(20'000, 'a')), other = shelf.put(std::string(5'000, 'b'));
    ASSERT_TRUE(one.file && other.file);
    EXPECT_EQ(read(one), std::string(20'000, 'a'));
    EXPECT_EQ(read(other), std::string(5'000, 'b'));
}

TEST(Shelf, LeavesSmallBodiesToTheirReplies) {
    EXPECT_FALSE(Shelf().put("small").file);
}

TEST(Shelf, GivesMemoryBackWithTheLastCopyAndOutlivesItself) {
    auto shelf = std::make_unique<Shelf>();
    const FileBody stays = shelf->put(std::string(8192, 's'));
    FileBody goes = shelf->put(std::string(1 << 20, 'g'));
    FileBody under_way = goes;
    goes = {};
    EXPECT_GE(held(stays), (1 << 20) + 8192);
    EXPECT_EQ(read(under_way), std::string(1 << 20, 'g'));
    under_way = {};
    EXPECT_LE(held(stays), 3 * 8192);
    shelf.reset();
    EXPECT_EQ(read(stays), std::string(8192, 's'));
}

}  // namespace
}  // namespace http

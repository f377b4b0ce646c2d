#include "ground/base/media_type.h"

#include <gtest/gtest.h>

namespace base {

TEST(MediaType, IsReadFromTheLastEndingWhateverItsCase) {
    EXPECT_EQ(media_type("kurashi/index.html"), "text/html");
    EXPECT_EQ(media_type("SHINSEI.PDF"), "application/pdf");
    EXPECT_EQ(media_type("backup.tar.gz"), "application/gzip");
    EXPECT_EQ(media_type("よくある質問.HTM"), "text/html");
    EXPECT_EQ(media_type("map.2026.svg"), "image/svg+xml");
}

TEST(MediaType, IsPlainBytesWithoutAKnownEnding) {
    for (const std::string_view path :
         {"", "README", "data.unknown", "v1.html/README", "trailing.", ".", "html", "a.html/"})
        EXPECT_EQ(media_type(path), "application/octet-stream") << path;
}

TEST(MediaType, KnowsPages) {
    for (const std::string_view path : {"a.html", "a.htm", "a.shtml", "a.xhtml", "A.HTML"})
        EXPECT_TRUE(is_page_path(path)) << path;
    for (const std::string_view path : {"a.css", "html", "a.html.bak", "a.xml", "a.txt"})
        EXPECT_FALSE(is_page_path(path)) << path;
}

TEST(MediaType, EveryTextKindTakesACharsetAndNoImageOrArchiveDoes) {
    for (const std::string_view path :
         {"a.html", "a.css", "a.js", "a.json", "a.xml", "a.rss", "a.rdf", "a.txt", "a.csv", "a.svg", "a.ics", "a.kml"})
        EXPECT_TRUE(is_text_type(media_type(path))) << path;
    for (const std::string_view path : {"a.png", "a.pdf", "a.zip", "a.docx", "a.woff2", "a.mp4", "a"})
        EXPECT_FALSE(is_text_type(media_type(path))) << path;
}

}  // namespace base

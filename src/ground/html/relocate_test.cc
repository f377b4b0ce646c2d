#include "ground/html/relocate.h"

#include <gtest/gtest.h>

namespace html {

namespace {

TEST(RelocateAddress, LeadsWhereItLed) {
    struct Case {
        const char *address, *from, *to, *expected;
    };
    for (const Case& one :
         std::initializer_list<Case>{{"b.html", "kurashi/", "kurashi/gomi/", "../b.html"},
                                     {"b.html", "kurashi/", "", "kurashi/b.html"},
                                     {"b.html", "kurashi/", "shisei/", "../kurashi/b.html"},
                                     {"../css/site.css", "kurashi/", "kurashi/gomi/", "../../css/site.css"},
                                     {"../css/site.css", "kurashi/", "", "css/site.css"},
                                     {"../kurashi/b.html", "kurashi/", "shisei/", "../kurashi/b.html"},
                                     {"gomi/b.html?x=1#top", "kurashi/", "kurashi/gomi/", "b.html?x=1#top"},
                                     {"./", "kurashi/", "kurashi/gomi/", "../"},
                                     {"..", "kurashi/", "", "./"},
                                     {"gomi/", "kurashi/", "kurashi/gomi/", "./"},
                                     {"../../../b.html", "kurashi/", "shisei/x/", "../../b.html"},
                                     {"..\\img\\a.gif", "kurashi/", "", "img/a.gif"},
                                     {"%E3%81%94%E3%81%BF/a.html", "", "ごみ/", "a.html"},
                                     {"./a:b.html", "kurashi/", "kurashi/gomi/", "../a:b.html"},
                                     {"gomi/a:b.html", "kurashi/", "kurashi/gomi/", "./a:b.html"},
                                     {"b.html", "kurashi/", "kurashi/", "b.html"},
                                     {"/b.html", "kurashi/", "", "/b.html"},
                                     {"//host/b.html", "kurashi/", "", "//host/b.html"},
                                     {"https://example.jp/", "kurashi/", "", "https://example.jp/"},
                                     {"mailto:a@example.jp", "kurashi/", "", "mailto:a@example.jp"},
                                     {"javascript:void(0)", "kurashi/", "", "javascript:void(0)"},
                                     {"#top", "kurashi/", "", "#top"},
                                     {"?x", "kurashi/", "", "?x"},
                                     {"", "kurashi/", "", ""}}) {
        SCOPED_TRACE(one.address);
        EXPECT_EQ(relocate_address(one.address, one.from, one.to), one.expected);
    }
}

Rewritten relocate(std::string_view bytes, Encoding encoding, std::string_view from, std::string_view to) {
    return rewrite_addresses(bytes, Document::parse(bytes, encoding),
                             [&](std::string_view address) { return relocate_address(address, from, to); });
}

TEST(RewriteAddresses, ChangesEveryKindOfRelativeAddressAndNoOtherByte) {
    const std::string page =
        "<HTML><head><link rel=stylesheet href=../a.css><style>@import 'b.css'; body{background:url( \"img/c.gif\" )} "
        "/* url(no.gif) */</style><meta http-equiv=refresh content='5; url=d.html'></head>\r\n<BODY "
        "background='img/e.gif'><p style=\"background:url(img/f.gif)\" title=img/g.gif><img src=h.png srcset='h2.png "
        "2x, "
        "/h3.png 3x'><a href='i.cgi?x=1&y=2&amp;z'>い</a><a href=\"#j\">j</a><form action=k.cgi></form>"
        "<script>var s='img/l.gif'</script></BODY>";
    std::string expected = page;
    for (const auto& [before, after] :
         std::initializer_list<std::pair<const char*, const char*>>{{"../a.css", "../../a.css"},
                                                                    {"b.css", "../b.css"},
                                                                    {"img/c.gif", "../img/c.gif"},
                                                                    {"d.html", "../d.html"},
                                                                    {"img/e.gif", "../img/e.gif"},
                                                                    {"img/f.gif", "../img/f.gif"},
                                                                    {"h.png", "../h.png"},
                                                                    {"h2.png", "../h2.png"},
                                                                    {"i.cgi?x=1&y", "../i.cgi?x=1&amp;y"},
                                                                    {"k.cgi", "../k.cgi"}})
        expected.replace(expected.find(before), std::string_view(before).size(), after);
    const Rewritten made = relocate(page, Encoding::Utf8, "kurashi/", "kurashi/gomi/");
    EXPECT_EQ(made.bytes, expected);
    for (const char* mark : {"<HTML>", "title=", "<script>", "</BODY>"})
        EXPECT_EQ(made.moved(page.find(mark)), expected.find(mark)) << mark;
    EXPECT_EQ(relocate(made.bytes, Encoding::Utf8, "kurashi/gomi/", "kurashi/gomi/").bytes, made.bytes);
}

TEST(RewriteAddresses, WorksInTheEncodingOfThePage) {
    for (const Encoding encoding : {Encoding::ShiftJis, Encoding::EucJp, Encoding::Iso2022Jp}) {
        const std::string page = encode(
            "<title>表示能</title><a href=\"資料/表.html\">表</a><style>p{background:url(表.gif)}</style>", encoding);
        EXPECT_EQ(decode(relocate(page, encoding, "kurashi/", "").bytes, encoding).utf8,
                  "<title>表示能</title><a href=\"kurashi/資料/表.html\">表</a><style>p{background:url(kurashi/表.gif)}"
                  "</style>")
            << encoding_name(encoding);
    }
}

TEST(RewriteAddresses, ChangesOnlyTheBaseWhereThereIsOne) {
    const std::string page = "<base href=\"../\"><a href=\"b.html\">b</a>";
    EXPECT_EQ(relocate(page, Encoding::Utf8, "kurashi/gomi/", "").bytes,
              "<base href=\"kurashi/\"><a href=\"b.html\">b</a>");
    const std::string absolute = "<base href=\"/kurashi/\"><a href=\"b.html\">b</a>";
    EXPECT_EQ(relocate(absolute, Encoding::Utf8, "kurashi/gomi/", "").bytes, absolute);
}

}  // namespace

}  // namespace html

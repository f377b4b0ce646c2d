#include "ground/html/skeleton.h"

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/html/select.h"

namespace html {
namespace {

constexpr std::string_view kKept[] = {"id", "class", "role"};

TEST(Skeleton, KeepsEveryNodeInItsPlaceAndNoWords) {
    const std::string pages[] = {
        "<!doctype html><title>t</title><body class=a><!-- c --><div id=main class='b c' "
        "lang=ja><p>words<b>x</b></div>",
        "<table>moved<tr><td>1</table><svg viewBox='0 0 1 1'><foreignObject><p>x</foreignObject></svg>",
        "<frameset><frame src=a.html></frameset>", ""};
    for (const std::string& bytes : pages) {
        SCOPED_TRACE(bytes);
        const Document page = Document::parse(bytes, Encoding::Utf8);
        const std::string packed = pack_skeleton(page, kKept);
        EXPECT_EQ(packed.find("words"), std::string::npos);
        const Document again = unpack_skeleton(packed);
        ASSERT_EQ(again.size(), page.size());
        for (NodeId id = 0; id < page.size(); ++id) {
            const Node &a = page[id], &b = again[id];
            EXPECT_EQ(
                std::tie(a.type, a.space, a.is_moved, a.parent, a.first_child, a.last_child, a.previous, a.next, a.tag),
                std::tie(b.type, b.space, b.is_moved, b.parent, b.first_child, b.last_child, b.previous, b.next,
                         b.tag));
            for (const std::string_view name : kKept) EXPECT_EQ(page.attribute(id, name), again.attribute(id, name));
            EXPECT_EQ(again.attribute(id, "lang"), "");
        }
        EXPECT_EQ(again.body(), page.body());
        const Selector selector("body.a > div#main.c p > b");
        EXPECT_EQ(selector.first(again), selector.first(page));
    }
}

TEST(Skeleton, OfBytesThatAreNoneIsRefused) {
    const std::string packed = pack_skeleton(Document::parse("<p id=a class=b>x<i>y</i>", Encoding::Utf8), kKept);
    for (std::size_t length = 0; length < packed.size(); ++length)
        EXPECT_THROW(unpack_skeleton(packed.substr(0, length)), base::Error) << length;
    for (std::size_t at = 0; at < packed.size(); ++at) {
        std::string changed = packed;
        changed[at] = static_cast<char>(0xFF);
        try {
            EXPECT_LE(unpack_skeleton(changed).size(), packed.size());
        } catch (const base::Error& error) {
            EXPECT_EQ(error.kind(), base::Kind::Damaged);
        }
    }
}

}  // namespace
}  // namespace html

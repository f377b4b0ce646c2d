// Real sites from Debian packages, where they are installed: what must hold for every page of any site.
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "ground/html/document.h"
#include "ground/html/serialise.h"
#include "ground/html/splice.h"

namespace html {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> list_pages() {
    std::vector<fs::path> pages;
    for (const char* const root : {"/usr/share/doc/libjlha-java-doc-ja", "/usr/share/doc/debian-handbook/html/ja-JP",
                                   "/usr/share/doc/installation-guide-amd64/ja"}) {
        if (!fs::exists(root)) continue;
        for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root)) {
            if (entry.is_regular_file() && entry.path().extension() == ".html") pages.push_back(entry.path());
        }
    }
    return pages;
}

std::string read(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

template <class Try>
void for_each_page(Try attempt) {
    const std::vector<fs::path> pages = list_pages();
    if (pages.empty()) GTEST_SKIP() << "install libjlha-java-doc-ja, debian-handbook or installation-guide-amd64";
    for (const fs::path& path : pages) {
        SCOPED_TRACE(path.string());
        const std::string bytes = read(path);
        attempt(bytes, detect_encoding(bytes).encoding);
        if (::testing::Test::HasFailure()) return;
    }
}

TEST(RealSites, DecodeWithoutAFault) {
    for_each_page([](const std::string& bytes, Encoding encoding) {
        EXPECT_EQ(decode(bytes, encoding).replaced, 0U) << encoding_name(encoding);
    });
}

TEST(RealSites, TokensAndTreeFindTheSameLinks) {
    for_each_page([](const std::string& bytes, Encoding encoding) {
        const Document document = Document::parse(bytes, encoding);
        const std::vector<Link> in_tree = list_links(document);
        const Summary summary = summarise(bytes, encoding);
        ASSERT_EQ(in_tree.size(), summary.links.size());
        for (std::size_t i = 0; i < in_tree.size(); ++i) {
            EXPECT_EQ(in_tree[i].url, summary.links[i].url);
            EXPECT_EQ(in_tree[i].value, summary.links[i].value);
            EXPECT_EQ(in_tree[i].tag, summary.links[i].tag);
        }
        if (const NodeId title = document.find_first("title"); title != kNoNode) {
            EXPECT_EQ(summary.title, document.plain_text_of(title));
        }
        const std::vector<NodeId> headings = document.find_all("h1");
        ASSERT_EQ(headings.size(), summary.h1.size());
        for (std::size_t i = 0; i < headings.size(); ++i) EXPECT_EQ(summary.h1[i], document.plain_text_of(headings[i]));
    });
}

TEST(RealSites, SpansNestAndSpellTheirTags) {
    for_each_page([](const std::string& bytes, Encoding encoding) {
        const Document document = Document::parse(bytes, encoding);
        for (NodeId id = 1; id < document.size(); ++id) {
            const Node& node = document[id];
            ASSERT_TRUE(node.span.contains(node.inner) && node.span.end <= bytes.size());
            if (node.type == NodeType::Element && !node.is_implied) {
                ASSERT_EQ(bytes[node.span.begin], '<');
                ASSERT_EQ(bytes[node.inner.begin - 1], '>');
                ASSERT_TRUE(!node.has_end_tag || bytes.substr(node.inner.end, 2) == "</");
            }
            const Node& parent = document[node.parent];
            ASSERT_TRUE(node.is_moved || parent.is_implied || parent.inner.contains(node.span)) << node.tag;
        }
    });
}

TEST(RealSites, SavingTheBodyUnchangedGivesTheSameFile) {
    std::size_t editable = 0;
    for_each_page([&](const std::string& bytes, Encoding encoding) {
        const Document document = Document::parse(bytes, encoding);
        for (const NodeId id :
             {document.body(), document.find_first("table"), document.find_first("ul"), document.find_first("div")}) {
            if (id == kNoNode) continue;
            const Region region = region_of(document, id);
            const std::string html = region_html(bytes, encoding, region);
            ASSERT_EQ(splice(bytes, encoding, {{region, html}}), bytes);
            if (check_region(document, bytes, region)) continue;
            ++editable;
            const std::string as_a_browser_writes_it = serialise(Document::parse_fragment(html, region.context));
            ASSERT_EQ(splice(bytes, encoding, {{region, as_a_browser_writes_it}}), bytes);
        }
    });
    EXPECT_GE(editable, list_pages().size()) << "most regions of real pages can be edited";
}

TEST(RealSites, AWordChangedChangesLittleElse) {
    for_each_page([](const std::string& bytes, Encoding encoding) {
        const Document document = Document::parse(bytes, encoding);
        const NodeId paragraph = document.find_first("p");
        if (paragraph == kNoNode || document.body() == kNoNode) return;
        const Region region = region_of(document, document.body());
        if (check_region(document, bytes, region)) return;
        std::string html = serialise(Document::parse_fragment(region_html(bytes, encoding, region), "body"));
        const std::size_t at = html.find("<p");
        const std::size_t close = html.find('>', at);
        if (at == std::string::npos) return;
        html.insert(close + 1, "X");
        const std::string edited = splice(bytes, encoding, {{region, html}});
        const auto first = std::mismatch(bytes.begin(), bytes.end(), edited.begin(), edited.end());
        const auto last = std::mismatch(bytes.rbegin(), bytes.rend(), edited.rbegin(), edited.rend());
        const auto same = (first.first - bytes.begin()) + (last.first - bytes.rbegin());
        EXPECT_GE(static_cast<std::size_t>(same) + 4096, bytes.size()) << "one text was edited";
    });
}

}  // namespace
}  // namespace html

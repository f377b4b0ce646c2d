#include "ground/html/select.h"

#include <gtest/gtest.h>

#include "ground/base/error.h"

namespace html {
namespace {

constexpr std::string_view kPage =
    "<div id=main class='wide  info'><h2>a</h2><p class=x lang=ja-JP>b</p><p title='Hello World'>c</p><ul><li>1<li "
    "class=x>2<li>3</ul></div>"
    "<table id='表'><tr><td>4</td><td>5</td></tr></table><p></p><p><!--c--></p>";

std::string found(std::string_view selector) {
    const Document document = Document::parse(kPage, Encoding::Utf8);
    std::string out;
    for (const NodeId id : Selector(selector).all(document)) {
        out += fmt::format("{}{} ", document[id].tag,
                           document[id].inner.size() < 3 ? ":" + document.plain_text_of(id) : "");
    }
    return out;
}

TEST(Selector, FindsWhatBrowsersFind) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"#main > p", "p:b p:c "},
        {"div.info.wide h2, td", "h2:a td:4 td:5 "},
        {"#表 td:last-child", "td:5 "},
        {"[lang|=ja]", "p:b "},
        {"[title~=World][title^='Hello'][title$=d][title*=\"o W\"]", "p:c "},
        {"[title='hello world' i]", "p:c "},
        {"[TITLE='hello world']", ""},
        {"h2 + p", "p:b "},
        {"h2 ~ p", "p:b p:c "},
        {"li:not(.x)", "li:1 li:3 "},
        {":is(h2, li.x)", "h2:a li:2 "},
        {"li:nth-child(odd)", "li:1 li:3 "},
        {"li:nth-child(2n)", "li:2 "},
        {"li:nth-child(-n+2)", "li:1 li:2 "},
        {"li:nth-last-child(1)", "li:3 "},
        {"#main p:nth-of-type(2)", "p:c "},
        {"p:empty", "p: p "},
        {"tr:only-child > td:first-of-type", "td:4 "},
        {"ul li.x", "li:2 "},
        {"UL LI.x", "li:2 "},
        {"html:root > body > #main > h2", "h2:a "},
        {"h2 p", ""},
        {".\\78", "p:b li:2 "},
    };
    for (const auto& [selector, expected] : cases) {
        SCOPED_TRACE(selector);
        EXPECT_EQ(found(selector), expected);
    }
}

TEST(Selector, NamesThePlaceOfAMistake) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"p[", "character 3: expected an attribute name"},
        {"", "character 1: expected a tag name"},
        {"表 > ", "character 5: expected a tag name"},
        {"p:hover", "character 3: \":hover\" is not supported"},
        {"p)", "character 2: unexpected ')'"},
        {"p:nth-child(x)", "character 13: expected odd"},
        {"[a='b]", "character 7: a quote is not closed"},
        {"p::before", "character 3: expected a name"},
        {"a,,b", "character 3: expected a tag name"},
    };
    for (const auto& [selector, expected] : cases) {
        SCOPED_TRACE(selector);
        try {
            const Selector parsed{selector};
            ADD_FAILURE() << "was accepted";
        } catch (const base::Error& e) {
            EXPECT_EQ(e.kind(), base::Kind::BadInput);
            EXPECT_NE(e.message().find(expected), std::string::npos) << e.message();
        }
    }
}

TEST(Selector, DoesNotGoThroughAllCombinations) {
    std::string page;
    for (int i = 0; i < 300; ++i) page += "<div>";
    const Document document = Document::parse(page, Encoding::Utf8);
    std::string selector = "b";
    for (int i = 0; i < 40; ++i) selector += " div";
    EXPECT_TRUE(Selector(selector).all(document).empty());
}

TEST(SelectorFor, NamesEachElementAlone) {
    const Document document = Document::parse(kPage, Encoding::Utf8);
    for (NodeId id = 1; id < document.size(); ++id) {
        if (document[id].type != NodeType::Element) continue;
        const std::string selector = selector_for(document, id);
        SCOPED_TRACE(selector);
        EXPECT_EQ(Selector(selector).all(document), std::vector<NodeId>{id});
    }
    EXPECT_EQ(selector_for(document, document.find_id("main")), "#main");
    EXPECT_EQ(selector_for(document, document.find_first("h2")), "h2");
    const Document odd = Document::parse_fragment("<o:p id='1 a'></o:p><o:p></o:p><p><b></b></p><p><b></b></p>");
    for (NodeId id = 1; id < odd.size(); ++id)
        EXPECT_EQ(Selector(selector_for(odd, id)).all(odd), std::vector<NodeId>{id}) << selector_for(odd, id);
}

}  // namespace
}  // namespace html

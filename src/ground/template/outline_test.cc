#include "ground/template/outline.h"

#include <gtest/gtest.h>

namespace tmpl {
namespace {

constexpr const char* kPage =
    "{% extends \"base\" %}\n"
    "{% block main %}\n"
    "<h1>  くらし &amp; 手続き </h1>\n"
    "<p>Hello <b>{{ name }}</b>, 1 < 2.</p>\n"
    "<script>var text = 'no';</script><!-- no --><style>p{}</style>\n"
    "<a href=\"/gomi/?a=1&amp;b=2\" title=\"ごみ\">Gomi</a><a href=\"/{{ x }}\">X</a><img src=\"a.png\" alt=\"A\">\n"
    "{% include \"footer\" %}\n"
    "{% endblock %}\n";

std::string listed(const Template& page) {
    std::string all;
    for (const Entry& entry : outline(page)) {
        all += entry.id + "@" + std::to_string(entry.line) + ": " + entry.text + "\n";
    }
    return all;
}

TEST(Outline, ListsWhatAFormCanShow) {
    EXPECT_EQ(listed(parse("page", kPage)),
              "extends-1@1: base\n"
              "block-1@2: main\n"
              "text-1@3: くらし & 手続き\n"
              "text-2@4: Hello\n"
              "variable-1@4: name\n"
              "text-3@4: , 1 < 2.\n"
              "link-1@6: /gomi/?a=1&b=2\n"
              "label-1@6: ごみ\n"
              "text-4@6: Gomi\n"
              "variable-2@6: x\n"
              "text-5@6: X\n"
              "label-2@6: A\n"
              "include-1@7: footer\n");
}

TEST(Outline, EndsTheTextOfATitleBeforeItsEndTag) {
    EXPECT_EQ(listed(parse("page", "<title>a</title>b<title>{{ x }}</title>c")),
              "text-1@1: a\ntext-2@1: b\nvariable-1@1: x\ntext-3@1: c\n");
}

TEST(Outline, EndsATextAtEveryTag) {
    EXPECT_EQ(listed(parse("page", "{% raw %}{{ a }}{% endraw %}b{# c #}d{% if e %}f{% endif %}g")),
              "text-1@1: {{ a }}\ntext-2@1: b\ntext-3@1: d\ntext-4@1: f\ntext-5@1: g\n");
}

TEST(Outline, SaysWhereATextStandsAndWhatItsMakerCallsIt) {
    const auto entries = outline(
        parse("page",
              "{% block main %}\n<h2 class=\"a\">一</h2>\n{# label 連絡先の前の文 #}\n<p>{% if x %}二{% endif %}</p>三"
              "{% endblock %}<a href=\"/x\">四</a>{# label その2 #}<img alt=\"五\">六"));
    std::string all;
    for (const Entry& entry : entries)
        if (entry.is_editable())
            all += fmt::format("{} [{}] <{}> {}\n", entry.text, entry.block, entry.tag, entry.note);
    EXPECT_EQ(all,
              "一 [main] <h2> \n"
              "二 [main] <p> 連絡先の前の文\n"
              "三 [main] <> \n"
              "/x [] <> \n"
              "四 [] <a> \n"
              "五 [] <> その2\n"
              "六 [] <img> \n");
}

TEST(Outline, LooksBackOverOneTagAfterAnother) {
    const auto entries = outline(parse("page",
                                       "{% extends \"base\" %}{% block a %}一{% endblock %}"
                                       "{% block b %}<p>{# c #}{% if x %}二{% endif %}</p>{% endblock %}"));
    ASSERT_EQ(entries.size(), 5U);
    EXPECT_EQ(entries[2].tag, "");
    EXPECT_EQ(entries[4].tag, "p");
}

TEST(Outline, NamesTheBlocksInsideAttributes) {
    const auto blocks = list_tag_blocks(
        parse("base",
              "<title>{% block title %}a{% endblock %}</title><body class=\"{% block kind %}page{% endblock %}\">"
              "<img alt='{% block alt %}{% endblock %}'>{% block main %}{% endblock %}</body>"));
    std::string all;
    for (const TagBlock& block : blocks) all += block.name + "=" + block.attribute + " ";
    EXPECT_EQ(all, "kind=class alt=alt ");
}

TEST(WithText, ChangesJustTheBytesOfItsEntry) {
    const auto page = parse("page", kPage);
    for (const Entry& entry : outline(page)) {
        if (!entry.is_editable()) continue;
        SCOPED_TRACE(entry.id);
        EXPECT_EQ(with_text(page, entry.id, entry.text), page.source());
        const std::string made = with_text(page, entry.id, "/new&\"text\"");
        EXPECT_EQ(made.substr(0, entry.offset), page.source().substr(0, entry.offset));
        const std::string_view rest = page.source().substr(entry.offset + entry.length);
        EXPECT_EQ(made.substr(made.size() - rest.size()), rest);
        const auto changed = outline(parse("page", made));
        const auto before = outline(page);
        ASSERT_EQ(changed.size(), before.size());
        for (std::size_t i = 0; i < changed.size(); ++i) {
            EXPECT_EQ(changed[i].id, before[i].id);
            EXPECT_EQ(changed[i].text, before[i].id == entry.id ? "/new&\"text\"" : before[i].text);
        }
    }
}

TEST(WithText, TakesTextAsTextOnly) {
    const auto page = parse("page", "<p title=\"t\">a{{ x }}</p>");
    for (const std::string text : {"{{ secret }}", "{% raw %}", "<script>", "{", "\" onclick=\"x", "{# x #}", "&lt;"}) {
        SCOPED_TRACE(text);
        for (const char* const id : {"text-1", "label-1"}) {
            const auto changed = parse("page", with_text(page, id, text));
            const auto entries = outline(changed);
            ASSERT_EQ(entries.size(), 3U);
            EXPECT_EQ(entries[id == std::string("text-1") ? 1 : 0].text, text);
            EXPECT_EQ(entries[2].text, "x");
        }
    }
}

TEST(WithText, RefusesWhatIsNoTextOrNoLink) {
    const auto page = parse("page", "<a href=\"/a\">a</a>{{ x }}");
    const auto kind = [&](const char* id, const std::string& text) {
        try {
            with_text(page, id, text);
        } catch (const base::Error& error) {
            return std::string(base::kind_name(error.kind()));
        }
        return std::string();
    };
    EXPECT_EQ(kind("link-1", "https://example.jp/"), "");
    EXPECT_EQ(kind("link-1", "javascript:alert(1)"), "bad-input");
    EXPECT_EQ(kind("link-1", "&#106;avascript:alert(1)"), "");  // taken as text, so it is a path
    EXPECT_EQ(kind("text-1", " \n"), "bad-input");
    EXPECT_EQ(kind("text-1", "\xFF"), "bad-input");
    EXPECT_EQ(kind("text-1", std::string(70'000, 'x')), "bad-input");
    EXPECT_EQ(kind("text-2", "x"), "not-found");
    EXPECT_EQ(kind("variable-1", "x"), "not-found");
    EXPECT_EQ(with_text(page, "text-1", "a\r\nb"), "<a href=\"/a\">a\nb</a>{{ x }}");
}

}  // namespace
}  // namespace tmpl

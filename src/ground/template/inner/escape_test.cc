// What data may do at each place of the HTML: show, and nothing else.
#include "ground/template/inner/escape.h"

#include <gtest/gtest.h>

#include "ground/html/document.h"
#include "ground/template/template.h"

namespace tmpl {
namespace {

const Map& data() {
    static const Map kData{{"text", "<b>\"A\" & 'B'</b>"},
                           {"markup", SafeHtml("<b title=\"x\">A &amp; B</b>")},
                           {"script", "</script></title></textarea><script>alert(1)</script>"},
                           {"break_out", "\" onmouseover=\"alert(1)\" x='"},
                           {"page", "/kurashi/?a=1&b=2"},
                           {"away", "https://example.jp/"},
                           {"run", "javascript:alert(1)"}};
    return kData;
}

std::string shown(std::string source) {
    return render(parse("page", std::move(source)), data()).html;
}

TEST(Escaping, DependsOnThePlace) {
    struct Case {
        const char* source;
        const char* html;
    };
    const Case kCases[] = {
        {"<p>{{ text }}</p>", "<p>&lt;b&gt;\"A\" &amp; 'B'&lt;/b&gt;</p>"},
        {"<p>{{ markup }}</p>", "<p><b title=\"x\">A &amp; B</b></p>"},
        {"<title>{{ text }}</title>", "<title>&lt;b&gt;&quot;A&quot; &amp; &#39;B&#39;&lt;/b&gt;</title>"},
        {"<title>{{ markup }}</title>", "<title>A &amp; B</title>"},
        {"<textarea>{{ markup }}</textarea>", "<textarea>A &amp; B</textarea>"},
        {"<p title=\"{{ text }}\">", "<p title=\"&lt;b&gt;&quot;A&quot; &amp; &#39;B&#39;&lt;/b&gt;\">"},
        {"<p title='{{ text }}'>", "<p title='&lt;b&gt;&quot;A&quot; &amp; &#39;B&#39;&lt;/b&gt;'>"},
        {"<p title=\"{{ markup }}\">", "<p title=\"A &amp; B\">"},
        {"<p title=\"{{ break_out }}\">", "<p title=\"&quot; onmouseover=&quot;alert(1)&quot; x=&#39;\">"},
        {"<a href=\"{{ page }}\">", "<a href=\"/kurashi/?a=1&amp;b=2\">"},
        {"<a href='{{ away }}'>", "<a href='https://example.jp/'>"},
        {"<a href = \"{{ run }}\">", "<a href = \"#\">"},
        {"<A HREF=\"{{ run }}\">", "<A HREF=\"#\">"},
        {"<img src=\"{{ run }}\" alt=\"{{ run }}\">", "<img src=\"#\" alt=\"javascript:alert(1)\">"},
        {"<form action=\"{{ run }}\">", "<form action=\"#\">"},
        {"<button formaction='{{ run }}'>", "<button formaction='#'>"},
        {"<svg><use xlink:href=\"{{ run }}\"/></svg>", "<svg><use xlink:href=\"#\"/></svg>"},
        {"<script src=\"{{ page }}\"></script>", "<script src=\"/kurashi/?a=1&amp;b=2\"></script>"},
        {"<script src=\"{{ away }}\"></script>", "<script src=\"#\"></script>"},
        {"<base href=\"{{ away }}\">", "<base href=\"#\">"},
    };
    for (const Case& one : kCases) {
        SCOPED_TRACE(one.source);
        EXPECT_EQ(shown(one.source), one.html);
    }
}

TEST(Escaping, LetsNoDataBecomeAnElementOrAttribute) {
    const char* const kPages[] = {"<p>{}</p>",
                                  "<title>{}</title>",
                                  "<textarea>{}</textarea>",
                                  "<p title=\"{}\">x</p>",
                                  "<p title='{}'>x</p>",
                                  "<a href=\"{}\">x</a>",
                                  "<a href=\"/x?q={}\">x</a>",
                                  "<noscript><p title=\"{}\">x</p></noscript>",
                                  "<svg><title>{}</title><text>{}</text></svg>",
                                  "<select><option value=\"{}\">{}</option></select>"};
    const auto structure = [](const std::string& page) {
        const auto document = html::Document::parse(page, html::Encoding::Utf8);
        std::string names;
        for (html::NodeId id = 0; id < document.size(); ++id) {
            if (document[id].type == html::NodeType::Comment) names += "<!>";
            if (document[id].type != html::NodeType::Element) continue;
            names += "<" + std::string(document[id].tag);
            for (const auto& attribute : document.attributes(id)) names += " " + std::string(attribute.name);
        }
        return names;
    };
    for (const std::string page : kPages) {
        std::string harmless = page;
        for (auto at = harmless.find("{}"); at != std::string::npos; at = harmless.find("{}"))
            harmless.replace(at, 2, "x");
        for (const auto& [key, value] : data()) {
            if (value.as_html()) continue;
            SCOPED_TRACE(page + " with " + key);
            std::string source = page;
            for (auto at = source.find("{}"); at != std::string::npos; at = source.find("{}")) {
                source.replace(at, 2, "{{ " + key + " }}");
            }
            EXPECT_EQ(structure(shown(source)), structure(harmless));
        }
    }
}

TEST(SafeUrl, KnowsTheSchemesThatDoNotRunScript) {
    for (const char* const url : {"", "/", "/a:b", "a/b:c", "?a:b", "#a:b", "http://a/", "HTTPS://a/", "mailto:a@b",
                                  "tel:119", "a.html", "../a", "会議:資料.pdf", "1:2", "//example.jp/", "&#47;a:b"}) {
        SCOPED_TRACE(url);
        EXPECT_TRUE(is_safe_url(url, Place::Url));
    }
    for (const char* const url :
         {"javascript:alert(1)", "JavaScript:alert(1)", " \x01javascript:x", "java\tscript:x", "java&#10;script:x",
          "javascript&colon;x", "&#106;avascript:x", "&#x6A;avascript&#58;x", "data:text/html,x", "vbscript:x",
          "file:///etc/passwd", "blob:x"}) {
        SCOPED_TRACE(url);
        EXPECT_FALSE(is_safe_url(url, Place::Url));
    }
}

TEST(SafeUrl, KeepsScriptsToTheSiteItself) {
    EXPECT_TRUE(is_safe_url("/js/a.js", Place::OwnUrl));
    EXPECT_TRUE(is_safe_url("js/a.js?v=1:2", Place::OwnUrl));
    for (const char* const url : {"https://a/b.js", "//a/b.js", "/\\a/b.js", "\\\\a", " //a", "/\t/a", "&#47;/a"}) {
        SCOPED_TRACE(url);
        EXPECT_FALSE(is_safe_url(url, Place::OwnUrl));
    }
}

TEST(SafeUrl, IsJudgedByTheWholeAddressHoweverItIsPutTogether) {
    const Map parts{{"a", "java"}, {"b", "script:alert(1)"}, {"c", ":"}, {"yes", true}};
    const auto link = [&](std::string source) { return render(parse("page", std::move(source)), parts).html; };
    EXPECT_EQ(link("<a href=\"{{ a }}{{ b }}\">"), "<a href=\"#\">");
    EXPECT_EQ(link("<a href=\"java{{ b }}\">"), "<a href=\"#\">");
    EXPECT_EQ(link("<a href=\"{{ a }}script:x\">"), "<a href=\"#\">");
    EXPECT_EQ(link("<a href=\"&#106;ava{{ b }}\">"), "<a href=\"#\">");
    EXPECT_EQ(link("<a href=\"{% if yes %}java{% endif %}{{ b }}\">"), "<a href=\"#\">");
    EXPECT_EQ(link("<a href=\"./{{ b }}\">"), "<a href=\"./script:alert(1)\">");
    EXPECT_EQ(link("{% if yes %}<a href=\"{{ a }}{% else %}<a href=\"/x{% endif %}{{ b }}\">"), "<a href=\"#\">");
    EXPECT_EQ(link("{% if not yes %}<a href=\"{{ a }}{% else %}<a href=\"/x{% endif %}/y\">"), "<a href=\"/x/y\">");
}

TEST(SafeUrl, TellsWhatItReplaced) {
    const auto result = render(parse("page", "<p>\n<a href=\"{{ run }}\">"), data());
    ASSERT_EQ(result.warnings.size(), 1U);
    EXPECT_EQ(result.warnings[0].id, "url-refused");
    EXPECT_EQ(result.warnings[0].line, 2);
}

TEST(TextOfHtml, IsWhatAReaderReads) {
    EXPECT_EQ(text_of(SafeHtml("<p>1 &lt; 2<!-- x --> &amp; <br/>3 < 4</p")), "1 < 2 & 3 < 4");
}

}  // namespace
}  // namespace tmpl

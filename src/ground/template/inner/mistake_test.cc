// Every complaint of the room is brought about at least once, at the right place, in both languages.
#include "ground/template/inner/mistake.h"

#include <set>

#include <gtest/gtest.h>

#include "ground/template/template.h"

namespace tmpl {
namespace {

struct Case {
    std::string source;
    const char* id;
    int line;
    int column;
};

std::string repeated(std::string_view text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
}

const std::vector<Case>& parse_cases() {
    static const std::vector<Case> kCases = {
        {std::string((1U << 20U) + 1, 'x'), "too-long", 1, 1},
        {"a\xFF", "not-utf8", 1, 1},
        {"日本\n語 {{ a", "unclosed-tag", 2, 3},
        {"{# a", "unclosed-tag", 1, 1},
        {"@media{#a{b:c}}", "unclosed-tag", 1, 7},
        {"{% if a %}x", "unclosed-statement", 1, 1},
        {"{% raw %}x", "unclosed-statement", 1, 1},
        {"x{% endif %}", "unexpected-statement", 1, 2},
        {"{% for a in b %}{% endif %}", "unexpected-statement", 1, 17},
        {"{% if a %}{% else %}{% elif b %}{% endif %}", "unexpected-statement", 1, 21},
        {"{% for a in b %}{% elif b %}{% endfor %}", "unexpected-statement", 1, 17},
        {"{% endraw %}", "unexpected-statement", 1, 1},
        {"{% fi a %}", "unknown-statement", 1, 1},
        {"{{ }}", "bad-expression", 1, 4},
        {"{{ a b }}", "bad-expression", 1, 6},
        {"{{ a. }}", "bad-expression", 1, 7},
        {"{{ not }}", "bad-expression", 1, 4},
        {"{{ (a }}", "bad-expression", 1, 7},
        {"{% if a = 1 %}{% endif %}", "bad-expression", 1, 9},
        {"{% if 99999999999999999999 %}{% endif %}", "bad-expression", 1, 7},
        {"{% for a of b %}{% endfor %}", "bad-expression", 1, 10},
        {"{% include name %}", "bad-expression", 1, 12},
        {"{% include \"a\" with b %}", "bad-expression", 1, 23},
        {"{% extends \"\" %}", "bad-expression", 1, 1},
        {"{% block a %}{% endblock b %}", "bad-expression", 1, 26},
        {"{{　a }}", "full-width", 1, 3},
        {"{% if a ＝＝ 1 %}{% endif %}", "full-width", 1, 9},
        {"{{ a + 1 }}", "no-arithmetic", 1, 6},
        {"{{ it's }}", "unclosed-text", 1, 6},
        {"{{ a | datte }}", "unknown-filter", 1, 8},
        {"{{ a | default }}", "filter-arguments", 1, 8},
        {"{{ a | date(1, 2) }}", "filter-arguments", 1, 8},
        {repeated("{% if a %}", 65), "too-deep", 1, 641},
        {"{% if " + repeated("(", 65), "unclosed-tag", 1, 1},
        {"{% if " + repeated("(", 65) + " %}", "too-deep", 1, 71},
        {"{% if " + repeated("not ", 65) + "a %}", "too-deep", 1, 259},
        {"{% if a" + repeated(" or a", 100) + " %}", "too-many-terms", 1, 509},
        {"x{% extends \"a\" %}", "extends-not-first", 1, 2},
        {"{% extends \"a\" %}{% extends \"b\" %}", "extends-not-first", 1, 18},
        {"{% extends \"a\" %}\n <p>", "text-outside-block", 2, 2},
        {"{% extends \"a\" %}{{ b }}", "text-outside-block", 1, 18},
        {"{% extends \"a\" %}{% if b %}{% endif %}", "text-outside-block", 1, 18},
        {"{% block a %}{% endblock %}{% block a %}{% endblock %}", "duplicate-block", 1, 37},
        {"{% for loop in a %}{% endfor %}", "reserved-name", 1, 8},
        {"{% include \"a\" with loop=1 %}", "reserved-name", 1, 21},
        {"<p class={{ a }}>", "unquoted-attribute", 1, 10},
        {"<p class=a{{ a }}>", "unquoted-attribute", 1, 11},
        {"<p class={% if a %}b{% endif %}>", "unquoted-attribute", 1, 10},
        {"<script>var a = {{ a }};</script>", "in-script", 1, 17},
        {"<SCRIPT>{{ a }}</SCRIPT>", "in-script", 1, 9},
        {"<iframe srcdoc=\"{{ a }}\">", "in-script", 1, 17},
        {"<svg><set attributeName=\"href\" to=\"{{ a }}\"/>", "in-script", 1, 36},
        {"<script></scriptx>{{ a }}", "in-script", 1, 19},
        {"<p onclick=\"f('{{ a }}')\">", "in-event-attribute", 1, 16},
        {"<p ONCLICK='{{ a }}'>", "in-event-attribute", 1, 13},
        {"<style>p{color:{{ a }}}</style>", "in-style", 1, 16},
        {"<p style=\"color:{{ a }}\">", "in-style", 1, 17},
        {"<!-- {{ a }} -->", "in-comment", 1, 6},
        {"<!doctype {{ a }}>", "in-comment", 1, 11},
        {"<!-- --!{{ a }}", "in-comment", 1, 9},
        {"<{{ a }}>", "in-tag", 1, 2},
        {"</{{ a }}>", "in-tag", 1, 3},
        {"<h{{ a }}>", "in-tag", 1, 3},
        {"<p {{ a }}>", "in-tag", 1, 4},
        {"<p data-{{ a }}=\"b\">", "in-tag", 1, 9},
        {"<title></ti{{ a }}</title>", "in-tag", 1, 12},
        {"<title><a href=\"{{ a }}\"></title>", "unclear-markup", 1, 17},
        {"<svg><style><a title=\"</style>{{ a }}", "unclear-markup", 1, 31},
        {"<svg><![CDATA[ > {{ a }}", "unclear-markup", 1, 18},
        {"<script><!-- <script> </script> {{ a }}", "unclear-markup", 1, 33},
        {"{% if a %}<p{% endif %}>", "branches-differ", 1, 13},
        {"<p title=\"{% if a %}\"{% endif %}>", "branches-differ", 1, 22},
        {"<scr{% if a %}ipt{% endif %}>", "branches-differ", 1, 18},
        {"{% for a in b %}<p{% endfor %}>", "loop-differs", 1, 19},
        {"{% for a in b %}{% else %}<p{% endfor %}>", "loop-differs", 1, 29},
        {"{% block a %}<!--{% endblock %}-->", "block-differs", 1, 18},
        {"<p {% if a %}on{% endif %}click=\"b\">", "needs-space", 1, 27},
        {"<p {% if a %}title{% endif %} =\"b\">", "needs-space", 1, 31},
        {"<p {% if a %}title=\"a\"{% endif %}id=\"b\">", "needs-space", 1, 34},
        {"<p {% include \"a\" %}>", "part-in-tag", 1, 4},
        {"<a href=\"{% block a %}{% endblock %}\">", "part-in-tag", 1, 10},
    };
    return kCases;
}

TEST(ParseMistakes, SayWhereAndWhat) {
    for (const Case& one : parse_cases()) {
        SCOPED_TRACE(one.source.substr(0, 80));
        try {
            parse("page", one.source);
            ADD_FAILURE() << "was accepted";
        } catch (const TemplateError& error) {
            EXPECT_EQ(error.problem.id, one.id) << error.message();
            EXPECT_EQ(error.problem.line, one.line);
            EXPECT_EQ(error.problem.column, one.column);
            EXPECT_EQ(error.kind(), base::Kind::BadInput);
        }
    }
}

TEST(ParseMistakes, OfferTheNearestName) {
    const auto remedy = [](const char* source) -> std::string {
        try {
            parse("page", source);
        } catch (const TemplateError& error) {
            return error.problem.english.remedy;
        }
        return {};
    };
    EXPECT_EQ(remedy("{% includ \"a\" %}"), "include?");
    EXPECT_EQ(remedy("{{ a | trunkate(3) }}"), "truncate?");
}

TEST(ParseMistakes, AreShownInJapaneseAndEnglish) {
    try {
        parse("お知らせ", "<p>\n<p class={{ a }}>");
        FAIL();
    } catch (const TemplateError& error) {
        EXPECT_EQ(error.message(),
                  "お知らせ 2行10文字目: 引用符で囲まれていない属性値の中です。属性値全体を \" で囲んでください。\n"
                  "お知らせ:2:10: this stands in an attribute value without quotes: put \" around the whole value");
    }
}

/// Renders, and gives what was thrown or else the first warning.
std::string problem_of_rendering(const char* source, const Options& options = {}) {
    const Map data{{"text", "<a>"},        {"list", List{1, 2}},    {"number", 3},
                   {"map", Map{{"a", 1}}}, {"run", "javascript:x"}, {"date", "soon"}};
    try {
        const auto result = render(parse("page", source), data, options);
        return result.warnings.empty() ? "" : result.warnings[0].id;
    } catch (const TemplateError& error) {
        return error.problem.id;
    }
}

TEST(EveryMistake, HasAnExample) {
    MapSet set;
    set.add("self", "{% include \"self\" %}");
    set.add("tags", "<b>x</b>");
    set.add("open", "<p title=\"");
    Options small;
    small.set = &set;
    small.max_steps = 1000;
    small.max_bytes = 40;
    std::set<std::string> seen;
    for (const Case& one : parse_cases()) seen.insert(one.id);
    const auto expect = [&](const char* source, const char* id) {
        SCOPED_TRACE(source);
        EXPECT_EQ(problem_of_rendering(source, small), id);
        seen.insert(id);
    };
    expect("{% include \"none\" %}", "no-such-template");
    expect("{% extends \"none\" %}", "no-such-template");
    expect("{% include \"self\" %}", "too-many-levels");
    expect(
        "{% for a in list %}{% for b in list %}{% for c in list %}{% for d in list %}{% for e in list %}{% for f in "
        "list %}"
        "{% for g in list %}{% for h in list %}{% for i in list %}{% for j in list %}{% endfor %}{% endfor %}{% endfor "
        "%}"
        "{% endfor %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}",
        "steps-used-up");
    expect("12345678901234567890123456789012345678901", "bytes-used-up");
    expect("<title>{% include \"tags\" %}", "markup-in-attribute");
    expect("{% include \"open\" %}", "part-unfinished");
    expect("{{ nothing.here }}", "missing-value");
    expect("{% for a in nothing %}{% endfor %}", "missing-value");
    expect("{{ list }}", "not-showable");
    expect("{{ map }}", "not-showable");
    expect("{% for a in text %}{% endfor %}", "not-a-list");
    expect("{% if text < number %}{% endif %}", "not-comparable");
    expect("{{ date | date }}", "filter-complaint");
    expect("<a href=\"{{ run }}\">", "url-refused");

    MapSet family;
    family.add("base", "{% block a %}{% endblock %}");
    const auto problems = check(parse("page", "{% extends \"base\" %}{% block b %}{% endblock %}"), family);
    ASSERT_EQ(problems.size(), 1U);
    seen.insert(problems[0].id);

    const auto page = parse("page", "x");
    for (int i = 0; i <= static_cast<int>(Mistake::BlockNeverShown); ++i) {
        const Problem problem = make_problem(page.program(), 0, static_cast<Mistake>(i), "1", "2");
        EXPECT_TRUE(seen.count(problem.id)) << problem.id;
        for (const auto& words : {problem.japanese, problem.english}) {
            EXPECT_FALSE(words.what.empty()) << problem.id;
            EXPECT_FALSE(words.remedy.empty()) << problem.id;
        }
    }
}

}  // namespace
}  // namespace tmpl

#include <thread>

#include <gtest/gtest.h>

#include "ground/template/template.h"

namespace tmpl {
namespace {

std::string shown(std::string source, const Map& data, const Set* set = nullptr) {
    Options options;
    options.set = set;
    return render(parse("page", std::move(source)), data, options).html;
}

TEST(Rendering, LeavesTextWithoutBracesAsItIs) {
    for (const char* const text :
         {"", "a", "<p class=x onclick=y>{ } }} %} #}", "<!-- <script> \"", "<a =b='c", "\r\n\t<title><b>", "{"}) {
        SCOPED_TRACE(text);
        EXPECT_EQ(shown(text, {}), text);
    }
}

TEST(Conditions, CompareAndCombine) {
    const Map data{{"one", 1},
                   {"two", 2},
                   {"a", "a"},
                   {"b", "b"},
                   {"yes", true},
                   {"no", false},
                   {"empty", ""},
                   {"none", Value()},
                   {"list", List{1}},
                   {"nothing", List{}},
                   {"zero", 0},
                   {"map", Map{}},
                   {"html", SafeHtml("a")}};
    const auto holds = [&](const std::string& condition) {
        return shown("{% if " + condition + " %}1{% else %}0{% endif %}", data) == "1";
    };
    for (const char* const condition : {"yes",
                                        "one",
                                        "a",
                                        "list",
                                        "not no",
                                        "not empty",
                                        "not none",
                                        "not nothing",
                                        "not zero",
                                        "not map",
                                        "not missing.at.all",
                                        "one < two",
                                        "two > one",
                                        "one <= 1",
                                        "one >= 1",
                                        "one == 1",
                                        "one != two",
                                        "a < b",
                                        "a == 'a'",
                                        "a == \"a\"",
                                        "html == a",
                                        "yes == true",
                                        "no == false",
                                        "none == null",
                                        "missing == null",
                                        "a != one",
                                        "no or yes",
                                        "yes and not no",
                                        "no and no or yes",
                                        "yes or no and no",
                                        "not (yes and no)",
                                        "(no or yes) and one == 1",
                                        "-1 < zero",
                                        "list | length == 1",
                                        "empty | default(a) == 'a'"}) {
        EXPECT_TRUE(holds(condition)) << condition;
    }
    for (const char* const condition : {"no", "zero", "none", "one == '1'", "not yes", "yes and no", "missing > 0",
                                        "missing < 0", "one > two", "not yes or no", "no and (yes or yes)"}) {
        EXPECT_FALSE(holds(condition)) << condition;
    }
}

TEST(Conditions, TakeTheFirstBranchThatHolds) {
    const std::string source = "{% if x == 1 %}a{% elif x == 2 %}b{% elif x == 2 %}c{% else %}d{% endif %}";
    EXPECT_EQ(shown(source, {{"x", 1}}), "a");
    EXPECT_EQ(shown(source, {{"x", 2}}), "b");
    EXPECT_EQ(shown(source, {{"x", 3}}), "d");
    EXPECT_EQ(shown("{% if x == 1 %}a{% elif x == 2 %}b{% endif %}!", {{"x", 3}}), "!");
}

TEST(Loops, CountAndNest) {
    const Map data{{"rows", List{List{"a", "b"}, List{}, List{"c"}}}};
    EXPECT_EQ(shown("{% for row in rows %}{{ loop.index }}{% if loop.first %}[{% endif %}{% for x in row %}"
                    "{{ x }}{{ loop.index }}/{{ loop.length }}{% if not loop.last %},{% endif %}{% else %}-{% endfor %}"
                    "{% if loop.last %}]{% endif %};{% endfor %}",
                    data),
              "1[a1/2,b2/2;2-;3c1/1];");
    EXPECT_EQ(shown("{% for rows in rows %}{% endfor %}{{ rows | length }}", data), "3");
}

TEST(Inheritance, TakesEachBlockFromTheMostDerivedTemplate) {
    MapSet set;
    set.add("base",
            "<title>{% block title %}base{% endblock %}</title>[{% block main %}m{% block inner %}i{% endblock %}{% "
            "endblock %}]");
    set.add("middle",
            "{% extends \"base\" %}{% block title %}middle{% endblock %}{% block inner %}I{{ x }}{% endblock inner %}");
    EXPECT_EQ(shown("{% extends \"middle\" %}", {{"x", "<"}}, &set), "<title>middle</title>[mI&lt;]");
    EXPECT_EQ(shown("{% extends \"middle\" %}\n{# note #}\n{% block title %}{{ x }}\"{% endblock %}\n",
                    {{"x", SafeHtml("<b>1</b>")}}, &set),
              "<title>1\"</title>[mI<b>1</b>]");
    EXPECT_EQ(shown("{% extends \"base\" %}{% block main %}{% block inner %}x{% endblock %}y{% endblock %}", {}, &set),
              "<title>base</title>[xy]");
}

TEST(Inheritance, KeepsMarkupOutOfTitlesAndAttributes) {
    MapSet set;
    set.add("base", "<title>{% block title %}{% endblock %}</title><body class=\"{% block class %}{% endblock %}\">");
    const auto problem = [&](const std::string& source) -> std::string {
        const auto page = parse("page", source);
        const auto found = check(page, set);
        try {
            shown(source, {}, &set);
        } catch (const TemplateError& error) {
            EXPECT_EQ(found.size(), 1U);
            EXPECT_EQ(found.empty() ? "" : found[0].text(), error.problem.text());
            return error.problem.id;
        }
        EXPECT_TRUE(found.empty());
        return "";
    };
    EXPECT_EQ(problem("{% extends \"base\" %}{% block title %}a \"b\"{% endblock %}{% block class %}c{% endblock %}"),
              "");
    EXPECT_EQ(problem("{% extends \"base\" %}{% block title %}<b>{% endblock %}"), "markup-in-attribute");
    EXPECT_EQ(problem("{% extends \"base\" %}{% block class %}\" onclick=\"x{% endblock %}"), "markup-in-attribute");
}

TEST(Includes, SeeWhatStandsAroundAndWhatTheyAreGiven) {
    MapSet set;
    set.add("card", "({{ title }} {{ kind | default('-') }} {{ item }} {{ loop.index }})");
    const Map data{{"title", "T"}, {"items", List{"a", "b"}}};
    EXPECT_EQ(shown("{% for item in items %}{% include \"card\" %}{% endfor %}", data, &set), "(T - a 1)(T - b 2)");
    EXPECT_EQ(shown("{% for item in items %}{% include \"card\" with title=item, kind=\"k\" %}{% endfor %}{{ title }}",
                    data, &set),
              "(a k a 1)(b k b 2)T");
}

TEST(Includes, MayCallThemselvesWhereTheDataEnds) {
    MapSet set;
    set.add("menu",
            "<ul>{% for m in menu %}<li>{{ m.name }}{% if m.menu %}{% include \"menu\" with menu=m.menu %}{% endif "
            "%}</li>{% endfor %}</ul>");
    const Map data{{"menu", List{Map{{"name", "a"}, {"menu", List{Map{{"name", "b"}}}}}, Map{{"name", "c"}}}}};
    const std::string source = "{% include \"menu\" %}";
    EXPECT_EQ(shown(source, data, &set), "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>");
    EXPECT_TRUE(check(parse("page", source), set).empty());
}

TEST(Check, FindsWhatRenderingWouldRefuseWithoutData) {
    MapSet set;
    set.add("part", "{% if x %}{% include \"none\" %}{% endif %}");
    set.add("loop", "{% extends \"loop\" %}");
    const auto ids = [&](const char* source) {
        std::string all;
        for (const Problem& problem : check(parse("page", source), set))
            all += problem.template_name + ":" + problem.id + " ";
        return all;
    };
    EXPECT_EQ(ids("{% include \"part\" %}{% include \"part\" %}{% include \"gone\" %}"),
              "part:no-such-template page:no-such-template ");
    EXPECT_EQ(ids("{% include \"loop\" %}"), "loop:too-many-levels ");
    EXPECT_EQ(ids("<p>{{ anything }}</p>"), "");
}

TEST(LineOfAStatement, LeavesNoBlankLine) {
    EXPECT_EQ(shown("<ul>\n  {% for x in list %}\n  <li>{{ x }}</li>\n  {% endfor %}\n</ul>\n{# end #}\n",
                    {{"list", List{1, 2}}}),
              "<ul>\n  <li>1</li>\n  <li>2</li>\n</ul>\n");
    EXPECT_EQ(shown("a {% if x %}\r\nb\r\n{% endif %}\r\nc", {{"x", 1}}), "a \r\nb\r\nc");
    EXPECT_EQ(shown("{% raw %}\n{{ x }}\n{% endraw %}\n", {}), "{{ x }}\n");
}

TEST(Lookups, AreAskedOnlyForWhatIsShown) {
    std::vector<std::string> asked;
    const Value page = Value::lazy([&](std::string_view key) -> Value {
        asked.emplace_back(key);
        if (key == "contact")
            return Value::lazy([](std::string_view name) { return name == "tel" ? Value("119") : Value(); });
        if (key == "list") return List{Map{{"n", 1}}, Map{{"n", 2}}};
        return {};
    });
    const auto result = render(parse("page",
                                     "{% if no %}{{ never }}{% endif %}{{ contact.tel }}{{ contact.fax }}"
                                     "{% for x in list %}{{ x.n }}{% endfor %}{{ gone | default('-') }}"),
                               page);
    EXPECT_EQ(result.html, "11912-");
    EXPECT_EQ(asked, (std::vector<std::string>{"no", "contact", "contact", "list", "gone"}));
    ASSERT_EQ(result.warnings.size(), 1U);
    EXPECT_EQ(
        result.warnings[0].text(),
        "page:1:54: there is no value \"contact.fax\": check the name, or give a substitute with the default filter");
}

TEST(Warnings, AreToldOncePerPlaceAndNotForExpectedGaps) {
    const Map data{{"list", List{1, 2, 3}}, {"empty", Value()}};
    const auto result = render(
        parse("page", "{% for x in list %}{{ y }}{% endfor %}{{ empty }}{{ z | default('') }}{% if z %}{% endif %}"),
        data);
    ASSERT_EQ(result.warnings.size(), 1U);
    EXPECT_EQ(result.warnings[0].column, 23);
    std::string many;
    for (int i = 0; i < 150; ++i) many += "{{ y }}";
    EXPECT_EQ(render(parse("page", many), data).warnings.size(), 100U);
}

TEST(Used, NamesEveryTemplateThatTookPart) {
    MapSet set;
    set.add("base", "{% block a %}{% endblock %}{% if no %}{% include \"unused\" %}{% endif %}");
    set.add("part", "x");
    set.add("unused", "y");
    Options options;
    options.set = &set;
    const auto page = parse("page", "{% extends \"base\" %}{% block a %}{% include \"part\" %}{% endblock %}");
    EXPECT_EQ(render(page, Map{}, options).used, (std::vector<std::string>{"base", "page", "part"}));
    EXPECT_EQ(page.needs(), (std::vector<std::string>{"base", "part"}));
}

TEST(Budgets, EndEveryRunawayTemplate) {
    MapSet set;
    set.add("twice", "{% include \"twice\" %}{% include \"twice\" %}");
    set.add("a", "{% extends \"b\" %}");
    set.add("b", "{% extends \"a\" %}");
    List many;
    for (int i = 0; i < 2000; ++i) many.emplace_back(std::string(40, '0'));
    const Map data{{"many", many}};
    Options options;
    options.set = &set;
    const auto ends_with = [&](const char* source) -> std::string {
        try {
            render(parse("page", source), data, options);
        } catch (const TemplateError& error) {
            return error.problem.id;
        }
        return "";
    };
    EXPECT_EQ(ends_with("{% include \"twice\" %}"), "too-many-levels");
    EXPECT_EQ(ends_with("{% include \"a\" %}"), "too-many-levels");
    EXPECT_EQ(
        ends_with("{% for a in many %}{% for b in many %}{% for c in many %}{% endfor %}{% endfor %}{% endfor %}"),
        "steps-used-up");
    EXPECT_EQ(ends_with("{% for a in many %}{% if many | join == many | join %}{% endif %}{% endfor %}"),
              "steps-used-up");
    EXPECT_EQ(ends_with("{% for a in many %}{% for b in many %}{{ b }}{{ b }}{{ b }}{% endfor %}{% endfor %}"),
              "bytes-used-up");
    EXPECT_EQ(ends_with("{% for a in many %}{{ many | join }}{% endfor %}"), "bytes-used-up");
    EXPECT_EQ(ends_with("{% for a in many %}{{ a }}{% endfor %}"), "");
}

TEST(Rendering, IsTheSameFromManyThreads) {
    MapSet set;
    set.add("row", "<li><a href=\"{{ x.url }}\">{{ x.title }}</a></li>");
    const auto page = parse("page", "{% for x in list %}{% include \"row\" %}{% endfor %}");
    List list;
    for (int i = 0; i < 200; ++i) list.push_back(Map{{"url", "/a?b&c"}, {"title", "<T>"}});
    const Value data = Map{{"list", list}};
    Options options;
    options.set = &set;
    const std::string once = render(page, data, options).html;
    std::vector<std::thread> threads;
    std::vector<int> same(4);
    threads.reserve(same.size());
    for (int& count : same) {
        threads.emplace_back([&] {
            for (int i = 0; i < 50; ++i) count += render(page, data, options).html == once ? 1 : 0;
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(same, std::vector<int>(4, 50));
}

}  // namespace
}  // namespace tmpl

#include "watch/probes/plan.h"

#include <set>

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "watch/probes/defaults.h"

namespace probes {

namespace {

using Lines = std::vector<std::string>;

Lines standard() {
    return standard_lines({"http://127.0.0.1:8081/",
                           "http://127.0.0.1:8080/",
                           "https://city.example/",
                           "/srv/site",
                           {"/etc/city.pem"},
                           {"/var/log/access.log"}});
}

const Plan& find(const Plans& plans, std::string_view id) {
    for (const Plan& plan : plans.plans)
        if (plan.id == id) return plan;
    throw std::runtime_error("no plan " + std::string(id));
}

}  // namespace

TEST(Plan, WatchesOneMachineWithoutAWordInTheSettings) {
    const Plans plans = make_plans(standard(), {});
    EXPECT_TRUE(plans.bad.empty()) << plans.bad[0].line << ": " << plans.bad[0].problem;
    std::set<std::string_view> kinds;
    for (const Plan& plan : plans.plans) {
        EXPECT_TRUE(plan.is_on && plan.is_standard) << plan.id;
        kinds.insert(plan.kind->id);
    }
    for (const char* kind :
         {"http", "disk", "cpu", "memory", "processes", "clock", "jobs", "queues", "database", "heartbeat"})
        EXPECT_TRUE(kinds.contains(kind)) << kind;
    EXPECT_EQ(find(plans, "http.public").rhythm.every, 2);
    EXPECT_EQ(find(plans, "http.public").rhythm.severity, signals::Severity::Emergency);
    EXPECT_EQ(find(plans, "disk.site").target(), "/srv/site");
}

TEST(Plan, IsChangedByALineAndKeepsTheRest) {
    const Plans plans = make_plans(
        standard(),
        Lines{"disk.site warn=70 every=15", "raid off",
              "tcp.ldap kind=tcp target=ldap.example:636 title=\"庁内 ディレクトリ\" raise=3 severity=minor"});
    EXPECT_TRUE(plans.bad.empty());
    const Plan& disk = find(plans, "disk.site");
    EXPECT_EQ(disk.number("warn"), 70);
    EXPECT_EQ(disk.number("fail"), 95);
    EXPECT_EQ(disk.rhythm.every, 15);
    EXPECT_EQ(disk.title, "サイトのディスク");
    EXPECT_FALSE(find(plans, "raid").is_on);
    const Plan& tcp = find(plans, "tcp.ldap");
    EXPECT_EQ(tcp.title, "庁内 ディレクトリ");
    EXPECT_EQ(tcp.rhythm.raise, 3);
    EXPECT_FALSE(tcp.is_standard);
}

TEST(Plan, NamesEachLineThatCannotBeUsedAndUsesTheOthers) {
    const Lines lines{"disk.site warn=many",
                      "nothing warn=1",
                      "x kind=none",
                      "disk.site colour=red",
                      "disk.site every=0",
                      "Disk.Site off",
                      "tcp.a kind=tcp",
                      "disk.site title=\"open",
                      "disk.site kind=tcp",
                      "disk.site maybe",
                      "cpu warn=50",
                      "cpu behind=nowhere",
                      "disk.site severity=big",
                      "=x",
                      "load behind=memory",
                      "memory behind=load"};
    const Plans plans = make_plans(standard(), lines);
    EXPECT_EQ(plans.bad.size(), 14U);
    for (const BadLine& bad : plans.bad) EXPECT_FALSE(bad.problem.empty()) << bad.line;
    EXPECT_EQ(find(plans, "cpu").number("warn"), 50);
    EXPECT_TRUE(find(plans, "cpu").behind.empty());
    EXPECT_EQ(find(plans, "disk.site").number("warn"), 85);
    EXPECT_EQ(make_plans(standard(), {}).plans.size(), plans.plans.size());
}

TEST(Plan, IsWrittenAsALineThatMakesItAgain) {
    const Lines lines{"disk.site off warn=70 every=2.5 title=\"大きな ディスク\"",
                      "tcp.x kind=tcp target=a.example:25 behind=cpu warn="};
    const Plans plans = make_plans(standard(), lines);
    ASSERT_TRUE(plans.bad.empty());
    Lines written;
    for (const Plan& plan : plans.plans) {
        const std::string line = line_of(plan);
        if (!line.empty()) written.push_back(line);
        EXPECT_EQ(line_of(plan, &plan), "");
    }
    const Plans again = make_plans(standard(), written);
    EXPECT_TRUE(again.bad.empty());
    ASSERT_EQ(again.plans.size(), plans.plans.size());
    for (std::size_t at = 0; at < plans.plans.size(); ++at) {
        SCOPED_TRACE(plans.plans[at].id);
        EXPECT_EQ(again.plans[at].values, plans.plans[at].values);
        EXPECT_EQ(again.plans[at].title, plans.plans[at].title);
        EXPECT_EQ(again.plans[at].is_on, plans.plans[at].is_on);
        EXPECT_EQ(again.plans[at].rhythm.every, plans.plans[at].rhythm.every);
        EXPECT_EQ(again.plans[at].behind, plans.plans[at].behind);
    }
    EXPECT_FALSE(find(again, "tcp.x").number("warn"));
}

TEST(PlanLine, SaysOnlyWhatIsDifferent) {
    const Plans plans = make_plans(standard(), Lines{"disk.site off warn=70"});
    Plan plan = find(plans, "disk.site");
    const Plans before = make_plans(standard(), {});
    plan.title = "大きな \"ディスク";
    plan.values["fail"] = "";
    EXPECT_EQ(line_of(plan, &find(before, "disk.site")), "disk.site off title=\"大きな ディスク\" warn=70 fail=\"\"");
    EXPECT_EQ(line_of(plan_of(*find_kind("cpu"), "cpu2")), "cpu2 kind=cpu");
}

TEST(PlanLine, TakesThePlaceOfTheOldOneAndGoesWhenItIsEmpty) {
    const Lines before{"cpu warn=50", "disk.site warn=70"};
    EXPECT_EQ(with_line(standard(), before, "cpu", "cpu warn=60"), (Lines{"cpu warn=60", "disk.site warn=70"}));
    EXPECT_EQ(with_line(standard(), before, "cpu", ""), Lines{"disk.site warn=70"});
    EXPECT_EQ(with_line(standard(), {}, "load", "load off"), Lines{"load off"});
    EXPECT_THROW(with_line(standard(), before, "cpu", "cpu warn=high"), base::Error);
    EXPECT_THROW(with_line(standard(), before, "cpu", "load off"), base::Error);
    EXPECT_THROW(with_line(standard(), before, "cpu", "cpu behind=cpu"), base::Error);
}

TEST(Kinds, HaveNamesOfTheirOwnAndOptionsThatReadAsTheySay) {
    std::set<std::string_view> ids;
    for (const Kind* kind : all_kinds()) {
        SCOPED_TRACE(kind->id);
        EXPECT_TRUE(ids.insert(kind->id).second);
        EXPECT_FALSE(kind->title.empty() || kind->looks.empty());
        EXPECT_GE(kind->rhythm.every, 1);
        EXPECT_GE(kind->rhythm.raise, 1);
        bool has_target = kind->target.empty();
        std::set<std::string_view> names;
        for (const Option& option : kind->options) {
            EXPECT_TRUE(names.insert(option.name).second) << option.name;
            EXPECT_FALSE(option.japanese.empty());
            has_target = has_target || option.name == kind->target;
            for (const char* word : {"every", "patience", "raise", "clear", "severity", "behind", "title", "kind"})
                EXPECT_NE(option.name, word);
        }
        EXPECT_TRUE(has_target);
    }
}

}  // namespace probes

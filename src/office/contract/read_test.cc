#include <gtest/gtest.h>

#include "ground/base/text.h"
#include "office/contract/contract.h"

namespace {

using contract::Read;

/// A small contract that is whole; tests put faults into it.
constexpr std::string_view kSmall = R"([contract]
id = "c-1"
title = "保守業務"
signed_on = "2027-03-15"
begins = "2027-04-01"
ends = "2028-03-31"
recovery_point = "24h"
[price]
total = 1200000
rhythm = "monthly"
[client]
name = "サンプル市"
[contractor]
name = "見本社"
registration = "T7000012050002"
[[roles]]
id = "operator"
title = "運用担当者"
person = "運用 四郎"
mail = "o@example.jp"
[[calendars]]
id = "office"
closed_every_year = ["12-29..01-03"]
[[calendars]]
id = "helpdesk"
[[clauses]]
id = "A4.6"
wording = "毎日バックアップを取る。"
[[obligations]]
id = "backup"
clauses = ["A4.6"]
title = "日次バックアップ"
kind = "every"
who = "operator"
period = "day"
evidence = ["backup.run kind=data"]
)";

std::string changed(std::string_view from, std::string_view to) {
    std::string text(kSmall);
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

int line_of(std::string_view text, std::string_view what) {
    const auto head = text.substr(0, text.find(what));
    return static_cast<int>(std::count(head.begin(), head.end(), '\n')) + 1;
}

TEST(ReadContract, TakesAWholeOne) {
    const Read read = contract::read(kSmall);
    EXPECT_TRUE(read.problems.empty()) << contract::problems_text(read.problems, "contract.toml");
    EXPECT_EQ(read.contract.price.total, 1'200'000);
    EXPECT_EQ(read.contract.recovery_point, (contract::Span{24 * 60, false}));
    EXPECT_EQ(read.contract.obligations.at(0).evidence.at(0).act, "backup.run");
    EXPECT_FALSE(calendar::is_open_day(read.contract.calendars.at("office"), {2027, 12, 29}));
    EXPECT_TRUE(calendar::is_open_day(read.contract.calendars.at("helpdesk"), {2027, 12, 29}));
}

TEST(ReadContract, NamesTheLineOfEachFaultAndWhatToDo) {
    const struct {
        std::string_view from, to, line, says;
    } kCases[] = {
        {"recovery_point = \"24h\"\n", "", "[contract]", "recovery_point is missing"},
        {"begins = \"2027-04-01\"", "begins = \"4月1日\"", "begins", "begins must be a day such as"},
        {"ends = \"2028-03-31\"", "ends = \"2026-03-31\"", "ends =", "ends must not be before begins"},
        {"rhythm = \"monthly\"", "rhythm = \"monthy\"", "rhythm", "did you mean monthly?"},
        {"total = 1200000", "totl = 1200000", "[price]", "total is missing"},
        {"total = 1200000", "total = 1200000\npay_witin_days = 30", "pay_witin", "did you mean pay_within_days?"},
        {"T7000012050002", "7000012050002", "registration", "T and 13 digits"},
        {"who = \"operator\"", "who = \"oprator\"", "who", "there is no role oprator"},
        {"clauses = [\"A4.6\"]", "clauses = [\"A4.7\"]", "clauses = [\"A4.7", "there is no clause A4.7"},
        {"kind = \"every\"", "kind = \"evry\"", "kind = \"evry", "did you mean every?"},
        {"period = \"day\"\n", "", "[[obligations]]", "period is missing"},
        {"evidence = [\"backup.run kind=data\"]", "evidence = [\"backup\"]", "evidence", "is no act of the ledger"},
        {"evidence = [\"backup.run kind=data\"]", "evidence = [\"backup.run kind\"]", "evidence", "field=value"},
        {"mail = \"o@example.jp\"\n", "", "[[roles]]", "write a phone or a mail"},
        {"mail = \"o@example.jp\"", "mail = \"o@example.jp\"\nescalates_to = \"operator\"", "escalates_to",
         "in a circle"},
        {"id = \"helpdesk\"", "id = \"office\"", "id = \"office\"\n[[clauses", "two calendars have this id"},
        {"12-29..01-03", "12-29..02-31", "closed_every_year", "is a list such as"},
        {"period = \"day\"", "period = \"day\"\nwindow = \"17:30\"", "window", "two times of day"},
        {"period = \"day\"", "period = \"day\"\nunless = []", "unless", "there is no unless"},
    };
    for (const auto& one : kCases) {
        SCOPED_TRACE(one.says);
        const std::string text = changed(one.from, one.to);
        const Read read = contract::read(text);
        EXPECT_FALSE(read.is_usable());
        const bool is_said = std::any_of(read.problems.begin(), read.problems.end(), [&](const auto& problem) {
            return problem.message.find(one.says) != std::string::npos && problem.line == line_of(text, one.line);
        });
        EXPECT_TRUE(is_said) << "line " << line_of(text, one.line) << " expected\n"
                             << contract::problems_text(read.problems, "contract.toml");
    }
}

TEST(ReadContract, FindsAllFaultsInOneGo) {
    const Read read = contract::read("[contract]\nid = 3\n[price]\n[[roles]]\n[[obligations]]\n");
    EXPECT_GT(read.problems.size(), 15U);
    for (std::size_t at = 1; at < read.problems.size(); ++at)
        EXPECT_LE(read.problems[at - 1].line, read.problems[at].line);
    EXPECT_EQ(contract::read("[contract\n").problems.at(0).line, 1);
    EXPECT_FALSE(contract::read("").is_usable());
}

TEST(ReadContract, OnlyWarnsOfWhatMayBeRight) {
    const Read sole = contract::read(changed("T7000012050002", "T1234567890123"));
    EXPECT_TRUE(sole.is_usable());
    ASSERT_EQ(sole.problems.size(), 1U);
    EXPECT_TRUE(sole.problems[0].is_warning);
    const Read mistyped = contract::read(changed("mail = \"o@example.jp\"", "mail = \"o＠example.jp\""));
    EXPECT_TRUE(mistyped.is_usable());
    EXPECT_NE(contract::problems_text(mistyped.problems, "c").find("operator: this is no mail address"),
              std::string::npos)
        << contract::problems_text(mistyped.problems, "c");
    const Read unbound =
        contract::read(changed("[[obligations]]", "[[clauses]]\nid = \"A4.7\"\nwording = \"5世代\"\n[[obligations]]"));
    EXPECT_TRUE(unbound.is_usable());
    const std::string told = contract::problems_text(unbound.problems, "c");
    EXPECT_NE(told.find("[[clauses]] A4.7: no obligation names it"), std::string::npos) << told;
    EXPECT_GT(unbound.problems.at(0).line, 1) << "the clause's own line";
}

TEST(ReadContract, KnowsTheCheckDigitOfACorporateNumber) {
    EXPECT_TRUE(contract::check_registration("T7000012050002").is_corporate);
    EXPECT_FALSE(contract::check_registration("T1234567890123").is_corporate);
    EXPECT_TRUE(contract::check_registration("T9234567890123").is_corporate);  // 9 is expected there
    EXPECT_TRUE(contract::check_registration("T1234567890123").is_well_formed);
    EXPECT_FALSE(contract::check_registration("T123456789012").is_well_formed);
    EXPECT_FALSE(contract::check_registration("t7000012050002").is_well_formed);
}

TEST(ReadContract, LetsAmendmentsHoldFromTheirDay) {
    const Read read = contract::read(std::string(kSmall) + R"([[amendments]]
id = "1"
summary = "履行期間を延ばし、日次バックアップをやめる"
signed_on = "2027-09-20"
effective = "2027-10-01"
ends = ["backup"]
total = 1300000
contract_ends = "2029-03-31"
)");
    ASSERT_TRUE(read.is_usable()) << contract::problems_text(read.problems, "c");
    EXPECT_EQ(read.contract.end_at({2027, 9, 30}), (base::Day{2028, 3, 31}));
    EXPECT_EQ(read.contract.end_at({2027, 10, 1}), (base::Day{2029, 3, 31}));
    EXPECT_EQ(read.contract.obligations.at(0).until, (base::Day{2027, 9, 30}));
    const Read wrong = contract::read(std::string(kSmall) +
                                      "[[amendments]]\nid = \"1\"\nsummary = \"変更\"\n"
                                      "signed_on = \"2027-09-20\"\neffective = \"2027-10-01\"\n"
                                      "adds = [\"none\"]\n");
    EXPECT_NE(contract::problems_text(wrong.problems, "c").find("there is no obligation none"), std::string::npos);
    for (const std::string_view day : {"2027-03-31", "2028-04-01"}) {
        const Read outside = contract::read(
            fmt::format("{}[[amendments]]\nid = \"1\"\nsummary = \"変更\"\nsigned_on = \"2027-03-01\"\neffective = "
                        "\"{}\"\nends = [\"backup\"]\n",
                        kSmall, day));
        EXPECT_FALSE(outside.is_usable()) << day;
        EXPECT_NE(contract::problems_text(outside.problems, "c").find("effective is not within the contract's term"),
                  std::string::npos);
    }
}

// The ids of the requirements that bind the contractor of each kind of contract.
constexpr std::string_view kOfCms =
    "A1.1 A1.2 A1.3 A1.4 A1.5 A2.1 A2.2 A2.3 A2.4 A2.5 A2.6 A3.1 A3.2 A3.3 A3.4 A3.5 A4.1 A4.2 A4.3a A4.3b A4.3c A4.3d "
    "A4.3e A4.3f A4.3g A4.3h A4.4 A4.5 A4.6 A4.7 A4.8 A4.9 A5.1 A5.2 A5.3 A6.1 A6.2 A6.3 A6.4 A7.1 A7.2";
constexpr std::string_view kOfPortal =
    "B1.1 B1.2 B2.1 B2.2 B2.3 B2.4 B2.5 B3.1 B3.2 B3.3 B3.4 B4.1 B4.2 B4.3 B4.4 B4.5 B4.6 B4.7 B5.1 B5.2 B5.3 B5.4 "
    "B6.1 "
    "B6.2";

TEST(SampleContracts, AreWholeAndBindEveryClause) {
    for (const auto& [name, ids] : {std::pair("cms", kOfCms), std::pair("portal", kOfPortal)}) {
        SCOPED_TRACE(name);
        const Read read = contract::read(contract::sample(name));
        EXPECT_TRUE(read.problems.empty()) << contract::problems_text(read.problems, name);
        for (const std::string_view id : base::split(ids, ' ')) {
            const auto& all = read.contract.obligations;
            const bool is_bound = std::any_of(all.begin(), all.end(), [&](const contract::Obligation& one) {
                return std::find(one.clauses.begin(), one.clauses.end(), id) != one.clauses.end();
            });
            EXPECT_TRUE(is_bound) << id;
        }
        EXPECT_EQ(read.contract.clauses.size(), base::split(ids, ' ').size());
    }
}

TEST(Pattern, FitsActsGroupsWordsAndBeginnings) {
    contract::Line line{"watch",
                        1,
                        {},
                        "anomaly.open",
                        "anomaly:7",
                        "service:watch",
                        {{"severity", "serious"}, {"runs", "1"}, {"runs", "2"}}};
    for (const std::string_view text :
         {"anomaly.open", "anomaly.*", "anomaly.open severity=minor|serious", "anomaly.open subject=anomaly:*",
          "anomaly.open runs=2 by=service:watch", "anomaly.open severity!=minor|note", "anomaly.open none!=1"})
        EXPECT_TRUE(contract::fits(contract::parse_pattern(text), line)) << text;
    for (const std::string_view text :
         {"anomaly.close", "anomaly.open severity=minor", "anomaly.open runs=3", "anomaly.open none=1", "anomalyx.*",
          "anomaly.open subject=anomaly", "anomaly.open severity!=minor|ser*", "anomaly.open runs!=2"})
        EXPECT_FALSE(contract::fits(contract::parse_pattern(text), line)) << text;
}

}  // namespace

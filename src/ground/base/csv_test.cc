#include "ground/base/csv.h"

#include <gtest/gtest.h>

namespace base {
namespace {

using Cells = std::vector<std::string>;

TEST(ParseCsv, TakesQuotesLineBreaksAndAByteOrderMark) {
    const CsvTable table =
        parse_csv("\xEF\xBB\xBFname,note\r\n\"山田, 太郎\",\"two\nlines \"\"quoted\"\"\"\n\nlast,\n");
    ASSERT_FALSE(table.broken_line);
    ASSERT_EQ(table.records.size(), 3U);
    EXPECT_EQ(table.records[0].cells, (Cells{"name", "note"}));
    EXPECT_EQ(table.records[1].cells, (Cells{"山田, 太郎", "two\nlines \"quoted\""}));
    EXPECT_EQ(table.records[2].cells, (Cells{"last", ""}));
    EXPECT_EQ(table.records[1].line, 2);
    EXPECT_EQ(table.records[2].line, 5) << "lines within quotes and blank lines count";
}

TEST(ParseCsv, NamesTheLineOfAQuoteThatDoesNotEnd) {
    EXPECT_EQ(parse_csv("a,b\nc,\"d\ne\n").broken_line, 2);
    EXPECT_EQ(parse_csv("a\n\"b\"c\n").broken_line, 2);
    EXPECT_EQ(parse_csv("a\n\"b\"c\n").records.size(), 1U);
}

TEST(CsvLine, IsReadBackAsItWas) {
    const std::vector<Cells> rows = {{"a", "b"},          {"", "x"},      {"with, comma", "with \"quote\""},
                                     {" blank ", "\r\n"}, {"=1+1", "-5"}, {"'=x", "'plain"},
                                     {"@cmd", "\ttab"},   {"''+", "'"},   {"＝1", "'＋"}};
    for (const Cells& row : rows) {
        const std::string line = csv_line(row);
        SCOPED_TRACE(line);
        const CsvTable again = parse_csv(line);
        ASSERT_EQ(again.records.size(), 1U);
        EXPECT_EQ(again.records[0].cells, row);
    }
}

TEST(CsvLine, LeavesNothingThatASpreadsheetWouldRun) {
    EXPECT_EQ(csv_line(Cells{"=HYPERLINK(1)", "+1", "1+1"}), "'=HYPERLINK(1),'+1,1+1\r\n");
    EXPECT_EQ(csv_line(Cells{"＝SUM(A1)", "－1", "＠x", "\r=1"}), "'＝SUM(A1),'－1,'＠x,\"'\r=1\"\r\n");
}

}  // namespace
}  // namespace base

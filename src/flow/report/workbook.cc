#include "flow/report/workbook.h"

#include <xlsxwriter.h>

#include "ground/base/csv.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/files.h"

namespace flow::report {

namespace {

constexpr std::string_view kMark = "\xEF\xBB\xBF";  // so that spreadsheets read UTF-8

std::string traces_text(const std::vector<Trace>& traces) {
    std::string text;
    for (const Trace& trace : traces)
        text += fmt::format("{}{}:{}", text.empty() ? "" : " ", trace.stream, trace.sequence);
    return text;
}

std::string csv_of(const Table& table) {
    std::vector<std::string> head;
    for (const Column& column : table.columns) head.push_back(column.label);
    head.emplace_back("根拠の記録");
    std::string text = std::string(kMark) + base::csv_line(head);
    for (const Row& row : table.rows) {
        std::vector<std::string> cells = row.cells;
        cells.push_back(traces_text(row.traces));
        text += base::csv_line(cells);
    }
    return text;
}

/// At most 31 characters, without what workbooks forbid in a sheet's name.
std::string sheet_name(std::string_view caption, std::size_t number) {
    std::string name;
    for (const char c : caption)
        if (std::string_view("[]:*?/\\'").find(c) == std::string_view::npos) name += c;
    return fmt::format("{} {}", number, base::first_code_points(name, 26));
}

std::string workbook_of(const std::vector<Section>& sections) {
    const sys::TemporaryFolder folder;
    const auto file = folder.path() / "tables.xlsx";
    const std::string temporary = folder.path().string();
    lxw_workbook_options options{};
    options.constant_memory = LXW_FALSE;
    options.tmpdir = const_cast<char*>(temporary.c_str());  // NOLINT: the library's C interface, it only reads it
    lxw_workbook* book = workbook_new_opt(file.c_str(), &options);
    if (book == nullptr)
        throw base::Error(base::Kind::Unavailable, "表計算のファイルを作れません。ディスクの空きを確かめてください。");
    lxw_format* head = workbook_add_format(book);
    format_set_bold(head);
    format_set_bottom(head, LXW_BORDER_THIN);
    std::size_t number = 0;
    for (const Section& section : sections)
        for (const Table& table : section.tables) {
            lxw_worksheet* sheet = workbook_add_worksheet(book, sheet_name(table.caption, ++number).c_str());
            if (sheet == nullptr) continue;
            lxw_col_t column = 0;
            for (const Column& each : table.columns)
                worksheet_write_string(sheet, 0, column++, each.label.c_str(), head);
            worksheet_write_string(sheet, 0, column, "根拠の記録", head);
            worksheet_set_column(sheet, 0, column, 20, nullptr);
            worksheet_freeze_panes(sheet, 1, 0);
            lxw_row_t line = 0;
            for (const Row& row : table.rows) {
                column = 0;
                ++line;
                for (const std::string& cell : row.cells)
                    worksheet_write_string(sheet, line, column++, cell.c_str(), nullptr);
                // A cell holds 32,767 characters.
                worksheet_write_string(sheet, line, column, traces_text(row.traces).substr(0, 32'000).c_str(), nullptr);
            }
        }
    if (const lxw_error error = workbook_close(book); error != LXW_NO_ERROR)
        throw base::Error(base::Kind::Unavailable,
                          fmt::format("表計算のファイルを作れません（{}）。", lxw_strerror(error)));
    return sys::read_file(file, 64U << 20U);
}

}  // namespace

std::vector<ExtraFile> files_of(const std::vector<Section>& sections) {
    std::vector<ExtraFile> files;
    std::string traces =
        std::string(kMark) + base::csv_line(std::vector<std::string>{"表", "行", "記録の種類", "記録の番号"});
    for (const Section& section : sections)
        for (const Table& table : section.tables) {
            files.push_back({table.id + ".csv", "text/csv; charset=utf-8", csv_of(table)});
            std::size_t line = 0;
            for (const Row& row : table.rows) {
                ++line;
                for (const Trace& trace : row.traces)
                    traces += base::csv_line(std::vector<std::string>{table.id, fmt::format("{}", line), trace.stream,
                                                                      fmt::format("{}", trace.sequence)});
            }
        }
    files.push_back({"traces.csv", "text/csv; charset=utf-8", std::move(traces)});
    files.push_back(
        {"tables.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", workbook_of(sections)});
    return files;
}

}  // namespace flow::report

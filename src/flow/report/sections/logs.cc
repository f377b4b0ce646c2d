// The kept logs: which days were sealed.
#include "flow/report/section.h"

namespace flow::report {

namespace {

void make(const Source& source, Section& section) {
    struct Sum {
        std::int64_t days = 0, lines = 0, bytes = 0;
        std::vector<Trace> traces;
    };
    std::map<std::string, Sum> series;
    for (const contract::Line& line : source.day_lines("log.sealed")) {
        Sum& sum = series[text_of(line, "series")];
        ++sum.days;
        sum.lines += number_of(line, "lines");
        sum.bytes += number_of(line, "bytes");
        sum.traces.push_back(trace_of(line));
    }
    Table table{"logs",
                "封印したログ",
                {{"ログ"}, {"日数", true}, {"行数", true}, {"大きさ", true}},
                {},
                "この月に封印したログの記録はありません。"};
    for (const auto& [name, sum] : series)
        table.rows.push_back(
            {{name, count_text(sum.days), count_text(sum.lines), bytes_text(static_cast<double>(sum.bytes))},
             sum.traces});
    section.sentences.push_back(
        fmt::format("ログは日ごとに封印し、{}日間保存する設定です。", source.site.settings.log_archive.keep_days));
    const auto removed = source.month_lines("log.removed").size();
    section.sentences.push_back(removed == 0 ? "保存期間が過ぎて削除したログはありません。"
                                             : fmt::format("保存期間が過ぎた {}日分のログを削除しました。", removed));
    section.tables.push_back(std::move(table));
}

}  // namespace

extern const SectionKind logs{"logs", "ログの保存", make};

}  // namespace flow::report

// Each night's backup: whether it was made, when, how much, whether it was read back; and what is held at the end.
#include "flow/report/section.h"

namespace flow::report {

namespace {

void make(const Source& source, Section& section) {
    const Lines lines = source.all_lines("backup");
    std::map<std::string, const contract::Line*> verified;  // by "backup:12"
    std::set<std::string> held_days, gone;
    for (const contract::Line& line : lines) {
        if (line.act == "backup.verify" && text_of(line, "proof") == "whole")
            for (const auto& [name, value] : line.data)
                if (name == "runs") verified["backup:" + value] = &line;
        if (line.act == "backup.prune" || line.act == "backup.lost")
            for (const auto& [name, value] : line.data)
                if (name == "runs") gone.insert("backup:" + value);
    }
    Table table{"backups",
                "毎日のバックアップ",
                {{"日"},
                 {"保存先"},
                 {"始まり"},
                 {"終わり"},
                 {"時間", true},
                 {"ファイル", true},
                 {"大きさ", true},
                 {"結果"},
                 {"読み戻し検証"}},
                {},
                "バックアップの記録がありません。"};
    std::set<std::string> made_days;
    int failed = 0;
    for (const contract::Line& line : lines) {
        if (line.act != "backup.run" || text_of(line, "kind") != "data") continue;
        const bool is_made = text_of(line, "outcome") == "made";
        const auto proof = verified.find(line.subject);
        if (is_made && proof != verified.end() && !gone.contains(line.subject)) held_days.insert(text_of(line, "day"));
        if (!source.holds(line.at)) continue;
        if (is_made) made_days.insert(text_of(line, "day"));
        failed += !is_made;
        const std::chrono::seconds took(number_of(line, "seconds"));
        Row row{
            {text_of(line, "day"), text_of(line, "repository"), is_made ? time_text(line.at - took) : "―",
             time_text(line.at), is_made ? span_text(took) : "―", is_made ? count_text(number_of(line, "files")) : "―",
             is_made ? bytes_text(static_cast<double>(number_of(line, "bytes"))) : "―", is_made ? "取得" : "失敗",
             proof == verified.end() ? (is_made ? "未検証" : "―") : "正常"},
            {trace_of(line)}};
        if (proof != verified.end()) row.traces.push_back(trace_of(*proof->second));
        table.rows.push_back(std::move(row));
    }
    const base::Day first =
        source.contract ? std::max(source.month.first(), source.contract->begins) : source.month.first();
    const base::Day last = std::min(source.month.last(), base::local_day(source.now) - 1);
    std::vector<std::string> missing;
    for (base::Day day = first; day <= last; day = day + 1)
        if (!made_days.contains(base::format_day(day))) missing.push_back(fmt::format("{}日", day.day));
    if (table.rows.empty())
        section.sentences.push_back("この月のバックアップの記録がありません。取得できていない可能性があります。");
    else
        section.sentences.push_back(
            fmt::format("データのバックアップは {}日分を取得し、失敗は {}回でした。", made_days.size(), failed));
    section.sentences.push_back(fmt::format("バックアップを始めてよい時間帯は、{}から{}までです。",
                                            source.site.settings.backup.window_from,
                                            source.site.settings.backup.window_to));
    if (!missing.empty() && !table.rows.empty())
        section.sentences.push_back(fmt::format("取得の記録がない日：{}。", fmt::join(missing, "、")));
    section.sentences.push_back(
        fmt::format("月末の時点で、読み戻して正しいと確かめたバックアップを {}日分保管しています。", held_days.size()));
    section.tables.push_back(std::move(table));
}

}  // namespace

extern const SectionKind backups{"backups", "バックアップ", make};

}  // namespace flow::report

// Restore drills: was the site really brought back, how much would have been lost, how long did it take.
#include "flow/report/section.h"

namespace flow::report {

namespace {

void make(const Source& source, Section& section) {
    Table table{"drills",
                "復旧訓練",
                {{"実施"},
                 {"保存先"},
                 {"結果"},
                 {"復旧にかかった時間（RTO）", true},
                 {"照合したページ", true},
                 {"違い", true},
                 {"備考"}},
                {},
                "この月の復旧訓練の記録はありません。"};
    int well = 0;
    for (const contract::Line& line : source.month_lines("backup.drill")) {
        const bool is_well = text_of(line, "ok") == "true";
        well += is_well;
        table.rows.push_back(
            {{time_text(line.at), text_of(line, "repository"), is_well ? "成功" : "失敗",
              span_text(std::chrono::milliseconds(number_of(line, "rto_seconds") * 1000)),
              count_text(number_of(line, "pages")), count_text(number_of(line, "differing")), text_of(line, "problem")},
             {trace_of(line)}});
    }
    if (table.rows.empty())
        section.sentences.push_back("この月は、復旧訓練の記録がありません。");
    else
        section.sentences.push_back(fmt::format(
            "バックアップから別の場所にサイトを復旧し、公開ページを照合する訓練を {}回行い、{}回成功しました。",
            table.rows.size(), well));
    if (source.contract && source.contract->recovery_point.amount > 0) {
        const contract::Span& span = source.contract->recovery_point;
        section.sentences.push_back(fmt::format(
            "契約で定めた復旧時点の目標（RPO）は {} です。",
            span.is_days ? fmt::format("{}日", span.amount) : span_text(std::chrono::minutes(span.amount))));
    }
    section.tables.push_back(std::move(table));
}

}  // namespace

extern const SectionKind drills{"drills", "復旧訓練", make};

}  // namespace flow::report

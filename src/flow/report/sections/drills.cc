// Restore drills: was the site really brought back, how much would have been lost, how long did it take.
#include <boost/json.hpp>

#include "flow/report/section.h"
#include "flow/restore_site.h"
#include "ground/ledger/store.h"

namespace flow::report {

namespace {

/// What the line itself says of them; only figures of their own reach its data.
boost::json::value load_phases(const Source& source, const contract::Line& line) {
    sys::Database* const database =
        line.stream == ledger::kWatch ? source.site.find_watch() : source.site.database.get();
    if (database == nullptr) return {};
    ledger::Search search;
    search.stream = line.stream;
    search.before = line.sequence + 1;
    search.limit = 1;
    const auto found = database->read([&](sys::Reader& db) { return ledger::find_lines(db, search); });
    if (found.empty() || found.front().sequence != line.sequence) return {};
    boost::system::error_code problem;
    const boost::json::value detail = boost::json::parse(found.front().entry.detail, problem);
    if (problem || !detail.is_object() || !detail.as_object().contains("phases")) return {};
    return detail.as_object().at("phases");
}

void add_phases(const Source& source, const contract::Line& line, Table& table) {
    const boost::json::value phases = load_phases(source, line);
    if (!phases.is_object()) return;
    for (const PhaseKind& kind : all_phases())
        if (const auto* const seconds = phases.as_object().if_contains(kind.id); seconds && seconds->is_number())
            table.rows.push_back(
                {{time_text(line.at), std::string(kind.name), fmt::format("{:.1f}", seconds->to_number<double>())},
                 {trace_of(line)}});
}

void make(const Source& source, Section& section) {
    Table table{"drills",
                "復旧訓練",
                {{"実施"},
                 {"保存先"},
                 {"結果"},
                 {"失われる更新の幅（RPO）", true},
                 {"復旧にかかった時間（RTO）", true},
                 {"照合したページ", true},
                 {"違い", true},
                 {"備考"}},
                {},
                "この月の復旧訓練の記録はありません。"};
    int well = 0;
    std::optional<std::int64_t> longest;
    Table phases{"drill-phases",
                 "復旧訓練の内訳",
                 {{"実施"}, {"段階"}, {"かかった秒数", true}},
                 {},
                 "段階ごとの記録はありません。"};
    const Lines lines = source.month_lines("backup.drill");
    for (const contract::Line& line : lines) {
        const bool is_well = text_of(line, "ok") == "true";
        well += is_well;
        add_phases(source, line, phases);
        const bool is_measured = is_well && !text_of(line, "rpo_seconds").empty();
        const auto lost = number_of(line, "rpo_seconds");
        if (is_measured) longest = std::max(longest.value_or(0), lost);
        table.rows.push_back(
            {{time_text(line.at), text_of(line, "repository"), is_well ? "成功" : "失敗",
              is_measured ? span_text(std::chrono::seconds(lost)) : "―",
              is_well ? span_text(std::chrono::seconds(number_of(line, "rto_seconds"))) : "―",
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
        if (longest)
            section.sentences.push_back(fmt::format(
                "訓練で測った値は、最も長いもので {} でした。{}", span_text(std::chrono::seconds(*longest)),
                *longest <= span.amount * (span.is_days ? 86'400 : 60) ? "目標の内です。" : "目標を超えています。"));
    }
    section.tables.push_back(std::move(table));
    section.tables.push_back(std::move(phases));
}

}  // namespace

extern const SectionKind drills{"drills", "復旧訓練", make};

}  // namespace flow::report

// What the watch found, by severity: how many, how soon somebody had it in hand, how soon it was well again.
#include "flow/report/section.h"

namespace flow::report {

namespace {

struct Severity {
    std::string_view id, wording;
};
constexpr Severity kSeverities[] = {
    {"emergency", "緊急"}, {"serious", "重大"}, {"warning", "警告"}, {"minor", "軽微"}, {"note", "参考"}};

struct Sum {
    std::int64_t count = 0, answered = 0, cleared = 0;
    std::chrono::milliseconds to_answer{0}, to_clear{0};
    std::vector<Trace> traces;
};

std::string mean_text(std::chrono::milliseconds sum, std::int64_t count) {
    return count == 0 ? "―" : span_text(sum / count);
}

void make(const Source& source, Section& section) {
    const Lines lines = source.all_lines("anomaly");
    std::map<std::string, Sum, std::less<>> sums;
    Sum all;
    std::int64_t open = 0;
    for (const Story& story : stories_of(lines)) {
        const contract::Line* opened = story.first("anomaly.open");
        if (opened == nullptr || !source.holds(opened->at)) continue;
        const contract::Line* answered = story.first("anomaly.acknowledge");
        if (const auto* decided = story.first("anomaly.answer"); decided && (!answered || decided->at < answered->at))
            answered = decided;
        const contract::Line* cleared = story.first("anomaly.clear");
        if (cleared == nullptr) cleared = story.first("anomaly.close");
        for (Sum* sum : {&sums[story.newest("severity")], &all}) {
            ++sum->count;
            sum->traces.push_back(trace_of(*opened));
            if (answered != nullptr) {
                ++sum->answered;
                sum->to_answer += answered->at - opened->at;
                sum->traces.push_back(trace_of(*answered));
            }
            if (cleared != nullptr) {
                ++sum->cleared;
                sum->to_clear += cleared->at - opened->at;
                sum->traces.push_back(trace_of(*cleared));
            }
        }
        open += cleared == nullptr;
    }
    if (all.count == 0)
        section.sentences.push_back("この月に検知した異常は、記録されていません。");
    else
        section.sentences.push_back(fmt::format(
            "異常を {}件検知し、平均 {} で受け付け、平均 {} で復旧しました。月末の時点で続いているものは {}件です。",
            all.count, mean_text(all.to_answer, all.answered), mean_text(all.to_clear, all.cleared), open));
    Table table{"alerts",
                "重大度ごとの異常",
                {{"重大度"},
                 {"件数", true},
                 {"受付までの平均", true},
                 {"復旧までの平均", true},
                 {"受付済み", true},
                 {"復旧済み", true}},
                {},
                "異常の記録はありません。"};
    for (const Severity& severity : kSeverities) {
        const auto found = sums.find(severity.id);
        if (found == sums.end()) continue;
        const Sum& sum = found->second;
        table.rows.push_back(
            {{std::string(severity.wording), count_text(sum.count), mean_text(sum.to_answer, sum.answered),
              mean_text(sum.to_clear, sum.cleared), count_text(sum.answered), count_text(sum.cleared)},
             sum.traces});
    }
    section.tables.push_back(std::move(table));
}

}  // namespace

extern const SectionKind alerts{"alerts", "異常の検知と対応", make};

}  // namespace flow::report

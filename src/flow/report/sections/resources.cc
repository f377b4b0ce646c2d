// What the machine had to bear, and when a disk will be full.
#include "flow/report/sections/measured.h"
#include "watch/samples/samples.h"

namespace flow::report {

namespace {

struct Kind {
    std::string_view series, wording;
};
constexpr Kind kKinds[] = {
    {"cpu.used", "CPU"}, {"memory.used", "メモリ"}, {"swap.used", "スワップ"}, {"disk.used", "ディスク"}};
constexpr double kYear = 365.0 * 86'400;

void make(const Source& source, Section& section) {
    Table table{"resources",
                "使用率（％）",
                {{"種類"}, {"対象"}, {"平均", true}, {"最大", true}, {"最大のとき"}, {"満杯の見込み"}},
                {},
                "この月は、使用率の記録がありません。"};
    sys::Database* watch = source.site.find_watch();
    double fullest = 0;
    if (watch != nullptr)
        for (const Kind& kind : kKinds) {
            const auto all = watch->read([&](sys::Reader& db) { return samples::list_series(db, kind.series); });
            for (const samples::Series& series : all) {
                if (series.name != kind.series) continue;
                const auto days = read_days(source, series.name, series.subject);
                const DayFigure* worst = highest(days);
                if (worst == nullptr) continue;
                std::string full = "―";
                if (kind.series == "disk.used") {
                    const auto left = read_days(source, "disk.full_in", series.subject);
                    const auto last =
                        std::find_if(left.rbegin(), left.rend(), [](const DayFigure& day) { return day.mean; });
                    full = last == left.rend()   ? "増える傾向なし"
                           : *last->mean > kYear ? "1年より先"
                                                 : fmt::format("約{:.0f}日後", *last->mean / 86'400);
                    fullest = std::max(fullest, *worst->most);
                }
                table.rows.push_back({{std::string(kind.wording), series.subject, fmt::format("{:.1f}", *mean_of(days)),
                                       fmt::format("{:.1f}", *worst->most), hour_text(*worst), full},
                                      {}});
            }
        }
    if (!table.rows.empty())
        section.sentences.push_back(
            fullest >= 80
                ? fmt::format("ディスクの使用率が最大 {:.0f}％に達しました。増設か整理を検討します。", fullest)
                : "サーバの使用率の平均と最大は、次の表のとおりです。");
    section.tables.push_back(std::move(table));
}

}  // namespace

extern const SectionKind resources{"resources", "サーバの負荷と容量", make};

}  // namespace flow::report

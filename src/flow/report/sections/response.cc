// How quickly the public server answered.
#include "flow/report/sections/measured.h"
#include "watch/samples/samples.h"

namespace flow::report {

namespace {

/// Every probe that measures a time, not the public server's alone.
void add_probes(const Source& source, Section& section) {
    Table table{"probes",
                "監視ごとの応答の時間",
                {{"監視"}, {"平均（秒）", true}, {"最大（秒）", true}, {"最大のとき"}},
                {},
                ""};
    for (const samples::Series& series :
         source.site.watch().read([](sys::Reader& db) { return samples::list_series(db, "http.total"); })) {
        const auto days = read_days(source, series.name, series.subject);
        if (const DayFigure* worst = highest(days))
            table.rows.push_back({{series.subject, fmt::format("{:.2f}", *mean_of(days)),
                                   fmt::format("{:.2f}", *worst->most), hour_text(*worst)},
                                  {}});
    }
    section.tables.push_back(std::move(table));
}

void make(const Source& source, Section& section) {
    const auto days = read_days(source, "http.total", "http.public");
    const DayFigure* worst = highest(days);
    if (worst == nullptr) {
        section.sentences.push_back("この月は、応答の時間を測った記録がありません。");
        return;
    }
    section.sentences.push_back(
        fmt::format("公開サーバの応答の時間は平均 {:.2f}秒、最も遅いときで {:.2f}秒（{}）でした。", *mean_of(days),
                    *worst->most, hour_text(*worst)));
    Daily daily{{}, "秒"};
    Table table{"response", "日ごとの応答の時間", {{"日"}, {"平均（秒）", true}, {"最大（秒）", true}}, {}, ""};
    for (const DayFigure& day : days) {
        daily.values.push_back(day.mean);
        table.rows.push_back(
            {{fmt::format("{}日", day.day.day), day.mean ? fmt::format("{:.2f}", *day.mean) : "記録なし",
              day.most ? fmt::format("{:.2f}", *day.most) : "記録なし"},
             {}});
    }
    section.pictures.push_back(
        {draw_days(daily, "日ごとの平均の応答の時間。同じ数値を下の表に示します。"), "日ごとの平均の応答の時間（秒）"});
    section.tables.push_back(std::move(table));
    add_probes(source, section);
}

}  // namespace

extern const SectionKind response{"response", "応答の時間", make};

}  // namespace flow::report

// How much the site was read: requests and bytes of the public server's access log.
#include "flow/report/sections/measured.h"
#include "watch/samples/samples.h"

namespace flow::report {

namespace {

void make(const Source& source, Section& section) {
    sys::Database* watch = source.site.find_watch();
    std::vector<samples::Series> all;
    if (watch != nullptr)
        all = watch->read([](sys::Reader& db) { return samples::list_series(db, "requests.requests"); });
    bool is_any = false;
    for (const samples::Series& series : all) {
        const auto requests = read_days(source, series.name, series.subject);
        if (requests.empty()) continue;
        is_any = true;
        const auto sent = read_days(source, "requests.sent", series.subject);
        double total = 0, bytes = 0;
        for (const DayFigure& day : requests) total += day.sum;
        for (const DayFigure& day : sent) bytes += day.sum;
        const auto* busiest = &requests.front();
        for (const DayFigure& day : requests)
            if (day.sum > busiest->sum) busiest = &day;
        section.sentences.push_back(
            fmt::format("アクセスはおよそ {}件、送ったデータは {} でした。最も多かった日は{}月{}日の {}件です。",
                        count_text(static_cast<std::int64_t>(total)), bytes_text(bytes), busiest->day.month,
                        busiest->day.day, count_text(static_cast<std::int64_t>(busiest->sum))));
        Daily daily{{}, ""};
        Table table{"traffic", "日ごとのアクセス", {{"日"}, {"件数", true}, {"送ったデータ", true}}, {}, ""};
        for (std::size_t i = 0; i < requests.size(); ++i) {
            const DayFigure& day = requests[i];
            daily.values.push_back(day.mean ? std::optional(day.sum) : std::nullopt);
            table.rows.push_back({{fmt::format("{}日", day.day.day),
                                   day.mean ? count_text(static_cast<std::int64_t>(day.sum)) : "記録なし",
                                   i < sent.size() && sent[i].mean ? bytes_text(sent[i].sum) : "記録なし"},
                                  {}});
        }
        section.pictures.push_back(
            {draw_days(daily, "日ごとのアクセスの件数。同じ数値を下の表に示します。"), "日ごとのアクセスの件数"});
        section.tables.push_back(std::move(table));
    }
    if (!is_any)
        section.sentences.push_back(
            "この月は、アクセスの件数の記録がありません。公開サーバのアクセスログを監視の対象にすると、翌月から載ります"
            "。");
}

}  // namespace

extern const SectionKind traffic{"traffic", "アクセスの状況", make};

}  // namespace flow::report

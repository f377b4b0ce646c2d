// How much the site was read: requests and bytes of the public server's access log.
#include "flow/count_reads.h"
#include "flow/report/sections/measured.h"
#include "watch/samples/samples.h"

namespace flow::report {

namespace {

constexpr std::size_t kMostPages = 15;

/// Pages by what the access log says; the lines that sealed that log's days prove what was counted.
void add_pages(const Source& source, Section& section) {
    const Reads reads = count_reads(source.site, source.month.begin(), source.until());
    if (!reads.is_there || !reads.from) return;
    section.sentences.push_back(fmt::format("ページの閲覧は {}件でした（自動で巡回するものを除きます）。{}",
                                            count_text(reads.views),
                                            reads.is_cut ? "記録が多いため、新しい部分だけを数えた値です。" : ""));
    if (*reads.from - source.month.begin() > std::chrono::hours(24))
        section.sentences.push_back(fmt::format("閲覧は、{}からの記録を数えた値です。", time_text(*reads.from)));
    std::vector<Trace> traces;
    for (const contract::Line& line : source.day_lines("log.sealed"))
        if (text_of(line, "series").starts_with("access")) traces.push_back(trace_of(line));
    const auto add = [&](std::string id, std::string caption, std::string none, const auto& counts) {
        Table table{std::move(id), std::move(caption), {{"アドレス"}, {"件数", true}}, {}, std::move(none)};
        for (const auto& [path, count] : most_frequent(counts, kMostPages))
            table.rows.push_back({{path, count_text(count)}, traces});
        section.tables.push_back(std::move(table));
    };
    add("pages", "よく読まれたページ", "ページの閲覧の記録はありません。", reads.pages);
    add("pages-missing", "開かれたのに、ページがなかったアドレス", "ページがないアドレスは、開かれませんでした。",
        reads.missing);
}

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
    add_pages(source, section);
}

}  // namespace

extern const SectionKind traffic{"traffic", "アクセスの状況", make};

}  // namespace flow::report

// How long residents could see the site. Down is: the probe of the public server was wrong (an anomaly), or the site
// was stopped; planned stops are taken out of both sides. Time in which nobody looked is told, never counted as well.
#include <cmath>

#include "flow/report/section.h"
#include "watch/samples/samples.h"

namespace flow::report {

namespace {

using Ranges = std::vector<std::pair<base::Instant, base::Instant>>;

/// Sorted, without overlaps, within [from, until).
Ranges merged(Ranges all, base::Instant from, base::Instant until) {
    std::sort(all.begin(), all.end());
    Ranges whole;
    for (auto [begin, end] : all) {
        begin = std::max(begin, from);
        end = std::min(end, until);
        if (begin >= end) continue;
        if (!whole.empty() && begin <= whole.back().second)
            whole.back().second = std::max(whole.back().second, end);
        else
            whole.emplace_back(begin, end);
    }
    return whole;
}

std::chrono::milliseconds length(const Ranges& ranges) {
    std::chrono::milliseconds all{0};
    for (const auto& [begin, end] : ranges) all += end - begin;
    return all;
}

/// What is in `ranges` and not in `holes`; both merged.
Ranges without(const Ranges& ranges, const Ranges& holes) {
    Ranges left;
    for (auto [begin, end] : ranges) {
        for (const auto& [from, to] : holes) {
            if (to <= begin || from >= end) continue;
            if (from > begin) left.emplace_back(begin, from);
            begin = std::max(begin, to);
            if (begin >= end) break;
        }
        if (begin < end) left.emplace_back(begin, end);
    }
    return left;
}

struct Down {
    base::Instant from, to;
    std::string what;
    std::vector<Trace> traces;
};

/// From `begins` to `ends` of the same subject; to the end of the report when it goes on.
void add_spans(const Lines& lines, std::string_view begins, std::initializer_list<std::string_view> ends,
               base::Instant until, const std::function<bool(const contract::Line&)>& counts, std::string_view what,
               std::vector<Down>& to) {
    std::map<std::string, Down, std::less<>> open;
    for (const contract::Line& line : lines) {
        // A stop's subject ends with the act's own id: what was stopped is before it.
        const std::string key =
            line.subject.starts_with("service:") ? line.subject.substr(0, line.subject.rfind(':')) : line.subject;
        if (line.act == begins && counts(line) && !open.contains(key))
            open[key] = {happened(line), std::max(until, happened(line)), std::string(what), {trace_of(line)}};
        const auto found = open.find(key);
        if (found == open.end() || std::find(ends.begin(), ends.end(), line.act) == ends.end()) continue;
        found->second.to = happened(line);
        found->second.traces.push_back(trace_of(line));
        to.push_back(found->second);
        open.erase(found);
    }
    for (auto& [key, down] : open) to.push_back(std::move(down));
}

/// A stop of the office alone leaves the site to residents: nothing is taken out for it.
bool stops_public(const contract::Line& line) {
    return text_of(line, "stops_public") == "true";
}

bool is_public_probe(const contract::Line& line) {
    return text_of(line, "source") == "probe" && text_of(line, "subject") == "http.public";
}

Ranges ranges_of(const std::vector<Down>& all) {
    Ranges ranges;
    for (const Down& one : all) ranges.emplace_back(one.from, one.to);
    return ranges;
}

void make(const Source& source, Section& section) {
    const base::Instant begin = source.month.begin(), until = source.until();
    std::vector<Down> down, planned, silent;
    const Lines anomalies = source.all_lines("anomaly");
    add_spans(anomalies, "anomaly.open", {"anomaly.clear", "anomaly.close"}, until, is_public_probe,
              "公開サーバの応答なし", down);
    add_spans(anomalies, "anomaly.no-data", {"anomaly.heard", "anomaly.clear", "anomaly.close"}, until, is_public_probe,
              "監視のデータなし", silent);
    add_spans(
        source.all_lines("service"), "service.stop", {"service.resume"}, until,
        [](const contract::Line& line) { return line.subject.starts_with("service:public:"); }, "緊急停止", down);
    add_spans(source.all_lines("stop"), "stop.start", {"stop.end"}, until, stops_public, "計画停止", planned);

    // Hours in which the public server was really asked.
    std::int64_t asked = 0;
    if (sys::Database* watch = source.site.find_watch(); watch != nullptr && until > begin) {
        const samples::Chart chart = watch->read([&](sys::Reader& db) {
            return samples::read(db, {"http.total", "http.public", begin, until, source.hours()});
        });
        for (const samples::Point& point : chart.points) asked += point.mean ? chart.step.count() : 0;
    }
    const auto whole = until - begin;
    const Ranges stops = merged(ranges_of(planned), begin, until);
    const Ranges wrong = without(merged(ranges_of(down), begin, until), stops);
    const auto target = whole - length(stops), lost = length(wrong);
    const std::chrono::milliseconds unseen =
        std::max(whole - std::chrono::milliseconds(asked), std::chrono::milliseconds{0});
    if (asked == 0) {
        section.sentences.push_back(
            "この月は、公開サーバの応答を調べた記録がありません。稼働率は示せません（停止がなかったという意味ではありま"
            "せん）。");
    } else {
        // Never rounded up to a hundred: a lost minute shows.
        const double rate =
            target.count() > 0
                ? std::floor(1e5 * static_cast<double>((target - lost).count()) / static_cast<double>(target.count())) /
                      1e3
                : 0;
        section.sentences.push_back(fmt::format("稼働率は {:.3f}％でした。", rate));
        if (source.contract && source.contract->availability > 0) {
            const double wanted = static_cast<double>(source.contract->availability) / 1e3;
            section.sentences.push_back(
                fmt::format("契約で定めた目標は {}％です。{}", wanted,
                            rate >= wanted ? "目標を満たしています。" : "目標を下回りました。"));
        }
        section.sentences.push_back(fmt::format(
            "計算の方法：（対象の時間 {} − 停止した時間 {}）÷ 対象の時間 {}。対象の時間は、暦の時間 {} から計画停止 {} "
            "を除いたものです。",
            span_text(target), span_text(lost), span_text(target), span_text(whole), span_text(length(stops))));
        if (unseen > std::chrono::hours(1))
            section.sentences.push_back(fmt::format(
                "このうち {} は応答を調べた記録がなく、停止がなかったことを確かめられていません。", span_text(unseen)));
        section.sentences.push_back(lost.count() == 0
                                        ? "計画していない停止は記録されていません。"
                                        : fmt::format("計画していない停止は合わせて {} でした。", span_text(lost)));
    }
    Table table{"availability",
                "停止の記録",
                {{"始まり"}, {"終わり"}, {"時間", true}, {"内容"}},
                {},
                "停止の記録はありません。"};
    down.insert(down.end(), planned.begin(), planned.end());
    down.insert(down.end(), silent.begin(), silent.end());
    std::sort(down.begin(), down.end(), [](const Down& a, const Down& b) { return a.from < b.from; });
    for (const Down& one : down) {
        if (one.to <= begin || one.from >= until) continue;
        table.rows.push_back({{time_text(one.from), one.to >= until ? "続いています" : time_text(one.to),
                               span_text(one.to - one.from), one.what},
                              one.traces});
    }
    section.tables.push_back(std::move(table));
}

}  // namespace

extern const SectionKind availability{"availability", "稼働の状況", make};

}  // namespace flow::report

// Tampering, malicious code, viruses, attacks: what was checked on which days, what the checks found, and what was put
// right.
#include "flow/report/section.h"
#include "watch/signals/rounds.h"

namespace flow::report {

namespace {

struct Kind {
    std::string_view source, wording;
};
constexpr Kind kCheckKinds[] = {{"guard", "公開ファイルの改ざん"},
                                {"outside", "外から見た内容の違い"},
                                {"content", "不正なコード・誘導の混入"},
                                {"antivirus", "ウイルス"},
                                {"intrusion", "不正アクセス・攻撃"}};

std::string day_list(const std::set<std::string>& days, const Source& source) {
    std::string missing;
    for (base::Day day = source.month.first();
         day <= source.month.last() && source.holds(base::from_local({day + 1}) - std::chrono::milliseconds(1));
         day = day + 1)
        if (!days.contains(base::format_day(day)))
            missing += fmt::format("{}{}日", missing.empty() ? "" : "、", day.day);
    return missing;
}

/// What was looked at, by kind, from the day's records of the watch. False: there are none.
bool add_rounds(const Source& source, Section& section) {
    struct Sum {
        std::set<std::string> days;
        std::int64_t runs = 0, items = 0;
        std::vector<Trace> traces;
    };
    std::map<std::string, Sum, std::less<>> sums;
    for (const contract::Line& line : source.day_lines("round.day")) {
        Sum& sum = sums[text_of(line, "kind")];
        sum.days.insert(text_of(line, "day"));
        sum.runs += number_of(line, "runs");
        sum.items += number_of(line, "items");
        sum.traces.push_back(trace_of(line));
    }
    Table table{"rounds",
                "調べた件数",
                {{"検査"}, {"行った日数", true}, {"回数", true}, {"調べた件数（のべ）", true}, {"単位"}},
                {},
                "検査を行った記録はありません。"};
    for (const signals::RoundKind& kind : signals::round_kinds()) {
        const auto sum = sums.find(kind.id);
        if (sum == sums.end()) continue;
        table.rows.push_back(
            {{std::string(kind.wording), count_text(static_cast<std::int64_t>(sum->second.days.size())),
              sum->second.runs > 0 ? count_text(sum->second.runs) : std::string("随時"), count_text(sum->second.items),
              std::string(kind.unit)},
             sum->second.traces});
    }
    const Sum& tree = sums["tree.bytes"];
    if (tree.days.empty()) {
        section.sentences.push_back("公開ファイルの内容を照合した記録は、この月にありません。");
    } else {
        section.sentences.push_back(
            fmt::format("公開ファイルの内容の照合を {}日、{}回行い、のべ {}個のファイルを確かめました。",
                        tree.days.size(), count_text(tree.runs), count_text(tree.items)));
        if (const std::string missing = day_list(tree.days, source); !missing.empty())
            section.sentences.push_back(fmt::format("照合の記録がない日：{}。", missing));
    }
    const bool has_rounds = !table.rows.empty();
    section.tables.push_back(std::move(table));
    return has_rounds;
}

void make(const Source& source, Section& section) {
    std::map<std::string, Row, std::less<>> found;
    std::map<std::string, int, std::less<>> counts;
    Table events{"tampering",
                 "検知の一覧",
                 {{"検知"}, {"種類"}, {"重大度"}, {"対象"}, {"内容"}},
                 {},
                 "検知の記録はありません。"};
    for (const contract::Line& line : source.month_lines("anomaly.open")) {
        const std::string by = text_of(line, "source");
        const auto* kind = std::find_if(std::begin(kCheckKinds), std::end(kCheckKinds),
                                        [&](const Kind& each) { return each.source == by; });
        if (kind == std::end(kCheckKinds)) continue;
        ++counts[by];
        found[by].traces.push_back(trace_of(line));
        events.rows.push_back({{time_text(line.at), std::string(kind->wording), text_of(line, "severity"),
                                text_of(line, "subject"), text_of(line, "text")},
                               {trace_of(line)}});
    }
    Table table{"checks", "検査ごとの検知", {{"検査"}, {"検知した件数", true}}, {}, ""};
    std::int64_t all = 0;
    for (const Kind& kind : kCheckKinds) {
        all += counts[std::string(kind.source)];
        table.rows.push_back({{std::string(kind.wording), count_text(counts[std::string(kind.source)])},
                              found[std::string(kind.source)].traces});
    }
    std::int64_t healed = 0, heals = 0;
    for (const contract::Line& line : source.month_lines("guard.heal")) {
        healed += number_of(line, "healed");
        ++heals;
    }
    section.sentences.push_back(
        all == 0 ? "改ざん、不正なコード、ウイルス、攻撃の検知は、記録されていません。"
                 : fmt::format("改ざん、不正なコード、ウイルス、攻撃に関する検知が {}件ありました。", all));
    if (heals > 0)
        section.sentences.push_back(
            fmt::format("公開ファイルの自動復旧を {}回行い、{}個のファイルを元に戻しました。", heals, healed));
    const bool has_rounds = add_rounds(source, section);
    if (!source.month_lines("anomaly.no-data").empty())
        section.sentences.push_back(
            "検査または監視のデータが途絶えた時間がありました。「異常の検知と対応」をご覧ください。");
    else if (has_rounds)
        section.sentences.push_back("検査が止まっていたという記録はありません。");
    section.tables.push_back(std::move(table));
    section.tables.push_back(std::move(events));
}

}  // namespace

extern const SectionKind tampering{"tampering", "改ざん・ウイルス・攻撃の検査", make};

}  // namespace flow::report

// Tampering, malicious code, viruses, attacks: what the checks found, and what was put right; how old the virus
// scanner's signatures are.
#include "flow/report/section.h"
#include "flow/report/sections/measured.h"

namespace flow::report {

namespace {

struct Kind {
    std::string_view source, wording;
};
constexpr Kind kKinds[] = {{"guard", "公開ファイルの改ざん"},
                           {"outside", "外から見た内容の違い"},
                           {"content", "不正なコード・誘導の混入"},
                           {"antivirus", "ウイルス"},
                           {"intrusion", "不正アクセス・攻撃"}};

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
        const auto* kind =
            std::find_if(std::begin(kKinds), std::end(kKinds), [&](const Kind& each) { return each.source == by; });
        if (kind == std::end(kKinds)) continue;
        ++counts[by];
        found[by].traces.push_back(trace_of(line));
        events.rows.push_back({{time_text(line.at), std::string(kind->wording), text_of(line, "severity"),
                                text_of(line, "subject"), text_of(line, "text")},
                               {trace_of(line)}});
    }
    Table table{"checks", "検査ごとの検知", {{"検査"}, {"検知した件数", true}}, {}, ""};
    std::int64_t all = 0;
    for (const Kind& kind : kKinds) {
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
    if (source.month_lines("anomaly.no-data").empty())
        section.sentences.push_back("検査が止まっていたという記録はありません。");
    else
        section.sentences.push_back(
            "検査または監視のデータが途絶えた時間がありました。「異常の検知と対応」をご覧ください。");
    section.tables.push_back(std::move(table));
    section.tables.push_back(std::move(events));
}

}  // namespace

extern const SectionKind tampering{"tampering", "改ざん・ウイルス・攻撃の検査", make};

}  // namespace flow::report

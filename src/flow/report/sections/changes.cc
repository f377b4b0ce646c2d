// What was changed: pages, templates, settings, the program; each kind counted from its lines.
#include "flow/report/section.h"

namespace flow::report {

namespace {

struct Kind {
    std::string_view act, wording;
};
constexpr Kind kKinds[] = {{"page.publish", "ページの公開"},           {"page.publish-emergency", "ページの緊急公開"},
                           {"page.withdraw", "ページの公開終了"},      {"page.move", "ページの移動"},
                           {"template.approve", "テンプレートの変更"}, {"site.settings", "設定の変更"},
                           {"site.upgrade", "プログラムの更新"},       {"person.add", "利用者の登録"},
                           {"release.seal", "公開記録の作成"},         {"site.upkeep", "定期保守"},
                           {"upkeep.record", "ほかのプログラムの保守"}};

void make(const Source& source, Section& section) {
    Table table{"changes", "変更の件数", {{"内容"}, {"件数", true}}, {}, ""};
    std::size_t pages = 0, releases = 0;
    for (const Kind& kind : kKinds) {
        Row row{{std::string(kind.wording), ""}, {}};
        for (const contract::Line& line : source.month_lines(kind.act))
            if (line.act == kind.act) row.traces.push_back(trace_of(line));
        if (kind.act == "page.publish") pages = row.traces.size();
        if (kind.act == "release.seal") releases = row.traces.size();
        row.cells[1] = count_text(static_cast<std::int64_t>(row.traces.size()));
        table.rows.push_back(std::move(row));
    }
    section.sentences.push_back(
        fmt::format("ページの公開を {}件行い、署名した公開記録を {}件作りました。", pages, releases));
    section.tables.push_back(std::move(table));
}

}  // namespace

extern const SectionKind changes{"changes", "変更と公開", make};

}  // namespace flow::report

#include "flow/report/form_tables.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "ground/base/text.h"

namespace flow::report {

namespace {

constexpr FormTable kFormTables[] = {
    {"availability", "停止の記録", "始まり|終わり|時間|内容"},
    {"response", "日ごとの応答の時間", "日|平均（秒）|最大（秒）"},
    {"probes", "監視ごとの応答の時間", "監視|平均（秒）|最大（秒）|最大のとき"},
    {"traffic", "日ごとのアクセス", "日|件数|送ったデータ"},
    {"pages", "よく読まれたページ", "アドレス|件数"},
    {"pages-missing", "開かれたのに、ページがなかったアドレス", "アドレス|件数"},
    {"resources", "使用率（％）", "種類|対象|平均|最大|最大のとき|満杯の見込み"},
    {"alerts", "重大度ごとの異常", "重大度|件数|受付までの平均|復旧までの平均|受付済み|復旧済み"},
    {"incidents", "障害", "番号|件名|発生・検知|報告|暫定復旧|状況"},
    {"backups", "毎日のバックアップ", "日|保存先|始まり|終わり|時間|ファイル|大きさ|結果|読み戻し検証"},
    {"drills", "復旧訓練",
     "実施|保存先|結果|失われる更新の幅（RPO）|復旧にかかった時間（RTO）|照合したページ|違い|備考"},
    {"drill-phases", "復旧訓練の内訳", "実施|段階|かかった秒数"},
    {"rounds", "調べた件数", "検査|行った日数|回数|調べた件数（のべ）|単位"},
    {"checks", "検査ごとの検知", "検査|検知した件数"},
    {"tampering", "検知の一覧", "検知|種類|重大度|対象|内容"},
    {"antivirus", "サーバのウイルス対策（作成した時点）", "対象|製品|状態|定義ファイルの日時"},
    {"terminals", "運用端末のウイルス対策（月の最後の報告）", "端末|製品|状態|定義ファイルの日時|報告"},
    {"vulnerabilities", "脆弱性", "番号|件名|受信|報告の期限|判定|判定日|報告"},
    {"patches", "修正と更新", "対象|内容|見つけた日|決定|適用|試験"},
    {"changes", "変更の件数", "内容|件数"},
    {"helpdesk", "受付の方法ごとの件数", "受付の方法|件数|回答した件数|最初の回答まで（平均）"},
    {"open-requests", "月末の時点で終わっていないもの", "番号|種類|件名|受付|最初の回答"},
    {"training", "研修と訪問", "日時|内容|対象|備考"},
    {"stops", "この月の計画停止", "番号|件名|予定の始まり|利用者への周知|職員への周知|状況"},
    {"stops-next", "翌月以降の計画停止", "番号|件名|予定の始まり|利用者への周知|職員への周知|状況"},
    {"licences", "半年以内に期限が来るもの", "種類|名前|期限|残りの日数"},
    {"promises", "契約事項の状況", "契約事項|条項|状況|期限|超過"},
    {"logs", "封印したログ", "ログ|日数|行数|大きさ"},
};

/// "1,234" of a number's column is the number, which a workbook can add up.
tmpl::Value cell_value(const std::string& text, bool is_number) {
    std::string digits;
    for (const char c : text)
        if (c != ',') digits += c;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (is_number && error == std::errc() && end == digits.data() + digits.size()) return number;
    return text;
}

const tmpl::List* list_in(const tmpl::Value& map, std::string_view name) {
    const tmpl::Value* found = map.as_map() ? map.as_map()->find(name) : nullptr;
    return found ? found->as_list() : nullptr;
}

tmpl::List items_of(const tmpl::Value& table, const FormTable& form) {
    const auto labels = base::split(form.columns, '|');
    tmpl::List items;
    const tmpl::List* rows = list_in(table, "rows");
    if (rows == nullptr) return items;
    for (const tmpl::Value& row : *rows) {
        const tmpl::List* cells = list_in(row, "cells");
        if (cells == nullptr) continue;
        tmpl::Map item;
        for (std::size_t i = 0; i < labels.size() && i < cells->size(); ++i) {
            const tmpl::Map* cell = (*cells)[i].as_map();
            const tmpl::Value* text = cell ? cell->find("text") : nullptr;
            const tmpl::Value* number = cell ? cell->find("is_number") : nullptr;
            if (text && text->as_text())
                item.set(labels[i], cell_value(std::string(*text->as_text()), number && number->is_true()));
        }
        items.push_back(std::move(item));
    }
    return items;
}

}  // namespace

std::span<const FormTable> form_tables() {
    return kFormTables;
}

const FormTable* find_form_table(std::string_view id) {
    const auto* found = std::find_if(std::begin(kFormTables), std::end(kFormTables),
                                     [&](const FormTable& one) { return one.id == id; });
    return found == std::end(kFormTables) ? nullptr : found;
}

void add_form_tables(const tmpl::Map& report, tmpl::Map& named) {
    for (const FormTable& form : kFormTables) named.set(form.name, tmpl::List{});
    const tmpl::Value* given = report.find("sections");
    const tmpl::List* sections = given ? given->as_list() : nullptr;
    if (sections == nullptr) return;
    for (const tmpl::Value& section : *sections) {
        const tmpl::List* tables = list_in(section, "tables");
        if (tables == nullptr) continue;
        for (const tmpl::Value& table : *tables) {
            const tmpl::Value* id = table.as_map() ? table.as_map()->find("id") : nullptr;
            const FormTable* form = id && id->as_text() ? find_form_table(*id->as_text()) : nullptr;
            if (form != nullptr) named.set(form->name, items_of(table, *form));
        }
    }
}

tmpl::List sample_tables() {
    tmpl::List tables;
    for (const FormTable& form : kFormTables) {
        tmpl::List columns, cells;
        for (const std::string_view label : base::split(form.columns, '|')) {
            columns.push_back(tmpl::Map{{"label", label}});
            cells.push_back(tmpl::Map{{"text", fmt::format("〔{}〕", label)}});
        }
        tables.push_back(tmpl::Map{{"id", form.id},
                                   {"caption", form.name},
                                   {"columns", std::move(columns)},
                                   {"rows", tmpl::List(3, tmpl::Map{{"cells", std::move(cells)}})}});
    }
    return tables;
}

}  // namespace flow::report

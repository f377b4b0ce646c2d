#include "watch/log_archive/inside/index.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/base/text.h"
#include "ground/html/escape.h"

namespace log_archive {

namespace json = boost::json;

namespace {

json::value time_of(const std::optional<base::Instant>& at) {
    if (!at) return nullptr;
    return json::value(base::format_utc(*at));
}

std::string with_commas(std::int64_t number) {
    std::string text = std::to_string(number);
    for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
        text.insert(static_cast<std::size_t>(at), ",");
    return text;
}

std::string shown(std::string_view text) {
    return html::escape_text(base::to_valid_utf8(text));
}

std::string note_of(const Member& one) {
    if (one.day.fault == "changed") return "封印したときの内容ではありません";
    if (one.day.fault == "missing") return "保存場所にありません";
    if (one.day.state == State::Open) return "収集中の日です（封印前）";
    if (one.is_sealed_whole) return "封印した1日分のままです";
    if (one.lines == 0) return "この期間の行はありません";
    return "封印した1日分から取り出しました";
}

}  // namespace

std::string index_json(const Contents& contents, const std::vector<IndexFile>& others) {
    const Order& order = contents.order;
    const Exported& made = contents.made;
    json::array logs, files, newest, removed, rule, kinds;
    for (const Member& one : made.members) {
        json::object row{{"series", one.day.series},
                         {"kind", one.day.kind},
                         {"day", base::format_day(one.day.day)},
                         {"state", state_id(one.day.state)},
                         {"file", one.file},
                         {"lines", one.lines},
                         {"bytes", one.bytes},
                         {"whole", one.is_sealed_whole}};
        if (one.day.state != State::Open) row["sealed_sha256"] = one.day.sha256.hex();
        if (!one.day.fault.empty()) row["fault"] = one.day.fault;
        logs.push_back(std::move(row));
        if (!one.file.empty())
            files.push_back({{"file", one.file}, {"bytes", one.bytes}, {"sha256", one.sha256.hex()}});
    }
    for (const IndexFile& one : others)
        files.push_back({{"file", one.name}, {"bytes", one.bytes.size()}, {"sha256", sys::sha256(one.bytes).hex()}});
    for (const Newest& one : contents.newest)
        newest.push_back({{"series", one.series}, {"collected_at", time_of(one.collected_at)}});
    for (const Day& one : contents.removed)
        removed.push_back({{"series", one.series}, {"day", base::format_day(one.day)}});
    if (order.is_masked)
        for (const std::string_view sentence : mask_rule()) rule.emplace_back(sentence);
    for (const std::string& kind : order.kinds) kinds.emplace_back(kind);
    const json::object document{{"format", "yakuba-logs 1"},
                                {"site", order.site_id},
                                {"site_name", order.site_name},
                                {"from", time_of(order.from)},
                                {"to", time_of(order.until)},
                                {"kinds", std::move(kinds)},
                                {"made_at", time_of(contents.made_at)},
                                {"by", order.by},
                                {"by_name", order.by_name},
                                {"why", order.why},
                                {"lines", made.lines},
                                {"bytes", made.bytes},
                                {"masked", order.is_masked},
                                {"mask_rule", std::move(rule)},
                                {"mask_counts",
                                 {{"addresses", made.masked.addresses},
                                  {"names", made.masked.names},
                                  {"mails", made.masked.mails},
                                  {"queries", made.masked.queries}}},
                                {"key", made.key},
                                {"collected", std::move(newest)},
                                {"removed", std::move(removed)},
                                {"logs", std::move(logs)},
                                {"files", std::move(files)}};
    return json::serialize(document) + "\n";
}

std::string index_html(const Contents& contents) {
    const Order& order = contents.order;
    const Exported& made = contents.made;
    std::string rows, faults;
    for (const Member& one : made.members) {
        const std::string name = one.file.empty()
                                     ? base::format_day(one.day.day)
                                     : fmt::format("<a href=\"{0}\">{1}</a>", html::escape_attribute(one.file),
                                                   base::format_day(one.day.day));
        rows += fmt::format(
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td class=\"n\">{}</td><td "
            "class=\"n\">{}</td><td>{}</td></tr>\n",
            name, kind_wording(one.day.kind), shown(one.day.series), with_commas(one.lines), with_commas(one.bytes),
            note_of(one));
    }
    std::string mask = "<p>個人情報は置き換えていません。取扱いにご注意ください。</p>\n";
    if (order.is_masked) {
        mask = "<p>個人情報を次の規則で置き換えています。</p>\n<ul>\n";
        for (const std::string_view sentence : mask_rule()) mask += fmt::format("<li>{}</li>\n", sentence);
        mask += fmt::format("</ul>\n<p>置き換えた数：IPアドレス {}、名前 {}、メールアドレス {}、パラメータ {}</p>\n",
                            with_commas(made.masked.addresses), with_commas(made.masked.names),
                            with_commas(made.masked.mails), with_commas(made.masked.queries));
    }
    std::string newest;
    for (const Newest& one : contents.newest)
        newest += fmt::format("<li>{}（{}）：{}まで</li>\n", kind_wording(one.kind), shown(one.series),
                              base::format_local(one.collected_at));
    if (!contents.removed.empty())
        faults =
            fmt::format("<p>この期間のうち{}日分は、保存期間が過ぎたためありません。</p>\n", contents.removed.size());
    return fmt::format(
        R"html(<!DOCTYPE html>
<html lang="ja"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>ログ {from}から{until}</title>
<style>body{{font-family:sans-serif;line-height:1.7;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1c}}table{{border-collapse:collapse;width:100%}}th,td{{border-bottom:1px solid #b4b4bb;padding:.4rem .6rem;text-align:left;vertical-align:top}}.n{{text-align:right;white-space:nowrap}}dl{{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1.2rem}}dt{{font-weight:bold}}dd{{margin:0;overflow-wrap:anywhere}}.wide{{overflow-x:auto}}</style></head>
<body><h1>ログ</h1>
<dl><dt>サイト</dt><dd>{site}</dd><dt>期間</dt><dd>{from}から{until}まで（終わりの時刻は含みません。日本時間）</dd><dt>書き出した日時</dt><dd>{made}</dd><dt>書き出した人</dt><dd>{by}</dd><dt>理由</dt><dd>{why}</dd><dt>行数</dt><dd>{lines}行（{bytes}バイト）</dd></dl>
<h2>個人情報</h2>
{mask}<h2>ログの一覧</h2>
{faults}<div class="wide" tabindex="0" role="region" aria-label="ログの一覧"><table><thead><tr><th scope="col">日</th><th scope="col">種類</th><th scope="col">名前</th><th scope="col" class="n">行数</th><th scope="col" class="n">バイト</th><th scope="col">備考</th></tr></thead><tbody>
{rows}</tbody></table></div>
<h2>いつまでの行があるか</h2>
<ul>
{newest}</ul>
<h2>確かめ方</h2>
<p>この書庫を展開した場所で「python3 verify_logs.py」を実行すると、すべてのファイルのSHA-256と署名を確かめます。署名の鍵（公開鍵）は次のとおりで、業務記録にも残っています。市が控えている鍵と同じかどうかも、あわせて確かめてください。</p>
<p><code style="overflow-wrap:anywhere">{key}</code></p>
<p>「封印した1日分のまま」の日は、そのSHA-256が業務記録（proof/ledger.jsonl の log.sealed）にあるものと同じです。書き出した後だけでなく、その日が終わってから変わっていないことがわかります。</p>
</body></html>
)html",
        fmt::arg("site", shown(order.site_name)), fmt::arg("from", base::format_local(order.from)),
        fmt::arg("until", base::format_local(order.until)), fmt::arg("made", base::format_local(contents.made_at)),
        fmt::arg("by", shown(order.by_name.empty() ? order.by : fmt::format("{}（{}）", order.by_name, order.by))),
        fmt::arg("why", shown(order.why.empty() ? "（記入なし）" : order.why)),
        fmt::arg("lines", with_commas(made.lines)), fmt::arg("bytes", with_commas(made.bytes)), fmt::arg("mask", mask),
        fmt::arg("faults", faults), fmt::arg("rows", rows), fmt::arg("newest", newest), fmt::arg("key", made.key));
}

}  // namespace log_archive

// The README of a handover, from one list of what is there, as plain text and as a page that needs nothing.
#include "flow/hand_over/parts.h"
#include "flow/others.h"
#include "flow/site.h"
#include "ground/base/csv.h"
#include "ground/base/error.h"

namespace flow::hand_over {

namespace {

struct Item {
    std::string_view name;
    std::string_view japanese, english;
    std::string_view counted = {};  ///< key of Counts
};

constexpr Item kItems[] = {
    {"public/", "公開しているファイルの全体。このままウェブサーバに置けます",
     "The public tree, ready for any web server", "public"},
    {"redirects.csv", "転送と公開終了の一覧（パス、応答の番号、転送先）",
     "Redirects and removals: path, status, location", "redirects"},
    {"redirects.nginx.conf", "同じものをnginxの設定にしたもの", "The same as nginx maps"},
    {"pages/pages.csv", "ページの一覧。file が各ページの記録のファイル名です",
     "Index of pages; `file` names each page's record", "pages"},
    {"pages/000/000001.json", "ページごとの記録。本文（HTML）、添付、分類、担当と、すべての版の履歴",
     "One file a page: HTML parts, attachments, categories, department, and every revision", "revisions"},
    {"files/", "公開ツリーにない添付・画像・取り込んだ原本。名前は中身のSHA-256です",
     "Attachments, images and taken-over originals that are not below public/, named by their SHA-256"},
    {"templates/", "テンプレートと共通パーツの、すべての版の元ファイル",
     "Sources of templates and parts, every version", "template_revisions"},
    {"tables/", "部署、職員、フォルダ、分類、承認などの記録（CSV）。列の意味は下の表のとおりです",
     "Departments, people, sections, categories, workflow records (CSV); columns are listed below"},
    {"ledger/", "操作の記録。1行が1件のJSONで、前の行のハッシュを含みます",
     "The record of acts: one JSON object a line, each with the hash of the line before", "ledger"},
    {"releases/, keys/", "公開版の署名つきの記録と、確かめるための公開鍵", "Signed release records and the public keys",
     "releases"},
    {"tools/verify_release.py", "上の記録と公開ツリーを確かめるプログラム（Python 3だけで動きます）",
     "Verifies records and public tree; needs Python 3 only"},
    {"settings.csv", "設定。秘密の値は含みません", "Settings without secrets"},
    {"others.csv", "ほかのシステムが書き込む領域の一覧。中のファイルは含みません",
     "Areas that another system writes; their files are not included", "others"},
    {"handover.json", "件数などのまとめ", "Totals"},
    {"SHA256SUMS", "すべてのファイルのSHA-256", "SHA-256 of every file"},
};

constexpr std::string_view kNotes[][2] = {
    {"文字コードはUTF-8です。CSVはBOM付きで、表計算ソフトで開けます。=、+、-、@で始まるセルには、式として実行されな"
     "いように先頭に ' を付けています。",
     "Text is UTF-8. CSV files begin with a byte order mark; a cell that begins with = + - or @ has an apostrophe "
     "before it, so that no spreadsheet runs it."},
    {"日時は協定世界時（UTC）です。日本時間は9時間進んでいます。", "Times are UTC; Japanese time is nine hours ahead."},
    {"path の列は、URLの書き方（%E3%81%82など）です。", "Columns named path are in URL form (%E3%81%82 and so on)."},
    {"取り込んだページの parts は編集できる範囲の中身です。document の原本の、begin から end までのバイトを置き換える"
     "と、公開しているページになります。",
     "The parts of a taken-over page are the contents of its regions: they replace the bytes from begin to end of the "
     "original in `document`."},
    {"パスワード、二要素認証の秘密、ログインの状態、署名の秘密鍵、ほかのサーバのパスワードは含みません。",
     "Passwords, second factors, sessions, signing keys and passwords of other servers are not included."},
    {"職員の氏名と公開前の下書きを含みます。取扱いに注意してください。",
     "Names of staff and unpublished drafts are included: handle with care."},
};

constexpr std::string_view kChecks[][2] = {
    {"sha256sum --quiet --check SHA256SUMS", "すべてのファイルが壊れていないこと / every file is whole"},
    {"python3 tools/verify_release.py releases keys public",
     "公開ツリーが、署名つきの記録のとおりであること / the public tree is what the signed records say"},
};

std::string escape(std::string_view text) {
    std::string safe;
    for (const char c : text)
        if (c == '&')
            safe += "&amp;";
        else if (c == '<')
            safe += "&lt;";
        else
            safe += c;
    return safe;
}

std::string count_of(const Item& item, const Counts& counts) {
    const auto found = counts.find(std::string(item.counted));
    return found == counts.end() ? "" : std::to_string(found->second);
}

std::string head_line(const Site& site, std::int64_t release) {
    return fmt::format("{} ウェブサイト引継ぎ資料（{} 現在、公開版 {}）", site.settings.site.name,
                       base::format_local(site.clock.now()), release);
}

/// The tables that were written: those of the watch only where there is one.
std::vector<sys::Extract> extracts_of(const Counts& counts) {
    auto all = all_extracts();
    for (const sys::Extract& extract : watch_extracts())
        if (counts.contains(std::string(extract.table))) all.push_back(extract);
    return all;
}

std::string as_text(const Site& site, std::int64_t release, const Counts& counts) {
    std::string text = head_line(site, release) + "\nHandover of " + site.settings.site.url + "\n\n";
    text +=
        "この一式だけで、サイトの公開と、ページ・記録の移行ができます。専用のプログラムは要りません。\n"
        "With this folder alone the site can be published, and its pages and records taken to another system.\n\n"
        "■ 中身 / Contents\n\n";
    for (const Item& item : kItems) {
        const std::string count = count_of(item, counts);
        text += fmt::format("{}{}\n    {}\n    {}\n", item.name, count.empty() ? "" : fmt::format("  [{}]", count),
                            item.japanese, item.english);
    }
    text += "\n■ 約束ごと / Conventions\n\n";
    for (const auto& [japanese, english] : kNotes) text += fmt::format("- {}\n  {}\n", japanese, english);
    text += "\n■ 確かめ方 / How to verify\n\n";
    for (const auto& [command, meaning] : kChecks) text += fmt::format("    {}\n        {}\n", command, meaning);
    text += "\n■ 表の列 / Columns of tables/\n";
    for (const sys::Extract& extract : extracts_of(counts)) {
        text += fmt::format("\n{}.csv  {} / {}  [{}]\n", extract.table, extract.wording, extract.english,
                            counts.at(std::string(extract.table)));
        for (const sys::ExtractColumn& column : extract.columns)
            text += fmt::format("    {:<16} {}\n", column.name, column.wording);
    }
    return text;
}

std::string as_page(const Site& site, std::int64_t release, const Counts& counts) {
    std::string html = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"ja\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
        "content=\"width=device-width\">\n<title>{0}</title>\n<style>\n"
        "body {{ font: 16px/1.7 sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1c }}\n"
        "table {{ border-collapse: collapse; width: 100%; margin: 0.5rem 0 2rem }}\n"
        "th, td {{ border: 1px solid #767676; padding: 0.4rem 0.6rem; text-align: left; vertical-align: top }}\n"
        "code, pre {{ font: 0.95em monospace; overflow-wrap: anywhere }}\npre {{ background: #f2f2f2; padding: 0.8rem; "
        "white-space: pre-wrap }}\n</style>\n</head>\n<body>\n<main>\n<h1>{0}</h1>\n"
        "<p>この一式だけで、サイトの公開と、ページ・記録の移行ができます。専用のプログラムは要りません。</p>\n"
        "<p lang=\"en\">With this folder alone the site can be published, and its pages and records taken to another "
        "system.</p>\n<h2>中身 <span lang=\"en\">Contents</span></h2>\n<table>\n<thead><tr><th scope=\"col\">名前"
        "</th><th scope=\"col\">内容</th><th scope=\"col\" lang=\"en\">Contents</th><th scope=\"col\">件数</th></tr>"
        "</thead>\n<tbody>\n",
        escape(head_line(site, release)));
    for (const Item& item : kItems)
        html += fmt::format("<tr><td><code>{}</code></td><td>{}</td><td lang=\"en\">{}</td><td>{}</td></tr>\n",
                            item.name, item.japanese, escape(item.english), count_of(item, counts));
    html += "</tbody>\n</table>\n<h2>約束ごと <span lang=\"en\">Conventions</span></h2>\n<ul>\n";
    for (const auto& [japanese, english] : kNotes)
        html += fmt::format("<li>{}<br><span lang=\"en\">{}</span></li>\n", escape(japanese), escape(english));
    html += "</ul>\n<h2>確かめ方 <span lang=\"en\">How to verify</span></h2>\n";
    for (const auto& [command, meaning] : kChecks) html += fmt::format("<p>{}</p>\n<pre>{}</pre>\n", meaning, command);
    html += "<h2>表の列 <span lang=\"en\">Columns</span></h2>\n";
    for (const sys::Extract& extract : extracts_of(counts)) {
        html += fmt::format(
            "<h3><code>tables/{}.csv</code> {}（{}件）</h3>\n<table>\n<thead><tr><th scope=\"col\">列</th><th "
            "scope=\"col\">意味</th></tr></thead>\n<tbody>\n",
            extract.table, extract.wording, counts.at(std::string(extract.table)));
        for (const sys::ExtractColumn& column : extract.columns)
            html += fmt::format("<tr><td><code>{}</code></td><td>{}</td></tr>\n", column.name, escape(column.wording));
        html += "</tbody>\n</table>\n";
    }
    return html + "</main>\n</body>\n</html>\n";
}

}  // namespace

void write_others(Pack& pack, const Site& site, Counts& counts) {
    const std::vector<std::string> head{"path", "folder", "files", "bytes"};
    std::string text = "\xEF\xBB\xBF" + base::csv_line(head);
    for (const Area& area : list_areas(site.settings)) {
        ++counts["others"];
        const AreaSize size = measure(area);
        if (!size.unread.empty())
            throw base::Error(base::Kind::Unavailable, fmt::format("{} cannot be read", size.unread));
        const std::vector<std::string> cells{area.path, area.folder.string(), std::to_string(size.files),
                                             std::to_string(size.bytes)};
        text += base::csv_line(cells);
    }
    pack.put("others.csv", text);
}

void write_readme(Pack& pack, const Site& site, std::int64_t release, const Counts& counts) {
    pack.put("README.txt", as_text(site, release, counts));
    pack.put("README.html", as_page(site, release, counts));
}

}  // namespace flow::hand_over

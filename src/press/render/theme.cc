#include "press/render/theme.h"

#include "ground/base/error.h"

namespace render {

namespace {

using content::TemplateKind;

std::string_view file(std::string_view name) {
    for (const base::Resource& one : theme_resources())
        if (one.name == name) return one.bytes;
    throw base::Error(base::Kind::Bug, fmt::format("the theme has no file {}", name));
}

}  // namespace

std::span<const ThemePiece> theme_pieces() {
    static const std::vector<ThemePiece> kPieces{
        {TemplateKind::Layout, "base", "全ページ共通のレイアウト", true, file("base.html")},
        {TemplateKind::Page, "home", "トップページ", false, file("home.html")},
        {TemplateKind::Page, "section", "分野の入口", false, file("section.html")},
        {TemplateKind::Page, "article", "記事", true, file("article.html")},
        {TemplateKind::Page, "news", "お知らせ", true, file("news.html")},
        {TemplateKind::Page, "procedure", "手続きの案内", true, file("procedure.html")},
        {TemplateKind::Page, "sitemap", "サイトマップ", false, file("sitemap.html")},
        {TemplateKind::Page, "archive", "過去の一覧（自動）", false, file("archive.html")},
        {TemplateKind::Page, "error", "エラーページ（自動）", false, file("error.html")},
        {TemplateKind::Part, "header", "ヘッダー", true, file("header.html")},
        {TemplateKind::Part, "navigation", "分野のメニュー", true, file("navigation.html")},
        {TemplateKind::Part, "footer", "フッター", true, file("footer.html")},
        {TemplateKind::Part, "breadcrumb", "パンくずリスト", true, file("breadcrumb.html")},
        {TemplateKind::Part, "page-head", "見出しと更新日", true, file("page-head.html")},
        {TemplateKind::Part, "contents", "このページの内容", true, file("contents.html")},
        {TemplateKind::Part, "attachments", "添付ファイル", true, file("attachments.html")},
        {TemplateKind::Part, "contact", "お問い合わせ", true, file("contact.html")},
        {TemplateKind::Part, "page-list", "ページの一覧", true, file("page-list.html")},
        {TemplateKind::Part, "sitemap-level", "サイトマップの段", true, file("sitemap-level.html")},
        {TemplateKind::Menu, "main", "分野のメニュー（空なら分野の一覧）", true, "[]"},
        {TemplateKind::Menu, "header_links", "ヘッダーのリンク", true, "[]"},
        {TemplateKind::Menu, "footer_links", "フッターのリンク", true, "[]"},
        {TemplateKind::List, "newest", "トップページの新着情報", true, R"({"list":"tree:","limit":10})"},
        {TemplateKind::List, "important", "トップページの重要なお知らせ", true,
         R"({"list":"category:important","limit":5})"},
        {TemplateKind::Style, "site.css", "デザイン（色、文字、配置）", true, file("site.css")},
    };
    return kPieces;
}

int install_theme(sys::Transaction& tx, base::Instant at) {
    int added = 0;
    for (const ThemePiece& piece : theme_pieces()) {
        if (content::find_template(tx, piece.name)) continue;
        content::install_template(tx, {piece.kind,
                                       std::string(piece.name),
                                       std::string(piece.title),
                                       piece.is_listed,
                                       std::string(piece.source),
                                       {},
                                       at,
                                       "標準のデザイン"});
        ++added;
    }
    return added;
}

}  // namespace render

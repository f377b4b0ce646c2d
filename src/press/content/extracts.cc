#include "press/content/extracts.h"

namespace content {

namespace {

using sys::ColumnForm;

constexpr sys::ExtractColumn kSection[] = {
    {"id", "番号"},
    {"path", "パス"},
    {"title", "名称"},
    {"parent_id", "上のフォルダの番号"},
    {"department_id", "担当部署の番号"},
    {"position", "並び順"},
    {"version", "版"},
    {"description", "説明"},
    {"list_size", "一覧の件数"},
    {"archive", "過去の一覧の作り方（none なし、month 月ごと、count 件数ごと）"},
    {"archive_size", "過去の一覧の件数"},
    {"has_feed", "RSSの有無（1 あり）"},
};

constexpr sys::ExtractColumn kCategory[] = {
    {"name", "名前"}, {"title", "名称"}, {"parent", "上の分類の名前"}, {"position", "並び順"}, {"version", "版"},
};

constexpr sys::ExtractColumn kRedirect[] = {
    {"path", "パス"},
    {"status", "応答の番号（410 は公開終了）"},
    {"location", "転送先"},
    {"made_at", "設定日時", ColumnForm::Time},
};

constexpr sys::ExtractColumn kAsset[] = {
    {"id", "番号"},   {"path", "パス"},          {"hash", "SHA-256", ColumnForm::Object},   {"size", "バイト数"},
    {"type", "形式"}, {"charset", "文字コード"}, {"made_at", "登録日時", ColumnForm::Time}, {"version", "版"},
};

constexpr sys::Extract kExtracts[] = {
    {"section", "フォルダ", "Sections (folders)", "path", kSection},
    {"category", "分類", "Categories", "name", kCategory},
    {"redirect", "入力された転送と公開終了", "Redirects and removals as entered", "path", kRedirect},
    {"asset", "画像・添付などのファイル", "Assets", "path", kAsset},
};

}  // namespace

std::span<const sys::Extract> extracts() {
    return kExtracts;
}

}  // namespace content

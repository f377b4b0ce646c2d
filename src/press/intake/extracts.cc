#include "press/intake/extracts.h"

namespace intake {

namespace {

using sys::ColumnForm;

constexpr sys::ExtractColumn kTakeoverRun[] = {
    {"id", "番号"},
    {"source", "取込み元"},
    {"started_at", "開始日時", ColumnForm::Time},
    {"finished_at", "終了日時", ColumnForm::Time},
};

constexpr sys::ExtractColumn kTakeoverFile[] = {
    {"run_id", "取込みの番号"},
    {"path", "パス"},
    {"hash", "SHA-256", ColumnForm::Object},
    {"size", "バイト数"},
    {"mode", "アクセス権"},
    {"changed_at", "更新日時（ナノ秒）"},
    {"is_page", "ページか（1 はい）"},
    {"encoding", "文字コード"},
    {"decided_by", "文字コードの決め手"},
    {"is_disputed", "決め手が食い違うか（1 はい）"},
    {"link_target", "リンクの先"},
    {"links", "文書の中のリンク"},
};

constexpr sys::ExtractColumn kTakeoverRemark[] = {
    {"id", "番号"},     {"run_id", "取込みの番号"},
    {"path", "パス"},   {"kind", "種別（skipped 取り込めなかった、empty-folder 空のフォルダ）"},
    {"reason", "理由"},
};

constexpr sys::Extract kExtracts[] = {
    {"takeover_run", "取込み", "Takeovers", "id", kTakeoverRun},
    {"takeover_file", "取り込んだファイル", "Files taken over", "run_id, path", kTakeoverFile},
    {"takeover_remark", "取り込めなかったものと空のフォルダ", "What was skipped, and empty folders", "id",
     kTakeoverRemark},
};

}  // namespace

std::span<const sys::Extract> extracts() {
    return kExtracts;
}

}  // namespace intake

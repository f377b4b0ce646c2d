#include "watch/log_archive/archive.h"

namespace log_archive {

namespace {

using Form = sys::ColumnForm;

constexpr sys::ExtractColumn kDay[] = {
    {"series", "ログの名前"},
    {"day", "日（日本時間）"},
    {"kind", "種類"},
    {"state", "状態（open 収集中、sealed 封印済み、packed 圧縮済み、removed 保存期間終了）"},
    {"lines", "行数"},
    {"bytes", "圧縮前のバイト数"},
    {"first_at", "最初の行の日時", Form::Time},
    {"last_at", "最後の行の日時", Form::Time},
    {"sealed_at", "封印した日時", Form::Time},
    {"sha256", "圧縮前の内容のSHA-256"},
    {"packed_bytes", "圧縮後のバイト数"},
    {"packed_sha256", "圧縮したファイルのSHA-256"},
    {"fault", "検証で見つかった問題（missing ない、changed 変わっている）"},
};
constexpr sys::ExtractColumn kExport[] = {
    {"id", "番号"},
    {"asked_by", "依頼した人"},
    {"why", "理由"},
    {"asked_at", "依頼した日時", Form::Time},
    {"from_at", "期間の始まり", Form::Time},
    {"until_at", "期間の終わり（含まない）", Form::Time},
    {"kinds", "ログの種類（空はすべて）"},
    {"is_masked", "個人情報を置き換えた（1）"},
    {"state", "状態（waiting 待機、ready 完了、failed 失敗、removed 削除）"},
    {"problem", "失敗の理由"},
    {"done_at", "終わった日時", Form::Time},
    {"lines", "行数"},
    {"archive_bytes", "書庫のバイト数"},
    {"sha256", "書庫のSHA-256"},
};
constexpr sys::Extract kExtracts[] = {
    {"log_day", "保存しているログ", "Logs that are kept", "series, day", kDay},
    {"log_export", "ログの書出し", "Logs that were handed out", "id", kExport},
};

}  // namespace

std::span<const sys::Extract> extracts() {
    return kExtracts;
}

}  // namespace log_archive

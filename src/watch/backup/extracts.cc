#include "watch/backup/store.h"

namespace backup {

namespace {

using Form = sys::ColumnForm;

constexpr sys::ExtractColumn kRun[] = {
    {"id", "番号"},
    {"repository", "保存先"},
    {"kind", "種類（data データ、system システム）"},
    {"why", "きっかけ（daily 日次、extra 追加、monthly 月次、change 変更時、asked 手動）"},
    {"due_at", "予定日時", Form::Time},
    {"started_at", "開始日時", Form::Time},
    {"ended_at", "終了日時", Form::Time},
    {"outcome", "結果（running 実行中、made 取得、failed 失敗、stopped 中断）"},
    {"snapshot", "スナップショット"},
    {"taken_at", "対象の日時", Form::Time},
    {"day", "対象日"},
    {"release_number", "公開番号"},
    {"files", "ファイル数"},
    {"bytes", "バイト数"},
    {"added_bytes", "新たに保存したバイト数"},
    {"seconds", "所要秒数"},
    {"problem", "問題"},
    {"proof", "検証（whole 合格、damaged 破損）"},
    {"verified_at", "検証日時", Form::Time},
    {"gone_at", "削除日時", Form::Time},
    {"is_lost", "当方によらない削除（1）"},
};

constexpr sys::ExtractColumn kVerification[] = {
    {"id", "番号"},
    {"repository", "保存先"},
    {"at", "検証日時", Form::Time},
    {"seconds", "所要秒数"},
    {"proof", "結果（whole 合格、damaged 破損）"},
    {"part", "読み返した部分（all すべて）"},
    {"packs", "読み返したデータの数"},
    {"problems", "見つかった問題"},
};

constexpr sys::Extract kExtracts[] = {
    {"backup_run", "バックアップ", "Backups", "id", kRun},
    {"backup_verification", "バックアップの検証", "Verifications of backups", "id", kVerification},
};

}  // namespace

std::span<const sys::Extract> extracts() {
    return kExtracts;
}

}  // namespace backup

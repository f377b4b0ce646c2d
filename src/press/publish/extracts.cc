#include "press/publish/extracts.h"

namespace publish {

namespace {

using sys::ColumnForm;

constexpr sys::ExtractColumn kReceipt[] = {
    {"id", "番号"},
    {"kind", "種別"},
    {"page_id", "ページの番号"},
    {"revision_id", "版の番号"},
    {"person_id", "職員の番号"},
    {"reason", "理由"},
    {"due_at", "公開の予定", ColumnForm::Time},
    {"made_at", "作成日時", ColumnForm::Time},
    {"state", "結果（waiting 待ち、placed 配置済み、checked 確認済み、failed 失敗）"},
    {"release_number", "公開版の番号"},
    {"changes", "変わったパス"},
    {"placed_at", "配置日時", ColumnForm::Time},
    {"checked_at", "確認日時", ColumnForm::Time},
    {"problem", "問題"},
};

constexpr sys::ExtractColumn kFailedSource[] = {
    {"source", "対象"},
    {"problem", "問題"},
    {"since", "最初の日時", ColumnForm::Time},
    {"last_at", "最後の日時", ColumnForm::Time},
    {"attempts", "回数"},
};

constexpr sys::Extract kExtracts[] = {
    {"receipt", "公開結果", "Receipts of publications", "id", kReceipt},
    {"failed_source", "作成できなかったもの", "What could not be made", "source", kFailedSource},
};

}  // namespace

std::span<const sys::Extract> extracts() {
    return kExtracts;
}

}  // namespace publish

// What of the registers leaves with a handover: all but the terminals' tokens.
#include "office/registers/store.h"

namespace registers {

namespace {

constexpr sys::ExtractColumn kEntry[] = {
    {"id", "番号"},
    {"kind",
     "台帳（licence 使用権、support サポート期限、terminal 端末、loan 貸与品、subcontract 再委託、contact 連絡網）"},
    {"name", "名前"},
    {"due_on", "期限"},
    {"ended_on", "終わった日"},
    {"fields", "項目（JSON）"},
    {"changed_at", "変更", sys::ColumnForm::Time},
};
constexpr sys::ExtractColumn kState[] = {
    {"entry_id", "端末の番号"},
    {"reported_at", "報告", sys::ColumnForm::Time},
    {"signatures_at", "ウイルス定義", sys::ColumnForm::Time},
    {"product", "ウイルス対策ソフト"},
    {"is_on", "常時監視"},
    {"detections", "検知"},
};
constexpr sys::Extract kExtracts[] = {
    {"register_entry", "台帳", "Registers", "id", kEntry},
    {"terminal_state", "運用端末の状態", "Terminals", "entry_id", kState},
};

}  // namespace

std::span<const sys::Extract> extracts() {
    return kExtracts;
}

}  // namespace registers

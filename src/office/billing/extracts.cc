// What a successor gets of this room.
#include "office/billing/store.h"

namespace billing {

namespace {

using sys::ColumnForm;
constexpr sys::ExtractColumn kInvoice[] = {
    {"id", "番号"},
    {"number", "請求書番号"},
    {"period", "対象の期間"},
    {"corrects_id", "修正した請求書の番号"},
    {"reason", "修正の理由"},
    {"issued_on", "発行日"},
    {"due_on", "支払期限"},
    {"rounding", "端数の扱い（down 切捨て、nearest 四捨五入、up 切上げ）"},
    {"document_id", "文書の番号"},
};
constexpr sys::ExtractColumn kLine[] = {
    {"invoice_id", "請求書の番号"},
    {"place", "行"},
    {"words", "内容"},
    {"quantity", "数量"},
    {"unit_price", "単価"},
    {"tax_percent", "税率（%）"},
    {"is_reduced", "軽減税率（1 はい）"},
};
constexpr sys::ExtractColumn kPayment[] = {
    {"id", "番号"},
    {"invoice_id", "請求書の番号"},
    {"paid_on", "入金日"},
    {"yen", "金額"},
    {"note", "備考"},
    {"entered_by", "入力した人"},
    {"entered_at", "入力日時", ColumnForm::Time},
};
constexpr sys::Extract kExtracts[] = {
    {"invoice", "請求書", "Invoices", "id", kInvoice},
    {"invoice_line", "請求書の内容", "Lines of invoices", "invoice_id, place", kLine},
    {"invoice_payment", "入金", "Payments", "id", kPayment},
};

}  // namespace

std::span<const sys::Extract> extracts() {
    return kExtracts;
}

}  // namespace billing

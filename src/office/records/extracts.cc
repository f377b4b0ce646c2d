// What a successor gets of this room.
#include "office/records/store.h"

namespace records {

namespace {

using sys::ColumnForm;
constexpr sys::ExtractColumn kNumber[] = {
    {"kind", "番号の種類"}, {"fiscal_year", "年度（西暦）"}, {"last_number", "最後に使った番号"}};
constexpr sys::ExtractColumn kFile[] = {
    {"id", "番号"},
    {"subject", "何のファイルか"},
    {"name", "ファイル名"},
    {"media_type", "形式"},
    {"hash", "内容のSHA-256", ColumnForm::Object},
    {"bytes", "バイト数"},
    {"added_by", "登録した人"},
    {"added_at", "登録日時", ColumnForm::Time},
};
constexpr sys::Extract kExtracts[] = {
    {"record_number", "書類の番号", "Numbers of records", "kind, fiscal_year", kNumber},
    {"record_file", "記録に付けたファイル", "Files of records", "id", kFile},
};

}  // namespace

std::span<const sys::Extract> extracts() {
    return kExtracts;
}

}  // namespace records

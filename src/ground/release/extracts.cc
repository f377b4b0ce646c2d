#include "ground/release/extracts.h"

namespace release {

namespace {

using sys::ColumnForm;

constexpr sys::ExtractColumn kRelease[] = {
    {"number", "公開版の番号"},
    {"record_hash", "記録のSHA-256"},
    {"kind", "種別"},
    {"made_at", "作成日時", ColumnForm::Time},
    {"root", "ツリー全体のハッシュ"},
    {"files", "ファイル数"},
    {"bytes", "バイト数"},
    {"placed_at", "配置日時", ColumnForm::Time},
    {"checked_at", "確認日時", ColumnForm::Time},
};

constexpr sys::Extract kExtracts[] = {
    {"release", "公開版（リリース）", "Releases", "number", kRelease},
};

}  // namespace

std::span<const sys::Extract> extracts() {
    return kExtracts;
}

}  // namespace release

// The tables of the registers, and what of them leaves with a handover: all but the terminals' tokens.
#include "office/registers/store.h"

namespace registers {

namespace {

constexpr sys::Migration kMigrations[] = {{"registers/0001_register", R"(
-- Licences, ends of support, terminals, things lent, subcontractors, contacts: one table, since they differ in their
-- fields only. place tells two entries of one name apart (the version of a product).
CREATE TABLE register_entry (
    id {id},
    kind {key} NOT NULL,
    name {key} NOT NULL,
    place {key} NOT NULL,
    due_on {key},
    ended_on {key},
    fields TEXT NOT NULL,
    version BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX register_entry_name ON register_entry (kind, name, place) WHERE ended_on IS NULL;
CREATE TABLE terminal_state (
    entry_id BIGINT PRIMARY KEY REFERENCES register_entry (id),
    token_hash {key} NOT NULL,
    reported_at BIGINT,
    recorded_at BIGINT,
    signatures_at BIGINT,
    product TEXT NOT NULL,
    is_on BIGINT NOT NULL CHECK (is_on IN (0, 1)),
    is_fresh BIGINT NOT NULL CHECK (is_fresh IN (0, 1)),
    detections BIGINT NOT NULL
);
)"}};

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

std::span<const sys::Migration> migrations() {
    return kMigrations;
}

std::span<const sys::Extract> extracts() {
    return kExtracts;
}

}  // namespace registers

#include "office/billing/store.h"

#include <algorithm>

#include <fmt/format.h>

#include "ground/base/error.h"

namespace billing {

using base::Error;
using base::Kind;

namespace {

constexpr sys::Migration kMigrations[] = {{"billing/0001_invoice", R"(
-- Invoices and payments. A period has one invoice that stands; a correction is a further row that names the one whose
-- place it takes, and each is corrected once at most.
CREATE TABLE invoice (
    id {id},
    number {key} NOT NULL UNIQUE,
    period {key} NOT NULL,
    corrects_id BIGINT UNIQUE REFERENCES invoice (id),
    reason TEXT NOT NULL,
    issued_on {key} NOT NULL,
    due_on {key} NOT NULL,
    rounding {key} NOT NULL CHECK (rounding IN ('down', 'nearest', 'up')),
    document_id BIGINT NOT NULL
);
CREATE UNIQUE INDEX invoice_first ON invoice (period) WHERE corrects_id IS NULL;
CREATE TABLE invoice_line (
    invoice_id BIGINT NOT NULL REFERENCES invoice (id),
    place BIGINT NOT NULL,
    words TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    unit_price BIGINT NOT NULL,
    tax_percent BIGINT NOT NULL,
    is_reduced BIGINT NOT NULL CHECK (is_reduced IN (0, 1)),
    PRIMARY KEY (invoice_id, place)
);
CREATE TABLE invoice_payment (
    id {id},
    invoice_id BIGINT NOT NULL REFERENCES invoice (id),
    paid_on {key} NOT NULL,
    yen BIGINT NOT NULL,
    note TEXT NOT NULL,
    entered_by {key} NOT NULL,
    entered_at BIGINT NOT NULL
);
CREATE INDEX invoice_payment_invoice ON invoice_payment (invoice_id);
)"}};

constexpr std::string_view kRoundings[] = {"down", "nearest", "up"};

constexpr std::string_view kColumns =
    "SELECT i.id, i.number, i.period, i.corrects_id, (SELECT c.number FROM invoice c WHERE c.id = i.corrects_id), "
    "(SELECT n.id FROM invoice n WHERE n.corrects_id = i.id), i.reason, i.issued_on, i.due_on, i.rounding, "
    "i.document_id FROM invoice i ";

base::Day day_of(const std::string& text) {
    const auto day = base::parse_day(text);
    if (!day) throw Error(Kind::Damaged, fmt::format("invoice: \"{}\" is no day", text));
    return *day;
}

Invoice read(sys::Reader& db, const sys::Row& row) {
    Invoice invoice;
    invoice.id = row.integer(0);
    invoice.number = row.text(1);
    invoice.period = row.text(2);
    invoice.corrects = row.maybe_integer(3).value_or(0);
    invoice.corrects_number = row.maybe_text(4).value_or("");
    invoice.corrected_by = row.maybe_integer(5).value_or(0);
    invoice.reason = row.text(6);
    invoice.issued_on = day_of(row.text(7));
    invoice.due_on = day_of(row.text(8));
    const auto* rounding = std::find(std::begin(kRoundings), std::end(kRoundings), row.text(9));
    invoice.rounding = static_cast<contract::Rounding>(rounding - std::begin(kRoundings));
    invoice.document = row.integer(10);
    for (const sys::Row& line :
         db.query("SELECT words, quantity, unit_price, tax_percent, is_reduced FROM invoice_line WHERE invoice_id = $1 "
                  "ORDER BY place",
                  {invoice.id}))
        invoice.lines.push_back(
            {line.text(0), line.integer(1), line.integer(2), static_cast<int>(line.integer(3)), line.flag(4)});
    invoice.totals = add_up(invoice.lines, invoice.rounding);
    // What was paid on those whose place it took was paid on it.
    for (std::int64_t id = invoice.id; id != 0;) {
        for (const sys::Row& paid :
             db.query("SELECT paid_on, yen FROM invoice_payment WHERE invoice_id = $1 ORDER BY id", {id})) {
            invoice.paid += paid.integer(1);
            const base::Day on = day_of(paid.text(0));
            if (!invoice.paid_on || on > *invoice.paid_on) invoice.paid_on = on;
        }
        const auto before = db.find("SELECT corrects_id FROM invoice WHERE id = $1", {id});
        id = before ? before->maybe_integer(0).value_or(0) : 0;
    }
    return invoice;
}

}  // namespace

std::span<const sys::Migration> migrations() {
    return kMigrations;
}

std::int64_t add_invoice(sys::Transaction& tx, const Invoice& made) {
    add_up(made.lines, made.rounding);
    if (made.corrects == 0) {
        if (tx.find("SELECT id FROM invoice WHERE period = $1", {made.period}))
            throw Error(Kind::Conflict,
                        "この期間の請求書は、すでに発行しています。直すときは、修正した請求書を発行してください。");
    } else {
        const auto before = find_invoice(tx, made.corrects);
        if (!before) throw Error(Kind::NotFound, "修正する請求書がありません。");
        if (before->corrected_by != 0)
            throw Error(Kind::Conflict, "この請求書は、すでに修正しています。新しい請求書を修正してください。");
    }
    const auto corrects = made.corrects == 0 ? std::optional<std::int64_t>() : made.corrects;
    const std::int64_t id = tx.insert(
        "INSERT INTO invoice (number, period, corrects_id, reason, issued_on, due_on, rounding, document_id) VALUES "
        "($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
        {made.number, made.period, sys::maybe(corrects), made.reason, base::format_day(made.issued_on),
         base::format_day(made.due_on), std::string(kRoundings[static_cast<std::size_t>(made.rounding)]),
         made.document});
    std::int64_t place = 0;
    for (const Line& line : made.lines)
        tx.execute(
            "INSERT INTO invoice_line (invoice_id, place, words, quantity, unit_price, tax_percent, is_reduced) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7)",
            {id, ++place, line.text, line.quantity, line.unit_price, std::int64_t{line.tax_percent},
             std::int64_t{line.is_reduced ? 1 : 0}});
    return id;
}

std::optional<Invoice> find_invoice(sys::Reader& db, std::int64_t id) {
    const auto row = db.find(std::string(kColumns) + "WHERE i.id = $1", {id});
    if (!row) return std::nullopt;
    return read(db, *row);
}

std::optional<Invoice> find_invoice(sys::Reader& db, std::string_view period) {
    const auto row =
        db.find(std::string(kColumns) +
                    "WHERE i.period = $1 AND NOT EXISTS (SELECT 1 FROM invoice n WHERE n.corrects_id = i.id)",
                {std::string(period)});
    if (!row) return std::nullopt;
    return read(db, *row);
}

std::vector<Invoice> list_invoices(sys::Reader& db, int limit) {
    std::vector<Invoice> all;
    for (const sys::Row& row :
         db.query(std::string(kColumns) + fmt::format("ORDER BY i.id DESC LIMIT {}", std::clamp(limit, 1, 1000))))
        all.push_back(read(db, row));
    return all;
}

void add_payment(sys::Transaction& tx, const Payment& payment) {
    const auto invoice = find_invoice(tx, payment.invoice);
    if (!invoice) throw Error(Kind::NotFound, "この請求書はありません。");
    if (invoice->corrected_by != 0)
        throw Error(Kind::Conflict, "この請求書は修正しています。新しい請求書に入金を記録してください。");
    if (payment.yen == 0) throw Error(Kind::BadInput, "入金の金額を入力してください。");
    if (payment.yen > invoice->owed() || invoice->paid + payment.yen < 0)
        throw Error(Kind::BadInput,
                    fmt::format("金額が請求の残り（{}円）に合いません。確かめてください。", invoice->owed()));
    tx.execute(
        "INSERT INTO invoice_payment (invoice_id, paid_on, yen, note, entered_by, entered_at) VALUES ($1, $2, $3, "
        "$4, $5, $6)",
        {payment.invoice, base::format_day(payment.on), payment.yen, payment.note, payment.by,
         payment.at.milliseconds});
}

std::vector<Payment> list_payments(sys::Reader& db, std::int64_t invoice) {
    std::vector<Payment> all;
    for (const sys::Row& row : db.query(
             "SELECT invoice_id, paid_on, yen, note, entered_by, entered_at FROM invoice_payment WHERE invoice_id = $1 "
             "ORDER BY id",
             {invoice}))
        all.push_back(
            {row.integer(0), day_of(row.text(1)), row.integer(2), row.text(3), row.text(4), {row.integer(5)}});
    return all;
}

}  // namespace billing

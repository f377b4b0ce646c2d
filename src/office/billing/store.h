// Invoices as they were issued, and what was paid. An issued invoice is never changed: a correction is a new one that
// cites it, and takes its place in what is owed.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ground/sys/database.h"
#include "ground/sys/extract.h"
#include "office/billing/invoice.h"

namespace billing {

std::span<const sys::Migration> migrations();
std::span<const sys::Extract> extracts();

struct Invoice {
    std::int64_t id = 0;
    std::string number;             ///< "請求-2027-0001"
    std::string period;             ///< of its instalment
    std::int64_t corrects = 0;      ///< the invoice whose place it takes; 0: none
    std::string corrects_number;    ///< as loaded
    std::int64_t corrected_by = 0;  ///< as loaded; 0: it stands
    std::string reason;             ///< of the correction
    base::Day issued_on, due_on;
    contract::Rounding rounding = contract::Rounding::Down;
    std::vector<Line> lines;
    Totals totals;
    std::int64_t document = 0;
    std::int64_t paid = 0;             ///< yen
    std::optional<base::Day> paid_on;  ///< of the newest payment

    std::int64_t owed() const { return corrected_by != 0 ? 0 : totals.gross - paid; }
    bool is_overdue(base::Day today) const { return owed() > 0 && today > due_on; }
};

/// Returns its id. Throws Error(Conflict) when the period has an invoice that stands, or the corrected one was
/// corrected. What was paid on the corrected one counts for the new one.
std::int64_t add_invoice(sys::Transaction& tx, const Invoice& made);
std::optional<Invoice> find_invoice(sys::Reader& db, std::int64_t id);
/// That stands.
std::optional<Invoice> find_invoice(sys::Reader& db, std::string_view period);
/// Newest first.
std::vector<Invoice> list_invoices(sys::Reader& db, int limit = 500);

struct Payment {
    std::int64_t invoice = 0;
    base::Day on;
    std::int64_t yen = 0;  ///< below 0: given back
    std::string note, by;
    base::Instant at;
};
/// Throws Error(Conflict) when the invoice was corrected, Error(BadInput) when more would be paid than is owed.
void add_payment(sys::Transaction& tx, const Payment& payment);
std::vector<Payment> list_payments(sys::Reader& db, std::int64_t invoice);

}  // namespace billing

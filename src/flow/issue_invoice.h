// The invoice of a month (or year) whose completion was confirmed, its corrections, and what was paid.
#pragma once

#include <string_view>
#include <vector>

#include "flow/report/section.h"
#include "office/billing/store.h"

namespace flow {

/// Issues the invoice for the instalment that ends with `month`. Ledger: invoice.issue, subject "report:2027-04", which
/// the contract's engine waits for. Throws Error(Conflict) when completion is not confirmed yet, nothing is to be
/// billed with that month, or it was issued before.
billing::Invoice issue_invoice(Site& site, const report::Month& month, std::string_view by);
/// A new invoice in the place of `id`, which it cites. Ledger: invoice.correct. Throws Error(BadInput) without a
/// reason, Error(Conflict) when it was corrected already.
billing::Invoice correct_invoice(Site& site, std::int64_t id, const std::vector<billing::Line>& lines,
                                 std::string_view reason, std::string_view by);
/// Ledger: invoice.paid. Throws as billing::add_payment; Error(BadInput) for a day to come or before the invoice.
void record_payment(Site& site, std::int64_t id, base::Day on, std::int64_t yen, std::string_view note,
                    std::string_view by);

}  // namespace flow

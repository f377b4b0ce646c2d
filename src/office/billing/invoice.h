// What is to be paid, by calculation alone: instalments of the contract's price by its rhythm and amendments, and the
// totals of an invoice by the rules of the qualified invoice (適格請求書, Consumption Tax Act article 57-4): tax is
// rounded once per rate and invoice, never per line. Whole yen throughout.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ground/base/time.h"
#include "office/contract/contract.h"

namespace billing {

struct Line {
    std::string text;  ///< "保守業務 令和9年4月分"
    std::int64_t quantity = 1;
    std::int64_t unit_price = 0;  ///< yen, without tax; below 0: a discount
    int tax_percent = 10;
    bool is_reduced = false;  ///< at the reduced rate: marked on the invoice
    std::int64_t amount() const { return quantity * unit_price; }
    bool operator==(const Line&) const = default;
};

struct RateTotal {
    int tax_percent = 10;
    bool is_reduced = false;
    std::int64_t net = 0, tax = 0;
};
struct Totals {
    std::vector<RateTotal> rates;  ///< the highest rate first
    std::int64_t net = 0, tax = 0, gross = 0;
};

constexpr std::int64_t kMostYen = 1'000'000'000'000;

/// Throws Error(BadInput): no line, a text or a quantity missing, a rate outside 0-50 %, above kMostYen, or a sum below
/// 0.
Totals add_up(std::span<const Line> lines, contract::Rounding rounding);
/// `net` times `percent` by the hundred, rounded; below zero as its opposite (so that a reversal reverses).
std::int64_t tax_of(std::int64_t net, int percent, contract::Rounding rounding);

/// One payment of the contract.
struct Instalment {
    std::string period;  ///< "2027-04", or a fiscal year "2027"
    base::Day first, last;
    int number = 0, of = 0;  ///< n of m, as they stand with the amendments up to it
    std::int64_t net = 0;    ///< without tax
};
/// All of them. What an amendment changes is spread over the periods from the one in which it takes effect; the last
/// one takes the rest, so that their sum is the total. A period of less than a whole month counts as a month.
std::vector<Instalment> list_instalments(const contract::Contract& contract);
/// The one that contains that month; null when the contract does not.
const Instalment* find_instalment(std::span<const Instalment> all, int year, int month);

}  // namespace billing

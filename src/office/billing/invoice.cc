#include "office/billing/invoice.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/calendar/era.h"

namespace billing {

using base::Day;
using base::Error;
using base::Kind;
using contract::Contract;
using contract::Rounding;

namespace {

int month_number(Day day) {
    return day.year * 12 + day.month - 1;
}

Day first_of(int month) {
    return {month / 12, month % 12 + 1, 1};
}

/// A period of the calendar that the contract touches, in months counted from year 0.
struct Span {
    int from = 0, to = 0;  // both included
    int months() const { return to - from + 1; }
};

/// From the contract's first month to that of `ends`.
std::vector<Span> list_spans(const Contract& contract, Day ends) {
    std::vector<Span> spans;
    const int last = month_number(ends);
    for (int month = month_number(contract.begins); month <= last;) {
        const int to =
            contract.price.rhythm == contract::Rhythm::Monthly
                ? month
                : std::min(last, month_number(calendar::fiscal_year_end(calendar::fiscal_year(first_of(month)))));
        spans.push_back({month, to});
        month = to + 1;
    }
    return spans;
}

/// What the contract says once everything that takes effect up to `day` holds.
struct Terms {
    std::int64_t total = 0;
    Day ends;
};
Terms terms_on(const Contract& contract, Day day) {
    Terms terms{contract.price.total, contract.ends};
    std::vector<const contract::Amendment*> amendments;
    for (const contract::Amendment& one : contract.amendments)
        if (one.effective <= day) amendments.push_back(&one);
    std::stable_sort(amendments.begin(), amendments.end(),
                     [](const auto* a, const auto* b) { return a->effective < b->effective; });
    for (const contract::Amendment* one : amendments) {
        if (one->total) terms.total = *one->total;
        if (one->contract_ends) terms.ends = *one->contract_ends;
    }
    return terms;
}

}  // namespace

std::int64_t tax_of(std::int64_t net, int percent, Rounding rounding) {
    const std::int64_t hundredths = std::abs(net) * percent;
    std::int64_t tax = hundredths / 100;
    const std::int64_t rest = hundredths % 100;
    if ((rounding == Rounding::Up && rest > 0) || (rounding == Rounding::Nearest && rest >= 50)) ++tax;
    return net < 0 ? -tax : tax;
}

Totals add_up(std::span<const Line> lines, Rounding rounding) {
    if (lines.empty()) throw Error(Kind::BadInput, "請求書の内容がありません。1行以上入力してください。");
    Totals totals;
    for (const Line& line : lines) {
        if (base::trim(line.text).empty()) throw Error(Kind::BadInput, "内容を入力していない行があります。");
        if (line.quantity < 1 || line.quantity > 1'000'000)
            throw Error(Kind::BadInput, fmt::format("「{}」の数量は1から1,000,000までです。", line.text));
        if (std::abs(line.unit_price) > kMostYen / line.quantity)
            throw Error(Kind::BadInput, fmt::format("「{}」の金額が大きすぎます。", line.text));
        if (line.tax_percent < 0 || line.tax_percent > 50)
            throw Error(Kind::BadInput, fmt::format("「{}」の税率は0から50までです。", line.text));
        auto rate = std::find_if(totals.rates.begin(), totals.rates.end(), [&](const RateTotal& one) {
            return one.tax_percent == line.tax_percent && one.is_reduced == line.is_reduced;
        });
        if (rate == totals.rates.end())
            rate = totals.rates.insert(totals.rates.end(), {line.tax_percent, line.is_reduced, 0, 0});
        rate->net += line.amount();
        if (std::abs(rate->net) > kMostYen) throw Error(Kind::BadInput, "請求書の合計が大きすぎます。");
    }
    std::sort(totals.rates.begin(), totals.rates.end(), [](const RateTotal& a, const RateTotal& b) {
        return std::tie(b.tax_percent, a.is_reduced) < std::tie(a.tax_percent, b.is_reduced);
    });
    for (RateTotal& rate : totals.rates) {
        rate.tax = tax_of(rate.net, rate.tax_percent, rounding);
        totals.net += rate.net;
        totals.tax += rate.tax;
    }
    totals.gross = totals.net + totals.tax;
    if (totals.gross < 0) throw Error(Kind::BadInput, "合計が0円より小さくなります。値引きの金額を確かめてください。");
    return totals;
}

std::vector<Instalment> list_instalments(const Contract& contract) {
    std::vector<Instalment> all;
    std::int64_t billed = 0;
    std::size_t since = 0;    // the first instalment under the terms that hold
    std::int64_t spread = 0;  // what these spread over their months
    Terms held{-1, {}};
    for (int month = month_number(contract.begins);;) {
        // The period that begins here, as it ends under whatever takes effect before it is over.
        Terms terms = terms_on(contract, first_of(month + 1) - 1);
        std::vector<Span> spans = list_spans(contract, terms.ends);
        auto at = std::find_if(spans.begin(), spans.end(), [&](const Span& span) { return span.from == month; });
        if (at == spans.end()) break;
        terms = terms_on(contract, first_of(at->to + 1) - 1);
        spans = list_spans(contract, terms.ends);
        at = std::find_if(spans.begin(), spans.end(), [&](const Span& span) { return span.from == month; });
        if (at == spans.end()) break;
        if (terms.total != held.total || terms.ends != held.ends) {
            held = terms;
            since = all.size();
            spread = terms.total - billed;
        }
        std::int64_t months_left = 0, months_before = 0;
        for (const Span& span : spans)
            if (span.from >= month) months_left += span.months();
        for (std::size_t i = since; i < all.size(); ++i)
            months_before += month_number(all[i].last) - month_number(all[i].first) + 1;
        const bool is_last = std::next(at) == spans.end();
        Instalment one;
        one.first = std::max(first_of(at->from), contract.begins);
        one.last = std::min(first_of(at->to + 1) - 1, terms.ends);
        one.period = contract.price.rhythm == contract::Rhythm::Monthly
                         ? fmt::format("{:04}-{:02}", at->from / 12, at->from % 12 + 1)
                         : fmt::format("{:04}", calendar::fiscal_year(one.first));
        one.number = static_cast<int>(all.size()) + 1;
        one.of = static_cast<int>(spans.size());
        one.net = is_last ? terms.total - billed : spread * at->months() / (months_left + months_before);
        billed += one.net;
        month = at->to + 1;
        all.push_back(std::move(one));
    }
    return all;
}

const Instalment* find_instalment(std::span<const Instalment> all, int year, int month) {
    const int wanted = month_number({year, month, 1});
    for (const Instalment& one : all)
        if (month_number(one.first) <= wanted && wanted <= month_number(one.last)) return &one;
    return nullptr;
}

}  // namespace billing

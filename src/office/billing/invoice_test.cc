#include "office/billing/invoice.h"

#include <numeric>
#include <random>

#include <gtest/gtest.h>

#include "ground/base/error.h"

namespace billing {
namespace {

using contract::Rounding;

Line line(std::int64_t price, int percent = 10, bool is_reduced = false) {
    return {"保守業務", 1, price, percent, is_reduced};
}

TEST(AddUp, RoundsOncePerRateAndNotPerLine) {
    const std::vector<Line> three{line(1005), line(1005), line(1005)};
    EXPECT_EQ(add_up(three, Rounding::Down).tax, 301) << "line by line it would be 300";
    EXPECT_EQ(add_up(three, Rounding::Up).tax, 302);
    EXPECT_EQ(add_up(three, Rounding::Nearest).tax, 302);
    const std::vector<Line> mixed{line(1005), line(99, 8, true), line(1005), line(-10)};
    const Totals totals = add_up(mixed, Rounding::Down);
    ASSERT_EQ(totals.rates.size(), 2U);
    EXPECT_EQ(totals.rates[0].tax_percent, 10);
    EXPECT_EQ(totals.rates[0].net, 2000);
    EXPECT_EQ(totals.rates[0].tax, 200);
    EXPECT_EQ(totals.rates[1].tax, 7);
    EXPECT_EQ(totals.gross, 2000 + 200 + 99 + 7);
}

TEST(AddUp, RefusesWhatIsNoInvoice) {
    for (const std::vector<Line>& wrong : {std::vector<Line>{},
                                           {{"", 1, 100, 10, false}},
                                           {{"x", 0, 100, 10, false}},
                                           {line(100, 51)},
                                           {line(-1)},
                                           {{"x", 1'000'000, kMostYen, 10, false}},
                                           {line(kMostYen), line(kMostYen)}})
        EXPECT_THROW(add_up(wrong, Rounding::Down), base::Error);
}

TEST(TaxOf, IsWithinAYenOfTheTruthAndItsOwnMirror) {
    std::mt19937_64 dice(7);
    for (int i = 0; i < 20'000; ++i) {
        const auto net = static_cast<std::int64_t>(dice() % 10'000'000'000);
        const int percent = static_cast<int>(dice() % 51);
        const std::int64_t down = tax_of(net, percent, Rounding::Down), up = tax_of(net, percent, Rounding::Up),
                           nearest = tax_of(net, percent, Rounding::Nearest);
        EXPECT_LE(down * 100, net * percent);
        EXPECT_GT((down + 1) * 100, net * percent);
        EXPECT_GE(up * 100, net * percent);
        EXPECT_EQ(up - down, net * percent % 100 == 0 ? 0 : 1);
        EXPECT_LE(std::abs(nearest * 100 - net * percent), 50);
        EXPECT_EQ(tax_of(-net, percent, Rounding::Nearest), -nearest);
    }
}

TEST(AddUp, DoesNotDependOnHowAnAmountIsSplitIntoLines) {
    std::mt19937_64 dice(11);
    for (int i = 0; i < 2'000; ++i) {
        std::vector<Line> lines;
        std::int64_t net = 0;
        for (std::uint64_t left = dice() % 20 + 1; left > 0; --left) {
            lines.push_back(line(static_cast<std::int64_t>(dice() % 100'000)));
            net += lines.back().unit_price;
        }
        const Totals split = add_up(lines, Rounding::Down), whole = add_up(std::vector{line(net)}, Rounding::Down);
        EXPECT_EQ(split.gross, whole.gross);
        std::shuffle(lines.begin(), lines.end(), dice);
        EXPECT_EQ(add_up(lines, Rounding::Down).gross, whole.gross);
    }
}

contract::Contract contract_of(std::int64_t total, base::Day begins, base::Day ends, contract::Rhythm rhythm) {
    contract::Contract made;
    made.begins = begins;
    made.ends = ends;
    made.price.total = total;
    made.price.rhythm = rhythm;
    return made;
}

std::int64_t sum(const std::vector<Instalment>& all) {
    return std::accumulate(all.begin(), all.end(), std::int64_t{0},
                           [](std::int64_t so_far, const Instalment& one) { return so_far + one.net; });
}

TEST(Instalments, OfAMonthAreAlikeAndTheLastTakesTheRest) {
    const auto made = contract_of(60'000'059, {2027, 4, 1}, {2032, 3, 31}, contract::Rhythm::Monthly);
    const auto all = list_instalments(made);
    ASSERT_EQ(all.size(), 60U);
    EXPECT_EQ(all[0].period, "2027-04");
    EXPECT_EQ(all[0].net, 1'000'000);
    EXPECT_EQ(all[0].of, 60);
    EXPECT_EQ(all[59].period, "2032-03");
    EXPECT_EQ(all[59].net, 1'000'059);
    EXPECT_EQ(sum(all), 60'000'059);
    EXPECT_EQ(find_instalment(all, 2028, 1)->number, 10);
    EXPECT_EQ(find_instalment(all, 2032, 4), nullptr);
}

TEST(Instalments, OfAYearGoByItsMonths) {
    const auto made = contract_of(3'000'001, {2027, 10, 1}, {2030, 3, 31}, contract::Rhythm::Yearly);
    const auto all = list_instalments(made);
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0].period, "2027");
    EXPECT_EQ(all[0].net, 600'000) << "half a year of two and a half";
    EXPECT_EQ(all[0].last, (base::Day{2028, 3, 31}));
    EXPECT_EQ(all[1].net, 1'200'000);
    EXPECT_EQ(sum(all), 3'000'001);
    EXPECT_EQ(find_instalment(all, 2028, 3)->period, "2027");
}

TEST(Instalments, AfterAnAmendmentStillAddUpToTheTotalOfTheDay) {
    auto made = contract_of(1'200'000, {2027, 4, 1}, {2028, 3, 31}, contract::Rhythm::Monthly);
    contract::Amendment more;
    more.effective = {2027, 10, 1};
    more.total = 1'500'007;
    made.amendments.push_back(more);
    contract::Amendment longer;
    longer.effective = {2028, 1, 1};
    longer.contract_ends = base::Day{2028, 6, 30};
    made.amendments.push_back(longer);
    const auto all = list_instalments(made);
    ASSERT_EQ(all.size(), 15U);
    EXPECT_EQ(all[5].net, 100'000);
    EXPECT_EQ(all[5].of, 12);
    EXPECT_EQ(all[6].net, 150'001) << "900,007 over the six months that are left";
    EXPECT_EQ(all[9].net, 75'000);
    EXPECT_EQ(all[9].of, 15);
    EXPECT_EQ(sum(all), 1'500'007);
}

TEST(Instalments, AlwaysAddUpToTheTotal) {
    std::mt19937_64 dice(3);
    for (int i = 0; i < 300; ++i) {
        auto made =
            contract_of(static_cast<std::int64_t>(dice() % 100'000'000), {2027, static_cast<int>(dice() % 12) + 1, 1},
                        {2029 + static_cast<int>(dice() % 4), static_cast<int>(dice() % 12) + 1, 15},
                        dice() % 2 == 0 ? contract::Rhythm::Monthly : contract::Rhythm::Yearly);
        std::int64_t total = made.price.total;
        if (dice() % 2 == 0) {
            contract::Amendment more;
            more.effective = {2028, static_cast<int>(dice() % 12) + 1, static_cast<int>(dice() % 28) + 1};
            more.total = total = total * 2 + static_cast<std::int64_t>(dice() % 1'000);
            made.amendments.push_back(more);
        }
        EXPECT_EQ(sum(list_instalments(made)), total) << i;
    }
}

}  // namespace
}  // namespace billing

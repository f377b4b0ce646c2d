#include "office/billing/store.h"

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/sys/testing/databases.h"

namespace billing {
namespace {

class Billing : public ::testing::TestWithParam<std::string> {
  protected:
    Billing() { sys::migrate(*db_, migrations()); }
    std::int64_t add(const Invoice& made) {
        return db_->write([&](sys::Transaction& tx) { return add_invoice(tx, made); });
    }
    void pay(std::int64_t invoice, std::int64_t yen) {
        db_->write([&](sys::Transaction& tx) {
            add_payment(tx, {invoice, {2027, 6, 1}, yen, "", "person:1", {1000}});
        });
    }
    Invoice load(std::int64_t id) {
        return *db_->read([&](sys::Reader& db) { return find_invoice(db, id); });
    }
    static Invoice of(std::string number, std::int64_t yen, std::int64_t corrects = 0) {
        Invoice made;
        made.number = std::move(number);
        made.period = "2027-04";
        made.corrects = corrects;
        made.reason = corrects == 0 ? "" : "単価の誤り";
        made.issued_on = {2027, 5, 10};
        made.due_on = {2027, 6, 9};
        made.lines = {{"保守業務", 1, yen, 10, false}};
        made.document = 7;
        return made;
    }
    sys::testing::TestDatabase store_;
    std::unique_ptr<sys::Database> db_ = store_.open_empty(GetParam());
};

TEST_P(Billing, APeriodHasOneInvoiceAndACorrectionTakesItsPlace) {
    const std::int64_t first = add(of("invoice-2027-0001", 1'000));
    EXPECT_THROW(add(of("invoice-2027-0002", 1'000)), base::Error);
    pay(first, 500);
    const std::int64_t second = add(of("invoice-2027-0002", 900, first));
    EXPECT_THROW(add(of("invoice-2027-0003", 900, first)), base::Error) << "corrected already";
    EXPECT_EQ(load(first).corrected_by, second);
    EXPECT_EQ(load(first).owed(), 0);
    const Invoice now = load(second);
    EXPECT_EQ(now.corrects_number, "invoice-2027-0001");
    EXPECT_EQ(now.totals.gross, 990);
    EXPECT_EQ(now.owed(), 490) << "what was paid on the first counts";
    EXPECT_FALSE(now.is_overdue({2027, 6, 9}));
    EXPECT_TRUE(now.is_overdue({2027, 6, 10}));
    EXPECT_THROW(pay(first, 1), base::Error);
    EXPECT_THROW(pay(second, 491), base::Error);
    pay(second, 490);
    EXPECT_FALSE(load(second).is_overdue({2028, 1, 1}));
    EXPECT_EQ(db_->read([](sys::Reader& db) { return find_invoice(db, "2027-04"); })->id, second);
    EXPECT_EQ(db_->read([](sys::Reader& db) { return list_invoices(db); }).size(), 2U);
    EXPECT_EQ(db_->read([&](sys::Reader& db) { return list_payments(db, second); }).size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Engines, Billing, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

}  // namespace
}  // namespace billing

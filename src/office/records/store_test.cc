#include "office/records/store.h"

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/sys/crypto.h"
#include "ground/sys/testing/databases.h"

namespace records {
namespace {

class Records : public ::testing::TestWithParam<std::string> {
  protected:
    Records() { sys::migrate(*db_, migrations()); }
    std::string take(std::string_view kind, base::Day day) {
        return db_->write([&](sys::Transaction& tx) { return take_number(tx, kind, base::from_local({day, 9})); });
    }
    sys::testing::TestDatabase store_;
    std::unique_ptr<sys::Database> db_ = store_.open_empty(GetParam());
};

TEST_P(Records, NumbersCountWithinTheFiscalYearAndAKindWithoutGaps) {
    EXPECT_EQ(take("incident", {2027, 4, 1}), "障害-2027-0001");
    EXPECT_EQ(take("incident", {2028, 3, 31}), "障害-2027-0002");
    EXPECT_EQ(take("stop", {2027, 4, 1}), "計画停止-2027-0001");
    EXPECT_EQ(file_stem("計画停止-2027-0001"), "stop-2027-0001");
    EXPECT_EQ(file_stem("障害速報-2027-0001"), "incident-first-2027-0001");
    EXPECT_EQ(file_stem("incident-2026-0009"), "incident-2026-0009") << "of before";
    EXPECT_THROW(db_->write([&](sys::Transaction& tx) {
        take_number(tx, "incident", base::from_local({{2028, 3, 31}}));
        throw base::Error(base::Kind::BadInput, "changed its mind");
    }),
                 base::Error);
    EXPECT_EQ(take("incident", {2028, 3, 31}), "障害-2027-0003");
    EXPECT_EQ(take("incident", {2028, 4, 1}), "障害-2028-0001");
    EXPECT_THROW(take("Incident 1", {2028, 4, 1}), base::Error);
}

TEST_P(Records, FilesBelongToTheirSubjectInTheOrderOfComing) {
    NewFile file{"incident:5", "画面.png", "image/png", sys::sha256("x"), 1, "person:3", {1000}};
    db_->write([&](sys::Transaction& tx) {
        attach(tx, file);
        file.name = "控え.pdf";
        attach(tx, file);
        file.subject = "incident:50";
        attach(tx, file);
        file.name = " ";
    });
    EXPECT_THROW(db_->write([&](sys::Transaction& tx) { attach(tx, file); }), base::Error);
    const auto files = db_->read([](sys::Reader& db) { return list_files(db, "incident:5"); });
    ASSERT_EQ(files.size(), 2U);
    EXPECT_EQ(files[0].name, "画面.png");
    EXPECT_EQ(files[1].hash, sys::sha256("x"));
    EXPECT_EQ(db_->read([&](sys::Reader& db) { return find_file(db, files[1].id); })->name, "控え.pdf");
    EXPECT_FALSE(db_->read([](sys::Reader& db) { return find_file(db, 999); }));
}

INSTANTIATE_TEST_SUITE_P(Engines, Records, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

}  // namespace
}  // namespace records

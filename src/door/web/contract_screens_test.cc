// The contract's screens over real HTTP: without a contract, with one, with a faulty one, and for whom.
#include <gtest/gtest.h>

#include "door/web/testing/visitor.h"
#include "flow/contract_status.h"
#include "ground/ledger/store.h"
#include "ground/sys/files.h"

namespace web {
namespace {

using testing::OpenOffice;
using testing::Visitor;
using namespace std::chrono_literals;

std::string first_fault(const Visitor& visitor) {
    const auto faults = testing::find_screen_faults(visitor.body);
    return faults.empty() ? std::string() : faults.front();
}

TEST(ContractScreens, ShowEachObligationWithItsEvidence) {
    OpenOffice office;
    Visitor admin = office.visitor();
    admin.sign_in("kanri");
    flow::Site& site = *office.town.site;
    EXPECT_EQ(admin.get("/contract").status, 200);
    EXPECT_TRUE(admin.shows("契約がまだ登録されていません"));
    EXPECT_EQ(first_fault(admin), "");

    const auto file = flow::write_sample_contract(site.folders, "cms");
    site.database->write([&](sys::Transaction& tx) {
        ledger::append(tx, {office.town.clock.now() - 1h, "person:1", "site.upkeep", "month:2027-04"});
    });
    admin.get("/contract");
    EXPECT_EQ(first_fault(admin), "");
    EXPECT_TRUE(admin.shows("定期保守（毎月）"));
    EXPECT_TRUE(admin.shows("/ledger?subject=month"));
    EXPECT_TRUE(admin.shows("ホームページ管理システム運用保守業務"));
    EXPECT_TRUE(admin.shows("期限超過 0件"));
    EXPECT_EQ(admin.get("/contract?day=2027-05-31").status, 200);
    EXPECT_FALSE(admin.shows("期限超過 0件")) << "if nothing is done until then";

    EXPECT_EQ(admin.get("/contract/maintenance").status, 200);
    EXPECT_EQ(first_fault(admin), "");
    EXPECT_TRUE(admin.shows("2027-04"));
    EXPECT_TRUE(admin.shows("保守責任者")) << "who comes next";
    EXPECT_EQ(admin.get("/contract/none").status, 404);

    sys::write_file(file, "[contract]\nid = 1\n");
    EXPECT_EQ(admin.get("/contract").status, 200);
    EXPECT_TRUE(admin.shows("契約のファイルに誤りがあります"));
    EXPECT_TRUE(admin.shows("line 2"));
    EXPECT_EQ(first_fault(admin), "");

    Visitor author = office.visitor();
    author.sign_in("author");
    EXPECT_EQ(author.get("/contract").status, 403);
}

}  // namespace
}  // namespace web

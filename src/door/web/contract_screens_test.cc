// The contract's screens over real HTTP: without a contract, with one, with a faulty one, and for whom.
#include <gtest/gtest.h>

#include "door/web/testing/visitor.h"
#include "flow/contract_status.h"
#include "flow/make_document.h"
#include "ground/ledger/store.h"
#include "ground/people/accounts.h"
#include "ground/sys/crypto.h"
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
    EXPECT_TRUE(admin.shows("4月30日 24:00")) << "the month's end, not the first of May";
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

    // Who only reads sees at home what is late, what is broken, and what was handed in.
    const auto version = office.town.write([&](sys::Transaction& tx) {
        people::Person reader;
        reader.login_name = "reader";
        reader.name = "監査 見本";
        const auto id = people::add_person(tx, reader, sys::hash_password(testing::kPassword), office.town.by());
        people::add_grant(tx, {{}, id, people::Role::Auditor, {}, ""}, office.town.by());
        documents::Version made;
        made.title = "四月の報告";
        made.made_at = site.clock.now();
        made.made_by = "person:1";
        made.files = {{"a.html", "text/html; charset=utf-8", site.objects->put("<p>本文</p>").hash, 13}};
        return documents::add_version(tx, "monthly", "report:2027-04", "monthly-2027-0001", made);
    });
    Visitor auditor = office.visitor();
    EXPECT_FALSE(auditor.sign_in("reader").get("/").shows("四月の報告")) << "not handed in yet";
    flow::deliver_document(site, {version.id, "mail", "広報課 係長", "", site.clock.now()}, "person:1");
    EXPECT_TRUE(auditor.get("/").shows("四月の報告"));
    EXPECT_TRUE(auditor.shows("受領の確認待ち"));
    EXPECT_EQ(first_fault(auditor), "");
}

}  // namespace
}  // namespace web

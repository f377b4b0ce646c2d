// 月次報告 and 文書 over real HTTP: a month from the report to the payment, for whom, and what a faulty request gets.
#include <gtest/gtest.h>

#include "door/web/testing/visitor.h"
#include "flow/contract_status.h"
#include "flow/make_document.h"
#include "flow/report_month.h"
#include "ground/ledger/store.h"
#include "ground/people/accounts.h"
#include "office/forms/testing/sample_form.h"

namespace web {
namespace {

using testing::OpenOffice;
using testing::Visitor;

std::string first_fault(const Visitor& visitor) {
    const auto faults = testing::find_screen_faults(visitor.body);
    return faults.empty() ? std::string() : faults.front();
}

TEST(ReportScreens, LeadFromTheBoardToTheInspectionByTheClient) {
    OpenOffice office;
    flow::Site& site = *office.town.site;
    Visitor admin = office.visitor();
    admin.sign_in("kanri");
    EXPECT_EQ(admin.get("/reports").status, 200);
    EXPECT_TRUE(admin.shows("契約がまだ登録されていません"));
    EXPECT_EQ(first_fault(admin), "");
    EXPECT_EQ(admin.get("/documents").status, 200);
    EXPECT_TRUE(admin.shows("文書はありません"));
    EXPECT_EQ(first_fault(admin), "");

    flow::write_sample_contract(site.folders, "cms");
    EXPECT_EQ(admin.get("/reports/2027-04").status, 200);
    EXPECT_TRUE(admin.shows("月が終わると"));
    EXPECT_EQ(first_fault(admin), "");
    for (const std::string path :
         {"/reports/2027-13", "/reports/x", "/reports/2026-01", "/documents/1", "/documents/templates/none.html"})
        EXPECT_GE(admin.get(path).status, 400) << path;

    // What the papers are made of is flow's business; here it is one of each, without a browser.
    const auto paper = [&](std::string kind, std::string subject) {
        return site.database->write([&](sys::Transaction& tx) {
            documents::Version made;
            made.title = "業務完了通知書 <4月>";
            made.made_at = site.clock.now();
            made.made_by = "person:1";
            made.files = {{"a.html", "text/html; charset=utf-8", site.objects->put("<p>本文</p>").hash, 13}};
            return documents::add_version(tx, kind, subject, kind + "-2027-0001", made);
        });
    };
    const documents::Version notice = paper("completion", "report:2027-04"),
                             monthly = paper("monthly", "report:2027-04");
    const std::string path = fmt::format("/documents/{}", monthly.document);
    EXPECT_EQ(admin.get("/documents?kind=monthly&q=2027-0001").status, 200);
    EXPECT_TRUE(admin.shows("monthly-2027-0001"));
    EXPECT_EQ(first_fault(admin), "");
    EXPECT_EQ(admin.get(path).status, 200);
    EXPECT_TRUE(admin.shows("PDFがありません"));
    EXPECT_EQ(first_fault(admin), "");
    EXPECT_EQ(admin.get(fmt::format("{}/versions/{}/look", path, monthly.id)).status, 200);
    EXPECT_TRUE(admin.header("content-security-policy").starts_with("sandbox;"));
    EXPECT_EQ(admin.get(fmt::format("{}/versions/{}/files/0", path, monthly.id)).status, 200);
    EXPECT_TRUE(admin.header("content-disposition").starts_with("attachment"));
    EXPECT_EQ(admin.get(fmt::format("{}/versions/{}/files/1", path, monthly.id)).status, 404);
    EXPECT_EQ(admin.get(fmt::format("{}/versions/{}/files/0", path, notice.id)).status, 404) << "of another document";

    // The client confirms; handing over and billing are the contractor's.
    admin.get(path);
    EXPECT_EQ(
        admin.post(path + "/deliver", {{"version", std::to_string(monthly.id)}, {"how", "mail"}, {"who", "広報課"}})
            .status,
        422);
    EXPECT_EQ(admin.post(path + "/confirm", {{"version", std::to_string(monthly.id)}, {"how", "screen"}}).status, 303);
    EXPECT_EQ(admin.post(path + "/confirm", {{"version", std::to_string(monthly.id)}, {"how", "screen"}}).status, 409)
        << "a second time";
    admin.get("/reports/2027-04");
    EXPECT_TRUE(admin.shows("検査の結果を入力する"));
    EXPECT_TRUE(admin.shows(fmt::format("name=\"on\" type=\"date\" value=\"{0}\" max=\"{0}\"",
                                        base::format_day(base::local_day(site.clock.now())))));
    EXPECT_EQ(admin.post("/reports/2027-04/make", {}).status, 422) << "refused, with who may";
    EXPECT_EQ(admin.post("/reports/2027-04/invoice", {}).status, 422);
    EXPECT_EQ(admin
                  .post("/reports/2027-04/inspect",
                        {{"on", "2027-04-01"}, {"inspector", "課長"}, {"result", "refused"}, {"version", "1"}})
                  .status,
              422);
    EXPECT_TRUE(admin.shows("不合格のときは、指摘を入力してください。"));
    EXPECT_TRUE(admin.shows("value=\"refused\" checked") &&
                admin.shows("name=\"on\" type=\"date\" value=\"2027-04-01\""))
        << "what was typed is there";
    EXPECT_EQ(first_fault(admin), "");
    EXPECT_EQ(admin
                  .post("/reports/2027-04/inspect",
                        {{"on", "2027-04-01"}, {"inspector", "課長"}, {"result", "passed"}, {"version", "1"}})
                  .status,
              303);
    EXPECT_TRUE(flow::find_month(site, {2027, 4}).completion->confirmed_at);

    Visitor author = office.visitor();
    author.sign_in("author");
    for (const std::string& each : {std::string("/reports"), std::string("/reports/2027-04"), std::string("/documents"),
                                    path, path + "/versions/1/look", std::string("/documents/templates")})
        EXPECT_EQ(author.get(each).status, 403) << each;
}

TEST(ContactsDocument, ProvesItselfWhenItIsHandedOver) {
    OpenOffice office;
    flow::Site& site = *office.town.site;
    const auto version = site.database->write([&](sys::Transaction& tx) {
        documents::Version made;
        made.title = "体制図・連絡網";
        made.made_at = site.clock.now();
        made.made_by = "person:1";
        made.files = {{"a.html", "text/html; charset=utf-8", site.objects->put("<p>本文</p>").hash, 13}};
        return documents::add_version(tx, "contacts", "contacts:2027", "contacts-2027-0001", made);
    });
    ledger::Search search;
    search.act = "contacts.deliver";
    const auto lines = [&] {
        return site.database->read([&](sys::Reader& db) { return ledger::find_lines(db, search); });
    };
    EXPECT_TRUE(lines().empty()) << "made is not handed over";
    flow::deliver_document(site, {version.id, "mail", "広報課 係長", "", site.clock.now()}, "person:1");
    ASSERT_EQ(lines().size(), 1U);
    EXPECT_EQ(lines()[0].entry.subject, "contacts:2027");
}

TEST(DocumentTemplateScreens, SaveRefuseAndGoBack) {
    OpenOffice office;
    Visitor admin = office.visitor();
    admin.sign_in("kanri");
    EXPECT_EQ(admin.get("/documents/templates").status, 200);
    EXPECT_EQ(first_fault(admin), "");
    const std::string path = "/documents/templates/notice.html";
    EXPECT_EQ(admin.get(path).status, 200);
    EXPECT_EQ(first_fault(admin), "");
    EXPECT_EQ(admin.post(path, {{"based_on", "0"}, {"source", "{% if %}"}}).status, 422);
    EXPECT_EQ(admin.post(path, {{"based_on", "0"}, {"source", "<p>{{ title }}</p>"}, {"note", "短く"}}).status, 303);
    EXPECT_EQ(admin.post(path, {{"based_on", "0"}, {"source", "<p>二</p>"}}).status, 409) << "somebody was first";
    admin.get(path);
    EXPECT_TRUE(admin.shows("第1版"));
    EXPECT_EQ(admin.post(path, {{"based_on", "1"}, {"source", "x"}, {"back", "1"}}).status, 303);
    admin.get(path);
    EXPECT_TRUE(admin.shows("letterhead.html")) << "the program's own again";

    // Looked at before it is saved, in a sandbox; nothing is kept.
    EXPECT_EQ(admin.post(path + "/preview", {{"source", "<p>見本 {{ title }}</p>"}}).status, 200);
    EXPECT_TRUE(admin.shows("見本 〔標題〕"));
    EXPECT_TRUE(admin.header("content-security-policy").starts_with("sandbox;"));
    admin.get(path);
    EXPECT_EQ(admin.post(path + "/preview", {{"source", "{% if %}"}}).status, 422);
    EXPECT_FALSE(admin.get(path).shows("第3版"));
}

TEST(DocumentFormScreens, TakeACitysFormTryItAndGiveItUp) {
    OpenOffice office;
    Visitor admin = office.visitor(), author = office.visitor();
    author.sign_in("author");
    admin.sign_in("kanri");
    const std::string path = "/documents/forms/invoice";
    EXPECT_EQ(author.get(path).status, 403);
    EXPECT_EQ(admin.get("/documents/forms/none").status, 404);
    EXPECT_EQ(admin.get(path).status, 200);
    EXPECT_TRUE(admin.shows("{{請求金額}}"));
    EXPECT_TRUE(admin.shows("{{#内訳}}"));
    EXPECT_EQ(first_fault(admin), "");
    EXPECT_EQ(admin.get(path + "/sample").status, 404);
    admin.get(path);
    const auto send = [&](std::string_view text, std::string based_on) {
        const std::string form = forms::testing::word_form(forms::testing::paragraph(text));
        return admin.post_file(path, {{"based_on", std::move(based_on)}, {"note", "初版"}}, "file", "請求書.docx", form)
            .status;
    };
    EXPECT_EQ(send("{{請求金額}}{{単か}}", "0"), 422);
    EXPECT_TRUE(admin.shows("単か"));
    EXPECT_EQ(first_fault(admin), "");
    EXPECT_EQ(send("{{請求金額}}円", "0"), 303);
    EXPECT_EQ(send("{{請求金額}}円", "0"), 409) << "somebody was first";
    EXPECT_EQ(admin.get(path).status, 200);
    EXPECT_TRUE(admin.shows("請求書.docx"));
    EXPECT_EQ(first_fault(admin), "");
    EXPECT_EQ(admin.get(path + "/sample").status, 200);
    EXPECT_NE(forms::testing::part_of(admin.body, "word/document.xml").find("1,234円"), std::string::npos);
    EXPECT_EQ(admin.get(path + "/versions/1").status, 200);
    EXPECT_EQ(admin.get(path + "/versions/2").status, 404);
    EXPECT_TRUE(admin.get("/documents/templates").shows("請求書.docx"));
    admin.get(path);
    EXPECT_EQ(admin.post(path + "/drop", {{"based_on", "1"}}).status, 303);
    EXPECT_TRUE(admin.get(path).shows("いまは使っていません"));
    EXPECT_TRUE(admin.get("/ledger").shows("市の様式「請求書」を変えました")) << "no name that only the program has";
}

}  // namespace
}  // namespace web

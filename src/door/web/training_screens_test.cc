// Trainings, registers and visits over real HTTP: each screen, the forms with right and wrong input, and for whom.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "door/web/testing/visitor.h"
#include "ground/ledger/store.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"
#include "ground/sys/http_client.h"
#include "office/registers/store.h"
#include "office/training/store.h"

namespace web {
namespace {

using testing::OpenOffice;
using testing::Visitor;
using namespace std::chrono_literals;

std::string faults(const Visitor& visitor) {
    std::string all;
    for (const std::string& one : testing::find_screen_faults(visitor.body)) all += one + "\n";
    return all;
}

std::string newest_act(OpenOffice& office) {
    return office.town.read([](sys::Reader& db) { return ledger::find_lines(db, {}); }).front().entry.act;
}

TEST(TrainingScreens, PlanASessionWithItsTraineesAndHoldIt) {
    OpenOffice office;
    Visitor admin = office.visitor();
    admin.sign_in("kanri");
    EXPECT_EQ(admin.get("/training").status, 200);
    EXPECT_EQ(faults(admin), "");
    EXPECT_TRUE(admin.shows("0／4回"));
    EXPECT_EQ(admin.get("/training/new").status, 200);
    EXPECT_EQ(faults(admin), "");
    const Visitor::Fields plan{{"course", "author"}, {"makes_up_for", "0"}, {"starts_at", "2027-04-01T09:00"},
                               {"minutes", "150"},   {"seats", "2"},        {"place", "本庁舎"},
                               {"teacher", "講師"},  {"note", ""},          {"version", "0"}};
    Visitor::Fields bad = plan;
    bad[3].second = "5";
    EXPECT_EQ(admin.post("/training/new", bad).status, 422);
    EXPECT_TRUE(admin.shows("15から600まで"));
    EXPECT_TRUE(admin.shows("本庁舎")) << "what was typed stays";
    EXPECT_EQ(admin.get("/training/new").post("/training/new", plan).status, 303);
    EXPECT_EQ(admin.location, "/training/1");
    EXPECT_EQ(admin.follow().status, 200);
    EXPECT_EQ(faults(admin), "");
    EXPECT_EQ(admin.post("/training/1/people", {{"do", "names"}, {"names", "a\nb\nc"}}).status, 422);
    EXPECT_TRUE(admin.shows("3行目"));
    admin.get("/training/1").post("/training/1/people", {{"do", "names"}, {"names", "山田 花子,市民課\n鈴木 一郎"}});
    EXPECT_EQ(admin.follow().status, 200);
    EXPECT_TRUE(admin.shows("山田 花子の出欠"));
    EXPECT_EQ(faults(admin), "");
    admin.post("/training/1/people", {{"do", "names"}, {"names", "山田 花子,市民課"}});
    EXPECT_EQ(admin.status, 422) << "she is there";
    admin.get("/training/1").post("/training/1/people/remove", {{"attendee", "2"}});
    EXPECT_EQ(newest_act(office), "training.uninvite");
    admin.get("/training/1").post("/training/1/people", {{"do", "names"}, {"names", "鈴木 一郎"}});
    EXPECT_EQ(admin.get("/training/1").post("/training/1/presence", {{"version", "1"}, {"presence-1", "came"}}).status,
              409)
        << "stale";
    admin.get("/training/1");
    admin.post("/training/1/presence",
               {{"version", admin.hidden("version")}, {"presence-1", "came"}, {"presence-3", "absent"}});
    EXPECT_EQ(admin.status, 303);
    admin.get("/training/1");
    EXPECT_EQ(admin.post("/training/1/hold", {{"version", "0"}}).status, 409) << "stale";
    admin.get("/training/1");
    EXPECT_EQ(admin.post("/training/1/hold", {{"version", admin.hidden("version")}}).status, 303);
    EXPECT_EQ(newest_act(office), "training.held");
    EXPECT_EQ(admin.follow().status, 200);
    EXPECT_EQ(faults(admin), "");
    EXPECT_TRUE(admin.get("/training").shows("1／4回"));
    EXPECT_EQ(admin.get("/training/1/board").status, 404) << "there is no training site";
    EXPECT_EQ(admin.get("/practice").status, 404) << "only a training site has it";

    admin.get("/training")
        .post_file("/training/delivery",
                   {{"delivery_title", "作成者の手引き"},
                    {"delivery_version", "1.0"},
                    {"delivery_medium", "USBメモリ"},
                    {"delivery_receiver", ""}},
                   "file", "manual.pdf", "%PDF-1.7 manual");
    EXPECT_EQ(admin.status, 303);
    EXPECT_EQ(newest_act(office), "training.deliver");
    EXPECT_TRUE(admin.follow().shows("作成者の手引き（1.0）"));
    EXPECT_EQ(faults(admin), "");
    EXPECT_EQ(admin.post("/training/receipt", {{"delivery", "1"}, {"received_by", "広報課 係長"}}).status, 303);
    admin.get("/training")
        .post("/training/agreement", {{"agreed_on", "2027-04-01"}, {"agreed_with", "広報課"}, {"method", "集合研修"}});
    EXPECT_EQ(newest_act(office), "training.agree");

    office.town.write([&](sys::Transaction& tx) {
        people::add_grant(tx, {{}, office.town.chief2.person, people::Role::Auditor, {}, ""}, office.town.by());
    });
    Visitor auditor = office.visitor();
    auditor.sign_in("chief2").get("/training");
    EXPECT_TRUE(auditor.shows("作成者の手引き（1.0）"));
    EXPECT_TRUE(auditor.shows("集合研修"));
    EXPECT_EQ(faults(auditor), "");
    EXPECT_TRUE(auditor.get("/training/1").shows("山田 花子"));
    EXPECT_TRUE(auditor.shows("欠席"));
    EXPECT_EQ(faults(auditor), "");
    for (const char* const path : {"/training", "/training/1"}) {
        auditor.get(path);
        EXPECT_FALSE(auditor.shows("action=\"/training")) << "nothing to press for whoever only reads: " << path;
        EXPECT_FALSE(auditor.shows("href=\"/training/new\""));
    }
    EXPECT_EQ(auditor.post("/training/1/people", {{"do", "names"}, {"names", "a"}}).status, 403);
    EXPECT_EQ(auditor.get("/training/1/cards").status, 403) << "passwords";

    Visitor author = office.visitor();
    author.sign_in("author");
    EXPECT_EQ(author.get("/training").status, 403);
    EXPECT_EQ(author.get("/registers").status, 403);
}

TEST(Manuals, AreReadByEverybodyAndHandedOverWithTheirHash) {
    OpenOffice office;
    const sys::TemporaryFolder scratch;
    const std::filesystem::path folder = scratch.path() / "manuals";
    std::filesystem::create_directories(folder);
    const auto put = [&](std::string_view name, std::string_view text) {
        sys::write_file(folder / name, text, sys::Durability::Later);
    };
    setenv("YAKUBA_MANUALS", folder.c_str(), 1);
    Visitor author = office.visitor();
    author.sign_in("author");
    EXPECT_TRUE(author.get("/manual").shows("手引きが入っていません"));
    EXPECT_EQ(faults(author), "");
    put("secret.pdf", "secret");
    put("author.pdf", "%PDF-1.7 manual");
    put("author.html", "<!DOCTYPE html><style>p{}</style><p>手引きの本文");
    put("approver.pdf", "%PDF-1.7 other");
    put("manuals.csv",
        "name,title,version\nauthor,作成者の手引き,0.1.0-aa\napprover,承認者の手引き,0.1.0-bb\n"
        "gone,ない手引き,1\n../secret,外の手引き,1\n");
    author.get("/manual");
    EXPECT_EQ(faults(author), "");
    EXPECT_LT(author.body.find("作成者の手引き"), author.body.find("ほかの役割の手引き"));
    EXPECT_LT(author.body.find("ほかの役割の手引き"), author.body.find("承認者の手引き"));
    EXPECT_FALSE(author.shows("ない手引き"));
    EXPECT_FALSE(author.shows("外の手引き"));
    EXPECT_TRUE(author.get("/manual/author.html").shows("手引きの本文"));
    EXPECT_TRUE(author.header("content-security-policy").starts_with("sandbox; default-src 'none'"));
    EXPECT_EQ(author.get("/manual/author.pdf").body, "%PDF-1.7 manual");
    for (const char* const other : {"manuals.csv", "secret.pdf", "..%2Fsecret.pdf", "approver.html", "author"})
        EXPECT_EQ(author.get(std::string("/manual/") + other).status, 404) << other;
    EXPECT_NE(office.visitor().get("/manual/author.pdf").status, 200) << "the office's, not everybody's";

    Visitor admin = office.visitor();
    admin.sign_in("kanri");
    EXPECT_EQ(admin.get("/training").status, 200);
    EXPECT_EQ(faults(admin), "");
    EXPECT_EQ(admin.post("/training/delivery", {{"manual", "secret.pdf"}, {"delivery_medium", "USB"}}).status, 422);
    admin.get("/training")
        .post("/training/delivery", {{"manual", "author.pdf"}, {"delivery_medium", "USB"}, {"delivery_receiver", ""}});
    EXPECT_EQ(admin.status, 303);
    EXPECT_TRUE(admin.follow().shows("作成者の手引き（PDF）（0.1.0-aa）"));
    EXPECT_TRUE(admin.shows(sys::sha256("%PDF-1.7 manual").hex()));
    unsetenv("YAKUBA_MANUALS");
}

TEST(RegisterScreens, KeepEntriesAndTakeATerminalsReport) {
    OpenOffice office;
    Visitor admin = office.visitor();
    admin.sign_in("kanri");
    EXPECT_EQ(admin.get("/registers").status, 200);
    EXPECT_EQ(faults(admin), "");
    EXPECT_EQ(admin.get("/registers/licence/new").status, 403) << "the city reads; the maintainer's manager writes";
    office.town.write([&](sys::Transaction& tx) {
        people::add_grant(tx, {{}, office.town.chief2.person, people::Role::MaintenanceManager, {}, ""},
                          office.town.by());
    });
    Visitor manager = office.visitor();
    manager.sign_in("chief2");
    for (const registers::Register& kind : registers::all_registers()) {
        SCOPED_TRACE(kind.id);
        EXPECT_EQ(manager.get(fmt::format("/registers/{}", kind.id)).status, 200);
        EXPECT_EQ(faults(manager), "");
        EXPECT_EQ(manager.get(fmt::format("/registers/{}/new", kind.id)).status, 200);
        EXPECT_EQ(faults(manager), "");
    }
    EXPECT_EQ(manager
                  .post("/registers/support/new",
                        {{"name", "Debian"}, {"due", "2028-06-30"}, {"version", "0"}, {"field-version", "12"}})
                  .status,
              303);
    EXPECT_TRUE(manager.follow().shows("あと"));
    EXPECT_EQ(faults(manager), "");
    EXPECT_EQ(manager.get("/registers/support/1").status, 200);
    EXPECT_EQ(faults(manager), "");
    EXPECT_TRUE(manager.shows("value=\"12\""));
    manager.get("/registers/licence");
    manager.post_file("/registers/licence/csv", {}, "file", "a.csv", "name,due\n地図,2027-99-01\n");
    EXPECT_EQ(manager.status, 422);
    EXPECT_TRUE(manager.shows("<td>2</td>")) << "the line";
    EXPECT_EQ(faults(manager), "");
    manager.get("/registers/licence")
        .post_file("/registers/licence/csv", {}, "file", "a.csv", "name,due\n地図,2027-06-30\n");
    EXPECT_EQ(manager.status, 303);
    manager.get("/registers/terminal/new").post("/registers/terminal/new", {{"name", "OP-01"}, {"version", "0"}});
    EXPECT_EQ(manager.status, 303);
    manager.get("/registers/terminal/3").post("/registers/terminal/3/token", {});
    ASSERT_EQ(manager.status, 200);
    EXPECT_EQ(faults(manager), "");
    const auto at = manager.body.find("<code>");
    const std::string token = manager.body.substr(at + 6, 48);

    Visitor reader = office.visitor();
    office.town.write([&](sys::Transaction& tx) {
        people::add_grant(tx, {{}, office.town.chief.person, people::Role::Auditor, {}, ""}, office.town.by());
    });
    EXPECT_TRUE(reader.sign_in("chief").get("/registers/licence/2").shows("<dt>ソフトウェア</dt>"));
    EXPECT_FALSE(reader.shows("name=\"field-vendor\"")) << "nothing to fill for whoever may not save it";
    EXPECT_EQ(faults(reader), "");

    sys::HttpClient terminal;
    const auto post = [&](const std::string& secret, int detections = 0) {
        sys::FetchOptions options;
        options.method = "POST";
        // .NET asks first whether it may send the body.
        options.headers = {
            {"Authorization", "Bearer " + secret}, {"Content-Type", "application/json"}, {"Expect", "100-continue"}};
        options.body =
            R"({"terminal":"op-01","product":"ClamAV","active":true,"signatures_at":"2027-04-01T00:00:00.000Z","detections":)" +
            std::to_string(detections) + "}";
        return terminal.fetch(office.server->url() + "/terminal-report", options).status;
    };
    EXPECT_EQ(post("wrong"), 401);
    EXPECT_EQ(post(token), 200);
    EXPECT_EQ(newest_act(office), "terminal.report");
    EXPECT_TRUE(manager.get("/registers/terminal").shows("新しい"));
    EXPECT_EQ(faults(manager), "");
    EXPECT_EQ(post(token, 2), 200);
    EXPECT_TRUE(manager.get("/registers/terminal").shows("ウイルスを2件検知"));
}

TEST(VisitScreens, PlanAndRecordAVisitAndDecideAProposal) {
    OpenOffice office;
    Visitor admin = office.visitor();
    admin.sign_in("kanri");
    office.town.write([&](sys::Transaction& tx) {
        people::add_grant(tx, {{}, office.town.chief2.person, people::Role::MaintenanceManager, {}, ""},
                          office.town.by());
    });
    Visitor manager = office.visitor();
    manager.sign_in("chief2");
    EXPECT_EQ(manager.get("/visits").status, 200);
    EXPECT_EQ(faults(manager), "");
    EXPECT_EQ(manager.get("/visits/new").status, 200);
    EXPECT_EQ(faults(manager), "");
    EXPECT_EQ(
        manager
            .post(
                "/visits/new",
                {{"starts_at", "2027-04-01T09:00"}, {"visitors", "管理者"}, {"purpose", "第1回訪問"}, {"version", "0"}})
            .status,
        303);
    EXPECT_EQ(manager.follow().status, 200);
    EXPECT_EQ(faults(manager), "");
    {
        const auto lock = sys::FileLock::find(office.town.site->folders.run / "make-dossier.lock");
        ASSERT_TRUE(lock);
        EXPECT_EQ(manager.post("/visits/1/dossier", {}).status, 409);
        EXPECT_TRUE(manager.shows("訪問資料を作っているところです"));
    }
    EXPECT_EQ(manager.get("/visits/1")
                  .post("/visits/1/record", {{"version", "1"}, {"hosts", "広報課"}, {"minutes", ""}})
                  .status,
              422);
    EXPECT_EQ(faults(manager), "");
    EXPECT_EQ(manager.get("/visits/1")
                  .post("/visits/1/record", {{"version", "1"}, {"hosts", "広報課"}, {"minutes", "話した"}})
                  .status,
              303);
    EXPECT_EQ(newest_act(office), "visit.done");
    manager.get("/visits").post("/visits/sources", {{"source_name", "国"}, {"source_url", "file:///etc/passwd"}});
    EXPECT_EQ(manager.status, 422);
    EXPECT_EQ(faults(manager), "");
    manager.get("/visits").post("/visits/proposals", {{"proposal_title", "検索"}, {"proposal_body", "入れる"}});
    EXPECT_EQ(manager.get("/visits/proposals/1").status, 200);
    EXPECT_EQ(faults(manager), "");
    manager.post("/visits/proposals/1", {{"version", "1"},
                                         {"answer", "accepted"},
                                         {"decided_on", "2027-04-01"},
                                         {"decided_by", "広報課長"},
                                         {"reason", "よい"}});
    EXPECT_EQ(newest_act(office), "proposal.decide");
    EXPECT_EQ(admin.get("/visits").status, 200);
    EXPECT_EQ(faults(admin), "");
    EXPECT_FALSE(admin.shows("訪問を予定する</a>")) << "the city reads";
}

}  // namespace
}  // namespace web

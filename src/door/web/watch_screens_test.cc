// The watch's screens over real HTTP: whole with and without results, and what is true after an answer.
#include <gtest/gtest.h>
#include <unistd.h>

#include "door/web/chart.h"
#include "door/web/language.h"
#include "door/web/testing/visitor.h"
#include "flow/mark_changes.h"
#include "flow/publish_site.h"
#include "flow/watch_probes.h"
#include "ground/ledger/store.h"
#include "ground/sys/files.h"
#include "office/stops/stop.h"
#include "watch/probes/board.h"
#include "watch/signals/pipeline.h"

namespace web {
namespace {

using testing::OpenOffice;
using testing::Visitor;
using namespace std::chrono_literals;

std::string first_fault(const Visitor& visitor) {
    const auto faults = testing::find_screen_faults(visitor.body);
    return faults.empty() ? std::string() : faults.front();
}

class WatchScreens : public ::testing::Test {
  protected:
    WatchScreens() { admin_.sign_in("kanri"); }

    flow::testing::Town& town() { return office_.town; }
    /// One of the contractor, who may act.
    void make_operator(const flow::Doer& doer) {
        town().write([&](sys::Transaction& tx) {
            people::add_grant(tx, {{}, doer.person, people::Role::Operator, {}, {}}, town().by());
        });
    }
    signals::AnomalyId raise(const std::string& subject, signals::State state = signals::State::Raise) {
        signals::Pipeline pipeline(town().site->watch(), town().clock, signals::Rules());
        pipeline.take({.source = "guard",
                       .kind = "tree.changed",
                       .subject = subject,
                       .state = state,
                       .severity = signals::Severity::Serious,
                       .observed_at = town().clock.now(),
                       .text = "公開ファイルが書き換えられました：" + subject,
                       .payload = R"({"quarantine":["2027-a"],"seconds":4.0E-2,"detail":"0666 instead of 0644",
                           "writer":{"process":12,"user":33,"program":"/usr/bin/<vi>","command":"vi a"}})"});
        return newest().id;
    }
    signals::Anomaly newest() {
        return town().site->watch().read([](sys::Reader& db) { return signals::list_anomalies(db, {}).at(0); });
    }

    OpenOffice office_;
    Visitor admin_ = office_.visitor();
};

TEST_F(WatchScreens, SayThatNothingIsKnownBeforeTheWatchHasRun) {
    EXPECT_EQ(admin_.get("/watch").status, 200);
    EXPECT_EQ(first_fault(admin_), "");
    EXPECT_TRUE(admin_.shows("監視が動いていません"));
    EXPECT_TRUE(admin_.shows("監視の結果はまだありません"));
    EXPECT_EQ(admin_.get("/anomalies").status, 200);
    EXPECT_EQ(first_fault(admin_), "");
    EXPECT_TRUE(admin_.shows("異常があるかどうかは、わかりません"));
    EXPECT_FALSE(admin_.shows("#good")) << "no data is not all is well";
    EXPECT_EQ(admin_.get("/watch/http.public").status, 404);
    EXPECT_EQ(admin_.get("/anomalies/1").status, 404);
    Visitor author = office_.visitor();
    author.sign_in("author");
    EXPECT_EQ(author.get("/watch").status, 403);
    EXPECT_EQ(author.get("/anomalies").status, 403);
}

TEST_F(WatchScreens, ShowWhatWasQuarantinedAndItsBytesAsNothingButText) {
    const auto folder = town().site->folders.quarantine;
    const auto keep = [&](const std::string& name, const std::string& about) {
        sys::make_folders(folder / name);
        sys::write_file(folder / name / "evidence.json", about);
        return folder / name / "thing";
    };
    admin_.get("/evidence");
    EXPECT_EQ(first_fault(admin_), "");
    EXPECT_TRUE(admin_.shows("隔離した証拠はありません"));
    const std::string page = "20261123T080000000Z-0123456789ab", shop = "20261123T080000001Z-0123456789ab";
    sys::write_file(
        keep(page, R"({"path":"kurashi/%3Cb%3E.html","found_at":"2026-11-23T08:00:00.000Z","type":"file","size":35,
            "mode":"0666","uid":0,"gid":0,"links":1,"modified_at":"2026-11-23T07:59:59.000Z",
            "changed_at":"2026-11-23T07:59:59.500Z","sha256":"abcd","deviations":["changed","mode"],
            "writer":{"process":4711,"user":33,"program":"/usr/bin/<php>","command":"php x"}})"),
        "<script src=//evil.example></script>");
    const auto thing = keep(shop, R"({"path":"old","found_at":"2026-11-23T08:00:01.000Z","type":"folder","size":0})");
    sys::make_folders(thing / "shop");
    sys::write_file(thing / "shop/<i>.html", "scam");
    const std::string raw = "20261123T080000002Z-0123456789ab";
    sys::write_file(keep(raw, R"({"path":"x.png","type":"file","size":3,"deviations":["extra"]})"),
                    std::string("\0\1\2", 3));
    keep("20261123T080000003Z-0123456789ab", "{ no JSON");
    std::filesystem::create_symlink(
        "/etc/passwd",
        keep("20261123T080000004Z-0123456789ab", R"({"path":"p","type":"file","size":9,"deviations":["link"]})"));
    admin_.get("/evidence");
    EXPECT_EQ(first_fault(admin_), "");
    EXPECT_TRUE(admin_.shows("/kurashi/&lt;b&gt;.html"));
    EXPECT_TRUE(admin_.shows("内容が違う、権限が違う"));
    EXPECT_TRUE(admin_.shows("/usr/bin/&lt;php&gt;"));
    EXPECT_LT(admin_.body.find("/evidence/" + shop), admin_.body.find("/evidence/" + page)) << "the newest first";
    Visitor operators = office_.visitor();
    make_operator(town().chief);
    operators.sign_in("chief");
    for (const std::string& piece : {page, shop, raw}) {
        operators.get("/evidence/" + piece);
        EXPECT_EQ(operators.status, 200);
        EXPECT_EQ(first_fault(operators), "");
    }
    EXPECT_TRUE(operators.shows("00 01 02"));
    operators.get("/evidence/" + page);
    EXPECT_TRUE(operators.shows("&lt;script src=//evil.example&gt;"));
    EXPECT_FALSE(operators.shows("<script src=//evil.example>"));
    EXPECT_TRUE(operators.shows("プロセス 4711"));
    EXPECT_EQ(operators.get("/evidence/" + page + "/file").status, 200);
    EXPECT_EQ(operators.header("content-type"), "application/octet-stream");
    EXPECT_TRUE(operators.header("content-disposition").starts_with("attachment"));
    EXPECT_EQ(operators.header("x-content-type-options"), "nosniff");
    EXPECT_EQ(operators.get("/evidence/20261123T080000004Z-0123456789ab/file").status, 404) << "a link is not followed";
    for (const char* name : {"20261123T080000003Z-0123456789ab", "..%2fyakuba.toml", "x"})
        EXPECT_EQ(operators.get(fmt::format("/evidence/{}", name)).status, 404) << name;
    EXPECT_EQ(operators.get("/anomalies?state=all").status, 200);
    for (const std::string& piece : {page, shop}) {
        std::filesystem::permissions(folder / piece / "thing", std::filesystem::perms::none);
        operators.get("/evidence/" + piece);
        EXPECT_EQ(first_fault(operators), "");
        EXPECT_TRUE(::geteuid() == 0 || operators.shows("読み取る権限がありません")) << "root may read all";
        std::filesystem::permissions(folder / piece / "thing", std::filesystem::perms::owner_all);
    }
    Visitor author = office_.visitor();
    author.sign_in("author");
    std::filesystem::remove_all(folder);
    sys::write_file(folder, "no folder");
    EXPECT_EQ(admin_.get("/evidence").status, 200);
    EXPECT_EQ(first_fault(admin_), "");
    EXPECT_TRUE(admin_.shows("隔離した証拠を読み取れません"));
    EXPECT_FALSE(admin_.shows("隔離した証拠はありません"));
    EXPECT_EQ(admin_.get("/watch").status, 200);
    EXPECT_TRUE(admin_.shows("（読み取れません）"));
    EXPECT_EQ(author.get("/evidence").status, 403);
    EXPECT_EQ(author.get("/evidence/" + page + "/file").status, 403);
}

TEST_F(WatchScreens, ShowTheGravestThatIsWrongAndWhyNobodyIsCalled) {
    const base::Instant now = town().clock.now();
    probes::Standing down;
    down.id = "http.public";
    down.kind = "http";
    down.title = "公開サーバ";
    down.state = probes::State::Failed;
    down.at = now;
    probes::write_board(flow::board_file(town().site->folders.site), {now, {down}});
    for (int i = 0; i < 6; ++i) raise(fmt::format("/{}.html", i));
    signals::Pipeline pipeline(town().site->watch(), town().clock,
                               signals::Rules({"probe http * behind=watch:service.stopped:*"}));
    for (const auto& [source, kind, subject] :
         {std::tuple("watch", "service.stopped", "公開サイト"), std::tuple("probe", "http", "http.public")})
        pipeline.take({.source = source,
                       .kind = kind,
                       .subject = subject,
                       .severity = signals::Severity::Emergency,
                       .observed_at = now,
                       .text = fmt::format("{}の異常です。", subject)});
    pipeline.tick();
    admin_.get("/watch");
    EXPECT_EQ(first_fault(admin_), "");
    const auto at = [&](std::string_view words) { return admin_.body.find(words); };
    EXPECT_LT(at("http.publicの異常です。"), at("/0.html")) << "the gravest first";
    EXPECT_EQ(at("/5.html"), std::string::npos);
    EXPECT_TRUE(admin_.shows("続いている異常8件をすべて見る"));
    EXPECT_TRUE(admin_.shows("呼び出していません：異常第7号（公開サイトの異常です。）の影響と考えられるため"));
    admin_.get("/anomalies");
    EXPECT_EQ(first_fault(admin_), "");
    EXPECT_TRUE(admin_.shows("呼び出していません（異常第7号"));
    admin_.get("/watch/http.public");
    EXPECT_EQ(first_fault(admin_), "");
    EXPECT_TRUE(admin_.shows("続いている異常 第8号"));
    EXPECT_FALSE(admin_.shows("この項目の監視の設定を変える")) << "the contractor does that";
}

TEST_F(WatchScreens, ShowEachWatchedThingWithItsChartAndTable) {
    const base::Instant now = town().clock.now();
    probes::Standing disk;
    disk.id = "disk.site";
    disk.kind = "disk";
    disk.title = "サイトのディスク";
    disk.target = "/srv/<site>";
    disk.text = "容量の91%を使用中です。";
    disk.state = probes::State::Warning;
    disk.since = now - 1h;
    disk.at = now;
    disk.samples = {{"used", 91, "percent"}, {"free_bytes", 5e9, "bytes"}};
    probes::Standing well;
    well.id = "load";
    well.kind = "load";
    well.title = "機器の負荷";
    well.state = probes::State::Ok;
    well.at = now;
    probes::write_board(flow::board_file(town().site->folders.site), {now, {well, disk}});
    town().site->watch().write([&](sys::Transaction& tx) {
        std::vector<samples::Sample> all;
        for (int i = 0; i < 60; ++i)
            if (i < 20 || i > 30)
                for (const auto& [name, value] :
                     {std::pair("disk.used", 50 + i / 2.0), std::pair("disk.free_bytes", 5e9)})
                    all.push_back({name, "disk.site", now - std::chrono::minutes(i), value});
        EXPECT_EQ(samples::add(tx, all, now).refused, 0);
    });
    admin_.get("/watch");
    EXPECT_EQ(first_fault(admin_), "");
    EXPECT_TRUE(admin_.shows("容量の91%を使用中です。"));
    ASSERT_TRUE(admin_.shows("機器の負荷"));
    EXPECT_LT(admin_.body.find("サイトのディスク"), admin_.body.find("機器の負荷")) << "what is wrong comes first";
    EXPECT_TRUE(admin_.shows("91％"));
    EXPECT_TRUE(admin_.shows("class=\"sparkline\""));
    EXPECT_TRUE(admin_.shows("/srv/&lt;site&gt;"));
    EXPECT_EQ(admin_.get("/watch/disk.site").status, 200);
    EXPECT_EQ(first_fault(admin_), "");
    EXPECT_TRUE(admin_.shows("class=\"chart\""));
    EXPECT_TRUE(admin_.shows(">使用率</h2>"));
    EXPECT_TRUE(admin_.shows(">空き</h2>"));
    EXPECT_TRUE(admin_.shows("いま 5.0 GB"));
    EXPECT_FALSE(admin_.shows("free_bytes"));
    EXPECT_TRUE(admin_.shows("<table"));
    EXPECT_EQ(admin_.get("/watch/disk.site?span=13m").status, 200);
    EXPECT_FALSE(admin_.shows("この期間の計画停止"));
    office_.town.write([&](sys::Transaction& tx) {
        const base::Instant now = office_.town.clock.now();
        stops::Plan plan;
        plan.title = "入替え";
        plan.starts_at = now + 1min;
        plan.ends_at = now + 1h;
        plan.what = plan.works = plan.reason = plan.contact = plan.work = plan.decider = "書いた";
        stops::plan(tx, plan, {}, "a", {"person:1", now});
        stops::start(tx, {1}, now - 1min, {"person:1", now}, 0);
    });
    admin_.get("/watch/disk.site");
    EXPECT_TRUE(admin_.shows("この期間の計画停止"));
    EXPECT_TRUE(admin_.shows("入替え"));
    EXPECT_EQ(admin_.get("/watch/disk.site?span=nonsense").status, 200);
    EXPECT_EQ(admin_.get("/watch/disk.nowhere").status, 404);
}

TEST_F(WatchScreens, TakeTheAnswerOfThoseWhoMayActAndCloseOnlyWhatIsOver) {
    const auto id = raise("/a<b>.html");
    const std::string path = fmt::format("/anomalies/{}", id.value);
    admin_.get("/anomalies");
    EXPECT_EQ(first_fault(admin_), "");
    EXPECT_TRUE(admin_.shows("/a&lt;b&gt;.html"));
    EXPECT_FALSE(admin_.shows("参考の記録"));
    raise("/noted.html", signals::State::Info);
    admin_.get("/anomalies");
    EXPECT_EQ(first_fault(admin_), "");
    EXPECT_TRUE(admin_.shows("参考の記録"));
    EXPECT_TRUE(admin_.shows("/noted.html")) << "it is no anomaly, and can be read";
    EXPECT_EQ(admin_.get(path).status, 200);
    EXPECT_EQ(first_fault(admin_), "");
    EXPECT_TRUE(admin_.shows("/usr/bin/&lt;vi&gt;（プロセス 12）\n利用者 33\nvi a")) << "a program is no JSON";
    EXPECT_TRUE(admin_.shows("<a href=\"/evidence/2027-a\">2027-a</a>"));
    EXPECT_TRUE(admin_.shows("<dd class=\"lines\">0.04</dd>"));
    EXPECT_TRUE(admin_.shows("<dd class=\"lines\">権限は 0666。正しくは 0644</dd>"));
    EXPECT_FALSE(admin_.shows("対応を決める")) << "the city's administrator reads; the contractor answers";
    const auto fields = [&](Visitor& who) -> Visitor::Fields {
        who.get(path);
        return {{"version", who.hidden("version")},
                {"act", "answer"},
                {"decision", "now"},
                {"who", "小川"},
                {"why", "元に戻した"}};
    };
    EXPECT_EQ(admin_.post(path, fields(admin_)).status, 422);

    make_operator(town().chief);
    Visitor ours = office_.visitor();
    ours.sign_in("chief");
    EXPECT_EQ(ours.get(path).status, 200);
    EXPECT_EQ(first_fault(ours), "");
    const auto old = fields(ours);
    EXPECT_EQ(ours.post(path, {{"version", "0"}, {"act", "answer"}, {"decision", "not"}, {"why", " "}}).status, 422);
    EXPECT_EQ(ours.post(path, old).status, 303);
    EXPECT_EQ(newest().answer.why, "元に戻した");
    EXPECT_EQ(newest().answer.by, fmt::format("person:{}", town().chief.person.value));
    auto stale = old;
    stale[2].second = "not";
    EXPECT_EQ(ours.post(path, stale).status, 409) << "made from an older state";
    EXPECT_TRUE(ours.shows("元に戻した"));
    ours.get(path);
    EXPECT_EQ(ours.post(path, {{"version", ours.hidden("version")}, {"act", "close"}, {"note", "済み"}}).status, 409);
    town().clock.advance(1min);
    raise("/a<b>.html", signals::State::Clear);
    ours.get(path);
    EXPECT_EQ(ours.post(path, {{"version", ours.hidden("version")}, {"act", "close"}, {"note", "済み"}}).status, 303)
        << ours.body;
    EXPECT_EQ(newest().standing, signals::Standing::Closed);
    EXPECT_TRUE(admin_.get("/anomalies").shows("記録されている異常はありません"));
    sys::write_file(town().site->folders.run / "watch.beat", base::format_utc(town().clock.now()));
    EXPECT_TRUE(admin_.get("/anomalies").shows("終結していない異常はありません"));
    EXPECT_TRUE(admin_.get("/anomalies?state=all").shows("第1号"));
}

TEST_F(WatchScreens, ShowAndChangeWhoIsOnCallAndWhenNobodyIsCalled) {
    make_operator(town().chief);
    Visitor ours = office_.visitor();
    ours.sign_in("chief");
    EXPECT_EQ(ours.get("/on-call").status, 200);
    EXPECT_EQ(first_fault(ours), "");
    EXPECT_TRUE(ours.shows("当番はまだありません"));
    const auto row = [&](std::string index, std::string target) -> Visitor::Fields {
        return {{"version", ours.hidden("version")},
                {"index", std::move(index)},
                {"do", "save"},
                {"name", "夜間<当番>"},
                {"channel", "mail"},
                {"target", std::move(target)},
                {"hours", "always"},
                {"least", "serious"},
                {"after", "15"},
                {"day6", "yes"},
                {"from", ""},
                {"until", ""},
                {"password", std::string(testing::kPassword)}};
    };
    EXPECT_EQ(ours.post("/on-call", row("0", "nobody")).status, 422);
    EXPECT_EQ(first_fault(ours), "");
    EXPECT_TRUE(ours.shows("夜間&lt;当番&gt;")) << "what was typed stays";
    ours.get("/on-call");
    EXPECT_EQ(ours.post("/on-call", row("0", "yakan@city.example")).status, 303) << ours.body;
    ours.get("/on-call?row=0");
    EXPECT_EQ(first_fault(ours), "");
    EXPECT_TRUE(ours.shows("yakan@city.example"));
    EXPECT_TRUE(ours.shows("当番から外す"));
    EXPECT_TRUE(ours.shows("次に変わるのは"));
    EXPECT_TRUE(ours.shows("まだだれにも連絡していません"));
    EXPECT_EQ(ours.post("/on-call/test", {{"to", "now"}}).status, 303) << ours.body;
    EXPECT_TRUE(ours.follow().shows("連絡する相手がいない")) << "it is a Thursday, and the row is for Saturdays";
    EXPECT_EQ(ours.post("/on-call/test", {{"to", "all"}}).status, 303) << ours.body;
    ours.get("/on-call");
    EXPECT_EQ(first_fault(ours), "");
    EXPECT_TRUE(ours.shows("試験の連絡")) << ours.body;
    EXPECT_TRUE(ours.shows("送信待ち"));
    auto gone = row("0", "");
    gone[2].second = "remove";
    EXPECT_EQ(ours.post("/on-call", gone).status, 303) << ours.body;
    EXPECT_EQ(ours.post("/on-call", gone).status, 409) << "made from an older table";

    EXPECT_EQ(ours.post("/on-call/quiet", {{"why", "計画停電"}, {"about", "probe"}, {"until_at", ""}}).status, 422);
    EXPECT_TRUE(ours.shows("計画停電"));
    EXPECT_EQ(ours.post("/on-call/quiet", {{"why", "計画<停電>"}, {"about", "probe"}, {"until_at", "2027-04-01T18:00"}})
                  .status,
              303)
        << ours.body;
    ours.get("/on-call");
    EXPECT_EQ(first_fault(ours), "");
    EXPECT_TRUE(ours.shows("いま止めています"));
    EXPECT_TRUE(ours.shows("計画&lt;停電&gt;"));
    EXPECT_EQ(ours.post("/on-call/quiet/end", {{"id", "1"}}).status, 303);
    EXPECT_EQ(ours.post("/on-call/quiet/end", {{"id", "1"}}).status, 409);
    town().site->watch().write([&](sys::Transaction& tx) {
        const base::Instant now = town().clock.now();
        for (const char* source : {"probe", "outside"})
            signals::add_window(tx,
                                {.reason_kind = "planned-stop",
                                 .why = "計画停止 第7号：更新",
                                 .by = "stop:7",
                                 .from_at = now + 1h,
                                 .until_at = now + 2h,
                                 .source = source},
                                now);
    });
    ours.get("/on-call");
    EXPECT_EQ(first_fault(ours), "");
    EXPECT_TRUE(ours.shows("監視項目（ディスク、応答など）、外から見た公開サイト")) << "one stop is one row";
    EXPECT_TRUE(ours.shows("href=\"/stops/7\""));
    EXPECT_FALSE(ours.shows("この期間を終える")) << "it would be made anew from the plan";
    Visitor author = office_.visitor();
    author.sign_in("author");
    EXPECT_EQ(author.get("/on-call").status, 403);
    EXPECT_EQ(author.post("/on-call", row("0", "a@b.example")).status, 403);
}

TEST_F(WatchScreens, PutRightWhatDeviatesAndSayWhoAndWhy) {
    make_operator(town().chief);
    Visitor ours = office_.visitor();
    ours.sign_in("chief");
    ours.get("/watch");
    const auto heal = [&](std::string why, std::string sure) {
        return ours
            .post("/watch/heal",
                  {{"why", std::move(why)}, {"sure", std::move(sure)}, {"password", std::string(testing::kPassword)}})
            .status;
    };
    EXPECT_EQ(heal("", "yes"), 422);
    EXPECT_EQ(heal("改ざんの疑い", ""), 422);
    EXPECT_EQ(first_fault(ours), "");
    EXPECT_EQ(heal("改ざんの疑い", "yes"), 409) << "nothing is public yet";
    const content::Page page = town().taken_over("kurashi/a.html", "<p>old</p>");
    town().write([&](sys::Transaction& tx) { flow::change_live(tx, page.id, page.latest, town().clock.now()); });
    flow::publish_site(*town().site, {});
    sys::write_file(town().site->folders.document_root / "shop.html", "<p>安い</p>");
    EXPECT_EQ(heal("改ざん<の>疑い", "yes"), 303) << ours.body;
    EXPECT_FALSE(std::filesystem::exists(town().site->folders.document_root / "shop.html"));
    ours.follow();
    EXPECT_TRUE(ours.shows("1件を元に戻し、1件を証拠として隔離しました")) << ours.body;
    EXPECT_TRUE(ours.shows("理由：改ざん&lt;の&gt;疑い"));
    EXPECT_EQ(first_fault(ours), "");
    ledger::Search search;
    search.act = "guard.heal";
    const auto lines = town().site->database->read([&](sys::Reader& db) { return ledger::find_lines(db, search); });
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].entry.by, fmt::format("person:{}", town().chief.person.value));
    Visitor author = office_.visitor();
    author.sign_in("author");
    EXPECT_EQ(author.post("/watch/heal", {{"why", "x"}, {"sure", "yes"}}).status, 403);
}

TEST_F(WatchScreens, MakeADraftOfTheWordsForResidents) {
    EXPECT_EQ(admin_.get("/public-status").status, 200);
    EXPECT_EQ(first_fault(admin_), "");
    EXPECT_TRUE(admin_.shows("監視が動いていないため"));
    EXPECT_TRUE(admin_.shows("name=\"title\" value=\"稼働状況\"")) << "not the screen's own title";
    const auto fields = [](std::string path) -> Visitor::Fields {
        return {{"title", "稼働状況"},
                {"path", std::move(path)},
                {"name0", "ホームページの<閲覧>"},
                {"state0", "impaired"},
                {"name1", ""},
                {"message", "<script>ご迷惑</script>"}};
    };
    for (const char* path : {"", "../etc.html", "status", "/status.html", "a//b.html", "状況.html"}) {
        EXPECT_EQ(admin_.post("/public-status", fields(path)).status, 422) << path;
        EXPECT_EQ(first_fault(admin_), "");
        EXPECT_TRUE(admin_.shows("ホームページの&lt;閲覧&gt;")) << "what was typed stays";
    }
    EXPECT_EQ(admin_.post("/public-status", fields("status.html")).status, 303) << admin_.body;
    EXPECT_EQ(admin_.follow().status, 200);
    EXPECT_EQ(first_fault(admin_), "");
    const auto page = town().read([](sys::Reader& db) { return content::find_page(db, "status.html"); });
    ASSERT_TRUE(page);
    EXPECT_FALSE(page->live);
    // The form of before has not seen that page.
    EXPECT_EQ(admin_.post("/public-status", fields("status.html")).status, 409);
    EXPECT_EQ(first_fault(admin_), "");
    EXPECT_TRUE(admin_.shows("ホームページの&lt;閲覧&gt;")) << "what was typed stays";
    EXPECT_TRUE(admin_.shows("&lt;script&gt;ご迷惑"));
    EXPECT_TRUE(admin_.shows(fmt::format("href=\"/pages/{}\"", page->id.value)))
        << "and what is there can be looked at";
    Visitor::Fields seen = fields("status.html");
    for (const char* name : {"revision", "version"}) seen.emplace_back(name, admin_.hidden(name));
    for (auto& [name, value] : seen)
        if (name == "message") value = "復旧しました。";
    EXPECT_EQ(admin_.post("/public-status", seen).status, 303) << admin_.body;
    for (auto& [name, value] : seen)
        if (name == "message") value = "まだ続いています。";
    EXPECT_EQ(admin_.post("/public-status", seen).status, 409) << "stale";
    EXPECT_TRUE(admin_.shows("まだ続いています。"));
    Visitor author = office_.visitor();
    author.sign_in("author");
    EXPECT_EQ(author.post("/public-status", fields("status.html")).status, 403);
}

TEST(Say, TranslatesEachSentenceOfWhatTheWatchSaid) {
    const std::string record =
        "サイトのディスク：/srv は91%を使用中で、空きは5.0 GBです。このまま増えると、あと3日で一杯になります。";
    EXPECT_EQ(say(record), record);
    const Speaking english(Language::English);
    EXPECT_EQ(say(record),
              "Disk of the site: /srv is 91% full; 5.0 GB are free. As it grows now, it is full in 3 days.");
    EXPECT_EQ(say("知らない文：知らない語。"), "知らない文：知らない語。");
    EXPECT_EQ(say(""), "");
}

TEST(Chart, DrawsGapsAsGapsAndFiguresInTheirUnits) {
    samples::Chart drawn;
    drawn.step = 1min;
    for (int i = 0; i < 6; ++i) {
        samples::Point point{base::Instant{1'800'000'000'000 + i * 60'000}, {}, {}, {}, 0};
        if (i != 2) point = {point.from, 1.0, 3.0, 2.0 + i, 1};
        drawn.points.push_back(point);
    }
    const std::string picture = chart(drawn, "bytes", "a \"label\"").str();
    const std::string line = picture.substr(picture.find("chart__line"));
    const std::string path = line.substr(0, line.find("/>"));
    EXPECT_EQ(std::count(path.begin(), path.end(), 'M'), 2) << path;
    EXPECT_NE(picture.find("a &quot;label&quot;"), std::string::npos);
    // Figures that differ by less than a double tells apart, and figures that do not differ.
    for (const double other : {0.3, 0.29999999999999993}) {
        drawn.points[0] = {drawn.points[0].from, 0.3, 0.3, 0.3, 1};
        for (std::size_t i = 1; i < drawn.points.size(); ++i)
            drawn.points[i] = {drawn.points[i].from, other, other, other, 1};
        EXPECT_LT(chart(drawn, "", "same").str().size(), 5'000U);
    }
    EXPECT_NE(sparkline({}, "nothing").str().find("d=\"\""), std::string::npos);
    EXPECT_EQ(figure_text(91.3, "percent"), "91.3％");
    EXPECT_EQ(figure_text(0.0123, "seconds"), "12.3ミリ秒");
    EXPECT_EQ(figure_text(33'300, "seconds"), "9.25時間");
    EXPECT_EQ(figure_text(12, ""), "12");
    EXPECT_EQ(figure_text(3.6e-05, "seconds"), "0.036ミリ秒");
    EXPECT_EQ(figure_text(3.6e-05, ""), "0.000036");
    EXPECT_EQ(figure_text(1e-9, "per_second"), "毎秒0");
    EXPECT_EQ(figure_text(5e9, "bytes"), "5.0 GB");
    EXPECT_EQ(sample_words("waiting.mail"), "待っている数 お知らせメール");
    EXPECT_EQ(sample_words("received.eth0"), "受けた量 eth0");
}

}  // namespace
}  // namespace web

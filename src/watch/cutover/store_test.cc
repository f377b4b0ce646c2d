#include "watch/cutover/store.h"

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "ground/sys/files.h"
#include "watch/cutover/papers.h"
#include "watch/cutover/readiness.h"

namespace cutover {

namespace {

using namespace std::chrono_literals;

class CutoverStore : public ::testing::Test {
  protected:
    CutoverStore() {
        database_ = sys::Database::open({.file = folder_.path() / "watch.db"});
        std::vector<sys::Migration> all;
        for (const auto& part : {ledger::migrations(), migrations()}) all.insert(all.end(), part.begin(), part.end());
        sys::migrate(*database_, all);
    }
    static Plan plan() {
        Plan plan;
        plan.names = {"www.city.example"};
        plan.old_server = read_endpoint("http://192.0.2.10");
        plan.new_server = read_endpoint("192.0.2.20");
        plan.new_addresses = {"192.0.2.20"};
        plan.before = {{"www.city.example", dns::Type::A, {"192.0.2.10"}, 86400},
                       {"city.example", dns::Type::Mx, {"10 mail.city.example"}, 3600}};
        return plan;
    }
    By by() const { return {"person:1", at_}; }
    template <class Work>
    auto write(Work work) {
        return database_->write(work);
    }
    template <class Work>
    auto read(Work work) {
        return database_->read(work);
    }
    std::int64_t add(const std::vector<Listed>& paths) {
        return write([&](sys::Transaction& tx) { return add_plan(tx, plan(), paths, by()); });
    }
    /// A round in which these paths differ in that way, and all others are equal.
    void round(const std::map<std::string, Differs>& different) {
        write([&](sys::Transaction& tx) { begin_round(tx, Scope::All, by()); });
        for (;;) {
            const auto due = read([](sys::Reader& db) { return list_due(db, 2); });
            if (due.empty()) break;
            std::vector<Result> results;
            for (const Due& each : due) {
                Result result{each.id, each.path, {}, ""};
                if (const auto found = different.find(each.path); found != different.end())
                    result.compared.differences.push_back({found->second, "違います。", {"a"}, {"b"}});
                results.push_back(result);
            }
            write([&](sys::Transaction& tx) {
                EXPECT_TRUE(note_results(tx, load_state(tx).plan_version, results, at_));
            });
        }
        write([&](sys::Transaction& tx) { end_round(tx, by()); });
    }
    Counts counts() {
        return read([](sys::Reader& db) { return load_counts(db); });
    }
    std::vector<std::string> acts() {
        ledger::Search search;
        search.stream = "watch";
        search.act = "cutover";
        std::vector<std::string> found;
        for (const auto& line : read([&](sys::Reader& db) { return ledger::find_lines(db, search); }))
            found.insert(found.begin(), line.entry.act);
        return found;
    }

    base::Instant at_ = *base::parse_instant("2026-11-22 10:00");
    sys::TemporaryFolder folder_;
    std::unique_ptr<sys::Database> database_;
};

}  // namespace

TEST_F(CutoverStore, ComparesTheMostVisitedFirstAndGoesOnWhereItWasCut) {
    add({{"/a", 1}, {"/b", 50}, {"/c", 7}});
    write([&](sys::Transaction& tx) { begin_round(tx, Scope::All, by()); });
    const auto due = read([](sys::Reader& db) { return list_due(db, 2); });
    ASSERT_EQ(due.size(), 2U);
    EXPECT_EQ(due[0].path, "/b");
    EXPECT_EQ(due[1].path, "/c");
    write([&](sys::Transaction& tx) {
        const std::vector<Result> results{{due[0].id, "/b", {}, ""}};
        EXPECT_FALSE(note_results(tx, 7, results, at_));  // of another plan
        EXPECT_TRUE(note_results(tx, 1, results, at_));
    });
    EXPECT_EQ(counts().checked, 1);
    EXPECT_FALSE(counts().is_whole());
    EXPECT_EQ(write([&](sys::Transaction& tx) { return begin_round(tx, Scope::All, by()); }), 1);  // the same round
    EXPECT_EQ(read([](sys::Reader& db) { return list_due(db, 9); }).size(), 2U);
    round({});
    EXPECT_EQ(counts().equal, 3);
}

TEST_F(CutoverStore, KeepsWhatWasAcceptedUntilItDiffersInAnotherWay) {
    add({{"/a", 1}, {"/b/1", 50}, {"/b/2", 7}});
    round({{"/a", Differs::Content}, {"/b/1", Differs::Links}, {"/b/2", Differs::Missing}});
    EXPECT_EQ(counts().open(), 3);
    EXPECT_EQ(counts().missing, 1);
    const auto findings = read([](sys::Reader& db) { return list_findings(db, "open", 10); });
    ASSERT_EQ(findings.size(), 3U);
    EXPECT_EQ(findings[0].path, "/b/1");
    EXPECT_THROW(write([&](sys::Transaction& tx) { accept(tx, "/a", " ", by()); }), base::Error);
    EXPECT_EQ(write([&](sys::Transaction& tx) { return accept(tx, "/a", "新しい案内文", by()); }), 1);
    EXPECT_EQ(write([&](sys::Transaction& tx) { return accept(tx, "/b/*", "廃止", by()); }), 2);
    try {
        write([&](sys::Transaction& tx) { return accept(tx, "/*.xml", "廃止", by()); });
        ADD_FAILURE() << "a star in the middle says nothing";
    } catch (const base::Error& error) {
        EXPECT_EQ(error.kind(), base::Kind::BadInput);
    }
    EXPECT_THROW(write([&](sys::Transaction& tx) { accept(tx, "/a", "もう一度", by()); }), base::Error);
    EXPECT_EQ(counts().open(), 0);
    add({{"/a", 1}, {"/b/1", 50}, {"/c", 7}});  // a new version of the plan, and the same servers
    EXPECT_EQ(counts().total, 3);
    EXPECT_EQ(counts().accepted, 2);
    round({});  // what had come since: the round that was over goes on with it
    EXPECT_EQ(counts().accepted, 2);
    round({{"/a", Differs::Content}, {"/b/1", Differs::Missing}});
    EXPECT_EQ(counts().accepted, 1);
    EXPECT_EQ(counts().missing, 1);
    const auto one = read([](sys::Reader& db) { return find_finding(db, "/a"); });
    EXPECT_EQ(one->reason, "新しい案内文");
    EXPECT_EQ(one->accepted_by, "person:1");
    EXPECT_THROW(write([&](sys::Transaction& tx) { accept(tx, "/b/1", "見た", by(), at_ - 1min); }), base::Error);
    EXPECT_EQ(acts(), (std::vector<std::string>{"cutover.plan", "cutover.check", "cutover.accept", "cutover.accept",
                                                "cutover.plan", "cutover.check", "cutover.check"}));
}

TEST_F(CutoverStore, ForgetsWhatWasAcceptedOfOtherServers) {
    add({{"/a", 1}});
    round({{"/a", Differs::Content}});
    write([&](sys::Transaction& tx) { accept(tx, "/a", "新しい案内文", by(), at_); });
    Plan other = plan();
    other.new_server = read_endpoint("192.0.2.21");
    write([&](sys::Transaction& tx) { add_plan(tx, other, std::vector<Listed>{{"/a", 1}}, by()); });
    round({{"/a", Differs::Content}});
    EXPECT_EQ(counts().accepted, 0);
    EXPECT_EQ(counts().open(), 1);
}

TEST_F(CutoverStore, KeepsWhatWasAcceptedWhenTheSameMoveIsTriedAgainAfterAWayBack) {
    add({{"/a", 1}});
    round({{"/a", Differs::Content}});
    write([&](sys::Transaction& tx) {
        accept(tx, "/a", "新しい案内文", by(), at_);
        record_switch(tx, at_, by());
        record_rollback(tx, "新サーバの不具合", by());
    });
    add({{"/a", 1}});
    EXPECT_EQ(counts().checked, 0) << "every page is compared again";
    round({{"/a", Differs::Content}});
    EXPECT_EQ(counts().accepted, 1);
}

TEST_F(CutoverStore, ReadsPathsInOneForm) {
    EXPECT_EQ(plain_listed("https://www.city.example/a b?x=1#y"), "/a%20b?x=1");
    EXPECT_EQ(plain_listed("http://www.city.example"), "/");
    EXPECT_EQ(plain_listed("/くらし/"), "/%E3%81%8F%E3%82%89%E3%81%97/");
    EXPECT_EQ(plain_listed("/%7Ea%2fb"), "/~a/b");
    for (const char* bad : {"", "*", "a.html", "/%zz", "/a?x\ny", "/%00"}) EXPECT_FALSE(plain_listed(bad)) << bad;
}

TEST_F(CutoverStore, TellsTheStageFromWhatIsThere) {
    EXPECT_EQ(stage_of({}, {}, 0, false), Stage::Plan);
    add({{"/a", 1}});
    const auto stage = [&](std::size_t open, bool has_request) {
        return stage_of(read([](sys::Reader& db) { return load_state(db); }), counts(), open, has_request);
    };
    EXPECT_EQ(stage(3, false), Stage::Check);
    round({});
    EXPECT_EQ(stage(3, false), Stage::Prepare);
    EXPECT_EQ(stage(0, false), Stage::Request);
    EXPECT_EQ(stage(0, true), Stage::Switch);
    write([&](sys::Transaction& tx) { record_switch(tx, at_, by()); });
    EXPECT_EQ(stage(0, true), Stage::Watch);
    EXPECT_THROW(write([&](sys::Transaction& tx) { record_switch(tx, at_, by()); }), base::Error);
    EXPECT_THROW(add({{"/a", 1}}), base::Error);
    EXPECT_THROW(write([&](sys::Transaction& tx) { record_rollback(tx, "", by()); }), base::Error);
    write([&](sys::Transaction& tx) { record_rollback(tx, "新サーバの不具合", by()); });
    EXPECT_EQ(stage(0, true), Stage::Done);
    EXPECT_THROW(write([&](sys::Transaction& tx) { record_finish(tx, by()); }), base::Error);
    add({{"/a", 1}});  // the next attempt begins anew
    EXPECT_EQ(stage(0, false), Stage::Check);
}

TEST_F(CutoverStore, TakesTheOldServerForSilentOnceItsCountStandsAndAllResolversAreNew) {
    add({{"/a", 1}});
    write([&](sys::Transaction& tx) { record_switch(tx, at_, by()); });
    const auto look = [&](std::string state, std::optional<std::int64_t> count) {
        at_ = at_ + 1min;
        write([&](sys::Transaction& tx) {
            note_look(tx, 1, {at_, {{"192.0.2.53", "new", "", {}, {}}, {"192.0.2.54", state, "", {}, {}}}, count, ""});
        });
        return read([](sys::Reader& db) { return load_state(db); }).silent_since;
    };
    EXPECT_FALSE(look("old", 5));
    EXPECT_FALSE(look("old", 5));
    EXPECT_FALSE(look("new", 6));
    EXPECT_EQ(look("new", 6), at_);
    const auto since = at_;
    EXPECT_EQ(look("new", 6), since);
    EXPECT_FALSE(look("new", std::nullopt));  // not to know is not to be silent
    EXPECT_EQ(look("new", 6), at_);
    EXPECT_FALSE(look("new", 7));
    const auto resolvers = read([](sys::Reader& db) { return list_resolvers(db); });
    ASSERT_EQ(resolvers.size(), 2U);
    EXPECT_EQ(resolvers[1].since, *base::parse_instant("2026-11-22 10:03"));
}

TEST_F(CutoverStore, ForgetsWhatWasSeenOfAnOlderPlan) {
    const auto observe = [&](std::int64_t version) {
        const std::vector<Observed> all{{"ttl", true, "300秒", at_}};
        return write([&](sys::Transaction& tx) { return note_observed(tx, version, all); });
    };
    const auto seen = [&] { return read([](sys::Reader& db) { return list_observed(db); }).size(); };
    add({{"/a", 1}});
    EXPECT_TRUE(observe(1));
    EXPECT_EQ(seen(), 1U);
    add({{"/a", 1}});  // the same servers, perhaps other names
    EXPECT_EQ(seen(), 0U);
    EXPECT_FALSE(observe(1));  // began before the change
    EXPECT_EQ(seen(), 0U);
    const Look look{at_, {{"192.0.2.53", "new", "", {}, {}}}, 5, ""};
    EXPECT_FALSE(write([&](sys::Transaction& tx) { return note_look(tx, 1, look); }));
    EXPECT_TRUE(read([](sys::Reader& db) { return list_resolvers(db); }).empty());
}

TEST(CutoverReadiness, WaitsUntilWhatWasHandedOutBeforeHasEnded) {
    const base::Instant at = *base::parse_instant("2026-11-22 10:00");
    Plan plan;
    plan.names = {"www.city.example"};
    const auto seen = [&](std::uint32_t ttl, std::chrono::hours first, std::chrono::hours last) {
        return SeenTtl{"www.city.example", dns::Type::A, ttl, at + first, at + last};
    };
    EXPECT_FALSE(judge_ttl(plan, {}, at).is_well);
    EXPECT_FALSE(judge_ttl(plan, std::vector{seen(86400, 0h, 1h)}, at + 1h).is_well);
    const std::vector lowered{seen(86400, 0h, 1h), seen(300, 2h, 5h)};
    EXPECT_FALSE(judge_ttl(plan, lowered, at + 5h).is_well);
    EXPECT_FALSE(judge_ttl(plan, lowered, at + 25h).is_well);
    EXPECT_TRUE(judge_ttl(plan, lowered, at + 26h).is_well) << judge_ttl(plan, lowered, at + 26h).text;
    // Raised again meanwhile: the wait begins anew.
    EXPECT_FALSE(judge_ttl(plan, std::vector{seen(86400, 0h, 30h), seen(300, 2h, 31h)}, at + 31h).is_well);
    EXPECT_TRUE(judge_ttl(plan, std::vector{seen(300, 0h, 0h)}, at).is_well);
}

TEST(CutoverReadiness, TakesAnObservationForADayAndTicksOnlyWhereNothingCanBeSeen) {
    const base::Instant at = *base::parse_instant("2026-11-22 10:00");
    const std::vector<Observed> observed{{"ttl", true, "300秒", at}};
    const std::vector<Tick> ticks{{"search", "person:1", "済み", at}};
    const auto open = [&](base::Instant now) { return count_open(judge_points(observed, ticks, now)); };
    EXPECT_EQ(open(at + 24h), all_points().size() - 2);
    EXPECT_EQ(open(at + 25h), all_points().size() - 1);
    EXPECT_NO_THROW(need_tickable("search"));
    EXPECT_THROW(need_tickable("ttl"), base::Error);
    EXPECT_THROW(need_tickable("nothing"), base::Error);
}

TEST_F(CutoverStore, WritesThePapersWithTheExactRecords) {
    Plan made = plan();
    made.manager = "ドメイン<管理>会社";
    made.before.push_back({"www.city.example", dns::Type::Aaaa, {"2001:db8::10"}, 600});
    const Papers request = make_request(made, at_);
    for (const char* word : {"192.0.2.10", "86400秒", "192.0.2.20", "300秒", "2001:db8::10", "なし（削除してください）",
                             "10 mail.city.example", "25時間前", "令和8年11月22日"})
        EXPECT_NE(request.text.find(word), std::string::npos) << word << "\n" << request.text;
    EXPECT_NE(request.html.find("ドメイン&lt;管理&gt;会社 御中"), std::string::npos);
    EXPECT_NE(request.html.find("<td><span class=\"whole\">2001:db8::10</span></td>"), std::string::npos)
        << "not broken in two where the paper is narrow";
    Plan cached = made;
    cached.are_ttls_cached = true;
    for (RecordSet& set : cached.before) set.ttl = 17;  // left of a day
    EXPECT_TRUE(read_plan(write_plan(cached)).are_ttls_cached);
    EXPECT_EQ(records_after(cached).front().ttl, kShortTtl);
    const Papers unsure = make_request(cached, at_);
    EXPECT_NE(unsure.text.find("元のTTLをドメインのネームサーバで確かめ"), std::string::npos) << unsure.text;
    EXPECT_EQ(unsure.text.find("すでに"), std::string::npos);
    const Papers back = make_rollback(made, {at_, 3, {"/news/"}, 2}, at_);
    EXPECT_NE(back.text.find("3回の公開で2件"), std::string::npos);
    EXPECT_NE(back.text.find("戻す内容：192.0.2.10"), std::string::npos) << back.text;
    add({{"/a", 1}});
    const Paper kept =
        write([&](sys::Transaction& tx) { return add_paper(tx, "request", 1, request.html, request.text, by()); });
    EXPECT_EQ(read([&](sys::Reader& db) { return find_paper(db, kept.id); })->html, request.html);
    EXPECT_EQ(read_plan(write_plan(made)).before, made.before);
}

TEST(CutoverPlan, ReadsServersAsPeopleWriteThem) {
    EXPECT_EQ(read_endpoint("192.0.2.10").url("www.a.example", "/x"), "https://www.a.example/x");
    EXPECT_EQ(read_endpoint("http://192.0.2.10:8080/").url("www.a.example", "/x"), "http://www.a.example:8080/x");
    EXPECT_EQ(read_endpoint("[2001:db8::1]:8443").resolve("a.example"), "a.example:8443:[2001:db8::1]");
    EXPECT_EQ(read_endpoint("2001:db8::1").text(), "https://[2001:db8::1]");
    for (const char* bad :
         {"", "www.city.example", "ftp://192.0.2.1", "192.0.2.1:", "192.0.2.1:99999", "[::1", "192.0.2.1:80x"})
        EXPECT_THROW(read_endpoint(bad), base::Error) << bad;
    Plan plan;
    plan.old_server = read_endpoint("192.0.2.10");
    plan.new_server = read_endpoint("192.0.2.20");
    plan.new_addresses = {"192.0.2.20"};
    for (const char* bad :
         {"www.city.example:80", "www/city.example", "a b.example", "www.city.example\r\nX", "市.jp"}) {
        plan.names = {bad};
        EXPECT_THROW(check_plan(plan), base::Error) << bad;
    }
    plan.names = {"www-1.city_a.example"};
    EXPECT_NO_THROW(check_plan(plan));
    EXPECT_EQ(parent_name("www.city.example.jp"), "city.example.jp");
    EXPECT_EQ(parent_name("city.jp"), "city.jp");
}

}  // namespace cutover

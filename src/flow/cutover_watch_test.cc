#include "flow/cutover_watch.h"

#include <gtest/gtest.h>

#include "flow/testing/composed_town.h"
#include "ground/dns/testing/name_server.h"

namespace flow {

TEST(LookAtSwitch, JudgesAResolverByTheWorstOfTheNames) {
    dns::testing::NameServer names;
    cutover::Plan plan;
    plan.names = {"www.city.example", "city.example"};
    plan.old_server = cutover::read_endpoint("http://127.0.0.2:1");
    plan.new_server = cutover::read_endpoint("http://127.0.0.1:1");  // nobody answers there
    plan.new_addresses = {"192.0.2.20"};
    plan.before = {{"www.city.example", dns::Type::A, {"192.0.2.10"}, 300}};
    plan.resolvers = {names.address()};
    const auto look = [&] { return look_at_switch(plan, nullptr, {}).resolvers.at(0); };
    names.set("www.city.example", dns::Type::A, 300, {"192.0.2.20"});
    EXPECT_EQ(look().state, "other") << "city.example has no address at all";
    EXPECT_EQ(look().answer, "city.example：なし");
    names.set("city.example", dns::Type::A, 300, {"192.0.2.10"});
    EXPECT_EQ(look().state, "old");
    names.set("city.example", dns::Type::A, 300, {"192.0.2.20"});
    EXPECT_EQ(look().state, "new");
    EXPECT_EQ(look().answer, "192.0.2.20");
    names.set("www.city.example", dns::Type::A, 300, {"192.0.2.10", "192.0.2.20"});
    EXPECT_EQ(look().state, "mixed");
    names.code = 2;
    EXPECT_EQ(look().state, "silent");
    EXPECT_EQ(look().answer, "SERVFAIL：ネームサーバの側で失敗しました");
}

TEST(CutoverDesk, ClearsWhatItRaisedForAPlanThatWasLeft) {
    testing::ComposedTown town("sqlite");
    Site& site = *town.site;
    cutover::Plan plan;
    plan.names = {"www.city.example"};
    plan.old_server = cutover::read_endpoint("http://127.0.0.2:1");
    plan.new_server = cutover::read_endpoint("http://127.0.0.1:1");  // nobody answers there
    plan.new_addresses = {"192.0.2.20"};
    const cutover::By by{"person:1", town.clock.now()};
    const std::vector<cutover::Listed> paths{{"/", 1}};
    site.watch().write([&](sys::Transaction& tx) {
        cutover::add_plan(tx, plan, paths, by);
        cutover::record_switch(tx, by.at, by);
    });
    std::vector<signals::Signal> told;
    const auto turn = [&] {
        CutoverDesk desk(
            site.watch(), site.folders, site.settings, town.clock,
            [&](std::span<const signals::Signal> all) { told.insert(told.end(), all.begin(), all.end()); });
        told.clear();
        desk.turn([] { return false; });
    };
    turn();
    ASSERT_FALSE(told.empty());
    EXPECT_EQ(told.back().kind, "cutover.new.failing");
    EXPECT_EQ(told.back().state, signals::State::Raise);
    // Rolled back and planned anew before the desk has its next turn; and it has started again.
    plan.names = {"www2.city.example"};
    std::string cleared;
    site.watch().write([&](sys::Transaction& tx) {
        cutover::record_rollback(tx, "不具合", by);
        cutover::add_plan(tx, plan, paths, by);
    });
    turn();
    for (const auto& each : told)
        if (each.kind == "cutover.new.failing" && each.state == signals::State::Clear) cleared = each.subject;
    EXPECT_EQ(cleared, "www.city.example");
    turn();
    for (const auto& each : told) EXPECT_NE(each.kind, "cutover.new.failing");
}

}  // namespace flow

#include "flow/cutover_watch.h"

#include <gtest/gtest.h>

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
    EXPECT_EQ(look().answer, "city.exampleはなし");
    names.set("city.example", dns::Type::A, 300, {"192.0.2.10"});
    EXPECT_EQ(look().state, "old");
    names.set("city.example", dns::Type::A, 300, {"192.0.2.20"});
    EXPECT_EQ(look().state, "new");
    EXPECT_EQ(look().answer, "192.0.2.20");
    names.set("www.city.example", dns::Type::A, 300, {"192.0.2.10", "192.0.2.20"});
    EXPECT_EQ(look().state, "mixed");
    names.code = 2;
    EXPECT_EQ(look().state, "silent");
}

}  // namespace flow

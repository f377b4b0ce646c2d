#include <gtest/gtest.h>

#include "ground/dns/ask.h"
#include "ground/dns/testing/name_server.h"

namespace dns {

using namespace std::chrono_literals;
using testing::NameServer;

TEST(AskNameServer, GivesTheRecordsOfEachTypeInOneForm) {
    NameServer server;
    server.set("www.city.example", Type::Cname, 300, {"web.city.example"});
    server.set("web.city.example", Type::A, 60, {"192.0.2.8", "192.0.2.7"});
    server.set("city.example", Type::Mx, 3600, {"10 mail.city.example"});
    server.set("city.example", Type::Caa, 3600, {"0 issue \"ca.example\""});
    server.set("city.example", Type::Aaaa, 3600, {"2001:db8::7"});
    const auto web = ask(server.address(), "WWW.city.example.", Type::A, 2s);
    ASSERT_TRUE(web.answer) << web.problem;
    EXPECT_EQ(web.answer->all(Type::A), (std::vector<std::string>{"192.0.2.7", "192.0.2.8"}));
    EXPECT_EQ(web.answer->all(Type::Cname), std::vector<std::string>{"web.city.example"});
    EXPECT_EQ(web.answer->shortest_ttl(Type::A), 60U);
    EXPECT_TRUE(web.answer->is_authoritative);
    for (const auto& [type, data] : std::map<Type, std::string>{
             {Type::Mx, "10 mail.city.example"}, {Type::Caa, "0 issue \"ca.example\""}, {Type::Aaaa, "2001:db8::7"}}) {
        const auto asked = ask(server.address(), "city.example", type, 2s);
        ASSERT_TRUE(asked.answer) << type_name(type);
        EXPECT_EQ(asked.answer->all(type), std::vector<std::string>{data});
    }
    EXPECT_EQ(ask(server.address(), "none.example", Type::A, 2s).answer->code, 3);
}

TEST(AskNameServer, AsksAgainOverTcpWhatDoesNotFitIntoADatagram) {
    NameServer server;
    const std::string longest = "\"" + std::string(900, 'x') + "\"";
    server.set("city.example", Type::Txt, 60, {longest, "\"v=spf1 -all\""});
    const auto asked = ask(server.address(), "city.example", Type::Txt, 2s);
    ASSERT_TRUE(asked.answer) << asked.problem;
    EXPECT_EQ(asked.answer->all(Type::Txt), (std::vector<std::string>{"\"v=spf1 -all\"", longest}));
    EXPECT_EQ(server.questions, 2);
}

TEST(AskNameServer, SaysWhyThereIsNoAnswer) {
    NameServer server;
    server.is_silent = true;
    const auto silent = ask(server.address(), "city.example", Type::A, 60ms);
    EXPECT_FALSE(silent.answer);
    EXPECT_EQ(silent.problem, "timed out");
    EXPECT_LT(silent.seconds, 5);
    EXPECT_FALSE(ask("no address", "city.example", Type::A, 60ms).answer);
    EXPECT_EQ(ask(server.address(), "a..b", Type::A, 60ms).problem, "this is no host name");
}

TEST(DnsMessage, SaysItsCodeInWords) {
    EXPECT_EQ(code_wording(3), "NXDOMAIN：該当する名前がありません");
    EXPECT_EQ(code_wording(5), "REFUSED：問合せを断られました");
    EXPECT_EQ(code_wording(11), "DNSの応答コード11");
}

TEST(DnsMessage, RefusesWhatIsNoAnswer) {
    EXPECT_FALSE(make_query(1, "", Type::A));
    EXPECT_FALSE(make_query(1, "a..b", Type::A));
    EXPECT_FALSE(make_query(1, std::string(64, 'a') + ".example", Type::A));
    const auto query = make_query(7, "a.example.", Type::A);
    ASSERT_TRUE(query);
    EXPECT_FALSE(read_answer(*query, 7, "a.example", Type::A));  // a question is no answer
    std::string answer = *query;
    answer[2] = '\x80';
    EXPECT_TRUE(read_answer(answer, 7, "a.example", Type::A));
    EXPECT_FALSE(read_answer(answer, 8, "a.example", Type::A));
    EXPECT_FALSE(read_answer(answer, 7, "b.example", Type::A));  // of another question
    EXPECT_FALSE(read_answer(answer, 7, "a.example", Type::Aaaa));
    std::string circle = answer;
    circle[7] = 1;
    circle += std::string("\xC0\x1B\x00\x01\x00\x01\x00\x00\x00\x3C\x00\x04\xC0\x00\x02\x07", 16);
    EXPECT_FALSE(read_answer(circle, 7, "a.example", Type::A));  // a name that points at itself
    answer[7] = 9;                                               // nine records that are not there
    EXPECT_FALSE(read_answer(answer, 7, "a.example", Type::A));
}

TEST(NameServerAddress, IsReadAsPeopleAndResolvConfWriteIt) {
    EXPECT_EQ(read_server("192.0.2.1").port, "53");
    EXPECT_EQ(read_server("192.0.2.1:5353").port, "5353");
    EXPECT_EQ(read_server("[::1]:54").host, "::1");
    EXPECT_EQ(read_server("2001:db8::1").host, "2001:db8::1");
    EXPECT_EQ(first_server("# none\nsearch example\nnameserver\t192.0.2.53 \n"), "192.0.2.53");
    EXPECT_EQ(first_server("nameservers 1\n"), "");
}

}  // namespace dns

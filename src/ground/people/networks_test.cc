#include "ground/people/networks.h"

#include <gtest/gtest.h>

namespace people {
namespace {

TEST(ParseAddress, TakesBothFamiliesAndPrintsTheShortForm) {
    const std::pair<std::string_view, std::string_view> kPairs[] = {
        {"192.0.2.1", "192.0.2.1"},
        {"0.0.0.0", "0.0.0.0"},
        {"255.255.255.255", "255.255.255.255"},
        {"::", "::"},
        {"::1", "::1"},
        {"2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},     // RFC 5952 section 4.2.3: the first of equal runs
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},  // section 4.2.2: not one zero group
        {"2001:db8::", "2001:db8::"},
        {"fe80:0:0:0:0:0:0:1", "fe80::1"},
        {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
        {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
        {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
        {"::ffff:192.0.2.1", "192.0.2.1"},
        {"::ffff:c000:201", "192.0.2.1"},
    };
    for (const auto& [text, form] : kPairs) {
        SCOPED_TRACE(text);
        const auto address = parse_address(text);
        ASSERT_TRUE(address);
        EXPECT_EQ(address->text(), form);
        EXPECT_EQ(parse_address(address->text()), address);
    }
}

TEST(ParseAddress, RefusesWhatOthersReadDifferently) {
    for (const std::string_view text :
         {"",           "192.0.2",    "192.0.2.256", "192.0.2.01",    "0xC0.0.2.1",        "3221225985",
          "192.0.2.1 ", " 192.0.2.1", "192.0.2.1.",  "192.0..1",      "-1.0.0.0",          "+1.0.0.0",
          ":",          ":::",        "1::2::3",     "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::",
          "12345::",    "g::",        "::1%eth0",    "[::1]",         "1.2.3.4::",         "::1.2.3.4:5",
          "::1.2.3",    "1:",         ":1"})
        EXPECT_FALSE(parse_address(text)) << text;
}

TEST(ParseNetwork, ContainsWhatItsPrefixSays) {
    const auto hall = parse_network("10.20.0.0/14");
    ASSERT_TRUE(hall);
    EXPECT_EQ(hall->text(), "10.20.0.0/14");
    EXPECT_TRUE(hall->contains(parse_address("10.20.0.0").value()));
    EXPECT_TRUE(hall->contains(parse_address("10.23.255.255").value()));
    EXPECT_TRUE(hall->contains(parse_address("::ffff:10.21.0.1").value()));
    EXPECT_FALSE(hall->contains(parse_address("10.24.0.0").value()));
    EXPECT_FALSE(hall->contains(parse_address("10.19.255.255").value()));
    EXPECT_FALSE(hall->contains(parse_address("::10.20.0.1").value()));

    const auto six = parse_network("2001:db8:8000::/33");
    ASSERT_TRUE(six);
    EXPECT_TRUE(six->contains(parse_address("2001:db8:ffff::1").value()));
    EXPECT_FALSE(six->contains(parse_address("2001:db8:7fff::1").value()));
    EXPECT_FALSE(six->contains(parse_address("10.20.0.1").value()));
}

TEST(ParseNetwork, TakesWholeFamiliesSingleAddressesAndMappedNetworks) {
    EXPECT_TRUE(parse_network("0.0.0.0/0")->contains(parse_address("203.0.113.9").value()));
    EXPECT_FALSE(parse_network("0.0.0.0/0")->contains(parse_address("2001:db8::1").value()));
    EXPECT_TRUE(parse_network("::/0")->contains(parse_address("2001:db8::1").value()));
    EXPECT_EQ(parse_network("192.0.2.1")->text(), "192.0.2.1/32");
    EXPECT_EQ(parse_network("::1")->text(), "::1/128");
    EXPECT_EQ(parse_network("::ffff:10.0.0.0/104"), parse_network("10.0.0.0/8"));
    EXPECT_TRUE(is_in(parse_address("192.0.2.1").value(),
                      std::vector{parse_network("10.0.0.0/8").value(), parse_network("192.0.2.0/24").value()}));
}

TEST(ParseNetwork, RefusesWhatIsNotClear) {
    for (const std::string_view text : {"10.20.0.1/14", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/08", "10.0.0.0/-1", "/8",
                                        "2001:db8::/129", "2001:db8::1/32", "10.0.0.0/8/8", "::ffff:10.0.0.0/90", ""})
        EXPECT_FALSE(parse_network(text)) << text;
}

}  // namespace
}  // namespace people

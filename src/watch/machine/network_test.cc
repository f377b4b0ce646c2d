#include "watch/machine/network.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace machine {

TEST(Connections, AreReadFromBothTables) {
    const auto rows = read_connections(
        "  sl local\n   0: 0100007F:1F90 0200A8C0:C350 01 rest\n"
        "   1: 0000000000000000FFFF00000100007F:0050 B80D0120000000000000000001000000:C351 0A 0 0 0 0 0 4711\n"
        "  rubbish\n   2: 01:1 02:2 01\n   3: 0100007F:10000000000 0200A8C0:1 01\n");
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].local.text(), "127.0.0.1");
    EXPECT_EQ(rows[0].local_port, 8080);
    EXPECT_EQ(rows[0].remote.text(), "192.168.0.2");
    EXPECT_EQ(rows[0].inode, "");
    EXPECT_EQ(rows[1].local.text(), "127.0.0.1");  // mapped
    EXPECT_EQ(rows[1].remote.text(), "2001:db8::1");
    EXPECT_EQ(rows[1].state, kListening);
    EXPECT_EQ(rows[1].inode, "4711");
    EXPECT_TRUE(is_loopback(rows[1].local));
    EXPECT_TRUE(is_loopback(*people::parse_address("::1")));
    EXPECT_FALSE(is_loopback(*people::parse_address("::2")));
}

TEST(Gateways, AreTheDefaultRoutesFirstHops) {
    const auto found = read_gateways(
        "Iface\tDestination\tGateway \tFlags\neth0\t00000000\t0100A8C0\t0003\t0\neth0\t0000A8C0\t00000000\t0001\t0\n",
        "00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 "
        "00000400 00000001 00000000 00000003 eth0\n"
        "00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 "
        "ffffffff 00000001 00000000 00200200 lo\nfe80 40 x\n");
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].text(), "192.168.0.1");
    EXPECT_EQ(found[1].text(), "fe80::1");
}

TEST(NameServers, AreReadWithoutTheirInterface) {
    const auto found = read_name_servers(
        "# nameserver 192.0.2.1\nsearch x\nnameserver 192.0.2.53\nnameserver fe80::53%eth0\nnameserver\n");
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].text(), "192.0.2.53");
    EXPECT_EQ(found[1].text(), "fe80::53");
}

TEST(Indispensable, HoldsThisMachineItself) {
    const auto found = list_indispensable();
    EXPECT_TRUE(std::any_of(found.begin(), found.end(), is_loopback));
}

}  // namespace machine

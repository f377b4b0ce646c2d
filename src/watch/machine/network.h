// What the kernel tells of this machine's network: its connections, its way out, the name servers, its own addresses.
// Parsers of small text tables, for whoever judges them.
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ground/people/networks.h"

namespace machine {

/// The words between blanks and tabs.
std::vector<std::string_view> words_of(std::string_view line);

struct Connection {
    people::Address local, remote;
    int local_port = 0, remote_port = 0;
    int state = 0;      ///< as the kernel numbers them: 1 established, 2 SYN sent, 3 SYN received, 10 listening
    std::string inode;  ///< of the socket; empty when the row is cut before it
};
constexpr int kListening = 10;
/// Rows of /proc/net/tcp and tcp6. What cannot be read is left out.
std::vector<Connection> read_connections(std::string_view table);

/// A program that holds sockets.
struct Owner {
    std::string name;  ///< "nginx 4711": what it calls itself and its number
    int sockets = 0;
};
/// Who holds the sockets of these inodes, whoever holds most first. What may not be looked into (another user's
/// program, without the right to it) is left out.
std::vector<Owner> list_owners(const std::set<std::string>& inodes, const std::filesystem::path& proc = "/proc");

/// The default routes' first hops, from /proc/net/route and /proc/net/ipv6_route.
std::vector<people::Address> read_gateways(std::string_view route, std::string_view route6);
/// "nameserver" lines of a resolv.conf.
std::vector<people::Address> read_name_servers(std::string_view text);

bool is_loopback(const people::Address& address);

/// Whom this machine cannot do without: its own addresses, its gateways and its name servers, as they are now.
/// Throws Error(Unavailable) when they cannot be read.
std::vector<people::Address> list_indispensable(const std::filesystem::path& proc = "/proc");

}  // namespace machine

// Asks one name server, by datagram and, when the answer does not fit into one, over TCP. Every wait has an end.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "ground/dns/message.h"

namespace dns {

/// A name server's address: "192.0.2.1", "192.0.2.1:5353", "[2001:db8::1]:53", "2001:db8::1".
struct Server {
    std::string host, port;
};
Server read_server(std::string_view text);

/// The first name server that the text of resolv.conf(5) names, as read_server takes it; "" when there is none.
std::string first_server(std::string_view resolv_conf);

struct Asked {
    std::optional<Answer> answer;
    std::string problem;  ///< why there is none, in English: "timed out", "Connection refused"
    double seconds = 0;
};
/// Never throws for what the other side does. `patience` is for everything.
Asked ask(std::string_view server, std::string_view name, Type type, std::chrono::milliseconds patience);

}  // namespace dns

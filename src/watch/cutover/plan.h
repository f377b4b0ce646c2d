// What a change of servers is about: the names, the old server and the new one, the records of the names as they are
// and as they shall be, and when. A plan is a value; a change makes a new version of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/time.h"
#include "ground/dns/message.h"

namespace cutover {

/// Where a web server is asked, whatever DNS says of its name.
struct Endpoint {
    std::string scheme = "https";
    std::string address;  ///< "192.0.2.10" or "2001:db8::10", without brackets
    int port = 0;         ///< 0 = the scheme's own
    bool operator==(const Endpoint&) const = default;
    std::string text() const;  ///< "https://192.0.2.10:8443"
    /// The address below `name` as a client is told it: "https://www.city.example:8443" + path.
    std::string url(std::string_view name, std::string_view path) const;
    /// For sys::FetchOptions::resolve.
    std::string resolve(std::string_view name) const;
};
/// "192.0.2.10", "192.0.2.10:8443", "http://[2001:db8::10]". Throws Error(BadInput).
Endpoint read_endpoint(std::string_view text);

/// All records of one type that one name has.
struct RecordSet {
    std::string name;
    dns::Type type = dns::Type::A;
    std::vector<std::string> data;  ///< sorted; empty = there are none
    std::uint32_t ttl = 0;
    bool operator==(const RecordSet&) const = default;
};

constexpr std::size_t kMostNames = 20;
constexpr std::uint32_t kShortTtl = 300;  ///< seconds: lowered to this before the switch

struct Plan {
    std::int64_t version = 0;
    base::Instant made_at;
    std::string made_by;

    std::vector<std::string> names;  ///< "www.city.example"; the first is the one that is compared
    Endpoint old_server, new_server;
    std::vector<std::string> new_addresses;  ///< what the names shall resolve to
    std::string name_server;                 ///< that is asked for the records; best the zone's own
    std::vector<std::string> resolvers;      ///< that are watched after the switch
    std::optional<base::Instant> moment;     ///< planned for
    std::string ca_file;                     ///< trusted in place of the system's certificates
    std::string old_log;                     ///< the old server's access log, when this machine can read it
    std::string counter_url;        ///< or an address whose text is the number of requests that the old server has had
    std::string manager;            ///< of the domain, who is applied to
    std::string applicant;          ///< the city and its department
    std::string contact;            ///< telephone and mail
    std::vector<RecordSet> before;  ///< of each name: A, AAAA, CNAME; of its zone: MX, TXT, CAA, NS
    bool are_ttls_cached = false;   ///< `before` is of a cache: its TTLs are what was left of them
};

/// What has to change: A, AAAA and CNAME of the names.
bool is_changed_by_switch(dns::Type type);
/// The zone that a name is of, as far as one can tell: without its first label when that leaves two labels or more.
std::string parent_name(std::string_view name);
/// The record sets of the names after the switch, those that become empty too.
std::vector<RecordSet> records_after(const Plan& plan);
/// The TTL that stood in the plan's records for what is to be changed; nothing when there are none.
std::optional<std::uint32_t> longest_ttl(const Plan& plan);

/// Throws Error(BadInput) when it cannot be carried out as it is: no name, no address, the same server twice.
void check_plan(const Plan& plan);

/// As JSON, without version, time and person.
std::string write_plan(const Plan& plan);
/// Throws Error(Damaged).
Plan read_plan(std::string_view json);

}  // namespace cutover

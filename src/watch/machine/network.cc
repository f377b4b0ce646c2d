#include "watch/machine/network.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>

#include <fmt/format.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/files.h"

namespace machine {

namespace fs = std::filesystem;
using people::Address;

namespace {

constexpr std::size_t kLargest = 1U << 20;
/// systemd-resolved hides the real ones behind 127.0.0.53.
constexpr const char* kResolvFiles[] = {"/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"};

bool read_hex(std::string_view text, auto& number) {
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
    return problem == std::errc{} && end == text.data() + text.size();
}

/// An IPv4 address mapped into IPv6 counts as IPv4.
Address plain(Address address) {
    static constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    if (address.is_v4 || !std::equal(kMapped.begin(), kMapped.end(), address.bytes.begin())) return address;
    Address four;
    four.is_v4 = true;
    std::copy_n(address.bytes.begin() + 12, 4, four.bytes.begin());
    return four;
}

/// "0100007F": words of 32 bits in the machine's byte order (little-endian, as all that we run on).
bool read_words(std::string_view text, Address& address) {
    if (text.size() != 8 && text.size() != 32) return false;
    for (std::size_t word = 0; word < text.size() / 8; ++word) {
        std::uint32_t raw = 0;
        if (!read_hex(text.substr(word * 8, 8), raw)) return false;
        for (std::size_t byte = 0; byte < 4; ++byte)
            address.bytes[word * 4 + byte] = static_cast<std::uint8_t>(raw >> (8 * byte) & 0xFF);
    }
    address.is_v4 = text.size() == 8;
    address = plain(address);
    return true;
}

/// "0100007F:1F90".
bool read_end(std::string_view text, Address& address, int& port) {
    const auto colon = text.find(':');
    return colon != std::string_view::npos && read_words(text.substr(0, colon), address) &&
           read_hex(text.substr(colon + 1), port);
}

bool is_nothing(const Address& address) {
    return std::all_of(address.bytes.begin(), address.bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

std::vector<Address> own_addresses() {
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0)
        throw base::Error(base::Kind::Unavailable,
                          fmt::format("このサーバのアドレスを読めません（{}）", std::strerror(errno)));
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owned(list, &::freeifaddrs);
    std::vector<Address> all;
    for (const ifaddrs* at = list; at != nullptr; at = at->ifa_next) {
        if (at->ifa_addr == nullptr) continue;
        Address address;
        if (at->ifa_addr->sa_family == AF_INET) {
            address.is_v4 = true;
            std::memcpy(address.bytes.data(), &reinterpret_cast<const sockaddr_in*>(at->ifa_addr)->sin_addr, 4);
        } else if (at->ifa_addr->sa_family == AF_INET6) {
            std::memcpy(address.bytes.data(), &reinterpret_cast<const sockaddr_in6*>(at->ifa_addr)->sin6_addr, 16);
        } else {
            continue;
        }
        all.push_back(address);
    }
    return all;
}

}  // namespace

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    for (std::size_t at = 0; (at = line.find_first_not_of(" \t", at)) != std::string_view::npos;) {
        const std::size_t end = std::min(line.find_first_of(" \t", at), line.size());
        words.push_back(line.substr(at, end - at));
        at = end;
    }
    return words;
}

std::vector<Connection> read_connections(std::string_view table) {
    std::vector<Connection> all;
    for (const std::string_view line : base::split(table, '\n')) {
        const auto words = words_of(line);
        Connection one;
        if (words.size() < 4 || !read_hex(words[3], one.state) || !read_end(words[1], one.local, one.local_port) ||
            !read_end(words[2], one.remote, one.remote_port))
            continue;
        if (words.size() > 9) one.inode = words[9];
        all.push_back(std::move(one));
    }
    return all;
}

std::vector<Owner> list_owners(const std::set<std::string>& inodes, const fs::path& proc) {
    constexpr std::string_view kSocket = "socket:[";
    std::vector<Owner> owners;
    std::error_code problem;
    for (fs::directory_iterator program(proc, problem), end; !problem && program != end; program.increment(problem)) {
        const std::string pid = program->path().filename().string();
        if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
        int sockets = 0;
        std::error_code refused;
        for (fs::directory_iterator file(program->path() / "fd", refused); !refused && file != end;
             file.increment(refused)) {
            std::error_code gone;
            const std::string target = fs::read_symlink(file->path(), gone).string();
            sockets += target.starts_with(kSocket) && target.ends_with(']') &&
                       inodes.contains(target.substr(kSocket.size(), target.size() - kSocket.size() - 1));
        }
        if (sockets == 0) continue;
        std::string name;
        try {
            name = base::to_valid_utf8(base::trim(sys::find_file(program->path() / "comm", 100).value_or("?")));
        } catch (const base::Error&) {
            name = "?";  // it has just ended
        }
        owners.push_back({fmt::format("{} {}", name, pid), sockets});
    }
    std::stable_sort(owners.begin(), owners.end(),
                     [](const Owner& a, const Owner& b) { return a.sockets > b.sockets; });
    return owners;
}

/// "eth0 00000000 0100A8C0 0003 ..."; "0…0 00 0…0 00 fe80…1 00000400 …", the address in network order.
std::vector<Address> read_gateways(std::string_view route, std::string_view route6) {
    std::vector<Address> all;
    for (const std::string_view line : base::split(route, '\n')) {
        const auto words = words_of(line);
        Address hop;
        if (words.size() >= 4 && words[1] == "00000000" && read_words(words[2], hop) && !is_nothing(hop))
            all.push_back(hop);
    }
    for (const std::string_view line : base::split(route6, '\n')) {
        const auto words = words_of(line);
        if (words.size() < 5 || words[1] != "00" || words[4].size() != 32 ||
            words[0].find_first_not_of('0') != std::string_view::npos)
            continue;
        Address hop;
        bool is_read = true;
        for (std::size_t byte = 0; byte < 16; ++byte)
            is_read &= read_hex(words[4].substr(byte * 2, 2), hop.bytes[byte]);
        if (is_read && !is_nothing(hop)) all.push_back(hop);
    }
    return all;
}

std::vector<Address> read_name_servers(std::string_view text) {
    std::vector<Address> all;
    for (const std::string_view line : base::split(text, '\n')) {
        const auto words = words_of(line);
        if (words.size() < 2 || words[0] != "nameserver") continue;
        const std::string_view bare = words[1].substr(0, words[1].find('%'));  // without its interface
        if (const auto address = people::parse_address(bare)) all.push_back(*address);
    }
    return all;
}

bool is_loopback(const Address& address) {
    if (address.is_v4) return address.bytes[0] == 127;
    return address.bytes[15] == 1 &&
           std::all_of(address.bytes.begin(), address.bytes.end() - 1, [](std::uint8_t byte) { return byte == 0; });
}

std::vector<Address> list_indispensable(const std::filesystem::path& proc) {
    std::vector<Address> all = own_addresses();
    const auto add = [&](const std::vector<Address>& more) { all.insert(all.end(), more.begin(), more.end()); };
    add(read_gateways(sys::read_file(proc / "net/route", kLargest),
                      sys::find_file(proc / "net/ipv6_route", kLargest).value_or("")));
    for (const char* file : kResolvFiles) add(read_name_servers(sys::find_file(file, kLargest).value_or("")));
    return all;
}

}  // namespace machine

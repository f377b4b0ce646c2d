#include "watch/intrusion/crawlers.h"

#include <algorithm>
#include <cstring>

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace intrusion {

namespace {

struct Engine {
    std::string_view agent;
    std::string_view domains[3];
};
constexpr Engine kEngines[] = {
    {"Googlebot", {".googlebot.com", ".google.com", ""}},
    {"bingbot", {".search.msn.com", "", ""}},
    {"Y!J-", {".crawl.yahoo.co.jp", ".yahoo.co.jp", ""}},
    {"Applebot", {".applebot.apple.com", "", ""}},
    {"YandexBot", {".yandex.ru", ".yandex.net", ".yandex.com"}},
    {"DuckDuckBot", {".duckduckgo.com", "", ""}},
    {"Baiduspider", {".baidu.com", ".baidu.jp", ""}},
};

}  // namespace

bool Crawlers::is_verified(const people::Address& address, std::string_view agent) {
    const std::string name = address.text();
    {
        const std::scoped_lock lock(mutex_);
        if (const auto* known = known_.find(name); known != nullptr && *known) return **known;
    }
    const bool is_one = look_up(address, agent);
    const std::scoped_lock lock(mutex_);
    known_.get(name) = is_one;
    return is_one;
}

bool Crawlers::look_up(const people::Address& address, std::string_view agent) const {
    for (const Engine& engine : kEngines) {
        if (agent.find(engine.agent) == std::string_view::npos) continue;
        const auto name = names_.reverse(address);
        if (!name) return false;
        const bool is_theirs =
            std::any_of(std::begin(engine.domains), std::end(engine.domains),
                        [&](std::string_view domain) { return !domain.empty() && name->ends_with(domain); });
        if (!is_theirs) return false;
        const auto addresses = names_.forward(*name);
        return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
    }
    return false;
}

Names system_names() {
    Names names;
    names.reverse = [](const people::Address& address) -> std::optional<std::string> {
        sockaddr_storage raw{};
        socklen_t length = 0;
        if (address.is_v4) {
            auto* const four = reinterpret_cast<sockaddr_in*>(&raw);
            four->sin_family = AF_INET;
            std::memcpy(&four->sin_addr, address.bytes.data(), 4);
            length = sizeof(sockaddr_in);
        } else {
            auto* const six = reinterpret_cast<sockaddr_in6*>(&raw);
            six->sin6_family = AF_INET6;
            std::memcpy(&six->sin6_addr, address.bytes.data(), 16);
            length = sizeof(sockaddr_in6);
        }
        char name[NI_MAXHOST];
        if (::getnameinfo(reinterpret_cast<const sockaddr*>(&raw), length, name, sizeof name, nullptr, 0,
                          NI_NAMEREQD) != 0)
            return std::nullopt;
        return std::string(name);
    };
    names.forward = [](const std::string& name) {
        std::vector<people::Address> found;
        addrinfo hints{};
        hints.ai_socktype = SOCK_STREAM;
        addrinfo* list = nullptr;
        if (::getaddrinfo(name.c_str(), nullptr, &hints, &list) != 0) return found;
        const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(list, &::freeaddrinfo);
        for (const addrinfo* at = list; at != nullptr; at = at->ai_next) {
            people::Address address;
            address.is_v4 = at->ai_family == AF_INET;
            if (address.is_v4)
                std::memcpy(address.bytes.data(), &reinterpret_cast<const sockaddr_in*>(at->ai_addr)->sin_addr, 4);
            else
                std::memcpy(address.bytes.data(), &reinterpret_cast<const sockaddr_in6*>(at->ai_addr)->sin6_addr, 16);
            found.push_back(address);
        }
        return found;
    };
    return names;
}

}  // namespace intrusion

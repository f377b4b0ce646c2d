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

const Engine* find_engine(std::string_view agent) {
    const auto* const found = std::find_if(std::begin(kEngines), std::end(kEngines), [&](const Engine& engine) {
        return agent.find(engine.agent) != std::string_view::npos;
    });
    return found == std::end(kEngines) ? nullptr : found;
}

}  // namespace

bool says_it_is_a_crawler(std::string_view agent) {
    return find_engine(agent) != nullptr;
}

bool Crawlers::is_verified(const people::Address& address, std::string_view agent) {
    const std::string name = address.text();
    const auto now = clock_.monotonic();
    {
        const std::scoped_lock lock(mutex_);
        if (const Known* known = known_.find(name); known != nullptr && now < known->until) return known->is_one;
        if (now - minute_ >= std::chrono::minutes(1)) {
            minute_ = now;
            in_minute_ = 0;
        }
        if (in_minute_ >= kMostInAMinute) return false;
        ++in_minute_;
    }
    const bool is_one = look_up(address, agent);
    const std::scoped_lock lock(mutex_);
    Known& known = known_.get(name);
    known.is_one = is_one;
    known.until = clock_.monotonic();
    known.until += is_one ? std::chrono::nanoseconds(kTrusted) : std::chrono::nanoseconds(kDistrusted);
    return is_one;
}

bool Crawlers::look_up(const people::Address& address, std::string_view agent) const {
    const Engine* engine = find_engine(agent);
    if (engine == nullptr) return false;
    const auto name = names_.reverse(address);
    if (!name) return false;
    const bool is_theirs =
        std::any_of(std::begin(engine->domains), std::end(engine->domains),
                    [&](std::string_view domain) { return !domain.empty() && name->ends_with(domain); });
    if (!is_theirs) return false;
    const auto addresses = names_.forward(*name);
    return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
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

#include "ground/dns/testing/name_server.h"

#include <charconv>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/base/text.h"

namespace dns::testing {

namespace {

std::string number16(std::size_t number) {
    return {static_cast<char>(number >> 8 & 0xFF), static_cast<char>(number & 0xFF)};
}

std::string name_bytes(std::string_view name) {
    std::string bytes;
    for (const std::string_view label : base::split(name, '.'))
        bytes += static_cast<char>(label.size()) + std::string(label);
    return bytes + '\0';
}

/// What stands between the first and the last quote.
std::string unquoted(const std::string& text) {
    const auto begin = text.find('"');
    return text.substr(begin + 1, text.rfind('"') - begin - 1);
}

std::string data_bytes(Type type, const std::string& text) {
    unsigned char raw[16];
    const std::size_t blank = text.find(' ');
    switch (type) {
        case Type::A:
            return ::inet_pton(AF_INET, text.c_str(), raw) == 1 ? std::string(raw, raw + 4) : "";
        case Type::Aaaa:
            return ::inet_pton(AF_INET6, text.c_str(), raw) == 1 ? std::string(raw, raw + 16) : "";
        case Type::Ns:
        case Type::Cname:
            return name_bytes(text);
        case Type::Mx:
            return number16(std::stoul(text)) + name_bytes(text.substr(blank + 1));
        case Type::Txt: {
            std::string bytes, all = unquoted(text);
            for (; all.size() > 255; all.erase(0, 255)) bytes += '\xFF' + all.substr(0, 255);
            return bytes + static_cast<char>(all.size()) + all;
        }
        case Type::Caa: {
            const std::string tag = text.substr(blank + 1, text.find(' ', blank + 1) - blank - 1);
            return static_cast<char>(std::stoul(text)) + std::string(1, static_cast<char>(tag.size())) + tag +
                   unquoted(text);
        }
    }
    return "";
}

int bind_to(const sys::Descriptor& socket, int port) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    at.sin_port = htons(static_cast<std::uint16_t>(port));
    socklen_t length = sizeof at;
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&at), length) != 0) return 0;
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&at), &length);
    return ntohs(at.sin_port);
}

bool is_ready(int socket) {
    pollfd waiting{socket, POLLIN, 0};
    return ::poll(&waiting, 1, 50) > 0;
}

}  // namespace

NameServer::NameServer() {
    for (int attempt = 0; attempt < 20 && port_ == 0; ++attempt) {
        datagrams_ = sys::Descriptor(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        streams_ = sys::Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const int port = bind_to(datagrams_, 0);
        if (port != 0 && bind_to(streams_, port) == port && ::listen(streams_.get(), 8) == 0) port_ = port;
    }
    if (port_ == 0) throw base::Error(base::Kind::Unavailable, "no port for the name server");
    threads_.emplace_back([this] { answer_datagrams(); });
    threads_.emplace_back([this] { answer_streams(); });
}

NameServer::~NameServer() {
    is_over_ = true;
}

std::string NameServer::address() const {
    return fmt::format("127.0.0.1:{}", port_);
}

void NameServer::set(const std::string& name, Type type, std::uint32_t ttl, std::vector<std::string> data) {
    const std::lock_guard lock(mutex_);
    records_[{name, type}] = {ttl, std::move(data)};
}

std::string NameServer::reply(const std::string& query, bool may_cut) {
    ++questions;
    std::string name, reply = query;
    std::size_t at = 12;
    while (at < query.size() && query[at] != 0) {
        const auto length = static_cast<std::size_t>(static_cast<unsigned char>(query[at]));
        name += (name.empty() ? "" : ".") + query.substr(at + 1, length);
        at += length + 1;
    }
    const auto asked = static_cast<Type>(static_cast<unsigned char>(query.at(at + 1)) << 8 |
                                         static_cast<unsigned char>(query.at(at + 2)));
    reply.resize(at + 5);
    std::size_t count = 0;
    bool is_known = false;
    const std::lock_guard lock(mutex_);
    const auto add = [&](const std::string& of, Type type) -> const std::string* {
        const auto found = records_.find({of, type});
        if (found == records_.end()) return nullptr;
        is_known = true;
        const auto ttl = found->second.first;
        for (const std::string& data : found->second.second) {
            const std::string bytes = data_bytes(type, data);
            reply += name_bytes(of) + number16(static_cast<std::size_t>(type)) + number16(1) + number16(ttl >> 16) +
                     number16(ttl & 0xFFFF) + number16(bytes.size()) + bytes;
            ++count;
        }
        return found->second.second.empty() ? nullptr : &found->second.second.front();
    };
    if (const std::string* target = asked == Type::Cname ? nullptr : add(name, Type::Cname))
        add(*target, asked);
    else
        add(name, asked);
    for (const auto& [key, value] : records_) is_known = is_known || key.first == name;
    const bool is_cut = may_cut && reply.size() > 512;
    if (is_cut) reply.resize(at + 5), count = 0;
    reply[2] = static_cast<char>(0x84 | (is_cut ? 0x02 : 0) | 0x01);
    reply[3] = static_cast<char>(0x80 | (code != 0 ? code.load() : is_known ? 0 : 3));
    reply.replace(6, 2, number16(count));
    return reply;
}

void NameServer::answer_datagrams() {
    while (!is_over_) {
        if (!is_ready(datagrams_.get())) continue;
        char bytes[512];
        sockaddr_in from{};
        socklen_t length = sizeof from;
        const ssize_t got =
            ::recvfrom(datagrams_.get(), bytes, sizeof bytes, 0, reinterpret_cast<sockaddr*>(&from), &length);
        if (got < 17 || is_silent) continue;
        const std::string sent = reply({bytes, static_cast<std::size_t>(got)}, true);
        ::sendto(datagrams_.get(), sent.data(), sent.size(), 0, reinterpret_cast<const sockaddr*>(&from), length);
    }
}

void NameServer::answer_streams() {
    while (!is_over_) {
        if (!is_ready(streams_.get())) continue;
        const sys::Descriptor peer(::accept4(streams_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        char bytes[514];
        std::size_t got = 0;
        while (peer && got < 19 && is_ready(peer.get())) {
            const ssize_t more = ::recv(peer.get(), bytes + got, sizeof bytes - got, 0);
            if (more <= 0) break;
            got += static_cast<std::size_t>(more);
        }
        if (got < 19 || is_silent) continue;
        const std::string answer = reply({bytes + 2, got - 2}, false);
        const std::string sent = number16(answer.size()) + answer;
        if (::send(peer.get(), sent.data(), sent.size(), MSG_NOSIGNAL) < 0) continue;
    }
}

}  // namespace dns::testing

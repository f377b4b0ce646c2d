#include "watch/log_archive/mask.h"

#include <algorithm>
#include <array>
#include <optional>

#include <arpa/inet.h>
#include <fmt/format.h>

#include "ground/base/text.h"
#include "ground/sys/crypto.h"
#include "watch/logs/access_line.h"

namespace log_archive {

namespace {

constexpr std::string_view kRule[] = {
    "IPアドレスは、IPv4では末尾の1つ（/24より下）、IPv6では/48より下を0にしました。",
    "ログイン名、氏名などの名前は、同じ名前が同じ語になる置換え語（name-…）にしました。",
    "メールアドレスは、同じアドレスが同じ語になる置換え語（mail-…）にしました。",
    "URLの?より後（検索語などのパラメータ）は取り除き、?-としました。",
};

// Words after which a name follows: "user=sato", "for invalid user sato", "\"login\":\"sato\"".
constexpr std::string_view kNameWords[] = {"user",  "login",   "username",    "login_name", "account",    "name",
                                           "ruser", "logname", "remote_user", "who",        "person_name"};

bool is_token(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == ':' ||
           c == '_' || c == '%' || c == '+' || c == '@' || c == '-';
}

/// "192.0.2.7" => "192.0.2.0".
std::optional<std::string> masked_v4(std::string_view text) {
    in_addr address{};
    if (text.size() < 7 || text.size() > 15 || ::inet_pton(AF_INET, std::string(text).c_str(), &address) != 1)
        return std::nullopt;
    return std::string(text.substr(0, text.rfind('.') + 1)) + "0";
}

/// "2001:db8:1:2::3" => "2001:db8:1::"; an IPv4 address inside is masked as one.
std::optional<std::string> masked_v6(std::string_view text) {
    std::array<unsigned char, 16> bytes{};
    if (text.size() < 2 || text.size() > 45 || ::inet_pton(AF_INET6, std::string(text).c_str(), bytes.data()) != 1)
        return std::nullopt;
    const bool is_v4 = std::all_of(bytes.begin(), bytes.begin() + 10, [](unsigned char b) { return b == 0; }) &&
                       bytes[10] == 0xFF && bytes[11] == 0xFF;
    if (is_v4)
        bytes[15] = 0;
    else
        std::fill(bytes.begin() + 6, bytes.end(), static_cast<unsigned char>(0));
    char shown[INET6_ADDRSTRLEN];
    return ::inet_ntop(AF_INET6, bytes.data(), shown, sizeof shown) == nullptr ? std::string("::") : std::string(shown);
}

/// Where the quoted text ends in which `at` stands: at its quote, or at the line's end.
std::size_t end_of_quoted(std::string_view line, std::size_t at) {
    for (; at < line.size() && line[at] != '"'; ++at)
        if (line[at] == '\\') ++at;
    return std::min(at, line.size());
}

/// Who asked, in a line of an access log: "192.0.2.7 - sato [22/Nov/2026:...". Where the name begins and ends.
std::optional<std::pair<std::size_t, std::size_t>> find_remote_user(std::string_view line) {
    const auto bracket = line.substr(0, 400).find(" [");
    if (bracket == line.npos || line.size() < bracket + 28 || !logs::read_access_time(line.substr(bracket + 2, 26)))
        return std::nullopt;
    const auto first = line.find(' ');
    const auto second = line.find(' ', first + 1);
    if (second + 1 >= bracket || line.substr(second + 1, bracket - second - 1) == "-") return std::nullopt;
    return std::pair{second + 1, bracket};
}

}  // namespace

std::span<const std::string_view> mask_rule() {
    return kRule;
}

void Masked::add(const Masked& other) {
    addresses += other.addresses;
    names += other.names;
    mails += other.mails;
    queries += other.queries;
}

std::string Masker::word_of(std::string_view name) const {
    return sys::sha256(secret_ + "\n" + std::string(name)).hex().substr(0, 10);
}

void Masker::put_name(std::string_view name, std::string& to) {
    to += "name-" + word_of(name);
    ++counts_.names;
}

/// "mailto:sato@city.example.jp", also with %40.
bool Masker::put_mail(std::string_view token, std::string& to) {
    std::size_t at = token.find('@'), length = 1;
    if (at == token.npos) at = token.find("%40"), length = 3;
    if (at == token.npos || at == 0 || token.find('.', at) == token.npos) return false;
    const std::size_t colon = token.rfind(':', at);
    const std::size_t begin = colon == token.npos ? 0 : colon + 1;
    if (begin == at) return false;
    std::string_view domain = token.substr(at + length);
    domain = domain.substr(0, domain.find(':'));
    to += token.substr(0, begin);
    to += "mail-" + word_of(fmt::format("{}@{}", token.substr(begin, at - begin), domain));
    to += token.substr(std::min(token.size(), at + length + domain.size()));
    ++counts_.mails;
    return true;
}

void Masker::put_token(std::string_view token, std::string& to) {
    if (put_mail(token, to)) return;
    std::string_view core = token;
    while (core.ends_with('.') || (core.ends_with(':') && !core.ends_with("::"))) core.remove_suffix(1);
    const std::string_view zoneless = core.substr(0, core.find('%'));
    if (std::count(core.begin(), core.end(), ':') >= 2)
        if (const auto masked = masked_v6(zoneless)) {
            to += *masked;
            to += token.substr(core.size());
            ++counts_.addresses;
            return;
        }
    if (core.find('.') == core.npos) {
        to += token;
        return;
    }
    // "192.0.2.7", "192.0.2.7:443", "client:192.0.2.7".
    bool is_first = true;
    for (const std::string_view part : base::split(core, ':')) {
        if (!is_first) to += ':';
        is_first = false;
        if (const auto masked = masked_v4(part)) {
            to += *masked;
            ++counts_.addresses;
        } else {
            to += part;
        }
    }
    to += token.substr(core.size());
}

void Masker::mask(std::string_view line, std::string& to) {
    bool is_quoted = false;
    std::string_view before;  // the word before this one
    const auto user = find_remote_user(line);
    for (std::size_t at = 0; at < line.size();) {
        if (user && at == user->first) {
            put_name(line.substr(user->first, user->second - user->first), to);
            at = user->second;
            continue;
        }
        const char c = line[at];
        if (c == '"') is_quoted = !is_quoted;
        if (c == '\\' && at + 1 < line.size()) {
            to += line.substr(at, 2);
            at += 2;
            continue;
        }
        if (c == '?' && at + 1 < line.size() && line[at + 1] != ' ' && line[at + 1] != '"') {
            std::size_t end =
                is_quoted ? end_of_quoted(line, at) : std::min(line.find_first_of(" \t", at), line.size());
            if (is_quoted)
                if (const auto version = line.substr(at, end - at).rfind(" HTTP/"); version != line.npos)
                    end = at + version;
            to += "?-";
            ++counts_.queries;
            at = end;
            continue;
        }
        if (!is_token(c)) {
            to += c;
            ++at;
            continue;
        }
        std::size_t end = at;
        while (end < line.size() && is_token(line[end])) ++end;
        const std::string_view token = line.substr(at, end - at);
        // A word of names may have its colon with it: "user: sato".
        std::string_view word = token;
        while (word.ends_with(':')) word.remove_suffix(1);
        const bool is_name_word =
            std::any_of(std::begin(kNameWords), std::end(kNameWords),
                        [&](std::string_view one) { return base::equals_ignoring_case(one, word); }) ||
            (word == "for" && (before == "password" || before == "publickey"));
        if (!is_name_word) {
            put_token(token, to);
            before = token;
            at = end;
            continue;
        }
        before = word;
        to += token;
        at = end;
        if (line.substr(at).starts_with("\":\"")) {  // a string of a JSON object
            to += "\":\"";
            const std::size_t close = end_of_quoted(line, at + 3);
            if (close > at + 3) put_name(line.substr(at + 3, close - at - 3), to);
            at = close;
            is_quoted = true;
            continue;
        }
        const std::size_t start = std::min(line.find_first_not_of("= :'<([", at), line.size());
        if (start == at && token == word) continue;
        to += line.substr(at, start - at);
        at = start;
        if (at < line.size() && line[at] == '"') {
            to += '"';
            const std::size_t close = end_of_quoted(line, at + 1);
            if (close > at + 1) put_name(line.substr(at + 1, close - at - 1), to);
            at = close;
            is_quoted = true;
            continue;
        }
        end = at;
        while (end < line.size() && line[end] != ' ' && line[end] != ',' && line[end] != '"' && line[end] != '>' &&
               line[end] != '\'' && line[end] != ')' && line[end] != ']' && line[end] != '(' && line[end] != ';')
            ++end;
        const std::string_view name = line.substr(at, end - at);
        // "invalid user", "user agent", "user name": the word after those.
        if (name.empty() || name == "agent" || name == "name" || name == "user" || name == "invalid" || name == "from")
            continue;
        put_name(name, to);
        at = end;
    }
}

}  // namespace log_archive

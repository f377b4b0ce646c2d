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

// What a character may mean for the word that it stands in. Lines by the ten million go through here, and nearly all
// words are none of ours: one look a character has to tell.
enum Trait : std::uint8_t { kInToken = 1, kDot = 2, kColon = 4, kMail = 8, kNoNumber = 16 };

constexpr auto kTraits = [] {
    std::array<std::uint8_t, 256> traits{};
    for (int c = '0'; c <= '9'; ++c) traits[static_cast<std::size_t>(c)] = kInToken;
    for (int c = 'a'; c <= 'z'; ++c) {
        traits[static_cast<std::size_t>(c)] = kInToken | kNoNumber;
        traits[static_cast<std::size_t>(c - 'a' + 'A')] = kInToken | kNoNumber;
    }
    for (const char c : {'_', '+', '-'}) traits[static_cast<std::size_t>(c)] = kInToken | kNoNumber;
    traits['.'] = kInToken | kDot;
    traits[':'] = kInToken | kColon;
    traits['@'] = traits['%'] = kInToken | kMail | kNoNumber;  // %40 is an @ too
    return traits;
}();

std::uint8_t traits_of(char c) {
    return kTraits[static_cast<unsigned char>(c)];
}

bool is_name_word(std::string_view word) {
    if (word.size() < 3 || word.size() > 11) return false;
    return std::any_of(std::begin(kNameWords), std::end(kNameWords), [&](std::string_view one) {
        return one.size() == word.size() && (one.front() | 0x20) == (word.front() | 0x20) &&
               base::equals_ignoring_case(one, word);
    });
}

/// "192.0.2.7" => "192.0.2.": strictly four decimal numbers, as inet_pton reads them.
std::optional<std::string_view> network_of_v4(std::string_view text) {
    if (text.size() < 7 || text.size() > 15) return std::nullopt;
    std::size_t at = 0, last = 0;
    for (int number = 0; number < 4; ++number) {
        if (number > 0 && (at == text.size() || text[at++] != '.')) return std::nullopt;
        last = at;
        int value = 0;
        while (at < text.size() && text[at] >= '0' && text[at] <= '9' && at - last < 3)
            value = value * 10 + (text[at++] - '0');
        if (at == last || value > 255 || (at - last > 1 && text[last] == '0')) return std::nullopt;
    }
    return at == text.size() ? std::optional(text.substr(0, last)) : std::nullopt;
}

/// "2001:db8:1:2::3" => "2001:db8:1::"; an IPv4 address inside is masked as one.
std::optional<std::string> masked_v6(std::string_view text) {
    if (text.size() < 2 || text.size() > 45) return std::nullopt;
    if (text.find("::") == text.npos && std::count(text.begin(), text.end(), ':') < 6) return std::nullopt;  // a time
    std::array<unsigned char, 16> bytes{};
    if (::inet_pton(AF_INET6, std::string(text).c_str(), bytes.data()) != 1) return std::nullopt;
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
    if (bracket == line.npos || line.size() < bracket + 28) return std::nullopt;
    const auto first = line.find(' ');
    const auto second = line.find(' ', first + 1);
    if (second + 1 >= bracket || line.substr(second + 1, bracket - second - 1) == "-" ||
        !logs::read_access_time(line.substr(bracket + 2, 26)))
        return std::nullopt;
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

bool Masker::put_token(std::string_view token, std::uint8_t traits) {
    std::string& to = shown_;
    to.clear();
    if ((traits & kMail) != 0 && put_mail(token, to)) return true;
    std::string_view core = token;
    while (core.ends_with('.') || (core.ends_with(':') && !core.ends_with("::"))) core.remove_suffix(1);
    const std::string_view zoneless = core.substr(0, core.find('%'));
    if ((traits & kColon) != 0 && std::count(core.begin(), core.end(), ':') >= 2)
        if (const auto masked = masked_v6(zoneless)) {
            to += *masked;
            to += token.substr(core.size());
            ++counts_.addresses;
            return true;
        }
    if ((traits & kDot) == 0 || (traits & (kColon | kNoNumber)) == kNoNumber) return false;
    // "192.0.2.7", "192.0.2.7:443", "client:192.0.2.7".
    bool is_put = false;
    std::size_t copied = 0;
    for (std::size_t begin = 0; begin <= core.size();) {
        const std::size_t end = std::min(core.find(':', begin), core.size());
        if (const auto network = network_of_v4(core.substr(begin, end - begin))) {
            to += core.substr(copied, begin - copied);
            to += *network;
            to += '0';
            ++counts_.addresses;
            copied = end;
            is_put = true;
        }
        begin = end + 1;
    }
    if (is_put) to += token.substr(copied);
    return is_put;
}

void Masker::mask(std::string_view line, std::string& to) {
    bool is_quoted = false;
    std::string_view before;  // the word before this one
    const auto user = find_remote_user(line);
    std::size_t copied = 0;  // what is kept goes over in one piece, up to the next thing that is not
    const auto copy_to = [&](std::size_t end) {
        to += line.substr(copied, end - copied);
        copied = end;
    };
    const auto name = [&](std::size_t begin, std::size_t end) {
        copy_to(begin);
        put_name(line.substr(begin, end - begin), to);
        copied = end;
    };
    for (std::size_t at = 0; at < line.size();) {
        if (user && at == user->first) {
            name(user->first, user->second);
            at = user->second;
            continue;
        }
        const char c = line[at];
        if ((traits_of(c) & kInToken) == 0) {
            if (c == '"') is_quoted = !is_quoted;
            if (c == '\\' && at + 1 < line.size()) {
                at += 2;
                continue;
            }
            if (c == '?' && at + 1 < line.size() && line[at + 1] != ' ' && line[at + 1] != '"') {
                std::size_t end =
                    is_quoted ? end_of_quoted(line, at) : std::min(line.find_first_of(" \t", at), line.size());
                if (is_quoted)
                    if (const auto version = line.substr(at, end - at).rfind(" HTTP/"); version != line.npos)
                        end = at + version;
                copy_to(at);
                to += "?-";
                ++counts_.queries;
                copied = at = end;
                continue;
            }
            ++at;
            continue;
        }
        std::size_t end = at;
        std::uint8_t traits = 0;  // of all its characters
        for (; end < line.size() && (traits_of(line[end]) & kInToken) != 0; ++end) traits |= traits_of(line[end]);
        const std::string_view token = line.substr(at, end - at);
        // A word of names may have its colon with it: "user: sato".
        std::string_view word = token;
        while (word.ends_with(':')) word.remove_suffix(1);
        if (!is_name_word(word) && !(word == "for" && (before == "password" || before == "publickey"))) {
            if ((traits & (kDot | kColon | kMail)) != 0 && put_token(token, traits)) {
                copy_to(at);
                to += shown_;
                copied = end;
            }
            before = token;
            at = end;
            continue;
        }
        before = word;
        at = end;
        if (line.substr(at).starts_with("\":\"")) {  // a string of a JSON object
            const std::size_t close = end_of_quoted(line, at + 3);
            if (close > at + 3) name(at + 3, close);
            at = close;
            is_quoted = true;
            continue;
        }
        const std::size_t start = std::min(line.find_first_not_of("= :'<([", at), line.size());
        if (start == at && token == word) continue;
        at = start;
        if (at < line.size() && line[at] == '"') {
            const std::size_t close = end_of_quoted(line, at + 1);
            if (close > at + 1) name(at + 1, close);
            at = close;
            is_quoted = true;
            continue;
        }
        end = at;
        while (end < line.size() && line[end] != ' ' && line[end] != ',' && line[end] != '"' && line[end] != '>' &&
               line[end] != '\'' && line[end] != ')' && line[end] != ']' && line[end] != '(' && line[end] != ';')
            ++end;
        const std::string_view said = line.substr(at, end - at);
        // "invalid user", "user agent", "user name": the word after those.
        if (said.empty() || said == "agent" || said == "name" || said == "user" || said == "invalid" || said == "from")
            continue;
        name(at, end);
        at = end;
    }
    copy_to(line.size());
}

}  // namespace log_archive

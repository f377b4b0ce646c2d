#include "ground/http/request_head.h"

#include <array>

#include "ground/base/text.h"

namespace http {
namespace {

enum : unsigned char { kToken = 1, kTargetByte = 2, kValueByte = 4, kHostByte = 8, kDigit = 16 };

constexpr std::array<unsigned char, 256> make_classes() {
    std::array<unsigned char, 256> classes{};
    for (unsigned c = 0; c < 256; ++c) {
        const bool is_digit = c >= '0' && c <= '9';
        const bool is_alnum = is_digit || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        unsigned char& bits = classes[c];
        if (is_digit) bits |= kDigit;
        if (is_alnum) bits |= kToken | kHostByte;
        for (const char mark : std::string_view("!#$%&'*+-.^_`|~"))
            if (c == static_cast<unsigned char>(mark)) bits |= kToken;
        for (const char mark : std::string_view(".-_:[]"))
            if (c == static_cast<unsigned char>(mark)) bits |= kHostByte;
        // Browsers leave some of what RFC 3986 forbids bare in a query ("|", "{"), never these four.
        if (c > 0x20 && c < 0x7f && c != '#' && c != '"' && c != '<' && c != '>') bits |= kTargetByte;
        if (c == '\t' || (c >= 0x20 && c != 0x7f)) bits |= kValueByte;
    }
    return classes;
}
constexpr auto kClasses = make_classes();

bool is_all(std::string_view text, unsigned char wanted) {
    for (const char c : text)
        if ((kClasses[static_cast<unsigned char>(c)] & wanted) == 0) return false;
    return true;
}

std::optional<Refusal> refuse(int status, std::string_view why) {
    return Refusal{status, why};
}

/// Cuts the next line off `rest`; the caller knows that each ends with CRLF.
std::string_view next_line(std::string_view& rest) {
    const std::size_t end = rest.find("\r\n");
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    return line;
}

std::optional<Refusal> check_request_line(std::string_view line, bool& is_new) {
    const std::size_t first = line.find(' ');
    if (first == std::string_view::npos) return refuse(400, "The request line is not one.");
    const std::size_t second = line.find(' ', first + 1);
    if (second == std::string_view::npos) return refuse(400, "The request line is not one.");
    const std::string_view method = line.substr(0, first);
    const std::string_view target = line.substr(first + 1, second - first - 1);
    const std::string_view version = line.substr(second + 1);
    if (method.empty() || method.size() > 32 || !is_all(method, kToken)) return refuse(400, "The method is not one.");
    if (version != "HTTP/1.1" && version != "HTTP/1.0") {
        const bool is_other = version.size() == 8 && version.starts_with("HTTP/") &&
                              is_all(version.substr(5, 1), kDigit) && version[6] == '.' &&
                              is_all(version.substr(7, 1), kDigit) && version[5] != '1';
        return is_other ? refuse(505, "This server speaks HTTP/1.1.") : refuse(400, "The HTTP version is not one.");
    }
    is_new = version == "HTTP/1.1";
    if (target.size() > kMostTarget) return refuse(414, "The address is too long.");
    if (target.empty() || target[0] != '/' || !is_all(target, kTargetByte))
        return refuse(400, "The address is not a path.");
    return std::nullopt;
}

/// uri-host [ ":" port ], in the characters that our names and addresses have.
bool is_host(std::string_view value) {
    if (value.empty() || !is_all(value, kHostByte)) return false;
    std::size_t port = std::string_view::npos;
    if (value[0] == '[') {
        const std::size_t close = value.find(']');
        if (close == std::string_view::npos || close < 3) return false;
        if (value.substr(1, close - 1).find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos)
            return false;
        if (close + 1 < value.size()) {
            if (value[close + 1] != ':') return false;
            port = close + 2;
        }
    } else {
        const std::size_t colon = value.find(':');
        if (colon == 0 || value.find_first_of("[]") != std::string_view::npos) return false;
        if (colon != std::string_view::npos) port = colon + 1;
    }
    return port == std::string_view::npos || (value.size() - port <= 5 && is_all(value.substr(port), kDigit));
}

struct Framing {
    int hosts = 0;
    int lengths = 0;
    int codings = 0;
};

std::optional<Refusal> check_field(std::string_view line, bool is_new, Framing& seen) {
    if (line[0] == ' ' || line[0] == '\t') return refuse(400, "A header field is folded over two lines.");
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return refuse(400, "A header line has no colon.");
    const std::string_view name = line.substr(0, colon);
    if (name.empty() || !is_all(name, kToken)) return refuse(400, "A header field's name is not one.");
    if (!is_all(line.substr(colon + 1), kValueByte)) return refuse(400, "A header field holds a control character.");
    const std::string_view value = base::trim(line.substr(colon + 1));
    if (base::equals_ignoring_case(name, "host")) {
        if (++seen.hosts > 1) return refuse(400, "There are two Host fields.");
        if (!is_host(value)) return refuse(400, "The Host field is not a host.");
    } else if (base::equals_ignoring_case(name, "content-length")) {
        if (++seen.lengths > 1) return refuse(400, "There are two Content-Length fields.");
        if (value.empty() || value.size() > 18 || !is_all(value, kDigit))
            return refuse(400, "Content-Length is no number.");
    } else if (base::equals_ignoring_case(name, "transfer-encoding")) {
        if (++seen.codings > 1) return refuse(400, "There are two Transfer-Encoding fields.");
        if (!is_new) return refuse(400, "HTTP/1.0 has no Transfer-Encoding.");
        if (!base::equals_ignoring_case(value, "chunked"))
            return refuse(501, "The only Transfer-Encoding taken is chunked.");
    } else if (base::equals_ignoring_case(name, "expect")) {
        if (!base::equals_ignoring_case(value, "100-continue")) return refuse(417, "The expectation is unknown.");
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::size_t> find_head_end(std::string_view bytes, std::size_t& looked, std::optional<Refusal>& refusal) {
    while (true) {
        const std::size_t feed = bytes.find('\n', looked);
        if (feed == std::string_view::npos) {
            looked = bytes.size();
            return std::nullopt;
        }
        if (feed == 0 || bytes[feed - 1] != '\r') {
            refusal = refuse(400, "A line ends without CR.");
            return std::nullopt;
        }
        looked = feed + 1;
        if (feed >= 3 && bytes[feed - 2] == '\n') return feed + 1;
    }
}

std::optional<Refusal> check_head(std::string_view head) {
    if (!head.ends_with("\r\n\r\n")) return refuse(400, "The head does not end.");
    // Below, no class of bytes has CR, LF or NUL, so that a bare one is refused wherever it stands.
    std::string_view rest = head;
    bool is_new = false;
    if (auto refused = check_request_line(next_line(rest), is_new)) return refused;
    Framing seen;
    std::size_t fields = 0;
    while (true) {
        const std::string_view line = next_line(rest);
        if (line.empty()) break;
        if (++fields > kMostFields) return refuse(431, "There are too many header fields.");
        if (auto refused = check_field(line, is_new, seen)) return refused;
    }
    if (!rest.empty()) return refuse(400, "Bytes follow the head.");
    if (is_new && seen.hosts == 0) return refuse(400, "There is no Host field.");
    if (seen.codings > 0 && seen.lengths > 0)
        return refuse(400, "Content-Length and Transfer-Encoding contradict each other.");
    return std::nullopt;
}

std::optional<Target> parse_target(std::string_view target) {
    if (target.empty() || target[0] != '/') return std::nullopt;
    Target parsed;
    const std::size_t question = target.find('?');
    parsed.path = target.substr(0, question);
    std::string_view rest = std::string_view(parsed.path).substr(1);
    while (true) {
        const std::size_t slash = rest.find('/');
        const std::string_view raw = rest.substr(0, slash);
        if (raw.find('%') == std::string_view::npos) {
            parsed.segments.emplace_back(raw);
        } else {
            auto decoded = base::percent_decode(raw);
            if (!decoded) return std::nullopt;
            parsed.segments.push_back(std::move(*decoded));
        }
        const std::string& segment = parsed.segments.back();
        if (segment == "." || segment == ".." || segment.find('\0') != std::string::npos) return std::nullopt;
        if (slash == std::string_view::npos) break;
        rest.remove_prefix(slash + 1);
    }
    if (question != std::string_view::npos) {
        auto query = parse_urlencoded(target.substr(question + 1));
        if (!query) return std::nullopt;
        parsed.query = std::move(*query);
    }
    return parsed;
}

}  // namespace http

// A script that carries a long packed text and runs what comes out of it. Packed text alone is no sin (fonts, pictures
// and compiled modules stand in scripts too): it is the running that counts, close by.
#include <algorithm>
#include <array>
#include <cmath>

#include "watch/content/rules.h"

namespace content {

namespace {

constexpr std::size_t kLongest = 600;  ///< characters of a literal that people no longer write by hand
constexpr double kPacked = 4.8;        ///< bits a character; prose and code have about 4.2, base64 5.8, hexadecimal 4
constexpr std::size_t kNear = 4000;    ///< between the text and what runs it

double entropy(std::string_view text) {
    std::array<std::size_t, 256> counts{};
    for (const char c : text) ++counts[static_cast<unsigned char>(c)];
    double bits = 0;
    for (const std::size_t count : counts) {
        if (count == 0) continue;
        const double share = static_cast<double>(count) / static_cast<double>(text.size());
        bits -= share * std::log2(share);
    }
    return bits;
}

/// Only digits, letters and the few signs of packed forms: no blanks, no words.
bool is_packed(std::string_view literal) {
    if (literal.find_first_of(" \n\t") != std::string_view::npos) return false;
    const bool is_hex = literal.find_first_not_of("0123456789abcdefABCDEFx\\%u,") == std::string_view::npos;
    return is_hex || entropy(literal) > kPacked;
}

bool runs_code(std::string_view code) {
    for (const std::string_view word :
         {"eval(", "eval (", "Function(", "document.write(unescape", "document.write(atob", "document.write(decode",
          "setTimeout(atob", "['constructor']"}) {
        for (auto at = code.find(word); at != std::string_view::npos; at = code.find(word, at + 1)) {
            const char before = at == 0 ? ' ' : code[at - 1];
            if (std::isalnum(static_cast<unsigned char>(before)) == 0 && before != '_' && before != '$') return true;
        }
    }
    return false;
}

std::vector<Finding> run(const Subject& subject) {
    std::vector<Finding> found;
    for (const html::Span& script : subject.scripts()) {
        const std::string_view code = script.of(subject.text());
        if (code.size() < kLongest || !runs_code(code)) continue;
        for (std::size_t at = code.find_first_of("'\"`"); at < code.size(); at = code.find_first_of("'\"`", at)) {
            std::size_t end = code.find(code[at], at + 1);
            if (end == std::string_view::npos) break;
            const std::string_view literal = code.substr(at + 1, end - at - 1);
            const std::size_t from = at > kNear ? at - kNear : 0;
            if (literal.size() >= kLongest && is_packed(literal) &&
                (runs_code(code.substr(from, at - from)) || runs_code(code.substr(end, kNear))))
                found.push_back({script.begin + at, 200, signals::Severity::Serious});
            at = end + 1;
        }
    }
    return found;
}

}  // namespace

extern const Rule packed_payload{"packed-payload", "圧縮・暗号化した長い文字列を展開して実行するプログラムです。", run};

}  // namespace content

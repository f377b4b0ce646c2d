// See lines.h.
#include "ground/release/inside/lines.h"

#include <algorithm>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"

namespace release::inside {

std::string_view Lines::take() {
    ++line_;
    const auto end = text_.find('\n', at_);
    if (end == std::string_view::npos) fail(at_end() ? "the text ends too early" : "the last line has no end");
    const auto line = text_.substr(at_, end - at_);
    at_ = end + 1;
    return line;
}

std::string_view Lines::take(std::string_view word) {
    const auto line = take();
    if (!line.starts_with(word) || line.size() <= word.size() || line[word.size()] != ' ')
        fail(fmt::format("\"{}\" should stand here", word));
    return line.substr(word.size() + 1);
}

void Lines::need_line(std::string_view line) {
    if (take() != line) fail(fmt::format("\"{}\" should stand here", line));
}

void Lines::fail(const std::string& why) const {
    throw base::Error(base::Kind::Damaged, fmt::format("{}, line {}: {}", what_, line_, why));
}

std::int64_t Lines::number(std::string_view digits) const {
    const auto value = find_number(digits);
    if (!value) fail("a number is not well formed");
    return *value;
}

base::Hash Lines::hash(std::string_view hex) const {
    const auto value = base::Hash::find_hex(hex);
    if (!value) fail("a hash is not 64 lower-case hexadecimal digits");
    return *value;
}

std::int64_t Lines::take_number(std::string_view word) {
    return number(take(word));
}
base::Hash Lines::take_hash(std::string_view word) {
    return hash(take(word));
}

base::Instant Lines::take_time(std::string_view word) {
    const auto at = base::parse_utc(take(word));
    if (!at) fail("the time is not of the form 2026-11-22T00:53:13.123Z");
    return *at;
}

Signature Lines::take_signature() {
    const auto text = take("signature");
    const auto space = text.find(' ');
    if (space == std::string_view::npos || !is_key_id(text.substr(0, space))) fail("the signature names no key");
    const auto bytes = base::from_base64(text.substr(space + 1));
    if (!bytes || bytes->size() != 64) fail("the signature is not 64 bytes in base64");
    return {std::string(text.substr(0, space)), *bytes};
}

std::optional<std::int64_t> find_number(std::string_view digits) {
    if (digits.empty() || digits.size() > 15 || (digits.size() > 1 && digits[0] == '0')) return std::nullopt;
    std::int64_t value = 0;
    for (const char c : digits) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    return value;
}

std::string encode_field(std::string_view value) {
    if (value.empty()) return "-";
    if (value == "-") return "%2D";
    return base::percent_encode(value);
}

std::optional<std::string> decode_field(std::string_view text) {
    if (text == "-") return std::string();
    auto value = base::percent_decode(text);
    if (!value || encode_field(*value) != text) return std::nullopt;
    return value;
}

namespace {

bool is_made_of(std::string_view text, std::string_view marks) {
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || marks.find(c) != std::string_view::npos;
    });
}

constexpr std::string_view kCapitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

bool is_printable_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

/// type/subtype of RFC 6838 section 4.2, lower case.
bool is_media_type(std::string_view type) {
    const auto slash = type.find('/');
    return slash != std::string_view::npos && slash > 0 && slash + 1 < type.size() && type.size() <= 127 &&
           is_made_of(type.substr(0, slash), "!#$&-^_.+") && is_made_of(type.substr(slash + 1), "!#$&-^_.+");
}

bool is_redirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::optional<std::string> find_headers_fault(const Entry& entry) {
    if (entry.headers.size() > 32) return "more than 32 headers";
    std::string_view before;
    for (const auto& [name, value] : entry.headers) {
        if (name.empty() || name.size() > 64 || !is_made_of(name, "-"))
            return fmt::format("the header name \"{}\"", base::percent_encode(name));
        if (name <= before) return fmt::format("the header {} is out of order or there twice", name);
        if (value.size() > 8192 || has_control(value)) return fmt::format("the value of the header {}", name);
        before = name;
    }
    return std::nullopt;
}

}  // namespace

bool is_site_id(std::string_view text) {
    return !text.empty() && text.size() <= 64 && is_made_of(text, std::string(kCapitals) + "._-");
}

bool is_key_id(std::string_view text) {
    return text.size() == 16 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string signature_line(const sys::SigningKey& key, std::string_view message) {
    return fmt::format("signature {} {}\n", key_id(key.public_key()), base::to_base64(key.sign(message)));
}

std::optional<std::string> find_entry_fault(const Entry& entry) {
    if (auto fault = find_path_fault(entry.path)) return fault;
    if (entry.size < 0 || entry.size > 999'999'999'999'999) return "the size";
    if (entry.mode > 0777) return "the mode";
    if (entry.status < 200 || entry.status > 599) return "the status";
    if (is_redirect(entry.status) != !entry.location.empty()) return "a redirect has a location, and nothing else has";
    if (entry.location.size() > 4096 || !is_printable_ascii(entry.location)) return "the location";
    if (entry.has_body()) {
        if (is_redirect(entry.status)) return "a redirect has no body";
        if (entry.type.empty()) return "a body needs a type";
    } else {
        if (!is_redirect(entry.status) && entry.status != 410) return "only redirects and 410 are without a body";
        if (entry.size != 0) return "a size without a body";
    }
    if (!entry.type.empty() && !is_media_type(entry.type)) return "the type";
    if (entry.charset.size() > 64 || entry.charset == "-" || !is_made_of(entry.charset, "._:-+"))
        return "the charset (lower case)";
    if (entry.source.size() > 256 || has_control(entry.source)) return "the source";
    return find_headers_fault(entry);
}

std::optional<std::string> find_head_fault(const Record& record) {
    if (!is_site_id(record.site)) return "the site id has letters, digits, \".\", \"_\" and \"-\" only, at most 64";
    if (record.number < 1 || record.number > kHighestNumber) return "the number is not between 1 and 99999999";
    if (record.files < 0 || record.bytes < 0) return "a negative figure";
    if (record.office.sequence < 0 || record.watch.sequence < 0) return "a negative ledger sequence";
    if (record.note.size() > 4000 || !base::is_utf8(record.note)) return "the note is not UTF-8 of at most 4,000 bytes";
    const bool is_rekey = record.kind == RecordKind::Rekey;
    if (is_rekey != (record.new_key.size() == 32))
        return "a rekey record announces a key of 32 bytes, and no other does";
    if (!is_rekey && !record.new_key.empty()) return "only a rekey record announces a key";
    if (is_rekey && !record.changes.empty()) return "a rekey record changes nothing else";
    const bool has_previous = record.previous != base::Hash{};
    if (record.kind == RecordKind::Checkpoint) {
        if (!has_previous) return "a checkpoint names the record that it stands for";
    } else if (has_previous != (record.number > 1)) {
        return "release 1 alone has no previous record";
    }
    if (record.number == 1 && (is_rekey || record.kind == RecordKind::Restored))
        return "release 1 is a takeover or a publication";
    return std::nullopt;
}

}  // namespace release::inside

// Writing and reading one line. The form is fixed to the byte, so a line is checked by composing its head again from
// what was read; only `detail` is kept as it stands.
#include "ground/ledger/line.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"

namespace ledger {

using base::Error;
using base::Kind;

namespace {

namespace json = boost::json;

constexpr std::size_t kWordLimit = 512;
constexpr std::size_t kDetailLimit = 64U << 10;
constexpr std::size_t kLineLimit = kDetailLimit + 8 * kWordLimit;
constexpr std::int64_t kHighestSequence = 999'999'999'999'999;

bool is_word(std::string_view text, std::string_view marks) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || marks.find(c) != std::string_view::npos;
    });
}

/// Everything up to the detail.
std::string write_start(std::string_view stream, std::int64_t sequence, const Entry& entry) {
    return fmt::format(R"({{"stream":"{}","seq":{},"at":"{}","by":{},"act":"{}","subject":{},"detail":)", stream,
                       sequence, base::format_utc(entry.at), json::serialize(json::string_view(entry.by)), entry.act,
                       json::serialize(json::string_view(entry.subject)));
}

std::string write_end(const base::Hash& previous) {
    return fmt::format(R"(,"prev":"{}"}})", previous.hex());
}

std::optional<std::string> find_fault(std::string_view stream, std::int64_t sequence, const Entry& entry) {
    if (!is_word(stream, "-")) return "the stream's name";
    if (sequence < 1 || sequence > kHighestSequence) return "the sequence";
    if (!is_word(entry.act, ".-")) return "the act (lower case, digits, \".\" and \"-\")";
    if (entry.by.empty() || entry.by.size() > kWordLimit || !base::is_utf8(entry.by)) return "who did it";
    if (entry.subject.size() > kWordLimit || !base::is_utf8(entry.subject)) return "the subject";
    if (entry.by.find('\0') != std::string::npos || entry.subject.find('\0') != std::string::npos)
        return "a NUL in who did it or in the subject";
    return std::nullopt;
}

/// The one-line form of a JSON object; nothing when it is none.
std::optional<json::value> find_object(std::string_view text) {
    if (text.size() > kDetailLimit || !base::is_utf8(text)) return std::nullopt;
    json::error_code error;
    auto value = json::parse({text.data(), text.size()}, error);
    if (error || !value.is_object()) return std::nullopt;
    return value;
}

std::string text_of(const json::object& object, const char* name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return {};
    return std::string(value->as_string());
}

[[noreturn]] void fail(std::string_view why) {
    throw Error(Kind::Damaged, fmt::format("ledger line: {}", why));
}

}  // namespace

std::string write_line(std::string_view stream, const Head& after, const Entry& entry) {
    const std::int64_t sequence = after.sequence + 1;
    if (const auto fault = find_fault(stream, sequence, entry))
        throw Error(Kind::BadInput, fmt::format("ledger entry {}: {} is not well formed", entry.act, *fault));
    const auto detail = find_object(entry.detail);
    if (!detail)
        throw Error(Kind::BadInput,
                    fmt::format("ledger entry {}: the detail is not a JSON object of at most 64 KB", entry.act));
    std::string written = json::serialize(*detail);
    // 1e999 is read as infinity and would be written as no JSON.
    if (!find_object(written))
        throw Error(Kind::BadInput, fmt::format("ledger entry {}: a number in the detail is too large", entry.act));
    return write_start(stream, sequence, entry) + written + write_end(after.hash);
}

Line parse_line(std::string_view bytes) {
    if (bytes.size() > kLineLimit) fail("it is too long");
    if (!base::is_utf8(bytes)) fail("it is not UTF-8");
    if (bytes.find('\n') != std::string_view::npos) fail("it is more than one line");
    json::error_code error;
    const auto value = json::parse({bytes.data(), bytes.size()}, error);
    if (error || !value.is_object()) fail("it is not a JSON object");
    const auto& object = value.as_object();
    Line line;
    const auto* sequence = object.if_contains("seq");
    const auto at = base::parse_utc(text_of(object, "at"));
    const auto previous = base::Hash::find_hex(text_of(object, "prev"));
    if (sequence == nullptr || !sequence->is_int64() || !at || !previous) fail("seq, at or prev is not well formed");
    line.stream = text_of(object, "stream");
    line.sequence = sequence->as_int64();
    line.previous = *previous;
    line.entry = {*at, text_of(object, "by"), text_of(object, "act"), text_of(object, "subject"), {}};
    if (const auto fault = find_fault(line.stream, line.sequence, line.entry)) fail(*fault + " is not well formed");
    const std::string start = write_start(line.stream, line.sequence, line.entry);
    const std::string end = write_end(line.previous);
    if (bytes.size() < start.size() + end.size() || !bytes.starts_with(start) || !bytes.ends_with(end))
        fail("it is not in its one form");
    line.entry.detail = bytes.substr(start.size(), bytes.size() - start.size() - end.size());
    if (!find_object(line.entry.detail)) fail("the detail is not a JSON object");
    return line;
}

std::string_view fault_name(Fault fault) {
    constexpr std::string_view kNames[] = {"malformed", "missing",    "reordered",   "changed",
                                           "cut-tail",  "wrong-head", "wrong-index", "bad-witness"};
    return kNames[static_cast<std::size_t>(fault)];
}

}  // namespace ledger

// Reading records: strict, so that a record has one accepted form. Each field is decoded and must encode to what stood
// there.
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/release/inside/lines.h"
#include "ground/release/record.h"

namespace release {

namespace {

using inside::Lines;

constexpr std::string_view kWhat = "release record";

std::string field_of(std::string_view text) {
    auto value = inside::decode_field(text);
    if (!value) throw base::Error(base::Kind::Damaged, "a field is not percent-encoded in its one form");
    return *value;
}

std::string path_of(const Lines& lines, std::string_view text) {
    auto path = base::percent_decode(text);
    if (!path || base::percent_encode(*path) != text) lines.fail("the path is not percent-encoded in its one form");
    return *path;
}

RecordKind kind_of(const Lines& lines, std::string_view name) {
    for (const auto kind :
         {RecordKind::Takeover, RecordKind::Publish, RecordKind::Restored, RecordKind::Rekey, RecordKind::Checkpoint})
        if (kind_name(kind) == name) return kind;
    lines.fail("a kind of record that this version does not know");
}

LedgerHead ledger_head_of(Lines& lines, std::string_view word) {
    const auto text = lines.take(word);
    const auto space = text.find(' ');
    if (space == std::string_view::npos) lines.fail("a ledger head is a sequence and a hash");
    return {lines.number(text.substr(0, space)), lines.hash(text.substr(space + 1))};
}

/// Everything above the changes, and how many of them follow.
std::pair<Record, std::size_t> head_of(Lines& lines) {
    Record record;
    lines.need_line("yakuba-release 1");
    record.site = lines.take("site");
    record.number = lines.take_number("number");
    record.kind = kind_of(lines, lines.take("kind"));
    record.key_id = lines.take("key");
    if (!inside::is_key_id(record.key_id)) lines.fail("the key id is not 16 hexadecimal digits");
    if (record.kind == RecordKind::Rekey) {
        const auto key = base::from_hex(lines.take("newkey"));
        if (!key || key->size() != 32) lines.fail("the new key is not 64 hexadecimal digits");
        record.new_key = *key;
    }
    record.previous = lines.take_hash("previous");
    record.at = lines.take_time("time");
    record.root = lines.take_hash("root");
    record.files = lines.take_number("files");
    record.bytes = lines.take_number("bytes");
    record.office = ledger_head_of(lines, "ledger office");
    record.watch = ledger_head_of(lines, "ledger watch");
    const auto note = inside::decode_field(lines.take("note"));
    if (!note) lines.fail("the note is not percent-encoded in its one form");
    record.note = *note;
    const auto count = static_cast<std::size_t>(lines.take_number("changes"));
    if (const auto fault = inside::find_head_fault(record)) lines.fail(*fault);
    return {std::move(record), count};
}

Change change_of(const Lines& lines, std::string_view line) {
    if (line.starts_with("del ")) {
        auto path = path_of(lines, line.substr(4));
        if (const auto fault = find_path_fault(path)) lines.fail(*fault);
        return Change::remove(std::move(path));
    }
    if (!line.starts_with("put ")) lines.fail("\"put\" or \"del\" should stand here");
    line.remove_prefix(4);
    const auto space = line.find(' ');
    if (space == std::string_view::npos) lines.fail("fields are missing");
    auto path = path_of(lines, line.substr(0, space));
    try {
        return Change::put(parse_fields(std::move(path), line.substr(space + 1)));
    } catch (const base::Error& error) {
        lines.fail(error.message());
    }
}

std::vector<std::pair<std::string, std::string>> headers_of(std::string_view text) {
    std::vector<std::pair<std::string, std::string>> headers;
    if (text == "-") return headers;
    for (const auto pair : base::split(text, '&')) {
        const auto equals = pair.find('=');
        const auto value = base::percent_decode(equals == std::string_view::npos ? "" : pair.substr(equals + 1));
        if (equals == std::string_view::npos || !value)
            throw base::Error(base::Kind::Damaged, "the headers are not name=value");
        headers.emplace_back(pair.substr(0, equals), *value);
    }
    return headers;
}

}  // namespace

Entry parse_fields(std::string path, std::string_view fields) {
    const auto fail = [](const std::string& why) { throw base::Error(base::Kind::Damaged, why); };
    const auto part = base::split(fields, ' ');
    if (part.size() != 9) fail("an entry has a path and nine fields");
    const auto hash = base::Hash::find_hex(part[0]);
    const auto size = inside::find_number(part[1]);
    const auto status = inside::find_number(part[5]);
    if (!hash || !size || !status || *status > 999) fail("the hash, the size or the status is not well formed");
    Entry entry;
    entry.path = std::move(path);
    entry.hash = *hash;
    entry.size = *size;
    if (part[2].size() != 4 || part[2].find_first_not_of("01234567") != std::string_view::npos)
        fail("the mode is not four octal digits");
    entry.mode = 0;
    for (const char digit : part[2]) entry.mode = entry.mode * 8 + static_cast<unsigned>(digit - '0');
    if (part[3] != "-") entry.type = part[3];
    if (part[4] != "-") entry.charset = part[4];
    entry.status = static_cast<int>(*status);
    entry.location = field_of(part[6]);
    entry.headers = headers_of(part[7]);
    entry.source = field_of(part[8]);
    if (const auto fault = inside::find_entry_fault(entry)) fail(*fault);
    if (write_fields(entry) != fields) fail("the fields are not in their one form");
    return entry;
}

SignedRecord parse_record(std::string_view bytes, const Limits& limits) {
    if (bytes.size() > limits.bytes)
        throw base::Error(base::Kind::Damaged, fmt::format("release record: more than {} bytes", limits.bytes));
    Lines lines(kWhat, bytes);
    SignedRecord read;
    std::size_t count = 0;
    std::tie(read.record, count) = head_of(lines);
    Record& record = read.record;
    if (count > limits.changes) lines.fail(fmt::format("more than {} changes", limits.changes));
    if (record.kind == RecordKind::Rekey && count != 0) lines.fail("a rekey record changes nothing else");
    if (record.kind == RecordKind::Checkpoint && record.files != static_cast<std::int64_t>(count))
        lines.fail("a checkpoint holds all entries");
    constexpr std::size_t kShortestChange =
        6;  // "del x\n": a record that claims more than it can hold reserves nothing
    record.changes.reserve(std::min(count, bytes.size() / kShortestChange));
    for (std::size_t i = 0; i < count; ++i) {
        record.changes.push_back(change_of(lines, lines.take()));
        if (i > 0 && record.changes[i - 1].path() >= record.changes[i].path())
            lines.fail("the changes are not sorted by path, each path once");
        if (record.kind == RecordKind::Checkpoint && record.changes[i].what == Change::What::Delete)
            lines.fail("a checkpoint deletes nothing");
    }
    read.signed_size = lines.position();
    read.signatures.push_back(lines.take_signature());
    if (record.kind == RecordKind::Rekey) read.signatures.push_back(lines.take_signature());
    if (!lines.at_end()) lines.fail("something stands after the signature");
    read.file_hash = sys::sha256(bytes);
    return read;
}

Record parse_record_head(std::string_view bytes) {
    Lines lines(kWhat, bytes);
    return head_of(lines).first;
}

}  // namespace release

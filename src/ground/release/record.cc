// Writing records, and what may stand in one. Reading is parse.cc.
#include "ground/release/record.h"

#include <algorithm>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/release/inside/lines.h"

namespace release {

namespace {

constexpr std::string_view kKinds[] = {"takeover", "publish", "restored", "rekey", "checkpoint"};

[[noreturn]] void refuse(const std::string& where, const std::string& why) {
    throw base::Error(base::Kind::BadInput, fmt::format("{}: {}", where, why));
}

void check_changes(const Record& record) {
    const std::string* before = nullptr;
    for (const Change& change : record.changes) {
        const std::string where = "release entry " + base::percent_encode(change.path());
        if (before != nullptr && *before == change.path()) refuse(where, "two changes of one path");
        before = &change.path();
        const auto fault =
            change.what == Change::What::Put ? inside::find_entry_fault(change.entry) : find_path_fault(change.path());
        if (fault) refuse(where, *fault);
        if (record.kind == RecordKind::Checkpoint && change.what == Change::What::Delete)
            refuse(where, "a checkpoint deletes nothing");
    }
    if (record.kind == RecordKind::Checkpoint && record.files != static_cast<std::int64_t>(record.changes.size()))
        refuse("checkpoint", "it does not hold all entries");
}

}  // namespace

std::string_view kind_name(RecordKind kind) {
    return kKinds[static_cast<std::size_t>(kind)];
}

bool is_hidden(std::string_view path) {
    constexpr std::string_view kWellKnown = ".well-known/";
    if (path.starts_with(kWellKnown)) path.remove_prefix(kWellKnown.size());
    return path.starts_with('.') || path.find("/.") != std::string_view::npos;
}

std::optional<std::string> find_path_fault(std::string_view path) {
    if (path.empty() || path.size() > 4096) return "a path has 1 to 4,096 bytes";
    if (path.find('\0') != std::string_view::npos) return "a path has no NUL";
    std::size_t segments = 0;
    for (std::size_t at = 0; at <= path.size();) {
        const auto end = std::min(path.find('/', at), path.size());
        const auto segment = path.substr(at, end - at);
        if (segment.empty()) return "a path is relative, without \"//\" or \"/\" at its ends";
        if (segment.size() > 255) return "a part of the path is longer than 255 bytes";
        if (segment == "." || segment == "..") return "a path has no \".\" or \"..\" parts";
        if (++segments > 64) return "a path has at most 64 parts";
        at = end + 1;
    }
    return std::nullopt;
}

std::string write_fields(const Entry& entry) {
    std::string headers;
    for (const auto& [name, value] : entry.headers) {
        if (!headers.empty()) headers += '&';
        headers += fmt::format("{}={}", name, base::percent_encode(value));
    }
    const auto or_dash = [](std::string_view text) { return text.empty() ? std::string_view("-") : text; };
    return fmt::format("{} {} {:04o} {} {} {} {} {} {}", entry.hash.hex(), entry.size, entry.mode, or_dash(entry.type),
                       or_dash(entry.charset), entry.status, inside::encode_field(entry.location), or_dash(headers),
                       inside::encode_field(entry.source));
}

std::string write_record(Record record, const sys::SigningKey& key, const sys::SigningKey* next) {
    record.key_id = key_id(key.public_key());
    if (next != nullptr) record.new_key = next->public_key();
    std::sort(record.changes.begin(), record.changes.end(),
              [](const Change& a, const Change& b) { return a.path() < b.path(); });
    if (const auto fault = inside::find_head_fault(record)) refuse("release record", *fault);
    check_changes(record);

    std::string text = fmt::format("yakuba-release 1\nsite {}\nnumber {}\nkind {}\nkey {}\n", record.site,
                                   record.number, kind_name(record.kind), record.key_id);
    if (!record.new_key.empty()) text += fmt::format("newkey {}\n", base::to_hex(record.new_key));
    text += fmt::format("previous {}\ntime {}\nroot {}\nfiles {}\nbytes {}\n", record.previous.hex(),
                        base::format_utc(record.at), record.root.hex(), record.files, record.bytes);
    text += fmt::format("ledger office {} {}\nledger watch {} {}\n", record.office.sequence, record.office.hash.hex(),
                        record.watch.sequence, record.watch.hash.hex());
    text += fmt::format("note {}\nchanges {}\n", inside::encode_field(record.note), record.changes.size());
    for (const Change& change : record.changes) {
        const bool is_put = change.what == Change::What::Put;
        text += is_put ? "put " : "del ";
        text += base::percent_encode(change.path());
        if (is_put) (text += ' ') += write_fields(change.entry);
        text += '\n';
    }
    std::string signatures = inside::signature_line(key, text);
    if (next != nullptr) signatures += inside::signature_line(*next, text);
    return text + signatures;
}

std::optional<std::string> find_signature_fault(std::string_view bytes, const SignedRecord& record,
                                                const PublicKeys& keys) {
    const auto message = bytes.substr(0, record.signed_size);
    const std::string* key = keys.find(record.record.key_id);
    if (key == nullptr) return fmt::format("the key {} is not known", record.record.key_id);
    const auto& first = record.signatures.at(0);
    if (first.key_id != record.record.key_id || !sys::is_signed(message, first.bytes, *key))
        return fmt::format("the signature is not by the key {}", record.record.key_id);
    if (record.record.kind == RecordKind::Rekey) {
        const auto& second = record.signatures.at(1);
        if (second.key_id != key_id(record.record.new_key) ||
            !sys::is_signed(message, second.bytes, record.record.new_key))
            return "the new key has not signed";
    }
    return std::nullopt;
}

}  // namespace release

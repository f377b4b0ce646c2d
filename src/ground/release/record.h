// A release record: the signed, numbered statement of what became public and what ceased to be. The stored bytes are
// the signed bytes; docs/format/release.md is the format, and this file its words. Pure: no files, no clock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ground/base/hash.h"
#include "ground/base/time.h"
#include "ground/release/keys.h"
#include "ground/sys/crypto.h"

namespace release {

/// What the public server answers at one path.
struct Entry {
    std::string path;  ///< bytes, relative, "kosodate/index.html"; see find_path_fault
    base::Hash hash;   ///< of the body; all zero = no body (redirects, "gone")
    std::int64_t size = 0;
    unsigned mode = 0644;
    std::string type;     ///< "text/html"; empty only without a body
    std::string charset;  ///< "utf-8", "shift_jis"; may be empty
    int status = 200;     ///< 301, 302, 307, 308 with a location; 404 and others for an error page's body; 410 for gone
    std::string location;                                      ///< where a redirect leads
    std::vector<std::pair<std::string, std::string>> headers;  ///< lower-case names, sorted, each once
    std::string source;  ///< the revision or asset that it was made from; may be empty
    bool operator==(const Entry&) const = default;
    bool has_body() const { return hash != base::Hash{}; }
};

struct Change {
    enum class What { Put, Delete } what = What::Put;
    Entry entry;  ///< of a Delete only the path counts
    bool operator==(const Change&) const = default;
    const std::string& path() const { return entry.path; }

    static Change put(Entry entry) { return {What::Put, std::move(entry)}; }
    static Change remove(std::string path) {
        Change change{What::Delete, {}};
        change.entry.path = std::move(path);
        return change;
    }
};

enum class RecordKind { Takeover, Publish, Restored, Rekey, Checkpoint };
std::string_view kind_name(RecordKind kind);

/// The newest line of one ledger stream; zero and zeros before the first.
struct LedgerHead {
    std::int64_t sequence = 0;
    base::Hash hash;
    bool operator==(const LedgerHead&) const = default;
};

struct Record {
    std::string site;         ///< A-Z a-z 0-9 . _ - ; at most 64
    std::int64_t number = 0;  ///< 1 to 99,999,999
    RecordKind kind = RecordKind::Publish;
    std::string key_id;   ///< of the key that signs; write_record fills it in
    std::string new_key;  ///< Rekey only: the 32 bytes of the key that signs from the next record on
    base::Hash previous;  ///< of the previous record's whole file; a checkpoint's: of the record it stands for
    base::Instant at;
    base::Hash root;         ///< tree.h
    std::int64_t files = 0;  ///< entries in the tree after this record
    std::int64_t bytes = 0;  ///< the sum of their sizes
    LedgerHead office, watch;
    std::string note;             ///< why: UTF-8
    std::vector<Change> changes;  ///< sorted by path bytes, each path once
    bool operator==(const Record&) const = default;
};

constexpr std::int64_t kHighestNumber = 99'999'999;

/// Why `path` cannot stand in a release; nothing when it can. It has 1 to 4,096 bytes in at most 64 segments of 1 to
/// 255 bytes, none of them "." or "..", and no NUL; it need not be UTF-8.
std::optional<std::string> find_path_fault(std::string_view path);

/// True for what a taken-over tree may hold and no server hands out: names that begin with a dot (.htaccess, .git/),
/// but for the site's own .well-known/ (RFC 8615).
bool is_hidden(std::string_view path);

/// The file's bytes. Sorts the changes. A rekey record needs `next`, whose public key becomes `new_key`, and is signed
/// by both. Throws Error(BadInput) naming what cannot stand in a record: a bad path, two changes of one path, a body
/// without a type.
std::string write_record(Record record, const sys::SigningKey& key, const sys::SigningKey* next = nullptr);

struct Limits {
    std::size_t bytes = std::size_t{1} << 30;
    std::size_t changes = 4'000'000;
};

struct Signature {
    std::string key_id;
    std::string bytes;
};

/// A record as it was read, with what the checks need.
struct SignedRecord {
    Record record;
    std::size_t signed_size = 0;  ///< the signatures are over this many bytes from the start
    std::vector<Signature> signatures;
    base::Hash file_hash;  ///< the next record's `previous`
};

/// Strict: a record has exactly one accepted form, so writing what was read gives the same bytes. No signature is
/// checked here. Throws Error(Damaged) naming the line.
SignedRecord parse_record(std::string_view bytes, const Limits& limits = {});

/// The head of a record without its changes, from the first bytes of its file (32 KB suffice). Throws Error(Damaged).
Record parse_record_head(std::string_view bytes);

/// What is wrong with the signatures of `record`, which was read from `bytes`: nothing when the record's key, known in
/// `keys`, has signed it (and, for a rekey, the new key as well).
std::optional<std::string> find_signature_fault(std::string_view bytes, const SignedRecord& record,
                                                const PublicKeys& keys);

/// What stands after the path in a put line, and after the name in a tree line: "<hash> <size> <mode> ... <source>".
std::string write_fields(const Entry& entry);
/// The entry of `path` with the fields of such a line. Throws Error(Damaged).
Entry parse_fields(std::string path, std::string_view fields);

}  // namespace release

// The head: "release 12 is the newest, at this moment", signed and renewed each minute, so that a log whose end was cut
// off, or a press that stopped, is noticed. And the highest release that a reader has ever seen, which each reader
// keeps for itself.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "ground/base/hash.h"
#include "ground/base/time.h"
#include "ground/release/chain.h"
#include "ground/release/keys.h"
#include "ground/sys/crypto.h"

namespace release {

struct Head {
    std::string site;
    std::int64_t number = 0;
    base::Hash record;  ///< of that record's whole file
    base::Instant at;
    std::string key_id;  ///< who signed; write_head fills it in
    bool operator==(const Head&) const = default;
};

std::string write_head(Head head, const sys::SigningKey& key);
/// As strict as parse_record, and checks the signature against `keys`. Throws Error(Damaged).
Head parse_head(std::string_view bytes, const PublicKeys& keys);

/// The highest release that a reader has verified. Kept as a small text file outside the releases folder.
struct Seen {
    std::int64_t number = 0;
    base::Hash record;
    bool operator==(const Seen&) const = default;
};
std::string write_seen(const Seen& seen);
/// Throws Error(Damaged).
Seen parse_seen(std::string_view bytes);
std::optional<Seen> find_seen(const std::filesystem::path& file);
/// Remembers `seen` unless a higher one is remembered already.
void note_seen(const std::filesystem::path& file, const Seen& seen);

}  // namespace release

// The release log in its folder: log/00000012.release, checkpoints/00000012.checkpoint and head. Appending is durable
// and may be repeated; reading always verifies. The folder needs no database: guard, edge server and auditor read it
// alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/release/chain.h"
#include "ground/release/head.h"
#include "ground/release/keys.h"
#include "ground/release/manifest.h"
#include "ground/release/record.h"
#include "ground/release/tree.h"

namespace release {

/// What verifying a log found.
struct Report {
    std::int64_t first = 0, newest = 0;  ///< release numbers; 0 = the log is empty
    std::int64_t records = 0;
    base::Hash newest_hash;
    Summary tree;                    ///< after the newest record, as computed
    std::vector<std::int64_t> gaps;  ///< numbers that a `restored` record passed over; no fault
    std::vector<Problem> problems;
    bool is_whole() const { return problems.empty(); }
};

enum class VerifyFrom { FirstRecord, NewestCheckpoint };

class Log {
  public:
    /// `folder` is the site's releases/. Nothing is made before the first append.
    explicit Log(std::filesystem::path folder) : folder_(std::move(folder)) {}
    const std::filesystem::path& folder() const { return folder_; }

    /// Puts a record's bytes under its number, durably. Appending the same bytes again is no error (a start redoes it).
    /// Throws Error(Conflict) when another record has that number.
    void append(std::string_view record);
    /// Puts the newest manifest beside the record that it follows from, so that readers need not start at the first.
    void append_checkpoint(std::string_view checkpoint);
    void put_head(std::string_view head);

    std::vector<std::int64_t> list_numbers() const;
    std::vector<std::int64_t> list_checkpoints() const;
    /// 0 when there is none.
    std::int64_t newest() const;
    /// The stored bytes. Throws Error(NotFound).
    std::string read(std::int64_t number) const;
    std::string read_checkpoint(std::int64_t number) const;
    /// The signed head; nothing when there is none yet. Throws Error(Damaged).
    std::optional<Head> find_head(const PublicKeys& keys) const;

    /// Everything: chain, signatures, tree roots, checkpoints, head, and, with `seen`, that the log has not gone back.
    /// A damaged log is a value, not an exception.
    Report verify(const PublicKeys& trusted, VerifyFrom from = VerifyFrom::FirstRecord,
                  const std::optional<Seen>& seen = std::nullopt) const;

    /// What was public after release `number`, verified: from the newest checkpoint at or before it, then record by
    /// record. Throws Error(NotFound), Error(Damaged).
    Manifest manifest_at(std::int64_t number, const PublicKeys& trusted) const;
    /// The newest release made at or before `at`; nothing when there was none.
    std::optional<std::int64_t> find_number_at(base::Instant at) const;

    /// True when the records since the newest checkpoint weigh more than that checkpoint (at least 1 MB): reading then
    /// costs at most twice the manifest, and writing checkpoints a constant share of publishing.
    bool is_checkpoint_due() const;

    std::filesystem::path record_file(std::int64_t number) const;
    std::filesystem::path checkpoint_file(std::int64_t number) const;
    std::filesystem::path head_file() const { return folder_ / "head"; }

  private:
    std::filesystem::path folder_;
};

/// The checkpoint of `manifest`, which is the tree after `after`. `after_hash` is that record's file hash.
/// Throws Error(Bug) when the manifest is not that record's tree.
std::string write_checkpoint(const Record& after, const base::Hash& after_hash, const Manifest& manifest,
                             base::Instant at, const sys::SigningKey& key);

}  // namespace release

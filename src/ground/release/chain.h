// Whether records follow one another as they must: numbers, hashes, site and signatures, from the first record or from
// a checkpoint, with nothing but the public keys. Pure: the caller brings the bytes; log.h brings them from a folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/release/keys.h"
#include "ground/release/record.h"

namespace release {

enum class Fault {
    Missing,          ///< a record is not there
    Malformed,        ///< the bytes are not a record (or head, or checkpoint)
    WrongNumber,      ///< the file's name says another number than the record
    WrongSite,        ///< a record of another site
    BrokenChain,      ///< `previous` is not the hash of the record before it
    BadSignature,     ///< not signed by the key whose turn it was
    WrongTree,        ///< the root, the count or the bytes are not those of the changes
    WrongCheckpoint,  ///< a checkpoint says something else than the record it stands for
    BadHead,          ///< the head contradicts the log
    RolledBack,       ///< a higher number has been seen before
    Forked,           ///< two records with one number: an emergency
    Stray             ///< a file that does not belong there
};
std::string_view fault_name(Fault fault);  ///< "missing", "malformed", ...

struct Problem {
    Fault fault = Fault::Malformed;
    std::int64_t number = 0;  ///< the release; 0 = none in particular
    std::string message;
    bool operator==(const Problem&) const = default;
};

class Chain {
  public:
    /// The first record's key (or the checkpoint's) must be among `trusted`; later keys are introduced by rekey
    /// records.
    explicit Chain(PublicKeys trusted) : keys_(std::move(trusted)) {}

    /// Begins after the release that `checkpoint` (a file's bytes) stands for. Before the first add.
    std::optional<SignedRecord> start_at(std::string_view checkpoint, std::int64_t number,
                                         std::vector<Problem>& problems);
    /// Begins after a record that has been verified. Before the first add.
    void start_after(const SignedRecord& verified);
    /// The next record: the bytes of the file that is named `number`. What is wrong is added to `problems`; the record
    /// is returned when it could be read at all. After a malformed record the chain goes on from its bytes' hash.
    std::optional<SignedRecord> add(std::string_view bytes, std::int64_t number, std::vector<Problem>& problems);

    std::int64_t number() const { return number_; }  ///< of the last record; 0 before the first
    const base::Hash& hash() const { return hash_; }
    const std::string& key_id() const { return key_id_; }  ///< the key that signs next; empty before the first record
    const std::string& site() const { return site_; }
    const PublicKeys& keys() const { return keys_; }  ///< the trusted ones and those that the chain introduced

  private:
    void check_links(const SignedRecord& read, std::int64_t number, std::vector<Problem>& problems) const;

    PublicKeys keys_;
    std::int64_t number_ = 0;
    base::Hash hash_;
    std::string key_id_;
    std::string site_;
};

}  // namespace release

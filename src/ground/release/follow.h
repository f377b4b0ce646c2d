// The newest manifest, kept up to date while the log grows: each step costs what its record changes. A record that is
// not to be relied on (signature, key, chain) is not followed.
#pragma once

#include <cstdint>
#include <optional>

#include "ground/release/chain.h"
#include "ground/release/log.h"
#include "ground/release/manifest.h"

namespace release {

class Follower {
  public:
    /// At the newest release; of an empty log at 0, an empty site. Throws Error(Damaged).
    Follower(Log log, const PublicKeys& trusted) : Follower(log, trusted, log.newest()) {}
    /// At release `number`.
    Follower(Log log, const PublicKeys& trusted, std::int64_t number);

    enum class Look {
        Next,     ///< for the next number alone
        Thorough  ///< for any higher one: a `restored` record passes numbers over
    };
    /// One release further. Nothing when there is none; the record when there was.
    /// Throws Error(Damaged) when it is not to be relied on; the follower stays where it was.
    std::optional<Record> step(Look look);

    const Manifest& manifest() const { return manifest_; }
    std::int64_t number() const { return number_; }
    /// Of the newest record's file; all zero at 0.
    const base::Hash& record_hash() const { return chain_.hash(); }
    /// The trusted ones and those that the records since have introduced.
    const PublicKeys& keys() const { return chain_.keys(); }
    const Log& log() const { return log_; }

  private:
    std::int64_t next_number(Look look) const;

    Log log_;
    PublicKeys trusted_;
    Chain chain_;
    Manifest manifest_;
    std::int64_t number_ = 0;
};

}  // namespace release

// Which backups are kept. A generation is a calendar day (of the plan: a night belongs to the day on which it began)
// with a backup that was read back and found whole; what nobody has read counts for nothing. Data and system backups
// are counted apart. Pure; ages do not matter, only the count, so a clock that was set wrongly removes nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ground/base/time.h"
#include "watch/backup/manifest.h"

namespace backup {

struct Generation {
    std::string snapshot;
    Kind kind = Kind::Data;
    base::Instant taken_at;
    base::Day day;
    bool is_verified = false;
};

struct Keep {
    int data = 5;
    int system = 3;
};

struct Pruning {
    std::vector<std::string> snapshots;  ///< that may go
    std::string refusal;                 ///< why none may, in Japanese; empty when they may, or none is too many
};
/// Of each kind, the newest verified one of each of the newest N days stays, and whatever is newer than the oldest of
/// those unless the same day has a newer verified one (but those of the last 24 hours stay). Of the system, the newest
/// verified one of each of the newest N months stays, too. Nothing goes when the newest is not verified, or one lies in
/// the future.
Pruning list_prunable(std::vector<Generation> all, const Keep& keep, base::Instant now);

/// Days of a kind with a verified backup.
int count_generations(const std::vector<Generation>& all, Kind kind);

}  // namespace backup

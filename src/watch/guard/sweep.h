// Looks at the whole tree without events: for what happened while nobody watched, what the kernel's queue lost, and
// what no event tells (a write through a mapping). A quick look reads each file's change time, which nobody can set
// back, and hashes only what is new since; a full one hashes everything. A glance is a quick look at the files alone,
// not at what else may be there. It names suspects and judges nothing: a release may be on its way, so whoever knows
// the newest looks at them again. Works in short turns, at low priority, and keeps 24 bytes a file.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "ground/release/record.h"

struct stat;

namespace guard {

class Sweep {
  public:
    /// What should be there, asked in small portions, so that it may change meanwhile.
    struct Plan {
        std::function<std::vector<release::Entry>(const std::string& after, std::size_t limit)> entries;
        /// Which of these (a folder's name ends in '/') no release knows.
        std::function<std::vector<std::string>(std::vector<std::string>)> unknown;
    };
    enum class Depth { Glance, ChangeTimes, Bytes };
    struct Result {
        std::int64_t files = 0;  ///< that were looked at
        std::int64_t hashed = 0;
        std::int64_t bytes = 0;
        std::int64_t suspects = 0;
        std::chrono::nanoseconds work{0};  ///< the processor's time
        bool is_whole = false;             ///< false: it was stopped
    };

    /// `suspect` is told each path as deviations name them. `rest` is called between turns; false stops.
    /// Throws Error(Unavailable) when the root cannot be read.
    Result run(Depth depth, const std::filesystem::path& root, const Plan& plan,
               const std::function<void(const std::string&)>& suspect, const std::function<bool()>& rest);

  private:
    /// What a file was when its bytes were right.
    struct Stamp {
        std::int64_t changed = 0;  ///< nanoseconds
        std::uint64_t inode = 0;
        bool operator==(const Stamp&) const = default;
    };
    static Stamp stamp_of(const struct stat& status);
    struct Turn;
    Result look(Depth depth, const std::filesystem::path& root, const Plan& plan,
                const std::function<void(const std::string&)>& suspect, const std::function<bool()>& rest);
    bool is_suspect(Turn& turn, const release::Entry& entry);
    void walk(Turn& turn);

    std::unordered_map<std::uint64_t, Stamp> known_;  ///< by a hash over path and expected bytes
};

/// Gives the calling thread the lowest priority for processor and disk.
void lower_priority_of_thread();

}  // namespace guard

// The last results in one small file, by which the command line and the office, in other processes, see how things are:
// rewritten every few seconds while the watch runs. A file that has grown old says that the watch itself stands still,
// and then nothing in it is believed: the dead man's signal.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "watch/probes/runner.h"

namespace probes {

constexpr std::chrono::seconds kBoardAge{30};  ///< older is dead

/// A figure as it is written down.
struct Figure {
    std::string name;
    double value = 0;
    std::string unit = {};  ///< as Sample's
};

/// A result as it is written down.
struct Standing {
    std::string id, kind, title, target, text;
    State state = State::NoData;
    std::optional<base::Instant> since;
    base::Instant at;
    std::vector<Figure> samples;  ///< the first is the value shown
};
Standing standing_of(const Result& result);

struct Board {
    base::Instant written_at;
    std::vector<Standing> standings;
    bool is_alive(base::Instant now) const { return now - written_at <= kBoardAge && written_at - now <= kBoardAge; }
};

void write_board(const std::filesystem::path& file, const Board& board);
/// Nothing when there is none. Throws Error(Damaged) when it cannot be read.
std::optional<Board> find_board(const std::filesystem::path& file);

}  // namespace probes

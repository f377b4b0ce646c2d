// Where lines of a log come from, read on from a position that the archive keeps together with what it took: nothing is
// in memory between two reads, so a process that dies in between loses nothing and takes nothing twice.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "ground/ledger/line.h"
#include "ground/sys/database.h"

namespace log_archive {

struct Taken {
    std::string position;     ///< for the next read
    bool is_missing = false;  ///< there is nothing to read from
    bool is_more = false;     ///< `most` was reached
    std::string problem;      ///< Japanese: what could not be read; empty = all could
};

using TakeLine = std::function<void(std::string_view line)>;
/// Hands out each new line after `position` ("" = from the beginning), without its end, about `most` bytes of them.
using Source = std::function<Taken(const std::string& position, const TakeLine& take, std::size_t most)>;

/// A log file and those into which it was rotated: renamed, copied and cut, or packed by gzip. `pattern` with a * in
/// its last part names all of them; without one, "a.log" also stands for a.log.1, a.log-20261122, a.log.2.gz. A file is
/// known by its number in the file system and by the bytes before the place up to which it was read, so that the same
/// bytes under another name, or packed, are not taken again. The end of a line above 16 KB is left out.
Source file_source(std::filesystem::path pattern);

/// The lines of a stream of the ledger for which `is_wanted` holds (none = all), as they stand there.
Source ledger_source(sys::Database& database, std::string stream,
                     std::function<bool(const ledger::Line&)> is_wanted = {});

/// Two sources as one.
Source both(Source first, Source second);

}  // namespace log_archive

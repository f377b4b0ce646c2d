// What stands in an archive beside the logs.
#pragma once

#include "watch/log_archive/export.h"

namespace log_archive {

struct IndexFile {
    std::string name;
    std::string bytes;
};

struct Contents {
    const Order& order;
    const Exported& made;
    base::Instant made_at;
    std::vector<Newest> newest;  ///< of the logs that were asked for
    std::vector<Day> removed;    ///< days of the period that are no longer kept
};

/// index.json names the hash of every other file, so its signature holds for all.
std::string index_json(const Contents& contents, const std::vector<IndexFile>& others);
std::string index_html(const Contents& contents);

}  // namespace log_archive

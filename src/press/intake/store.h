// What each takeover brought, file by file: the record of where everything came from, and what lets an interrupted
// takeover go on without reading a finished file again.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ground/base/hash.h"
#include "ground/base/time.h"
#include "ground/sys/database.h"
#include "press/intake/source.h"

namespace intake {

std::span<const sys::Migration> migrations();

struct Run {
    std::int64_t id = 0;
    std::string source;
    base::Instant started_at;
    std::optional<base::Instant> finished_at;
};

/// A file that is in.
struct Taken {
    Item item;
    base::Hash hash;
    bool is_page = false;
    std::string encoding;  ///< pages: html::encoding_name
    std::string decided_by;
    bool is_disputed = false;
    std::string links;  ///< pages: internal addresses, one a line
};

/// The unfinished run of this source, if there is one.
std::optional<Run> find_unfinished(sys::Reader& db, std::string_view source);
std::optional<Run> find_newest_finished(sys::Reader& db);
Run start_run(sys::Transaction& tx, std::string_view source, base::Instant at);
void finish_run(sys::Transaction& tx, std::int64_t run, base::Instant at, const Survey& survey);

void add_taken(sys::Transaction& tx, std::int64_t run, const Taken& file);
/// What is known of a file that is in.
struct Finished {
    std::int64_t size = 0;
    std::int64_t changed_at = 0;
    bool is_page = false;
    std::string encoding;
};
/// The files that takeovers of this source, finished or not, have brought, by path bytes.
std::unordered_map<std::string, Finished> list_finished(sys::Reader& db, std::string_view source);

/// The links of the page at `path` (encoded) as the newest finished takeover that brought it noted them, as in Taken.
std::string find_links(sys::Reader& db, std::string_view path);

}  // namespace intake

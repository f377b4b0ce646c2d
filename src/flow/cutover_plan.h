// Planning the move from an old web server to this one: which paths the old one has, and what DNS says of its names.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "ground/sys/database.h"
#include "watch/cutover/plan.h"
#include "watch/cutover/store.h"

namespace flow {

/// Where the old server's paths come from; all may be given, and their paths are put together.
struct CutoverSources {
    std::vector<std::filesystem::path> lists;        ///< a path or address a line
    std::vector<std::filesystem::path> access_logs;  ///< combined format; hits are counted
    std::string crawl;                               ///< an address to start at
    /// A crawl that starts at one of its names is asked of its old server, whatever DNS says of the name.
    cutover::Plan plan = {};
    bool ignores_robots = false;  ///< of a crawl
    bool with_queries = false;    ///< of access logs: "?id=7" makes another page
    std::function<void(std::int64_t done, std::int64_t known)> progress;
    std::function<bool()> is_stopped;
};
struct CutoverPaths {
    std::vector<cutover::Listed> paths;  ///< the most visited first
    std::int64_t lines = 0, unreadable = 0;
    std::int64_t kept_out = 0;  ///< addresses that robots.txt asks a crawl not to read
};
/// Throws Error(BadInput) above cutover::kMostPaths, Error(NotFound) for a file that is not there, base::Interrupted.
/// Below `spools` is kept what a crawl has fetched: the same call goes on from there.
CutoverPaths gather_cutover_paths(const CutoverSources& sources, const std::filesystem::path& spools);

/// The record sets of the plan's names and of their zones, as `name_server` (empty: this machine's) gives them now.
/// What could not be asked is in `problems`, and missing from the sets.
struct AskedRecords {
    std::vector<cutover::RecordSet> sets;
    std::vector<std::string> problems;
    bool is_cut = false;     ///< it took too long
    bool is_cached = false;  ///< a resolver answered out of its cache: the TTLs are what is left of them
};
AskedRecords ask_records(const std::vector<std::string>& names, const std::string& name_server);
/// The name server to be asked where a plan names none.
std::string name_server_of(const cutover::Plan& plan);

/// Asks for the records, and makes the plan's next version; the TTLs that were seen are noted. With `paths` empty those
/// of the version before stay. Throws as cutover::add_plan does, and Error(Unavailable) when no record could be asked.
cutover::Plan make_cutover_plan(sys::Database& watch, cutover::Plan plan, std::vector<cutover::Listed> paths,
                                const cutover::By& by);

}  // namespace flow

// An existing static site comes in: every file, as it is. HTML pages become pages, everything else assets; nothing is
// changed, so that what is published next is the old site byte for byte. Interrupted, the next call goes on where this
// one stopped.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "flow/site.h"
#include "press/intake/source.h"
#include "watch/content/scan.h"

namespace flow {

struct TakeoverOptions {
    std::function<void(std::int64_t done, std::int64_t total)> progress;
    std::function<bool()> is_stopped;  ///< asked between batches
    std::string by = "system:cli";
    /// Of a site that is read over HTTP.
    std::function<void(std::int64_t done, std::int64_t known)> fetch_progress;
    bool ignores_robots = false;
    std::optional<std::chrono::milliseconds> delay;  ///< between requests; nothing = as the settings say
    /// Told of what the content rules find, file by file, once it is in. Findings never keep a file out: the old site
    /// is taken as it is, and what is wrong with it is a matter for people.
    signals::Take tell;
};

/// What a content rule found in a file that came in.
struct FoundInside {
    std::string path;  ///< as bytes
    content::Threat threat;
};

struct TakenOver {
    std::int64_t files = 0;
    std::int64_t pages = 0;
    std::int64_t assets = 0;
    std::int64_t bytes = 0;
    std::int64_t read = 0;                          ///< files that this call read
    std::int64_t resumed = 0;                       ///< files that an interrupted call had finished already
    std::map<std::string, std::int64_t> encodings;  ///< pages by html::encoding_name
    std::int64_t disputed = 0;  ///< pages whose header, meta and content disagree about the encoding
    std::vector<std::string> empty_folders;
    std::vector<intake::Skipped> skipped;
    std::int64_t redirects = 0;         ///< of the old site that are redirects here
    std::int64_t requests = 0;          ///< that this call sent to the old site
    std::vector<FoundInside> findings;  ///< in the files that this call read; the first thousand
    std::int64_t suspicious = 0;        ///< files with findings
    double seconds = 0;
};

/// `source` is a folder, an archive or a web address. Throws Error(NotFound), Error(BadInput) for a source that cannot
/// be taken at all, Error(Unavailable) when the old server is away, Error(Conflict) when it was stopped or another
/// takeover is under way (what is in stays in).
TakenOver take_over_site(Site& site, const std::string& source, const TakeoverOptions& options);

}  // namespace flow

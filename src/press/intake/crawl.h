// An existing site, read over HTTP: starts at an address and follows the links of its pages, style sheets and sitemaps
// within that address. A guest in somebody's house: few requests at once, robots.txt heeded, waits when it is told to,
// says who it is. What is fetched lands in a spool, so that an interrupted crawl goes on without asking twice.
//
// A crawl sees what is linked. Files that nothing links to, answers to queries and whatever a script puts together stay
// behind; who has the files should take the folder instead.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "press/intake/address.h"
#include "press/intake/source.h"

namespace intake {

struct CrawlOptions {
    Bounds bounds;
    int parallel = 2;                                 ///< requests at once
    std::chrono::milliseconds interval{200};          ///< from one request to the next, whatever robots.txt allows
    std::chrono::milliseconds longest_delay{10'000};  ///< of robots.txt's Crawl-delay, this much is heeded
    bool ignores_robots = false;                      ///< only the site's owner may say so
    int link_depth = 100;                             ///< links away from the start
    std::chrono::milliseconds patience{120'000};      ///< for one request
    std::chrono::milliseconds longest_wait{120'000};  ///< of Retry-After, this much is heeded
    std::chrono::milliseconds first_wait{2'000};      ///< before the second attempt, doubled before each further one
    int attempts = 4;                                 ///< where the server is busy or the line breaks
    std::vector<std::string> resolve;  ///< as sys::FetchOptions has them: one server of several, or before DNS knows it
    std::string ca_file;               ///< trusted instead of the system's certificates
    std::string agent = "Yakuba";      ///< as User-Agent; its lower-case form is looked for in robots.txt
    std::function<void(std::int64_t done, std::int64_t known)> progress;
    std::function<bool()> is_stopped;
};

struct Crawled {
    Survey survey;  ///< its files lie in the spool
    std::int64_t requests = 0;
};

/// True for "http://..." and "https://...".
bool is_web_address(std::string_view source);

/// Throws Error(BadInput) when the address is none, leads elsewhere, or a bound is passed; Error(NotFound) when nothing
/// is there; Error(Unavailable) when the server is away; Interrupted when it was stopped. In the last two cases the
/// same call goes on from there.
Crawled crawl(std::string_view source, const std::filesystem::path& spool, const CrawlOptions& options);

}  // namespace intake

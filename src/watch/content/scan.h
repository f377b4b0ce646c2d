// Does this file carry what an intruder leaves in a municipal site? For bytes that no release explains: files that came
// in by a takeover or an upload, files that deviate, areas that another system writes. Every rule of rules.h is asked;
// what one finds is a Threat. Patterns of our own only, so no signature to download and nothing to go stale; known
// viruses are watch/antivirus's business. Pure over its inputs; safe to use from several threads.
//
// The namespace is shared with press/content, which keeps the site's pages; the two have no name in common.
#pragma once

#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "watch/signals/signal.h"

namespace content {

/// The hosts whose scripts, frames and forms belong on the site.
class SiteHosts {
  public:
    SiteHosts() = default;
    /// Host names without port; ".example.jp" (or "*.example.jp") means every host below that domain and itself.
    explicit SiteHosts(std::span<const std::string> hosts);
    /// `host` without port, case does not matter.
    bool contains(std::string_view host) const;

  private:
    std::set<std::string, std::less<>> exact_;
    std::set<std::string, std::less<>> domains_;
};

struct Threat {
    std::string_view rule;  ///< the rule's id, "hidden-frame"
    signals::Severity severity = signals::Severity::Warning;
    int line = 0;            ///< from 1, in files of text; 0 in others and where the whole file is meant
    std::size_t offset = 0;  ///< in the file's own bytes
    std::string excerpt;     ///< what was found, one line of valid UTF-8, at most 120 characters, controls escaped
    std::string message;     ///< a Japanese sentence: what it is and why it matters
};

struct Scanned {
    std::vector<Threat> threats;  ///< by offset; at most one of a rule for YARA rules, at most 20 of one for the others
    std::string problem;          ///< Japanese; some rule could not look (too large, too deep, too slow); else empty
    /// Nothing when there is no threat.
    const Threat* worst() const;
};

/// Files above this are looked at up to here, and `problem` says so.
constexpr std::size_t kLargestScan = std::size_t{64} << 20;

/// `path` is the file's place in the site as bytes ("kosodate/index.html"); its ending says what the file claims to be.
Scanned scan(std::string_view bytes, std::string_view path, const SiteHosts& hosts);

/// What was found in one file, for the watch: one Signal "content.threat" for each rule that hit, and "content.unread"
/// when something could not be looked at. `subject` is the path as people read it.
std::vector<signals::Signal> to_signals(const Scanned& scanned, const std::string& subject, base::Instant at);

}  // namespace content

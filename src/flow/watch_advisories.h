// The feeds of weaknesses, by the timetable: each address of the settings is asked every few hours (with what was known
// of it, so that an unchanged feed costs nothing), or the folder is read into which they are handed over on a closed
// network. What they say is compared with the inventory, which is taken anew once a day, and becomes records. A feed
// that did not come, that is no feed, that has nothing in common with the last one, and records whose day is near are
// signals. So is one that has not changed for longer than its publisher pauses, or that has become half as long. A desk
// of the watch.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <span>
#include <string>

#include "flow/site.h"
#include "ground/sys/http_client.h"
#include "office/advisories/advisory.h"
#include "office/vulnerabilities/store.h"
#include "watch/signals/signal.h"

namespace flow {

struct FeedSource {
    std::string name, format, address;
    bool is_entry() const;        ///< MyJVN's entry: we put the question
    bool is_for_details() const;  ///< not asked by itself, but about what the lists told without versions
};
/// "jvndb = jvndb-rss https://..." of the settings. Throws Error(BadInput) that names the faulty one.
std::vector<FeedSource> list_feed_sources(const settings::Settings& settings);

struct FeedTaken {
    std::string name;
    std::string problem;  ///< Japanese; "" = it came
    bool is_unchanged = false, has_gap = false;
    bool is_cut = false;  ///< `problem`, but what could be read was kept
    std::int64_t items = 0, left_out = 0;
    std::int64_t filled = 0;                         ///< that MyJVN told of what the list had passed over
    std::int64_t made = 0, joined = 0, changed = 0;  ///< records
};

/// Asks one feed, and keeps what it says.
FeedTaken fetch_feed(Site& site, const FeedSource& source, sys::HttpClient& client, const vulnerabilities::By& by);
/// Reads one file that was handed over. `format` empty: by what stands in it.
FeedTaken import_feed(Site& site, const std::filesystem::path& file, std::string_view format,
                      const vulnerabilities::By& by);
/// The files in a folder that were not read yet.
std::vector<FeedTaken> import_folder(Site& site, const std::filesystem::path& folder, const vulnerabilities::By& by);
/// Compares everything that was told with the inventory as it is now. Gives how many records were made.
std::int64_t match_again(Site& site, const vulnerabilities::By& by);

class AdvisoryDesk {
  public:
    using Tell = std::function<void(std::span<const signals::Signal>)>;
    /// `site` must outlive it.
    AdvisoryDesk(Site& site, Tell tell);
    std::chrono::milliseconds turn(const std::function<bool()>& is_stopped);

  private:
    void take_feeds(const std::function<bool()>& is_stopped, std::vector<signals::Signal>& to);
    void judge_sources(std::vector<signals::Signal>& to) const;
    void judge_feeds(const std::vector<FeedSource>& sources, std::vector<signals::Signal>& to) const;
    void clear_removed(const std::vector<FeedSource>& sources, std::vector<signals::Signal>& to) const;
    void judge_records(std::vector<signals::Signal>& to) const;
    signals::Signal signal(std::string_view kind, std::string subject, bool is_wrong, std::string text) const;

    Site& site_;
    Tell tell_;
    sys::HttpClient client_;
    base::Instant begun_at_;
    std::optional<std::chrono::nanoseconds> judged_at_;
};

}  // namespace flow

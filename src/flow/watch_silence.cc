#include "flow/watch_silence.h"

#include <boost/json.hpp>

#include "flow/watch_desk.h"
#include "ground/ledger/store.h"

namespace flow {

namespace {

constexpr std::string_view kSubject = "monitor:watch";

}  // namespace

std::optional<WatchSilence> find_watch_silence(const Folders& folders, base::Instant now) {
    const auto last = find_watch_beat(folders, now);
    if (last && now - *last < kWatchPatience) return std::nullopt;
    return WatchSilence{last};
}

int record_watch_silence(Site& site, base::Instant since) {
    const base::Instant now = site.clock.now();
    const auto silence = find_watch_silence(site.folders, now);
    if (silence && now - since < kWatchPatience) return 0;
    ledger::Search search;
    search.subject = kSubject;
    search.limit = 1;
    const auto is_as_told = [&](sys::Reader& db) {
        const auto told = ledger::find_lines(db, search);
        return (!told.empty() && told.front().entry.act == "monitor.down") == silence.has_value();
    };
    if (site.database->read(is_as_told)) return 0;
    return site.database->write([&](sys::Transaction& tx) {
        if (is_as_told(tx)) return 0;  // another office was quicker
        boost::json::object detail;
        if (silence && silence->last) detail["last"] = base::format_utc(*silence->last);
        ledger::append(tx, {now, "service:office", silence ? "monitor.down" : "monitor.up", std::string(kSubject),
                            boost::json::serialize(detail)});
        return 1;
    });
}

}  // namespace flow

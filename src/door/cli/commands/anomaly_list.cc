// Newest first; what is not closed, unless more is asked for. Exit 1 when something is open.

#include <boost/json.hpp>

#include "door/cli/anomaly.h"
#include "ground/base/error.h"

namespace cli {

namespace {

int list_notes(const Invocation& invocation) {
    const base::Instant week = invocation.clock().now() - std::chrono::hours(24 * 7);
    const auto from = invocation.instant("--from").value_or(week);
    const int most = static_cast<int>(invocation.number("--limit", 1, 1000).value_or(50));
    boost::json::array notes;
    std::string prose;
    for (const auto& each :
         open_watch(invocation)->read([&](sys::Reader& db) { return signals::list_notes(db, from, most); })) {
        notes.push_back({{"at", base::format_utc(each.observed_at)}, {"text", each.text}});
        prose += fmt::format("{}  {}\n", base::format_local(each.observed_at), each.text);
    }
    prose += fmt::format("{} recorded since {}", notes.size(), base::format_local(from));
    invocation.answer({{"notes", notes}}, prose);
    return kDone;
}

int run(const Invocation& invocation) {
    if (invocation.has("--notes")) return list_notes(invocation);
    signals::Filter filter;
    filter.only_unclosed = !invocation.has("--all");
    filter.only_unanswered = invocation.has("--unanswered");
    filter.words = invocation.text("--words");
    filter.from = invocation.instant("--from");
    filter.until = invocation.instant("--until");
    filter.before = invocation.number("--before", 1, 1LL << 60).value_or(0);
    filter.limit = static_cast<int>(invocation.number("--limit", 1, 1000).value_or(50));
    if (invocation.has("--severity")) {
        filter.least = signals::find_severity(invocation.text("--severity"));
        if (!filter.least)
            throw base::Error(base::Kind::BadInput, "--severity is note, minor, warning, serious or emergency");
    }
    const auto watch = open_watch(invocation);
    const auto found = watch->read([&](sys::Reader& db) { return list_anomalies(db, filter); });
    const auto counts = watch->read([](sys::Reader& db) { return signals::count_anomalies(db); });
    boost::json::array anomalies;
    std::string prose;
    for (const auto& each : found) {
        anomalies.push_back(as_json(each));
        prose += as_line(each) + "\n";
    }
    prose += fmt::format("{} open, {} over and not closed, {} not answered, {} without a call", counts.open,
                         counts.cleared, counts.unanswered, counts.suppressed);
    invocation.answer({{"anomalies", anomalies},
                       {"open", counts.open},
                       {"cleared", counts.cleared},
                       {"unanswered", counts.unanswered},
                       {"suppressed", counts.suppressed}},
                      prose);
    return counts.open > 0 ? kFound : kDone;
}

constexpr Option kOptions[] = {
    {"--all", "Also what is closed", Takes::Flag},
    {"--unanswered", "Only what nobody has answered yet", Takes::Flag},
    {"--severity", "The least severity: note, minor, warning, serious, emergency"},
    {"--words", "What stands in the subject or the text"},
    {"--from", "First seen from this time on"},
    {"--until", "First seen before this time"},
    {"--before", "Only numbers below this one: the next page"},
    {"--limit", "At most so many, 50"},
    {"--notes", "Instead what was only recorded: whom blocking would keep out, another writer's changes", Takes::Flag},
};

}  // namespace

extern const Command anomaly_list{"anomaly", "list", "What is wrong, and what was and is not closed", kOptions, run};

}  // namespace cli

// Spans in which nobody is called: a planned stop, an operator at work. Watching goes on, and an emergency is told all
// the same. Without options: the spans that have not ended.

#include <boost/json.hpp>

#include "door/cli/anomaly.h"
#include "ground/base/error.h"

namespace cli {

namespace {

int show(const Invocation& invocation, sys::Database& watch) {
    boost::json::array windows;
    std::string prose;
    for (const auto& window :
         watch.read([&](sys::Reader& db) { return signals::list_windows(db, invocation.clock().now()); })) {
        windows.push_back({{"id", window.id},
                           {"kind", window.reason_kind},
                           {"why", window.why},
                           {"by", window.by},
                           {"from", base::format_utc(window.from_at)},
                           {"until", base::format_utc(window.until_at)},
                           {"about", fmt::format("{} {} {}", window.source, window.kind, window.subject)}});
        prose += fmt::format("{:>4}  {} - {}  {}  {} {} {}  {}\n", window.id, base::format_local(window.from_at),
                             base::format_local(window.until_at), window.reason_kind, window.source, window.kind,
                             window.subject, window.why);
    }
    if (windows.empty()) prose = "no such span: everybody on duty is called";
    invocation.answer({{"windows", windows}}, prose);
    return kDone;
}

int run(const Invocation& invocation) {
    const auto watch = open_watch(invocation);
    if (!invocation.has("--end") && !invocation.has("--until")) return show(invocation, *watch);
    const signals::By by = watch_by(invocation, people::Act::MonitorEdit);
    if (const auto ended = invocation.number("--end", 1, 1LL << 60)) {
        if (!watch->write([&](sys::Transaction& tx) { return signals::end_window(tx, *ended, by); }))
            throw base::Error(base::Kind::NotFound, fmt::format("there is no span {} that has not ended", *ended));
        return show(invocation, *watch);
    }
    signals::Window window;
    window.reason_kind = invocation.has("--operator") ? "operator" : "planned-stop";
    window.why = invocation.text("--why");
    window.by = by.who;
    window.from_at = invocation.instant("--from").value_or(by.at);
    window.until_at = invocation.instant("--until").value();
    if (invocation.has("--source")) window.source = invocation.text("--source");
    if (invocation.has("--kind")) window.kind = invocation.text("--kind");
    if (invocation.has("--subject")) window.subject = invocation.text("--subject");
    watch->write([&](sys::Transaction& tx) { return signals::add_window(tx, window, by.at); });
    return show(invocation, *watch);
}

constexpr Option kOptions[] = {
    {"--until", "The end of a new span; at most 31 days"},
    {"--from", "Its beginning (default: now)"},
    {"--why", "The reason"},
    {"--operator", "An operator is at work; without it, a planned stop", Takes::Flag},
    {"--source", "Only for what this detector sees, \"probe\" or \"guard\""},
    {"--kind", "Only for this kind, \"http\" or \"tree.*\""},
    {"--subject", "Only for this subject, \"http.public\" or \"disk.*\""},
    {"--end", "Ends the span of this number now"},
    kActingOption,
};

}  // namespace

extern const Command monitor_quiet{"monitor", "quiet", "Spans in which nobody is called, and a new one", kOptions, run};

}  // namespace cli

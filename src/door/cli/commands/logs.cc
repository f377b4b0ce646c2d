// The logs that are kept: what there is, whether it is as it was sealed, lines in it, and an archive to hand over.

#include <boost/json.hpp>
#include <unistd.h>

#include "door/cli/anomaly.h"
#include "door/cli/command.h"
#include "flow/keep_logs.h"
#include "ground/base/error.h"
#include "watch/log_archive/requests.h"
#include "watch/log_archive/search.h"

namespace cli {

namespace {

using log_archive::Day;

/// The site as far as it can be opened, and its logs, as of this moment where they can be collected now.
struct Logs {
    explicit Logs(const Invocation& invocation)
        : clock(invocation.clock()),
          settings(settings::load(invocation.site() / "yakuba.toml")),
          folders(flow::folders_of(std::filesystem::absolute(invocation.site()))) {
        try {
            site = flow::Site::open(invocation.site(), clock);
        } catch (const base::Error& error) {
            invocation.say(fmt::format("without the office's database: {}", error.message()));
        }
        own = site ? nullptr : flow::open_watch(folders);
    }
    sys::Database& watch() const { return own ? *own : site->watch(); }
    log_archive::Place place() const { return flow::log_place(watch(), folders, clock); }
    bool collect() const { return flow::collect_now(site.get(), watch(), folders, settings, clock); }

    const base::Clock& clock;
    settings::Settings settings;
    flow::Folders folders;
    std::unique_ptr<flow::Site> site;
    std::unique_ptr<sys::Database> own;
};

constexpr std::string_view kNotNow = "the newest lines may be missing: the service collects them every two seconds";

boost::json::value time_of(const std::optional<base::Instant>& at) {
    if (!at) return nullptr;
    return boost::json::value(base::format_utc(*at));
}

base::Instant needed(const Invocation& invocation, std::string_view name) {
    const auto at = invocation.instant(name);
    if (!at)
        throw base::Error(base::Kind::BadInput, fmt::format("{} is needed: 2027-04-01 or \"2027-04-01 09:00\"", name));
    return *at;
}

boost::json::object as_json(const Day& day) {
    boost::json::object row{
        {"series", day.series},         {"kind", day.kind},          {"day", base::format_day(day.day)},
        {"state", state_id(day.state)}, {"lines", day.lines},        {"bytes", day.bytes},
        {"first", time_of(day.first)},  {"last", time_of(day.last)}, {"fault", day.fault}};
    if (day.state != log_archive::State::Open) row["sha256"] = day.sha256.hex();
    return row;
}

int list(const Invocation& invocation) {
    const Logs logs(invocation);
    log_archive::Filter filter{invocation.list("--kind"), invocation.instant("--from"), invocation.instant("--to"),
                               invocation.has("--removed")};
    boost::json::array days;
    std::string prose;
    logs.watch().read([&](sys::Reader& db) {
        log_archive::check_kinds(db, filter.kinds);
        for (const Day& day : log_archive::list_days(db, filter)) {
            days.push_back(as_json(day));
            prose += fmt::format("{}  {:<24} {:<8} {:>12} lines {:>14} bytes  {}\n", base::format_day(day.day),
                                 day.series, state_id(day.state), day.lines, day.bytes, day.fault);
        }
    });
    prose += fmt::format("{} days", days.size());
    invocation.answer({{"days", std::move(days)}}, prose);
    return kDone;
}

int verify(const Invocation& invocation) {
    const Logs logs(invocation);
    const auto verified = log_archive::verify(logs.place(), {}, is_interrupted);
    stop_if_interrupted();
    boost::json::array faults;
    std::string prose;
    for (const auto& one : verified.faults) {
        faults.push_back(
            {{"series", one.series}, {"day", base::format_day(one.day)}, {"what", one.what}, {"message", one.message}});
        prose += fmt::format("{} {}: {}\n", one.series, base::format_day(one.day), one.what);
    }
    prose += verified.faults.empty()
                 ? fmt::format("{} days are as they were sealed ({} bytes read)", verified.days, verified.bytes)
                 : fmt::format("{} of {} days are not as they were sealed", verified.faults.size(), verified.days);
    invocation.answer({{"ok", verified.faults.empty()},
                       {"days", verified.days},
                       {"bytes", verified.bytes},
                       {"faults", std::move(faults)}},
                      prose);
    return verified.faults.empty() ? kDone : kFound;
}

int search(const Invocation& invocation) {
    const Logs logs(invocation);
    const bool is_now = logs.collect();
    log_archive::Search asked;
    asked.from = needed(invocation, "--from");
    asked.until = invocation.instant("--to").value_or(invocation.clock().now() + std::chrono::hours(24));
    asked.kinds = invocation.list("--kind");
    asked.text = invocation.text("--text");
    asked.status = invocation.text("--status");
    asked.path = invocation.text("--path");
    asked.address = invocation.text("--address");
    asked.limit = static_cast<std::size_t>(invocation.number("--limit", 1, 10'000).value_or(100));
    asked.most_bytes = ~std::uint64_t{0};  // nobody waits at a screen
    asked.patience = std::chrono::hours(24);
    const auto found = log_archive::search(logs.place(), asked);
    boost::json::array hits;
    std::string prose;
    for (const auto& hit : found.hits) {
        hits.push_back(
            {{"series", hit.series}, {"kind", hit.kind}, {"at", base::format_utc(hit.at)}, {"line", hit.line}});
        std::string line = hit.line;  // a terminal is not to be moved by a log
        std::replace_if(
            line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, '?');
        prose += fmt::format("{}: {}\n", hit.series, line);
    }
    prose +=
        fmt::format("{} lines{}", found.hits.size(), found.after.empty() ? "" : "; there may be more: raise --limit");
    if (!is_now) invocation.say(kNotNow);
    if (!found.problem.empty()) invocation.say(found.problem);
    invocation.answer({{"hits", std::move(hits)},
                       {"looked_at", found.lines},
                       {"more", !found.after.empty()},
                       {"problem", found.problem}},
                      prose);
    return found.problem.empty() ? kDone : kFound;
}

/// The name that is given when none is: never that of an archive which is there already.
std::string free_name(const log_archive::Order& order) {
    const std::string name = fmt::format("logs-{}-{}.zip", base::format_day(base::local_day(order.from)),
                                         base::format_day(base::local_day(order.until - std::chrono::milliseconds(1))));
    if (std::filesystem::exists(name))
        throw base::Error(base::Kind::Conflict, fmt::format("{} is there already; give another name by --out", name));
    return name;
}

int hand_over(const Invocation& invocation) {
    const Logs logs(invocation);
    const bool is_now = logs.collect();
    const auto place = logs.place();
    const sys::SigningKey key = flow::load_log_key(place, logs.folders);
    log_archive::Order order;
    flow::fill_order(order, logs.settings, key);
    order.from = needed(invocation, "--from");
    order.until = needed(invocation, "--to");
    order.kinds = invocation.list("--kind");
    order.is_masked = invocation.has("--mask");
    order.why = invocation.text("--why");
    order.by = watch_by(invocation, people::Act::LogsExport).who;
    order.is_stopped = is_interrupted;
    const auto file = std::filesystem::absolute(invocation.has("--out") ? invocation.text("--out") : free_name(order));
    const auto made = log_archive::export_logs(place, order, file);
    logs.watch().write([&](sys::Transaction& tx) {
        log_archive::note_export(tx, order, made, "log-export:cli", invocation.clock().now());
    });
    if (!is_now) invocation.say(kNotNow);
    boost::json::array members, faults;
    for (const auto& one : made.members) {
        if (!one.file.empty())
            members.push_back({{"file", one.file},
                               {"series", one.day.series},
                               {"kind", one.day.kind},
                               {"day", base::format_day(one.day.day)},
                               {"lines", one.lines},
                               {"sealed", one.is_sealed_whole}});
        if (!one.day.fault.empty())
            faults.push_back(
                {{"series", one.day.series}, {"day", base::format_day(one.day.day)}, {"what", one.day.fault}});
    }
    const bool is_well = faults.empty();
    invocation.answer({{"file", file.string()},
                       {"lines", made.lines},
                       {"bytes", made.archive_bytes},
                       {"sha256", made.sha256.hex()},
                       {"key", made.key},
                       {"seconds", made.seconds},
                       {"masked",
                        {{"addresses", made.masked.addresses},
                         {"names", made.masked.names},
                         {"mails", made.masked.mails},
                         {"queries", made.masked.queries}}},
                       {"collected_now", is_now},
                       {"logs", std::move(members)},
                       {"faults", std::move(faults)}},
                      fmt::format("{}: {} lines, {} bytes, in {:.1f} s\nSHA-256 {}\nsigned by {}{}", file.string(),
                                  made.lines, made.archive_bytes, made.seconds, made.sha256.hex(), made.key,
                                  is_well ? "" : "\nsome days are not as they were sealed; see index.html in it"));
    return is_well ? kDone : kFound;
}

constexpr std::string_view kFrom = "From this time (Japanese time; inclusive)", kTo = "To this time (exclusive)",
                           kKind = "A kind (access, office, audit, system, security, other) or the name of a log";
constexpr Option kList[] = {{"--from", kFrom},
                            {"--to", kTo},
                            {"--kind", kKind, Takes::Many},
                            {"--removed", "Also days whose time is over", Takes::Flag}};
constexpr Option kSearch[] = {{"--from", kFrom, Takes::One, true},
                              {"--to", kTo},
                              {"--kind", kKind, Takes::Many},
                              {"--text", "Words in the line, as they stand there"},
                              {"--status", "Status of access logs, 404, or its beginning, 4"},
                              {"--path", "Part of the path in access logs"},
                              {"--address", "Beginning of the client's address in access logs"},
                              {"--limit", "Most lines (default: 100)"}};
constexpr Option kExport[] = {
    {"--from", kFrom, Takes::One, true},
    {"--to", kTo, Takes::One, true},
    {"--out", "The archive to write (default: logs-FROM-TO.zip here, by its first and last day)"},
    {"--kind", kKind, Takes::Many},
    {"--mask", "Replace personal data; the rule stands in the archive", Takes::Flag},
    {"--why", "The reason, for the record"}};

}  // namespace

extern const Command logs_list{"logs", "list", "The days of logs that are kept", kList, list};
extern const Command logs_verify{
    "logs", "verify", "Compare the days of logs with the records of their sealing", {}, verify};
extern const Command logs_search{"logs", "search", "Find lines in the logs", kSearch, search};
extern const Command logs_export{"logs", "export", "Hand over the logs of a period, signed", kExport, hand_over};

}  // namespace cli

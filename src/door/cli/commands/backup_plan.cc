#include "door/cli/backup.h"
#include "ground/base/error.h"
#include "ground/base/text.h"

namespace cli {

namespace {

boost::json::object as_json(const backup::Due& due) {
    return {{"kind", backup::kind_id(due.kind)},
            {"why", backup::why_id(due.why)},
            {"due_at", base::format_utc(due.at)},
            {"begins_at", base::format_utc(due.begin)}};
}

int run(const Invocation& invocation) {
    const BackupSite site(invocation);
    const base::Instant now = invocation.instant("--at").value_or(invocation.clock().now());
    const auto days = static_cast<int>(invocation.number("--days", 1, 366).value_or(7));
    const backup::Policy policy = flow::backup_policy(site.settings);
    const std::string fingerprint = flow::backup_fingerprint(site.place);
    boost::json::array repositories;
    std::string prose = fmt::format("{}: backups are {} at this moment\n", base::format_local(now),
                                    backup::is_allowed(policy, now) ? "allowed" : "not allowed");
    bool is_late = false;
    for (const std::string& repository : site.repositories(invocation)) {
        const auto [history, held] = site.watch->read([&](sys::Reader& db) {
            return std::pair(backup::history_of(db, repository, now), backup::list_held(db, repository));
        });
        const auto late =
            site.watch->read([&](sys::Reader& db) { return flow::backup_late_since(site.place, db, repository, now); });
        is_late = is_late || late.has_value();
        boost::json::array planned;
        prose += repository + "\n";
        for (const backup::Due& due : backup::list_planned(policy, history, fingerprint, now, days)) {
            planned.push_back(as_json(due));
            prose += fmt::format("  {}  {} ({})\n", base::format_local(due.begin), backup::kind_id(due.kind),
                                 backup::why_id(due.why));
        }
        const auto generations = backup::generations_of(held);
        const int data = backup::count_generations(generations, backup::Kind::Data);
        const int system = backup::count_generations(generations, backup::Kind::System);
        prose += fmt::format("  verified generations: {} of {} data, {} of {} system{}\n", data,
                             site.settings.backup.generations, system, site.settings.backup.system_generations,
                             late ? "; LATE" : "");
        repositories.push_back({{"repository", repository},
                                {"planned", std::move(planned)},
                                {"generations", boost::json::object{{"data", data}, {"system", system}}},
                                {"late_since", late ? boost::json::value(base::format_utc(*late)) : nullptr}});
    }
    invocation.answer({{"at", base::format_utc(now)},
                       {"allowed", backup::is_allowed(policy, now)},
                       {"next_allowed", base::format_utc(backup::next_allowed(policy, now))},
                       {"repositories", std::move(repositories)}},
                      base::trim(prose));
    return is_late ? kFound : kDone;
}

constexpr Option kOptions[] = {
    {"--at", "As of this time"},
    {"--days", "How far ahead (default 7)"},
    {"--repository", "Only of this one: its number or name in the settings"},
};

}  // namespace

extern const Command backup_plan{"backup", "plan", "When the next backups are made, and whether one is late", kOptions,
                                 run};

}  // namespace cli

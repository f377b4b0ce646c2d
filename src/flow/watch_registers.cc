#include "flow/watch_registers.h"

#include <fmt/format.h>

#include "ground/calendar/era.h"
#include "ground/ledger/store.h"
#include "office/registers/store.h"
#include "office/visits/store.h"

namespace flow {

std::vector<SilentSource> list_silent_sources(Site& site) {
    const base::Instant now = site.clock.now();
    return site.database->read([&](sys::Reader& db) {
        std::vector<SilentSource> all;
        for (const visits::Source& one : visits::list_sources(db)) {
            if (one.problem.empty()) continue;
            ledger::Search search;
            search.act = "source.add";
            search.subject = fmt::format("source:{}", one.id);
            search.limit = 1;
            const auto added = one.fetched_at ? std::vector<ledger::Line>() : ledger::find_lines(db, search);
            const base::Instant since = one.fetched_at  ? *one.fetched_at
                                        : added.empty() ? base::Instant{}
                                                        : added.front().entry.at;
            if (now - since > kSourcePatience) all.push_back({one.id, one.name, one.problem, since});
        }
        return all;
    });
}

void follow_registers(Site& site, std::vector<Wrong>& wrong) {
    const auto warnings =
        site.database->read([&](sys::Reader& db) { return registers::list_warnings(db, site.clock.now()); });
    for (const registers::Warning& one : warnings)
        wrong.push_back({"register." + one.kind, one.subject, one.text,
                         one.is_pressing ? signals::Severity::Warning : signals::Severity::Minor});
    for (const SilentSource& one : list_silent_sources(site))
        wrong.push_back({"news.source", fmt::format("source:{}", one.id),
                         fmt::format("情報源「{}」を、{}から読めていません（{}）。アドレスを確かめてください。",
                                     one.name, calendar::format_era_moment(one.since), one.problem),
                         signals::Severity::Minor});
}

}  // namespace flow

// さがす: one box for everything that the person may see. Each room is asked by its own search and gives its newest; a
// list of one kind with all its filters is one click further. What somebody may not see is not found, not even counted.
#include "door/web/administration.h"
#include "door/web/language.h"
#include "door/web/screens/ledger/sentence.h"
#include "door/web/screens/today/sources.h"
#include "door/web/sight.h"
#include "door/web/words.h"
#include "flow/contract_status.h"
#include "ground/base/text.h"
#include "ground/ledger/acts.h"
#include "ground/ledger/store.h"
#include "office/documents/store.h"
#include "office/helpdesk/store.h"
#include "office/incidents/incident.h"
#include "office/registers/store.h"
#include "office/stops/stop.h"
#include "office/training/store.h"
#include "office/visits/store.h"
#include "office/vulnerabilities/inspections.h"
#include "office/vulnerabilities/patches.h"
#include "office/vulnerabilities/store.h"
#include "press/content/words.h"
#include "watch/signals/anomaly.h"

namespace web {

namespace {

constexpr int kEach = 8;
constexpr int kPagesLooked = 200;   // to find those among them that the person may see
constexpr int kKeptLooked = 10000;  // of a kind that has no search of its own: more than a contract brings
constexpr int kLinesLooked = 1000;  // of the ledger, the newest
constexpr std::size_t kLongestWords = 100;

struct Hit {
    std::string title, note, path;
    std::optional<base::Instant> at;
};

struct Source {
    std::string_view screen, title;
    std::string_view more;  ///< its list takes "?q="; empty: it has no such search
    std::vector<Hit> (*find)(Context& context, const std::string& words);
};

std::vector<Hit> find_pages(Context& context, const std::string& words) {
    std::vector<Hit> hits;
    context.db().read([&](sys::Reader& db) {
        Sight sight(context, db);
        content::PageFilter filter;
        filter.words = words;
        for (int looked = 0; looked < kPagesLooked && hits.size() < kEach;) {
            const content::PageList list = content::list_pages(db, filter);
            for (const content::Page& page : list.pages)
                if (const auto seen = sight.look(page, words); seen && hits.size() < kEach)
                    hits.push_back({seen->title, readable_path(seen->path),
                                    seen->is_open ? fmt::format("/pages/{}", page.id.value) : std::string(),
                                    seen->changed_at});
            looked += std::max<int>(1, static_cast<int>(list.pages.size()));
            filter.after = list.next;
            if (list.next.empty()) break;
        }
    });
    return hits;
}

std::vector<Hit> find_incidents(Context& context, const std::string& words) {
    incidents::Filter filter;
    filter.words = words;
    filter.limit = kEach;
    std::vector<Hit> hits;
    for (const auto& one : context.db().read([&](sys::Reader& db) { return incidents::list_incidents(db, filter); }))
        hits.push_back({fmt::format("{} {}", one.number, one.title), say(incidents::state_wording(one.state)),
                        fmt::format("/incidents/{}", one.id.value), one.detected_at});
    return hits;
}

std::vector<Hit> find_questions(Context& context, const std::string& words) {
    helpdesk::Filter filter;
    filter.words = words;
    filter.limit = kEach;
    if (!context.may(people::Act::DeskAnswer)) filter.asker = context.person.id;
    std::vector<Hit> hits;
    for (const auto& one : context.db().read([&](sys::Reader& db) { return helpdesk::list_questions(db, filter); }))
        hits.push_back({fmt::format("{} {}", one.number, one.title), say(helpdesk::state_wording(one.state)),
                        fmt::format("/questions/{}", one.id.value), one.received_at});
    return hits;
}

std::vector<Hit> find_vulnerabilities(Context& context, const std::string& words) {
    vulnerabilities::RecordFilter filter;
    filter.words = words;
    filter.limit = kEach;
    std::vector<Hit> hits;
    for (const auto& one :
         context.db().read([&](sys::Reader& db) { return vulnerabilities::list_records(db, filter, context.now()); }))
        hits.push_back({fmt::format("{} {}", one.number, one.title),
                        say(vulnerabilities::standing_wording(one.standing(context.now()))),
                        fmt::format("/vulnerabilities/{}", one.id), one.received_at});
    return hits;
}

std::vector<Hit> find_documents(Context& context, const std::string& words) {
    documents::Filter filter;
    filter.words = words;
    filter.limit = kEach;
    std::vector<Hit> hits;
    for (const auto& one : context.db().read([&](sys::Reader& db) { return documents::list_documents(db, filter); }))
        hits.push_back({fmt::format("{} {}", one.number, one.title),
                        say(one.confirmed_at   ? "受領を確認しました"
                            : one.delivered_at ? "渡しました"
                                               : "まだ渡していません"),
                        fmt::format("/documents/{}", one.id), one.made_at});
    return hits;
}

std::vector<Hit> find_anomalies(Context& context, const std::string& words) {
    sys::Database* watch = context.site().find_watch();
    if (watch == nullptr) return {};
    signals::Filter filter;
    filter.words = words;
    filter.limit = kEach;
    std::vector<Hit> hits;
    for (const auto& one : watch->read([&](sys::Reader& db) { return signals::list_anomalies(db, filter); }))
        hits.push_back({one.text, say(signals::standing_wording(one.standing)),
                        fmt::format("/anomalies/{}", one.id.value), one.first_at});
    return hits;
}

std::vector<Hit> find_obligations(Context& context, const std::string& words) {
    std::vector<Hit> hits;
    const auto read = flow::find_contract(context.site().folders, context.site().settings);
    if (!read || !read->is_usable()) return hits;
    for (const contract::Obligation& one : read->contract.obligations) {
        std::string all = one.title + " " + one.id;
        for (const contract::Clause& clause : read->contract.clauses)
            if (std::find(one.clauses.begin(), one.clauses.end(), clause.id) != one.clauses.end())
                all += " " + clause.id + " " + clause.wording;
        if (all.find(words) == std::string::npos || hits.size() >= kEach) continue;
        hits.push_back({one.title, fmt::format("{}", fmt::join(one.clauses, "、")), "/contract/" + one.id, {}});
    }
    return hits;
}

/// Adds the thing when its title and what else is written about it have the words.
void add_if(std::vector<Hit>& hits, const std::string& words, std::string_view also, Hit hit) {
    if (hits.size() < kEach && content::has_words(hit.title, also, words)) hits.push_back(std::move(hit));
}

std::vector<Hit> find_stops(Context& context, const std::string& words) {
    stops::Filter filter;
    filter.limit = kKeptLooked;
    std::vector<Hit> hits;
    for (const auto& one : context.db().read([&](sys::Reader& db) { return stops::list_stops(db, filter); }))
        add_if(hits, words, fmt::format("{} {} {}", one.plan.what, one.plan.reason, one.plan.work),
               {fmt::format("{} {}", one.number, one.plan.title), say(stops::state_wording(one.state)),
                fmt::format("/stops/{}", one.id.value), one.plan.starts_at});
    return hits;
}

std::vector<Hit> find_patches(Context& context, const std::string& words) {
    std::vector<Hit> hits;
    for (const auto& one :
         context.db().read([](sys::Reader& db) { return vulnerabilities::list_patches(db, {}, kKeptLooked); }))
        add_if(hits, words, fmt::format("{} {} {}", one.component, one.version_from, one.version_to),
               {one.title, one.component, fmt::format("/patches/{}", one.id), one.found_at});
    return hits;
}

std::vector<Hit> find_inspections(Context& context, const std::string& words) {
    std::vector<Hit> hits;
    for (const auto& one : context.db().read(vulnerabilities::list_inspections))
        add_if(hits, words, fmt::format("{} {}", one.body, one.scope),
               {fmt::format("{} {}", one.number, one.title), one.body, fmt::format("/inspections/{}", one.id),
                one.made_at});
    return hits;
}

std::vector<Hit> find_trainings(Context& context, const std::string& words) {
    std::vector<Hit> hits;
    context.db().read([&](sys::Reader& db) {
        std::map<std::int64_t, std::string> trainees;  // by session
        for (const training::Attendee& each : training::list_all_attendees(db, kKeptLooked))
            trainees[each.session] += fmt::format(" {} {}", each.name, each.department);
        for (const training::Session& one : training::list_sessions(db, kKeptLooked))
            add_if(hits, words, fmt::format("{} {} {}{}", one.teacher, one.place, one.note, trainees[one.id]),
                   {say(training::course_name(one.course)), say(training::state_wording(one.state)),
                    fmt::format("/training/{}", one.id), one.starts_at});
    });
    return hits;
}

std::vector<Hit> find_visits(Context& context, const std::string& words) {
    std::vector<Hit> hits;
    context.db().read([&](sys::Reader& db) {
        for (const visits::Visit& one : visits::list_visits(db, kKeptLooked))
            add_if(
                hits, words, fmt::format("{} {} {} {}", one.place, one.visitors, one.hosts, one.minutes),
                {one.purpose, say(visits::state_wording(one.state)), fmt::format("/visits/{}", one.id), one.starts_at});
        for (const visits::Proposal& one : visits::list_proposals(db, kKeptLooked))
            add_if(hits, words, one.body + " " + one.reason,
                   {one.title, say(visits::answer_wording(one.answer)), fmt::format("/visits/proposals/{}", one.id),
                    one.made_at});
    });
    return hits;
}

std::vector<Hit> find_entries(Context& context, const std::string& words) {
    std::vector<Hit> hits;
    context.db().read([&](sys::Reader& db) {
        for (const registers::Register& kind : registers::all_registers())
            for (const registers::Entry& one : registers::list_entries(db, kind.id, registers::Which::All)) {
                std::string also;
                for (const auto& [field, text] : one.fields) also += text + " ";
                add_if(hits, words, also,
                       {one.name, say(kind.title), fmt::format("/registers/{}/{}", one.kind, one.id), one.changed_at});
            }
    });
    return hits;
}

std::vector<Hit> find_people(Context& context, const std::string& words) {
    people::PeopleQuery query;
    query.words = words;
    query.on = base::local_day(context.now());
    query.limit = kEach;
    std::vector<Hit> hits;
    for (const auto& one : context.db().read([&](sys::Reader& db) { return people::list_people(db, query); }))
        hits.push_back({one.name, one.login_name, fmt::format("/people/{}", one.id.value), {}});
    return hits;
}

/// Of the newest lines of both streams: by the act's words, its subject, and who did it.
std::vector<Hit> find_lines(Context& context, const std::string& words) {
    std::vector<Hit> hits;
    context.db().read([&](sys::Reader& db) {
        Names names(context.db());
        ledger::Search search;
        search.limit = kLinesLooked;
        std::vector<ledger::Line> lines = ledger::find_lines(db, search);
        if (sys::Database* watch = context.site().find_watch()) {
            search.stream = ledger::kWatch;
            auto more = watch->read([&](sys::Reader& reader) { return ledger::find_lines(reader, search); });
            std::move(more.begin(), more.end(), std::back_inserter(lines));
            std::stable_sort(lines.begin(), lines.end(),
                             [](const auto& a, const auto& b) { return a.entry.at > b.entry.at; });
        }
        for (const ledger::Line& line : lines) {
            if (hits.size() >= kEach) break;
            const std::string who = who_of(names, line.entry.by);
            const std::string act(ledger::act_wording(line.entry.act));
            if (act.find(words) == std::string::npos && line.entry.subject != words &&
                who.find(words) == std::string::npos && line.entry.detail.find(words) == std::string::npos)
                continue;
            http::Fields fields;
            if (line.stream != ledger::kOffice) fields.add("stream", line.stream);
            fields.add("subject", line.entry.subject);
            fields.add("act", line.entry.act);
            hits.push_back({sentence_of(db, line.entry), who, address_of("/ledger", fields), line.entry.at});
        }
    });
    return hits;
}

constexpr Source kSources[] = {{"/pages", "ページ", "/pages", find_pages},
                               {"/incidents", "障害", "/incidents", find_incidents},
                               {"/questions", "問合せ", "/questions", find_questions},
                               {"/stops", "計画停止", "", find_stops},
                               {"/vulnerabilities", "脆弱性", "/vulnerabilities", find_vulnerabilities},
                               {"/patches", "修正と版の更新", "", find_patches},
                               {"/inspections", "脆弱性検査", "", find_inspections},
                               {"/documents", "文書", "/documents", find_documents},
                               {"/contract", "契約", "", find_obligations},
                               {"/training", "研修", "", find_trainings},
                               {"/visits", "訪問", "", find_visits},
                               {"/registers", "台帳", "", find_entries},
                               {"/anomalies", "異常", "/anomalies", find_anomalies},
                               {"/people", "利用者", "/people", find_people},
                               {"/ledger", "業務記録", "", find_lines}};

http::Response show(Context& context) {
    const std::string words = query_words(context, "q", kLongestWords);
    tmpl::List groups;
    std::int64_t count = 0;
    bool is_more = false;
    if (!words.empty())
        for (const Source& source : kSources) {
            if (find_usable_screen(context, source.screen) == nullptr) continue;
            tmpl::List rows;
            for (const Hit& hit : source.find(context, words)) {
                ++count;
                rows.push_back(tmpl::Map{{"title", hit.title},
                                         {"note", hit.note},
                                         {"path", hit.path},
                                         {"at", hit.at ? short_time(*hit.at, context.now()) : tmpl::Value()}});
            }
            if (rows.empty()) continue;
            is_more = is_more || rows.size() >= static_cast<std::size_t>(kEach);
            http::Fields fields;
            fields.add("q", words);
            groups.push_back(tmpl::Map{{"title", say(source.title)},
                                       {"more", source.more.empty() || rows.size() < static_cast<std::size_t>(kEach)
                                                    ? std::string()
                                                    : address_of(source.more, fields)},
                                       {"rows", std::move(rows)}});
        }
    return context.page({"screens/search/show.html", "さがす", {}},
                        {{"words", words}, {"count", count}, {"is_more", is_more}, {"groups", std::move(groups)}});
}

constexpr Route kRoutes[] = {{"GET", "/search", show}};

}  // namespace

extern const Screen search_screen{"search", "さがす", "/search", "", Place::None, Access::SignedIn, {}, kRoutes};

}  // namespace web

// Looking: how a page stands, what a person may do with it, and what waits for them.
#include "flow/edit_page/turn.h"
#include "flow/open_failures.h"
#include "press/content/store.h"

namespace flow {

using base::PersonId;
using workflow::Case;
using workflow::List;
using workflow::Verb;

namespace {

constexpr int kMostFailures = 1000;
constexpr int kMostEmergencies = 500;

/// A case in which everything that the person has yet to type is as it should be, so that only their right decides.
void fill_in(Case& asked, const workflow::Standing& standing) {
    asked.words = "-";
    asked.opened = asked.is_emergency_open ? asked.emergency_hash : standing.hash;
}

bool may_now(sys::Reader& db, const Turn& turn, Verb verb) {
    Case asked = make_case(db, turn, verb);
    fill_in(asked, turn.standing);
    return static_cast<bool>(workflow::decide(turn.standing, verb, asked));
}

}  // namespace

Outcome look_at(Site& site, base::PageId page) {
    return site.database->read([&](sys::Reader& db) { return outcome(begin_turn(db, site, page, Doer{})); });
}

std::vector<Verb> list_verbs(Site& site, base::PageId page, PersonId person) {
    return site.database->read([&](sys::Reader& db) {
        const Doer doer{person, {}};
        const Turn turn = begin_turn(db, site, page, doer);
        std::vector<Verb> verbs;
        for (std::size_t i = 0; i < workflow::kVerbs; ++i) {
            const auto verb = static_cast<Verb>(i);
            if (verb == Verb::EmergencyPublish && !site.settings.workflow.allow_emergency) continue;
            if (workflow::find_move(verb, turn.standing.state) != nullptr && may_now(db, turn, verb))
                verbs.push_back(verb);
        }
        return verbs;
    });
}

std::vector<workflow::Candidate> list_asked(Site& site, base::PageId page) {
    return site.database->read([&](sys::Reader& db) { return workflow::list_asked(db, page); });
}

std::vector<workflow::Emergency> list_emergencies_for(Site& site, PersonId person, int limit) {
    return site.database->read([&](sys::Reader& db) {
        const Doer doer{person, {}};
        std::vector<workflow::Emergency> mine;
        for (workflow::Emergency& one : workflow::list_open_emergencies(db, kMostEmergencies)) {
            if (static_cast<int>(mine.size()) >= limit) break;
            if (may_now(db, begin_turn(db, site, one.page, doer), Verb::ApproveAfterwards))
                mine.push_back(std::move(one));
        }
        return mine;
    });
}

std::vector<publish::Receipt> list_failures_of(Site& site, PersonId person, int limit) {
    std::vector<publish::Receipt> failed =
        site.database->read([](sys::Reader& db) { return list_open_failures(db, kMostFailures); });
    std::erase_if(failed, [&](const publish::Receipt& one) { return one.person != person; });
    if (failed.size() > static_cast<std::size_t>(limit)) failed.resize(static_cast<std::size_t>(limit));
    return failed;
}

Waiting waiting_for(Site& site, PersonId person) {
    Waiting waiting = site.database->read([&](sys::Reader& db) {
        const auto count = [&](List list) { return workflow::count_waiting(db, list, person); };
        return Waiting{count(List::Drafts),
                       count(List::Returned),
                       count(List::ToApprove),
                       count(List::Submitted),
                       count(List::Approved),
                       count(List::Scheduled),
                       0,
                       0};
    });
    waiting.failures = static_cast<std::int64_t>(list_failures_of(site, person, kMostFailures).size());
    waiting.emergencies = static_cast<std::int64_t>(list_emergencies_for(site, person, kMostEmergencies).size());
    return waiting;
}

}  // namespace flow

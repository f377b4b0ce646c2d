#include "flow/edit_page/turn.h"

#include <boost/json.hpp>

#include "ground/base/text.h"
#include "ground/calendar/era.h"
#include "ground/ledger/store.h"
#include "office/stops/stop.h"
#include "press/content/store.h"

namespace flow {

using base::Error;
using base::Kind;
using base::PersonId;
using people::Act;
using workflow::Case;
using workflow::Matter;
using workflow::State;
using workflow::Verb;

namespace {

constexpr int kMostRevisions = 10'000;

bool has(const std::vector<PersonId>& people, PersonId person) {
    return std::find(people.begin(), people.end(), person) != people.end();
}

void add(std::vector<PersonId>& people, PersonId person) {
    if (person && !has(people, person)) people.push_back(person);
}

template <class Predicate>
people::Actor with_standings(const people::Actor& actor, const Predicate& keep) {
    people::Actor kept{actor.person, actor.name, actor.is_active, {}};
    std::copy_if(actor.standings.begin(), actor.standings.end(), std::back_inserter(kept.standings), keep);
    return kept;
}

bool is_asking(const workflow::Standing& standing) {
    return standing.state == State::Submitted || standing.state == State::Approved ||
           standing.state == State::Scheduled;
}

/// The revision's hash as it is now: its stored one, unless the page was moved or the row changed without it.
base::Hash current_hash(const content::Page& page, const content::Revision& revision) {
    const base::Hash now = content::revision_hash(page.path, page.document, revision.body);
    return now == revision.hash ? now : base::Hash{};
}

}  // namespace

std::string Turn::by() const {
    return fmt::format("person:{}", doer.person.value);
}
std::string Turn::subject() const {
    return fmt::format("page:{}", page.id.value);
}

base::DepartmentId department_of(sys::Reader& db, base::DepartmentId own, base::SectionId section) {
    for (int depth = 0; !own && section && depth < 64; ++depth) {
        const auto found = content::find_section(db, section);
        if (!found) break;
        own = found->department;
        section = found->parent;
    }
    return own;
}

Turn begin_turn(sys::Reader& db, Site& site, base::PageId id, const Doer& doer) {
    const base::Instant now = site.clock.now();
    content::Page page = content::load_page(db, id);
    content::Revision latest = content::load_revision(db, page.latest);
    const base::DepartmentId department = department_of(db, page.department, page.section);
    people::Scope scope = people::scope_of(db, department ? std::optional(department) : std::nullopt, page.path, now);
    people::Actor actor;
    if (doer.person) actor = people::load_actor(db, doer.person, now);
    return {site,
            doer,
            now,
            std::move(page),
            std::move(latest),
            workflow::find_standing(db, id),
            std::move(actor),
            std::move(scope)};
}

Turn begin_turn(sys::Transaction& tx, Site& site, base::PageId id, std::int64_t version, const Doer& doer) {
    Turn turn = begin_turn(tx, site, id, doer);
    if (turn.standing.version != version)
        throw Stale({}, turn.page.latest, turn.standing.version,
                    "このページは、ほかの人が先に操作しました。いまの状態を確かめてから、もう一度操作してください。");
    return turn;
}

std::vector<PersonId> writers_of(sys::Reader& db, const Turn& turn) {
    // The draft's chain back to what was public last. Text that was brought back from the history was written by
    // whoever wrote it then, so revisions of equal content count together.
    const std::vector<content::Revision> all = content::list_revisions(db, turn.page.id, kMostRevisions);
    std::map<base::RevisionId, const content::Revision*> by_id;
    for (const content::Revision& one : all) by_id[one.id] = &one;
    const base::RevisionId base = turn.page.live ? turn.page.live : turn.standing.last_live;
    std::set<base::Hash> contents;
    std::vector<PersonId> writers;
    for (base::RevisionId id = turn.page.latest; id && id != base;) {
        const auto found = by_id.find(id);
        if (found == by_id.end()) break;
        contents.insert(found->second->hash);
        add(writers, found->second->author);
        id = found->second->based_on;
    }
    for (const content::Revision& one : all)
        if (contents.contains(one.hash)) add(writers, one.author);
    return writers;
}

std::vector<workflow::Step> steps_for(sys::Reader& db, const Turn& turn) {
    const auto routes = workflow::list_routes(db);
    return workflow::choose_route(routes, turn.page, turn.scope.departments,
                                  static_cast<std::size_t>(turn.site.settings.workflow.approval_steps))
        .steps;
}

Case make_case(sys::Reader& db, const Turn& turn, Verb verb) {
    const workflow::Standing& standing = turn.standing;
    Case asked;
    asked.person = turn.doer.person;
    asked.now = turn.now;
    asked.latest = turn.page.latest;
    asked.live = turn.page.live;
    const bool is_withdrawal =
        verb == Verb::AskWithdraw || (standing.matter == Matter::Withdraw && is_asking(standing));
    const content::Revision subject =
        is_withdrawal && turn.page.live ? content::load_revision(db, turn.page.live) : turn.latest;
    asked.subject = subject.id;
    asked.subject_hash = is_withdrawal ? subject.hash : current_hash(turn.page, subject);

    if (verb == Verb::ApproveAfterwards) {
        if (const auto emergency = workflow::find_open_emergency(db, turn.page.id)) {
            asked.is_emergency_open = true;
            asked.emergency_hash = emergency->hash;
            asked.requesters = emergency->writers;
            add(asked.requesters, emergency->person);
        }
    } else {
        if (!is_withdrawal) asked.requesters = writers_of(db, turn);
        if (is_asking(standing)) add(asked.requesters, standing.submitted_by);
    }

    const workflow::Move* move = workflow::find_move(verb, standing.state);
    if (move == nullptr) return asked;
    // What somebody could do only in the stead of a person who asks, they cannot do.
    const people::Actor able = with_standings(turn.actor, [&](const people::Standing& held) {
        return !held.on_behalf_of || !has(asked.requesters, *held.on_behalf_of);
    });
    asked.right = people::may(able, move->act, turn.scope);
    // Whoever is named in a route, or holds a role elsewhere that it names, has a seat; the panel says so.
    const bool is_at_panel = verb == Verb::Approve || verb == Verb::Return;
    if (is_at_panel && people::may_somewhere(able, move->act)) asked.right.is_allowed = true;
    asked.may_approve = people::may(able, Act::PageApprove, turn.scope).is_allowed;
    asked.is_administrator =
        people::may(with_standings(turn.actor,
                                   [](const people::Standing& held) {
                                       return !held.on_behalf_of && held.role == people::Role::SiteAdministrator;
                                   }),
                    Act::PageWithdraw, turn.scope)
            .is_allowed;
    if (is_at_panel && standing.step < standing.steps.size()) {
        asked.panel = workflow::find_panel(db, standing.steps[standing.step], asked.requesters, turn.scope, turn.now,
                                           workflow::list_agreed_earlier(db, standing));
        workflow::Agreed agreed = workflow::find_agreed(db, standing);
        asked.have_agreed = std::move(agreed.people);
        asked.agreed_groups = agreed.groups;
    }
    return asked;
}

void keep_standing(sys::Transaction& tx, Turn& turn) {
    turn.standing = workflow::set_standing(tx, std::move(turn.standing), turn.now);
}

Outcome outcome(const Turn& turn) {
    Outcome result;
    result.page = turn.page;
    result.standing = turn.standing;
    result.revision = turn.latest.id;
    result.hash = turn.latest.hash;
    return result;
}

Outcome refused(const Turn& turn, std::string_view ja, std::string_view en) {
    Outcome result = outcome(turn);
    result.refusal = Refusal{std::string(ja), std::string(en)};
    return result;
}

Outcome refused(const Turn& turn, const workflow::Decision& decision) {
    return refused(turn, decision.refusal_ja, decision.refusal_en);
}

std::string write_detail(std::initializer_list<Field> fields) {
    boost::json::object detail;
    for (const Field& field : fields) {
        if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
            if (*number != 0) detail[field.name] = *number;
        } else if (const auto& text = std::get<std::string>(field.value); !text.empty()) {
            detail[field.name] = text;
        }
    }
    return boost::json::serialize(detail);
}

void note(sys::Transaction& tx, const Turn& turn, std::string_view act, std::initializer_list<Field> fields) {
    std::string detail = write_detail(fields);
    if (!turn.doer.via.empty()) {
        const std::string via = R"("via":)" + boost::json::serialize(turn.doer.via);
        detail.insert(1, detail == "{}" ? via : via + ",");
    }
    ledger::append(tx, {turn.now, turn.by(), std::string(act), turn.subject(), detail});
}

void need_words(std::string_view text, std::string_view what, std::size_t longest) {
    if (!base::is_utf8(text) || text.find('\0') != std::string_view::npos)
        throw Error(Kind::BadInput, fmt::format("{}に、使えない文字が入っています。", what));
    if (base::count_code_points(text) > longest)
        throw Error(Kind::BadInput, fmt::format("{}は {} 文字までです。", what, longest));
}

std::optional<Refusal> find_freeze(sys::Reader& db, const people::Actor& actor, const people::Scope& scope,
                                   base::Instant now) {
    const auto stop = stops::find_freeze(db, now);
    if (!stop || people::may(actor, people::Act::PagePublishEmergency, scope)) return std::nullopt;
    return Refusal{
        fmt::format("計画停止「{}」のため、いまは保存や承認ができません（{}まで）。入力した内容は、この画面と"
                    "ブラウザに残っています。終わってから、もう一度保存してください。急ぐお知らせは、緊急公開が"
                    "できる人に頼んでください。",
                    stop->plan.title, calendar::format_era_moment(stop->plan.ends_at)),
        fmt::format("editing is closed by the planned stop \"{}\" until {}", stop->plan.title,
                    base::format_local(stop->plan.ends_at))};
}

workflow::Decision decide_now(sys::Reader& db, const Turn& turn, Verb verb, const Case& asked) {
    const bool is_emergency =
        verb == Verb::EmergencyPublish || verb == Verb::ApproveAfterwards || verb == Verb::Withdraw;
    const workflow::Decision decision = workflow::decide(turn.standing, verb, asked);
    if (!decision || is_emergency) return decision;
    const bool is_writing = verb == Verb::Edit || verb == Verb::Restore || verb == Verb::DiscardDraft;
    const auto frozen = find_freeze(db, is_writing ? turn.actor : people::Actor{}, turn.scope, turn.now);
    if (!frozen) return decision;
    workflow::Decision refused;
    refused.refusal_ja = frozen->ja;
    refused.refusal_en = frozen->en;
    return refused;
}

Outcome decide_and(Site& site, base::PageId page, std::int64_t version, Verb verb, const Doer& doer,
                   const std::function<void(Case&)>& fill,
                   const std::function<Outcome(sys::Transaction&, Turn&, const workflow::Decision&)>& effect) {
    return site.database->write([&](sys::Transaction& tx) {
        Turn turn = begin_turn(tx, site, page, version, doer);
        Case asked = make_case(tx, turn, verb);
        if (fill) fill(asked);
        const workflow::Decision decision = decide_now(tx, turn, verb, asked);
        if (!decision) return refused(turn, decision);
        return effect(tx, turn, decision);
    });
}

}  // namespace flow

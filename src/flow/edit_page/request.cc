// Asking for approval and answering: submit, take back, return, approve.
#include "flow/activate_due.h"
#include "flow/edit_page/turn.h"
#include "ground/base/text.h"
#include "ground/people/accounts.h"
#include "press/content/live.h"
#include "press/content/store.h"

namespace flow {

using base::Kind;
using workflow::Case;
using workflow::Decision;
using workflow::Matter;
using workflow::State;
using workflow::Verb;

namespace {

constexpr std::size_t kLongestComment = 2000;

/// Asks the people of the standing's step.
void ask(sys::Transaction& tx, const Turn& turn, std::span<const base::PersonId> requesters) {
    const workflow::Panel panel =
        workflow::find_panel(tx, turn.standing.steps[turn.standing.step], requesters, turn.scope, turn.now,
                             workflow::list_agreed_earlier(tx, turn.standing));
    workflow::set_asked(tx, turn.page.id,
                        workflow::list_to_ask(panel, workflow::find_agreed(tx, turn.standing).groups));
}

/// The part that both kinds of request have in common. `turn.standing` has its matter and times.
Outcome put_request(sys::Transaction& tx, Turn& turn, const Case& asked, std::string_view comment) {
    workflow::Standing& standing = turn.standing;
    standing.state = State::Submitted;
    standing.owner = turn.doer.person;
    standing.is_autosaved = false;
    standing.revision = asked.subject;
    standing.hash = asked.subject_hash;
    standing.submitted_by = turn.doer.person;
    standing.submitted_at = turn.now;
    ++standing.round;
    standing.step = 0;
    standing.comment = comment;
    standing.problem.clear();
    keep_standing(tx, turn);
    ask(tx, turn, asked.requesters);
    note(tx, turn, "page.submit",
         {{"matter", std::string(standing.matter == Matter::Publish ? "publish" : "withdraw")},
          {"revision", standing.revision.value},
          {"hash", standing.hash.hex()},
          {"publish_at", standing.publish_at.milliseconds},
          {"withdraw_at", standing.withdraw_at.milliseconds}});
    return outcome(turn);
}

/// The page as the person may know it: its title, or only who looks after it.
std::string name_for(sys::Reader& db, const Turn& turn, base::PageId id) {
    const content::Page page = content::load_page(db, id);
    const base::DepartmentId department = department_of(db, page.department, page.section);
    const auto scope = people::scope_of(db, department ? std::optional(department) : std::nullopt, page.path, turn.now);
    if (page.live || people::may(turn.actor, people::Act::PageRead, scope)) {
        const auto live = content::find_live(db, id);
        const std::string& title = live ? live->title : page.title;
        const std::string place = "/" + base::percent_decode(live ? live->path : page.path).value_or(page.path);
        return title.empty() ? place : fmt::format("「{}」（{}）", title, place);
    }
    const auto owner = department ? people::find_department(db, department) : std::nullopt;
    return owner ? fmt::format("{}のページ", owner->name) : "別の部署のページ";
}

/// Keeps the paths of the attachments for this request; who has or wants one of them already, in words for the person.
std::optional<std::string> want_attachments(sys::Transaction& tx, const Turn& turn) {
    std::vector<std::string> paths;
    for (const content::Attachment& one : turn.latest.body.attachments) paths.push_back(one.path);
    const auto clash = workflow::want_paths(tx, turn.page.id, paths);
    if (!clash) return std::nullopt;
    return fmt::format(
        "添付ファイルの場所 /{} は、{}も使っています。ファイルの名前を変えて添付し直してから、もう一度依頼"
        "してください。",
        base::percent_decode(clash->path).value_or(clash->path), name_for(tx, turn, clash->page));
}

void add_word(sys::Transaction& tx, const Turn& turn, const Decision& decision, workflow::Said said,
              std::string_view comment) {
    const workflow::Standing& standing = turn.standing;
    workflow::add_approval(
        tx, {0, turn.page.id, standing.revision, standing.hash, standing.matter, standing.round, standing.step,
             decision.groups, turn.doer.person, decision.on_behalf_of, said, std::string(comment), turn.now});
    note(tx, turn, said == workflow::Said::Yes ? "page.approve" : "page.return",
         {{"matter", std::string(standing.matter == Matter::Publish ? "publish" : "withdraw")},
          {"revision", standing.revision.value},
          {"hash", standing.hash.hex()},
          {"step", static_cast<std::int64_t>(standing.step) + 1},
          {"on_behalf_of", decision.on_behalf_of.value}});
}

/// A plan for a time; the receipt waits with it.
Outcome plan(sys::Transaction& tx, Turn& turn) {
    workflow::Standing& standing = turn.standing;
    standing.state = State::Scheduled;
    publish::Receipt receipt;
    receipt.kind = standing.matter == Matter::Publish ? "publish" : "withdraw";
    receipt.page = turn.page.id;
    receipt.revision = standing.revision;
    receipt.person = standing.submitted_by;
    receipt.reason = standing.comment;
    receipt.due_at = standing.publish_at;
    receipt.made_at = turn.now;
    standing.receipt = publish::add_receipt(tx, receipt);
    keep_standing(tx, turn);
    note(tx, turn, "page.schedule", {{"revision", standing.revision.value}, {"at", standing.publish_at.milliseconds}});
    Outcome result = outcome(turn);
    result.receipt = standing.receipt;
    return result;
}

/// What a request becomes when it comes back: a withdrawal leaves no trace in the standing but its words.
void put_back(workflow::Standing& standing, State next) {
    standing.state = next;
    standing.matter = Matter::Publish;
    standing.publish_at = standing.withdraw_at = {};
    standing.is_by_hand = false;
}

}  // namespace

Outcome submit(Site& site, base::PageId page, std::int64_t version, const Submission& submission, const Doer& doer) {
    need_words(submission.comment, "コメント", kLongestComment);
    return site.database->write([&](sys::Transaction& tx) {
        Turn turn = begin_turn(tx, site, page, version, doer);
        Case asked = make_case(tx, turn, Verb::Submit);
        asked.findings = submission.findings;
        asked.publish_at = submission.publish_at;
        asked.withdraw_at = submission.withdraw_at;
        asked.is_by_hand = submission.is_by_hand;
        if (std::find(asked.requesters.begin(), asked.requesters.end(), doer.person) == asked.requesters.end())
            asked.requesters.push_back(doer.person);
        std::vector<workflow::Step> steps = steps_for(tx, turn);
        asked.empty_group = workflow::find_empty_group(tx, steps, asked.requesters, turn.scope, turn.now);
        const Decision decision = decide_now(tx, turn, Verb::Submit, asked);
        if (!decision) return refused(turn, decision);
        if (asked.subject_hash != turn.latest.hash)
            return refused(turn, "ページの場所が変わっています。一度保存し直してから依頼してください。",
                           "the page was moved; save it again before you submit it");
        if (const auto clash = want_attachments(tx, turn))
            return refused(turn, *clash, "another page uses the path of an attachment; rename the file");
        if (const auto obstacle = find_obstacle(tx, turn.page, turn.latest, turn.latest.hash))
            return refused(turn, *obstacle, "it cannot be published as it is; see the Japanese message");
        turn.standing.matter = Matter::Publish;
        turn.standing.publish_at = submission.publish_at;
        turn.standing.withdraw_at = submission.withdraw_at;
        turn.standing.is_by_hand = submission.is_by_hand;
        turn.standing.steps = std::move(steps);
        return put_request(tx, turn, asked, submission.comment);
    });
}

Outcome ask_withdraw(Site& site, base::PageId page, std::int64_t version, const workflow::Ending& ending,
                     const Doer& doer, base::Instant at) {
    return site.database->write([&](sys::Transaction& tx) {
        Turn turn = begin_turn(tx, site, page, version, doer);
        Case asked = make_case(tx, turn, Verb::AskWithdraw);
        asked.ending = ending;
        asked.publish_at = at;
        asked.requesters = {doer.person};
        std::vector<workflow::Step> steps = steps_for(tx, turn);
        asked.empty_group = workflow::find_empty_group(tx, steps, asked.requesters, turn.scope, turn.now);
        const Decision decision = decide_now(tx, turn, Verb::AskWithdraw, asked);
        if (!decision) return refused(turn, decision);
        turn.standing.before = turn.standing.state;
        turn.standing.matter = Matter::Withdraw;
        turn.standing.ending = ending;
        turn.standing.publish_at = at;
        turn.standing.withdraw_at = {};
        turn.standing.is_by_hand = false;
        turn.standing.steps = std::move(steps);
        return put_request(tx, turn, asked, ending.words);
    });
}

Outcome take_back(Site& site, base::PageId page, std::int64_t version, const Doer& doer) {
    return decide_and(site, page, version, Verb::TakeBack, doer, {},
                      [](sys::Transaction& tx, Turn& turn, const Decision& decision) {
                          put_back(turn.standing, *decision.next);
                          keep_standing(tx, turn);
                          note(tx, turn, "page.recall", {{"revision", turn.standing.revision.value}});
                          return outcome(turn);
                      });
}

Outcome return_page(Site& site, base::PageId page, std::int64_t version, std::string_view comment, const Doer& doer) {
    need_words(comment, "差戻しの理由", kLongestComment);
    return decide_and(
        site, page, version, Verb::Return, doer, [&](Case& asked) { asked.words = comment; },
        [&](sys::Transaction& tx, Turn& turn, const Decision& decision) {
            add_word(tx, turn, decision, workflow::Said::Returned, comment);
            put_back(turn.standing, *decision.next);
            turn.standing.comment = comment;
            keep_standing(tx, turn);
            return outcome(turn);
        });
}

Outcome approve(Site& site, const Consent& consent, const Doer& doer) {
    need_words(consent.comment, "コメント", kLongestComment);
    return site.database->write([&](sys::Transaction& tx) {
        Turn turn = begin_turn(tx, site, consent.page, consent.version, doer);
        Case asked = make_case(tx, turn, Verb::Approve);
        asked.opened = consent.opened;
        asked.findings = consent.findings;
        asked.words = consent.comment;
        const Decision decision = decide_now(tx, turn, Verb::Approve, asked);
        if (!decision) return refused(turn, decision);
        workflow::Standing& standing = turn.standing;
        const bool is_publication = standing.matter == Matter::Publish;
        if (decision.is_last_yes && is_publication)
            if (const auto obstacle = find_obstacle(tx, turn.page, turn.latest, standing.hash))
                return refused(turn, *obstacle, "it cannot be published as it is; see the Japanese message");
        if (decision.is_last_yes && !is_publication)
            if (const auto fault = find_ending_fault(tx, site, turn.page, standing.ending))
                return refused(turn, *fault, "visitors would be sent to a place that is not public");
        add_word(tx, turn, decision, workflow::Said::Yes, consent.comment);
        if (!decision.is_last_yes) {
            standing.step = decision.step;
            keep_standing(tx, turn);
            ask(tx, turn, asked.requesters);
            return outcome(turn);
        }
        if (*decision.next == State::Scheduled) return plan(tx, turn);
        standing.state = State::Approved;
        if (!is_publication) return withdraw_turn(tx, turn, standing.ending);
        if (!standing.is_by_hand) return publish_turn(tx, turn, "publish", standing.comment);
        keep_standing(tx, turn);
        return outcome(turn);
    });
}

std::vector<Outcome> approve_all(Site& site, std::span<const Consent> consents, const Doer& doer) {
    std::vector<Outcome> outcomes;
    for (const Consent& consent : consents) {
        try {
            outcomes.push_back(approve(site, consent, doer));
        } catch (const base::Error& error) {
            if (error.kind() == Kind::Unavailable) throw;
            Outcome failed;
            failed.page.id = consent.page;
            failed.refusal = Refusal{error.message(), error.message()};
            outcomes.push_back(std::move(failed));
        }
    }
    return outcomes;
}

int refresh_requests(Site& site) {
    int changed = 0;
    std::string after;
    do {
        const workflow::StandingList part = site.database->read(
            [&](sys::Reader& db) { return workflow::list_in_state(db, State::Submitted, after, 200); });
        after = part.next;
        for (const workflow::Standing& seen : part.standings) {
            const Doer nobody;
            const auto work_out = [&](sys::Reader& db) {
                Turn turn = begin_turn(db, site, seen.page, nobody);
                const Case asked = make_case(db, turn, Verb::Approve);
                return workflow::list_to_ask(asked.panel, asked.agreed_groups);
            };
            const auto differs = [](const auto& wanted, const auto& known) {
                return !std::equal(
                    wanted.begin(), wanted.end(), known.begin(), known.end(), [](const auto& a, const auto& b) {
                        return a.person == b.person && a.on_behalf_of == b.on_behalf_of && a.name == b.name;
                    });
            };
            const bool is_old = site.database->read(
                [&](sys::Reader& db) { return differs(work_out(db), workflow::list_asked(db, seen.page)); });
            if (!is_old) continue;
            changed += site.database->write([&](sys::Transaction& tx) {
                if (workflow::find_standing(tx, seen.page).version != seen.version) return 0;
                workflow::set_asked(tx, seen.page, work_out(tx));
                return 1;
            });
        }
    } while (!after.empty());
    return changed;
}

}  // namespace flow

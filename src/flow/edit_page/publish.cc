// What changes the public side by a person's hand: publish what is approved, call a schedule off, publish in an
// emergency and approve that afterwards, take a page down.
#include "flow/activate_due.h"
#include "flow/check_page.h"
#include "flow/edit_page/turn.h"
#include "press/content/store.h"

namespace flow {

using base::Error;
using base::Kind;
using workflow::Case;
using workflow::Decision;
using workflow::Matter;
using workflow::State;
using workflow::Verb;

namespace {

constexpr std::size_t kLongestReason = 2000;

std::int64_t make_receipt(sys::Transaction& tx, const Turn& turn, std::string_view kind, base::RevisionId revision,
                          std::string_view reason) {
    publish::Receipt receipt;
    receipt.kind = kind;
    receipt.page = turn.page.id;
    receipt.revision = revision;
    receipt.person = kind == "publish" && turn.standing.submitted_by ? turn.standing.submitted_by : turn.doer.person;
    receipt.reason = reason;
    receipt.due_at = receipt.made_at = turn.now;
    return publish::add_receipt(tx, receipt);
}

void call_off(sys::Transaction& tx, workflow::Standing& standing) {
    if (standing.receipt != 0) publish::remove_receipt(tx, standing.receipt);
    standing.receipt = 0;
    standing.publish_at = {};
}

}  // namespace

Outcome publish_turn(sys::Transaction& tx, Turn& turn, std::string_view kind, std::string_view reason) {
    const std::int64_t receipt = make_receipt(tx, turn, kind, turn.latest.id, reason);
    bring_live(tx, turn.page, turn.latest, turn.now, receipt, turn.by(),
               write_detail({{"revision", turn.latest.id.value},
                             {"hash", turn.latest.hash.hex()},
                             {"receipt", receipt},
                             {"via", turn.doer.via}}));
    turn.standing = workflow::after_publication(std::move(turn.standing));
    keep_standing(tx, turn);
    turn.page = content::load_page(tx, turn.page.id);
    Outcome result = outcome(turn);
    result.receipt = receipt;
    return result;
}

Outcome withdraw_turn(sys::Transaction& tx, Turn& turn, workflow::Ending ending) {
    const base::RevisionId was_live = turn.page.live;
    const std::int64_t receipt = make_receipt(tx, turn, "withdraw", was_live, ending.words);
    take_down(tx, turn.page, turn.now, receipt, left_behind(ending), turn.by(), "page.withdraw",
              write_detail({{"revision", was_live.value},
                            {"reason", std::string(workflow::end_reason_id(ending.reason))},
                            {"target", ending.target},
                            {"words", ending.words},
                            {"receipt", receipt},
                            {"via", turn.doer.via}}));
    turn.standing =
        workflow::after_ending(std::move(turn.standing), workflow::Live::Withdrawn, ending, was_live, turn.now);
    keep_standing(tx, turn);
    turn.page = content::load_page(tx, turn.page.id);
    Outcome result = outcome(turn);
    result.receipt = receipt;
    return result;
}

Outcome cancel_schedule(Site& site, base::PageId page, std::int64_t version, const Doer& doer) {
    return decide_and(site, page, version, Verb::CancelSchedule, doer, {},
                      [](sys::Transaction& tx, Turn& turn, const Decision& decision) {
                          call_off(tx, turn.standing);
                          turn.standing.state = *decision.next;
                          if (turn.standing.matter == Matter::Withdraw)
                              turn.standing.matter = Matter::Publish;
                          else
                              turn.standing.is_by_hand = true;
                          keep_standing(tx, turn);
                          note(tx, turn, "page.cancel-schedule", {{"revision", turn.standing.revision.value}});
                          return outcome(turn);
                      });
}

Outcome publish_now(Site& site, base::PageId page, std::int64_t version, const Doer& doer) {
    return decide_and(site, page, version, Verb::PublishNow, doer, {},
                      [&](sys::Transaction& tx, Turn& turn, const Decision&) {
                          const bool is_publication = turn.standing.matter == Matter::Publish;
                          if (is_publication)
                              if (const auto obstacle = find_obstacle(tx, turn.page, turn.latest, turn.standing.hash))
                                  return refused(turn, *obstacle, "it cannot be published as it is");
                          if (!is_publication)
                              if (const auto fault = find_ending_fault(tx, site, turn.page, turn.standing.ending))
                                  return refused(turn, *fault, "it cannot end like this");
                          call_off(tx, turn.standing);
                          if (is_publication) return publish_turn(tx, turn, "publish", turn.standing.comment);
                          return withdraw_turn(tx, turn, turn.standing.ending);
                      });
}

Outcome emergency_publish(Site& site, base::PageId page, std::int64_t version, std::string_view reason,
                          const Doer& doer) {
    need_words(reason, "緊急公開の理由", kLongestReason);
    // A later revision would have another version, and be refused.
    const std::vector<base::Finding> findings = check_page(
        site, page, site.database->read([&](sys::Reader& db) { return content::load_page(db, page).latest; }));
    return decide_and(
        site, page, version, Verb::EmergencyPublish, doer, [&](Case& asked) { asked.words = reason; },
        [&](sys::Transaction& tx, Turn& turn, const Decision&) {
            if (!site.settings.workflow.allow_emergency)
                return refused(turn, "このサイトでは緊急公開を使わない設定になっています。",
                               "emergency publication is switched off in the settings");
            if (const auto obstacle = find_obstacle(tx, turn.page, turn.latest, turn.latest.hash))
                return refused(turn, *obstacle, "it cannot be published as it is");
            workflow::add_emergency(tx, {0,
                                         turn.page.id,
                                         turn.latest.id,
                                         turn.latest.hash,
                                         doer.person,
                                         std::string(reason),
                                         turn.now,
                                         writers_of(tx, turn),
                                         {},
                                         {},
                                         findings});
            note(tx, turn, "page.publish-emergency",
                 {{"revision", turn.latest.id.value},
                  {"hash", turn.latest.hash.hex()},
                  {"reason", std::string(reason)},
                  {"findings", static_cast<std::int64_t>(findings.size())}});
            turn.standing.withdraw_at = {};  // nobody has approved a time for it
            return publish_turn(tx, turn, "emergency", reason);
        });
}

Outcome approve_afterwards(Site& site, const Consent& consent, const Doer& doer) {
    need_words(consent.comment, "コメント", kLongestReason);
    return decide_and(
        site, consent.page, consent.version, Verb::ApproveAfterwards, doer,
        [&](Case& asked) { asked.opened = consent.opened; },
        [&](sys::Transaction& tx, Turn& turn, const Decision& decision) {
            const auto emergency = workflow::find_open_emergency(tx, turn.page.id).value();
            workflow::close_emergency(tx, emergency.id, doer.person, turn.now);
            workflow::add_approval(
                tx, {0, turn.page.id, emergency.revision, emergency.hash, Matter::Publish, 0, 0, 0, doer.person,
                     decision.on_behalf_of, workflow::Said::YesAfterwards, consent.comment, turn.now});
            note(tx, turn, "page.approve-afterwards",
                 {{"emergency", emergency.id},
                  {"revision", emergency.revision.value},
                  {"hash", emergency.hash.hex()},
                  {"on_behalf_of", decision.on_behalf_of.value}});
            keep_standing(tx, turn);
            return outcome(turn);
        });
}

Outcome withdraw(Site& site, base::PageId page, std::int64_t version, const workflow::Ending& ending, Asking asking,
                 const Doer& doer, base::Instant at) {
    site.database->read([&](sys::Reader& db) { check_ending(db, site, content::load_page(db, page), ending); });
    if (asking == Asking::WithApproval) return ask_withdraw(site, page, version, ending, doer, at);
    return decide_and(
        site, page, version, Verb::Withdraw, doer, [&](Case& asked) { asked.ending = ending; },
        [&](sys::Transaction& tx, Turn& turn, const Decision& decision) {
            workflow::Standing& standing = turn.standing;
            if (standing.state == State::Scheduled) {
                call_off(tx, standing);
                if (standing.matter == Matter::Publish) standing.is_by_hand = true;
            }
            if (standing.matter == Matter::Publish) standing.state = *decision.next;
            return withdraw_turn(tx, turn, ending);
        });
}

}  // namespace flow

#include "flow/activate_due.h"

#include "flow/edit_page/turn.h"
#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "ground/sys/log.h"
#include "press/content/store.h"
#include "press/publish/queue.h"
#include "press/publish/receipt.h"
#include "press/workflow/store.h"

namespace flow {

using base::Error;
using base::Kind;
using workflow::Live;
using workflow::Matter;
using workflow::Standing;
using workflow::State;

namespace {

constexpr int kAtOnce = 200;
constexpr std::string_view kBy = "service:press";

std::string subject_of(const content::Page& page) {
    return fmt::format("page:{}", page.id.value);
}

/// The plan has failed: what was approved waits for a person, who sees why; whoever waits for the receipt is told.
void note_failure(sys::Transaction& tx, const content::Page& page, Standing standing, std::string_view problem,
                  base::Instant now) {
    publish::DirtyBatch waiting;
    if (standing.receipt != 0) waiting.causes = {standing.receipt};
    publish::note_failed(tx, waiting, problem);
    standing.state = standing.matter == Matter::Publish ? State::Approved : standing.before;
    if (standing.matter == Matter::Withdraw) standing.matter = Matter::Publish;
    standing.is_by_hand = true;
    standing.publish_at = {};
    standing.problem = problem;
    ledger::append(tx, {now, std::string(kBy), "page.publish-failed", subject_of(page),
                        fmt::format(R"({{"receipt":{},"revision":{}}})", standing.receipt, standing.revision.value)});
    standing.receipt = 0;
    workflow::set_standing(tx, std::move(standing), now);
}

void expire(sys::Transaction& tx, const content::Page& page, Standing standing, base::Instant now) {
    if (page.live) {
        publish::Receipt receipt;
        receipt.kind = "withdraw";
        receipt.page = page.id;
        receipt.revision = page.live;
        receipt.person = standing.submitted_by;
        receipt.reason = "公開終了日時になったため";
        receipt.due_at = standing.live_until;
        receipt.made_at = now;
        const std::int64_t number = publish::add_receipt(tx, receipt);
        take_down(tx, page, now, number, {}, kBy, "page.expire",
                  fmt::format(R"({{"receipt":{},"revision":{},"until":{}}})", number, page.live.value,
                              standing.live_until.milliseconds));
        // A planned withdrawal is settled by this.
        if (standing.matter == Matter::Withdraw && standing.receipt != 0) publish::remove_receipt(tx, standing.receipt);
    }
    workflow::set_standing(tx, workflow::after_ending(std::move(standing), Live::Expired, {}, page.live, now), now);
}

void carry_out(sys::Transaction& tx, const Site& site, const content::Page& page, Standing standing,
               base::Instant now) {
    const std::int64_t receipt = standing.receipt;
    const std::string detail =
        fmt::format(R"({{"hash":"{}","planned":{},"receipt":{},"revision":{}}})", standing.hash.hex(),
                    standing.publish_at.milliseconds, receipt, standing.revision.value);
    if (standing.matter == Matter::Withdraw) {
        // Where visitors would be sent may have gone since it was approved.
        if (const auto fault = find_ending_fault(tx, site, page, standing.ending))
            return note_failure(tx, page, std::move(standing), *fault, now);
        if (page.live) take_down(tx, page, now, receipt, left_behind(standing.ending), kBy, "page.withdraw", detail);
        const workflow::Ending ending = standing.ending;
        workflow::set_standing(tx, workflow::after_ending(std::move(standing), Live::Withdrawn, ending, page.live, now),
                               now);
        return;
    }
    const auto revision = content::find_revision(tx, standing.revision);
    const auto obstacle = !revision || page.latest != standing.revision
                              ? std::optional<std::string>("承認された版が、ページの最新の版ではなくなっています。")
                              : find_obstacle(tx, page, *revision, standing.hash);
    if (obstacle) return note_failure(tx, page, std::move(standing), *obstacle, now);
    bring_live(tx, page, *revision, now, receipt, kBy, detail);
    workflow::set_standing(tx, workflow::after_publication(std::move(standing)), now);
}

bool is_over(const Standing& standing, base::Instant now) {
    return standing.live_until != base::Instant{} && standing.live_until <= now;
}
bool is_planned_by(const Standing& standing, base::Instant now) {
    return standing.state == State::Scheduled && standing.publish_at <= now;
}

/// What is due for one page, in the order of the times: after a long stop a page may be both to publish and over.
bool activate(sys::Transaction& tx, const Site& site, base::PageId id, base::Instant now) {
    bool has_changed = false;
    for (int turn = 0; turn < 3; ++turn) {
        const Standing standing = workflow::find_standing(tx, id);
        const content::Page page = content::load_page(tx, id);
        const bool ends = is_over(standing, now);
        const bool begins = is_planned_by(standing, now);
        if (!ends && !begins) break;
        if (ends && (!begins || standing.live_until <= standing.publish_at))
            expire(tx, page, standing, now);
        else
            carry_out(tx, site, page, standing, now);
        has_changed = true;
    }
    workflow::clear_stuck(tx, id);
    return has_changed;
}

/// After an error that is not the page's own: a plan waits for a person; an end is tried again ever later, because
/// nobody else sees to it. Either way nothing spins, and `site status` and a notice say so.
void give_up(Site& site, base::PageId id, const std::string& problem, base::Instant now) {
    sys::log(sys::Level::Error, "a planned change of a page failed",
             {{"page", std::to_string(id.value)}, {"problem", problem}});
    const auto hold_back = [&](sys::Transaction& tx) {
        if (workflow::note_stuck(tx, id, problem, now) == 1)
            ledger::append(tx, {now, std::string(kBy), "page.publish-failed", fmt::format("page:{}", id.value), "{}"});
    };
    try {
        site.database->write([&](sys::Transaction& tx) {
            const Standing standing = workflow::find_standing(tx, id);
            if (is_planned_by(standing, now) && !is_over(standing, now))
                note_failure(tx, content::load_page(tx, id), standing, problem, now);
            else
                hold_back(tx);
        });
    } catch (const Error& error) {
        if (error.kind() == Kind::Unavailable) throw;
        site.database->write(hold_back);  // what is damaged is its standing or the page itself
    }
}

}  // namespace

std::optional<std::string> find_obstacle(sys::Reader& db, const content::Page& page, const content::Revision& revision,
                                         const base::Hash& approved) {
    if (revision.hash != approved || content::revision_hash(page.path, page.document, revision.body) != approved)
        return "承認された後に内容か場所が変わっています。もう一度、承認を依頼してください。";
    if (const auto other = workflow::find_claim(db, page.path); other && *other != page.id)
        return fmt::format("{} は、別のページの添付ファイルがすでに使っています。", page.path);
    for (const content::Attachment& one : revision.body.attachments) {
        const auto claim = workflow::find_claim(db, one.path);
        if ((claim && *claim != page.id) || content::find_page(db, one.path) || content::find_asset(db, one.path))
            return fmt::format("添付ファイルの {} は、すでに別のページかファイルが使っています。名前を変えてください。",
                               one.path);
    }
    return std::nullopt;
}

LeftBehind left_behind(const workflow::Ending& ending) {
    switch (ending.reason) {
        case workflow::EndReason::Gone:
            return {410, {}};
        case workflow::EndReason::Moved:
            return {301, ending.target.starts_with("http") ? ending.target : "/" + ending.target};
        case workflow::EndReason::Corrected:
            break;
    }
    return {};
}

void bring_live(sys::Transaction& tx, const content::Page& page, const content::Revision& revision, base::Instant at,
                std::int64_t receipt, std::string_view by, std::string_view detail) {
    std::vector<std::string> paths;
    for (const content::Attachment& one : revision.body.attachments) paths.push_back(one.path);
    if (workflow::claim_paths(tx, page.id, paths))
        throw Error(Kind::Conflict, "添付ファイルの場所を、別のページがすでに使っています。");
    change_live(tx, page.id, revision.id, at, receipt);
    ledger::append(tx, {at, std::string(by), "page.publish", subject_of(page), std::string(detail)});
}

void take_down(sys::Transaction& tx, const content::Page& page, base::Instant at, std::int64_t receipt,
               const LeftBehind& left, std::string_view by, std::string_view act, std::string_view detail) {
    workflow::claim_paths(tx, page.id, {});
    change_live(tx, page.id, {}, at, receipt, left);
    ledger::append(tx, {at, std::string(by), std::string(act), subject_of(page), std::string(detail)});
}

int activate_due(Site& site) {
    const base::Instant now = site.clock.now();
    int changed = 0;
    std::set<base::PageId> seen;
    for (;;) {
        const auto due = site.database->read(
            [&](sys::Reader& db) { return workflow::list_due(db, now, kAtOnce + static_cast<int>(seen.size())); });
        bool is_more = false;
        for (const base::PageId page : due) {
            if (!seen.insert(page).second) continue;
            is_more = true;
            try {
                if (site.database->write([&](sys::Transaction& tx) { return activate(tx, site, page, now); }))
                    ++changed;
            } catch (const Error& error) {
                if (error.kind() == Kind::Unavailable) throw;
                give_up(site, page, error.message(), now);
            } catch (const std::exception& error) {
                give_up(site, page, error.what(), now);
            }
        }
        if (!is_more) return changed;
    }
}

std::optional<base::Instant> next_activation(sys::Reader& db) {
    return workflow::next_due(db);
}

}  // namespace flow

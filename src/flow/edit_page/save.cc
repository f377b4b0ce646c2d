// Words come in: a new page, a saved draft, an old revision brought back, a draft discarded.
#include "flow/copy_frame.h"
#include "flow/edit_page/clean_body.h"
#include "flow/edit_page/turn.h"
#include "flow/others.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"
#include "press/content/links.h"
#include "press/content/live.h"
#include "press/content/store.h"
#include "press/frames/store.h"

namespace flow {

using base::Error;
using base::Kind;
using workflow::Decision;
using workflow::State;
using workflow::Verb;

namespace {

constexpr std::size_t kLongestNote = 500;

/// The standing after words were kept.
Outcome keep_words(sys::Transaction& tx, Turn& turn, content::Revision revision, State next, bool is_autosaved,
                   std::string_view act) {
    turn.latest = std::move(revision);
    turn.standing.state = next;
    turn.standing.owner = turn.doer.person;
    turn.standing.is_autosaved = is_autosaved;
    turn.standing.is_by_hand = false;
    turn.standing.problem.clear();
    keep_standing(tx, turn);
    turn.page = content::load_page(tx, turn.page.id);
    note(tx, turn, act,
         {{"revision", turn.latest.id.value}, {"number", turn.latest.number}, {"hash", turn.latest.hash.hex()}});
    return outcome(turn);
}

}  // namespace

Outcome create_page(Site& site, const NewDraft& made, const Doer& doer) {
    check_page_path(made.path);
    refuse_path_of_another(site.settings, made.path);
    // Read first what the frame gives, so that the transaction is short.
    content::Page page;
    page.path = made.path;
    FrameCopy frame;
    page.encoding = "utf-8";
    if (made.like) {
        frame = site.database->read(
            [&](sys::Reader& db) { return copy_frame(site, db, content::load_page(db, made.like), made.path); });
        page.kind = content::PageKind::TakenOver;
        page.document = frame.document;
        page.encoding = frame.encoding;
    }
    CleanBody clean = clean_body(site, page, frame.regions, {}, made.body);
    return site.database->write([&](sys::Transaction& tx) {
        const base::Instant now = site.clock.now();
        // The right is asked before anything is made: the section may not be there yet, then the nearest above it
        // counts.
        base::SectionId section;
        for (std::string_view path = content::section_path(made.path);;
             path = content::section_path(path.substr(0, path.size() - 1))) {
            if (const auto found = content::find_section(tx, path)) section = found->id;
            if (section || path.empty()) break;
        }
        const base::DepartmentId department = department_of(tx, made.department, section);
        const people::Decision right =
            people::may(people::load_actor(tx, doer.person, now), people::Act::PageCreate,
                        people::scope_of(tx, department ? std::optional(department) : std::nullopt, made.path, now));
        if (!right) {
            Outcome no;
            no.page = page;
            no.refusal = Refusal{right.reason_ja, right.reason_en};
            return no;
        }
        if (const auto frozen = find_freeze(
                tx, people::load_actor(tx, doer.person, now),
                people::scope_of(tx, department ? std::optional(department) : std::nullopt, made.path, now), now)) {
            Outcome no;
            no.page = page;
            no.refusal = frozen;
            return no;
        }
        if (workflow::find_claim(tx, made.path))
            throw Error(Kind::Conflict,
                        fmt::format("{} には、すでに添付ファイルがあります。別の名前にしてください。", made.path));
        const content::Page added =
            content::add_page(tx, {made.path, page.kind, made.department, page.encoding, made.language, page.document,
                                   clean.body, doer.person, now, ""});
        if (made.like) {
            content::set_regions(tx, added.id, frame.regions);
            content::set_links(tx, added.id, content::LinkSource::Document, frame.targets);
            for (frames::Place place : frame.places) {
                place.page = added.id;
                frames::add_place(tx, place);
            }
            const auto group = frames::find_group_of(tx, made.like);
            if (group && frames::find_group(tx, *group)->state == frames::GroupState::Accepted)
                frames::add_member(tx, *group, added.id, true);
        }
        Turn turn = begin_turn(tx, site, added.id, doer);
        Outcome result = keep_words(tx, turn, turn.latest, State::Draft, false, "page.create");
        result.removed = clean.removed;
        return result;
    });
}

Outcome save_draft(Site& site, const Save& save, const Doer& doer) {
    need_words(save.note, "メモ", kLongestNote);
    content::Page page;
    std::vector<content::Region> regions;
    content::Body before;
    site.database->read([&](sys::Reader& db) {
        page = content::load_page(db, save.page);
        regions = content::list_regions(db, page.id);
        const content::Revision opened = content::load_revision(db, save.based_on);
        if (opened.page != page.id) throw Error(Kind::BadInput, "この版は、別のページのものです。");
        before = opened.body;
    });
    const CleanBody clean = clean_body(site, page, regions, before, save.body);
    if (!clean.losses.empty() && !save.accepts_losses)
        throw LostMarkup(
            clean.losses,
            fmt::format("保存すると、元のページにあった次の書き方が失われます: {}。確かめてから保存し直してください。",
                        base::join(clean.losses, "、")));
    return site.database->write([&](sys::Transaction& tx) {
        Turn turn = begin_turn(tx, site, save.page, doer);
        if (turn.page.latest != save.based_on || turn.standing.version != save.version)
            throw Stale(
                save.based_on, turn.page.latest, turn.standing.version,
                "このページは、ほかの人（または別の画面）が先に保存・操作しました。両方の内容を見比べてください。");
        const Decision decision = decide_now(tx, turn, Verb::Edit, make_case(tx, turn, Verb::Edit));
        if (!decision) return refused(turn, decision);
        Outcome result;
        const bool is_autosave = save.saving == Saving::Autosave;
        const bool is_mine = turn.latest.author == doer.person && turn.page.live != turn.latest.id;
        if (clean.body == turn.latest.body && (is_autosave || !turn.standing.is_autosaved)) {
            result = outcome(turn);  // nothing to keep
        } else if (turn.standing.is_autosaved && is_mine && turn.latest.id != turn.standing.revision) {
            content::Revision revision = content::replace_revision(tx, turn.latest.id, clean.body, turn.now);
            result = keep_words(tx, turn, std::move(revision), *decision.next, is_autosave, "page.save");
        } else {
            content::Revision revision =
                content::add_revision(tx, {turn.page.id, clean.body, doer.person, turn.now, save.based_on, save.note});
            result = keep_words(tx, turn, std::move(revision), *decision.next, is_autosave, "page.save");
        }
        result.removed = clean.removed;
        return result;
    });
}

Outcome restore(Site& site, base::PageId page, base::RevisionId revision, std::int64_t version, const Doer& doer) {
    return decide_and(
        site, page, version, Verb::Restore, doer, {}, [&](sys::Transaction& tx, Turn& turn, const Decision& decision) {
            const content::Revision old = content::load_revision(tx, revision);
            if (old.page != page) throw Error(Kind::BadInput, "この版は、別のページのものです。");
            if (old.body == turn.latest.body && turn.page.live == turn.latest.id)
                return refused(turn, "いま公開中の内容と同じです。", "that is what is public now");
            content::Revision made = content::add_revision(tx, {page, old.body, doer.person, turn.now, turn.page.latest,
                                                                fmt::format("第 {} 版に戻す", old.number)});
            return keep_words(tx, turn, std::move(made), *decision.next, false, "page.restore");
        });
}

Outcome discard(Site& site, base::PageId page, std::int64_t version, const Doer& doer) {
    return decide_and(site, page, version, Verb::DiscardDraft, doer, {},
                      [](sys::Transaction& tx, Turn& turn, const Decision& decision) {
                          const base::RevisionId discarded = turn.latest.id;
                          const base::RevisionId back = turn.page.live ? turn.page.live : turn.standing.last_live;
                          if (const auto live = content::find_live(tx, turn.page.id);
                              live && live->path != turn.page.path)
                              content::move_page(tx, turn.page.id, live->path, turn.now);
                          if (back) {
                              content::set_latest(tx, turn.page.id, back, turn.now);
                              turn.latest = content::load_revision(tx, back);
                          }
                          turn.standing.state = *decision.next;
                          turn.standing.is_autosaved = turn.standing.is_by_hand = false;
                          turn.standing.problem.clear();
                          keep_standing(tx, turn);
                          turn.page = content::load_page(tx, turn.page.id);
                          note(tx, turn, "page.discard", {{"revision", discarded.value}});
                          return outcome(turn);
                      });
}

}  // namespace flow

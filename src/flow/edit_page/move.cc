// A page moves to another folder or name. What is public stays where it was approved; the page becomes a draft at its
// new path, which is approved as every change is, and when that goes public a redirect is left at the old path
// (flow/mark_changes).
#include "flow/edit_page/clean_body.h"
#include "flow/edit_page/turn.h"
#include "flow/others.h"
#include "ground/base/text.h"
#include "ground/people/accounts.h"
#include "press/content/store.h"

namespace flow {

using base::Error;
using base::Kind;
using workflow::Verb;

namespace {

/// May the person have pages at `path`? The nearest section that is there says who is in charge.
people::Decision may_stand(sys::Reader& db, const Turn& turn, std::string_view path) {
    base::SectionId section;
    for (std::string_view at = content::section_path(path);; at = content::section_path(at.substr(0, at.size() - 1))) {
        if (const auto found = content::find_section(db, at)) section = found->id;
        if (section || at.empty()) break;
    }
    const base::DepartmentId department = department_of(db, turn.page.department, section);
    return people::may(turn.actor, people::Act::PageMove,
                       people::scope_of(db, department ? std::optional(department) : std::nullopt, path, turn.now));
}

/// What keeps the page from standing at `path`, in words; nothing when it can.
std::optional<std::string> find_move_fault(sys::Reader& db, const Turn& turn, const std::string& path) {
    if (path == turn.page.path) return "いまと同じ場所です。移す先の場所を入れてください。";
    if (turn.page.kind == content::PageKind::TakenOver &&
        content::section_path(path) != content::section_path(turn.page.path))
        return "引き継いだページは、リンクや画像の書き方が元の場所をもとにしているため、別のフォルダには移せません。新"
               "しい"
               "ページを作り、このページの公開を「別のページに移った」で終えてください。";
    if (const auto other = content::find_page(db, path); other && other->id != turn.page.id)
        return fmt::format("/{} には、すでに別のページがあります。", base::percent_decode(path).value_or(path));
    if (workflow::find_claim(db, path) || workflow::find_want(db, path) || content::find_asset(db, path))
        return fmt::format("/{} には、すでにファイルがあります。", base::percent_decode(path).value_or(path));
    return std::nullopt;
}

}  // namespace

Outcome move_page(Site& site, base::PageId page, std::int64_t version, const std::string& path, const Doer& doer) {
    check_page_path(path);
    refuse_path_of_another(site.settings, path);
    return site.database->write([&](sys::Transaction& tx) {
        Turn turn = begin_turn(tx, site, page, version, doer);
        for (const people::Decision& right :
             {people::may(turn.actor, people::Act::PageMove, turn.scope), may_stand(tx, turn, path)})
            if (!right) return refused(turn, right.reason_ja, right.reason_en);
        const auto decision = decide_now(tx, turn, Verb::Edit, make_case(tx, turn, Verb::Edit));
        if (!decision) return refused(turn, decision);
        if (const auto fault = find_move_fault(tx, turn, path))
            return refused(turn, *fault, "the page cannot stand there; see the Japanese message");
        const std::string from = turn.page.path;
        content::move_page(tx, page, path, turn.now);
        // The revision's hash names the path: the same words anew.
        turn.latest = content::add_revision(tx, {page, turn.latest.body, doer.person, turn.now, turn.latest.id,
                                                 fmt::format("場所を移した（元：/{}）", from)});
        turn.standing.state = *decision.next;
        turn.standing.owner = doer.person;
        turn.standing.is_autosaved = turn.standing.is_by_hand = false;
        turn.standing.problem.clear();
        keep_standing(tx, turn);
        turn.page = content::load_page(tx, page);
        note(tx, turn, "page.move",
             {{"from", from}, {"to", path}, {"revision", turn.latest.id.value}, {"hash", turn.latest.hash.hex()}});
        return outcome(turn);
    });
}

}  // namespace flow

#include "flow/restyle_frame.h"

#include "flow/edit_page/turn.h"
#include "flow/mark_changes.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"
#include "ground/people/accounts.h"
#include "press/content/store.h"
#include "press/content/templates.h"
#include "press/publish/queue.h"
#include "press/publish/receipt.h"

namespace flow {

using base::Error;
using base::Kind;
using frames::RestyleState;

namespace {

constexpr std::size_t kLongestReason = 1000;

void require(sys::Reader& db, people::Act act, const Doer& doer, base::Instant now) {
    const auto decision = people::may(people::load_actor(db, doer.person, now), act);
    if (!decision) throw Error(Kind::NotAllowed, decision.reason_ja);
}

void note_act(sys::Transaction& tx, std::string_view act, const frames::Restyle& of, const Doer& doer,
              base::Instant now, std::initializer_list<Field> fields) {
    ledger::append(tx, {now, fmt::format("person:{}", doer.person.value), std::string(act),
                        fmt::format("frame:{}", of.group.value), write_detail(fields)});
}

std::int64_t add_receipt(sys::Transaction& tx, const frames::Restyle& of, std::string reason, const Doer& doer,
                         base::Instant now) {
    publish::Receipt receipt;
    receipt.kind = "template";
    receipt.person = doer.person;
    receipt.reason = fmt::format("枠{}：{}", of.group.value, reason);
    receipt.due_at = receipt.made_at = now;
    return publish::add_receipt(tx, receipt);
}

void need_reason(const std::string& reason) {
    if (base::trim(reason).empty()) throw Error(Kind::BadInput, "理由を書いてください。");
    need_words(reason, "理由", kLongestReason);
}

[[noreturn]] void refuse_changed() {
    throw Error(Kind::Conflict,
                "見ていただいた後に、ページかページの型が変わりました。内容を確かめて、もう一度行ってください。");
}

}  // namespace

frames::Restyle load_restyle(sys::Reader& db, frames::RestyleId id) {
    auto found = frames::find_restyle(db, id);
    if (!found) throw Error(Kind::NotFound, fmt::format("型の変更（番号 {}）は見つかりません。", id.value));
    return std::move(*found);
}

frames::RestyleId ask_restyle(Site& site, frames::GroupId group, const std::string& page_type,
                              const base::Hash& planned, const std::string& why, const Doer& doer,
                              const frames::Mapping& mapping) {
    need_reason(why);
    const base::Instant now = site.clock.now();
    site.database->read([&](sys::Reader& db) { require(db, people::Act::TemplateEdit, doer, now); });
    const RestylePlan plan = plan_restyle(site, group, page_type, mapping);
    if (plan.pages.empty()) throw Error(Kind::BadInput, "この枠には、型を変えられるページがありません。");
    if (plan.hash != planned) refuse_changed();
    return site.database->write([&](sys::Transaction& tx) {
        require(tx, people::Act::TemplateEdit, doer, now);
        frames::Restyle made;
        made.group = group;
        made.page_type = page_type;
        made.hash = plan.hash;
        made.pages = static_cast<std::int64_t>(plan.pages.size());
        made.asked_by = doer.person;
        made.asked_at = now;
        made.note = why;
        made.mapping = plan.mapping();
        made.id = frames::add_restyle(tx, made);
        note_act(tx, "frame.restyle-submit", made, doer, now,
                 {{"restyle", made.id.value},
                  {"type", page_type},
                  {"pages", made.pages},
                  {"hash", made.hash.hex()},
                  {"mapping", frames::mapping_text(made.mapping)},
                  {"reason", why},
                  {"via", doer.via}});
        return made.id;
    });
}

std::int64_t approve_restyle(Site& site, frames::RestyleId id, const base::Hash& opened, const Doer& doer) {
    const base::Instant now = site.clock.now();
    const frames::Restyle asked = site.database->read([&](sys::Reader& db) {
        require(db, people::Act::TemplateApprove, doer, now);
        return load_restyle(db, id);
    });
    if (asked.asked_by == doer.person)
        throw Error(Kind::NotAllowed, "自分が依頼した変更は承認できません。別のサイト管理者に依頼してください。");
    if (asked.state != RestyleState::Submitted)
        throw Error(Kind::Conflict, "この型の変更は、ほかの人が先に処理しました。画面を開き直してください。");
    const RestylePlan plan = plan_restyle(site, asked.group, asked.page_type, asked.mapping);
    if (plan.hash != opened || opened != asked.hash) refuse_changed();
    return site.database->write([&](sys::Transaction& tx) {
        require(tx, people::Act::TemplateApprove, doer, now);
        const auto type = content::find_live_template(tx, asked.page_type);
        if (!type || hash_of(plan, type->source) != asked.hash) refuse_changed();
        frames::decide_restyle(tx, id,
                               {RestyleState::Submitted, RestyleState::Live, doer.person, now, "", asked.pages});
        const auto named = content::find_template(tx, asked.page_type);
        const std::string& title = named && !named->title.empty() ? named->title : asked.page_type;
        const std::int64_t receipt = add_receipt(tx, asked, fmt::format("ページの型を「{}」に変更", title), doer, now);
        const std::string words = fmt::format("枠{}のページの型を変更", asked.group.value);
        for (const RestylePlan::One& one : plan.pages) {
            const content::Page page = content::load_page(tx, one.page.id);
            if (page.version != one.page.version || !is_at_rest(tx, page)) refuse_changed();
            const content::Revision made =
                content::add_revision(tx, {page.id, one.body, asked.asked_by, now, page.latest, words});
            change_live(tx, page.id, made.id, now, receipt);
            frames::add_restyled_page(tx, id, {page.id, page.live, made.id});
        }
        note_act(tx, "frame.restyle-approve", asked, doer, now,
                 {{"restyle", id.value},
                  {"type", asked.page_type},
                  {"pages", asked.pages},
                  {"hash", asked.hash.hex()},
                  {"receipt", receipt},
                  {"via", doer.via}});
        return receipt;
    });
}

void return_restyle(Site& site, frames::RestyleId id, const std::string& reason, const Doer& doer) {
    need_reason(reason);
    const base::Instant now = site.clock.now();
    site.database->write([&](sys::Transaction& tx) {
        require(tx, people::Act::TemplateApprove, doer, now);
        const frames::Restyle asked = load_restyle(tx, id);
        frames::decide_restyle(
            tx, id, {RestyleState::Submitted, RestyleState::Returned, doer.person, now, reason, asked.pages});
        note_act(tx, "frame.restyle-return", asked, doer, now,
                 {{"restyle", id.value}, {"reason", reason}, {"via", doer.via}});
    });
}

TakenBack take_back_restyle(Site& site, frames::RestyleId id, const std::string& reason, const Doer& doer) {
    need_reason(reason);
    const base::Instant now = site.clock.now();
    return site.database->write([&](sys::Transaction& tx) {
        require(tx, people::Act::TemplateApprove, doer, now);
        const frames::Restyle done = load_restyle(tx, id);
        TakenBack back;
        back.receipt = add_receipt(tx, done, fmt::format("ページの型の変更を取消し（{}）", reason), doer, now);
        for (const frames::RestyledPage& one : frames::list_restyled_pages(tx, id)) {
            const content::Page page = content::load_page(tx, one.page);
            if (page.live != one.after || !is_at_rest(tx, page)) {
                back.left_out.push_back(page.path);
                continue;
            }
            content::set_latest(tx, page.id, one.before, now);
            change_live(tx, page.id, one.before, now, back.receipt);
            ++back.pages;
        }
        frames::decide_restyle(tx, id,
                               {RestyleState::Live, RestyleState::TakenBack, doer.person, now, reason, done.pages});
        note_act(tx, "frame.restyle-take-back", done, doer, now,
                 {{"restyle", id.value},
                  {"pages", back.pages},
                  {"left_out", static_cast<std::int64_t>(back.left_out.size())},
                  {"reason", reason},
                  {"receipt", back.receipt},
                  {"via", doer.via}});
        return back;
    });
}

}  // namespace flow

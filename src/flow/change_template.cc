#include "flow/change_template.h"

#include "flow/mark_changes.h"
#include "flow/render/generated.h"
#include "ground/ledger/store.h"
#include "ground/people/accounts.h"
#include "press/content/store.h"
#include "press/publish/queue.h"
#include "press/render/composed.h"

namespace flow {

using base::Error;
using base::Kind;
using content::TemplateKind;

namespace {

void require(sys::Reader& db, people::Act act, const Doer& doer, base::Instant now) {
    const auto decision = people::may(people::load_actor(db, doer.person, now), act);
    if (!decision) throw Error(Kind::NotAllowed, decision.reason_ja);
}

bool is_markup(TemplateKind kind) {
    return kind == TemplateKind::Layout || kind == TemplateKind::Page || kind == TemplateKind::Part;
}

/// The site's templates with one of them replaced, not yet saved.
class Trial final : public tmpl::Set {
  public:
    Trial(sys::Reader& db, std::string_view name, const std::string& source) : db_(db) {
        held_.emplace(name, std::make_shared<const tmpl::Template>(tmpl::parse(std::string(name), source)));
    }
    std::shared_ptr<const tmpl::Template> find(std::string_view name) const override {
        const auto known = held_.find(name);
        if (known != held_.end()) return known->second;
        const auto live = content::find_live_template(db_, name);
        if (!live || !is_markup(live->kind)) return nullptr;
        return held_.emplace(name, std::make_shared<const tmpl::Template>(tmpl::parse(std::string(name), live->source)))
            .first->second;
    }

  private:
    sys::Reader& db_;
    mutable std::map<std::string, std::shared_ptr<const tmpl::Template>, std::less<>> held_;
};

std::vector<tmpl::Problem> problems_of(sys::Reader& db, TemplateKind kind, std::string_view name,
                                       const std::string& source) {
    switch (kind) {
        case TemplateKind::Menu:
            content::parse_menu(source);
            return {};
        case TemplateKind::List:
            content::parse_list(source);
            return {};
        case TemplateKind::Style:
            return {};
        case TemplateKind::Layout:
        case TemplateKind::Page:
        case TemplateKind::Part:
            break;
    }
    const Trial trial(db, name, source);
    return tmpl::check(*trial.find(name), trial);
}

/// Throws the first problem: a template that needs a part which is not there must not become live.
void require_whole(sys::Reader& db, const content::Template& of, const std::string& source) {
    const auto problems = problems_of(db, of.kind, of.name, source);
    if (!problems.empty()) throw tmpl::TemplateError(Kind::BadInput, problems.front());
}

void note_act(sys::Transaction& tx, std::string_view act, const content::Template& of, const base::Hash& hash,
              const Doer& doer, base::Instant now, std::string_view more = {}) {
    std::string by = fmt::format("person:{}", doer.person.value);
    ledger::append(tx, {now, std::move(by), std::string(act), fmt::format("template:{}", of.name),
                        fmt::format(R"({{"hash":"{}"{}{}}})", hash.hex(),
                                    doer.via.empty() ? std::string() : fmt::format(R"(,"via":"{}")", doer.via), more)});
}

content::TemplateRevision latest_of(sys::Reader& db, const content::Template& of) {
    const auto latest = content::find_template_revision(db, of.latest);
    if (!latest) throw Error(Kind::Damaged, fmt::format("the template {} has no revision", of.name));
    return *latest;
}

content::Template load(sys::Reader& db, content::TemplateId id) {
    auto found = content::find_template(db, id);
    if (!found) throw Error(Kind::NotFound, fmt::format("テンプレート（番号 {}）は見つかりません。", id.value));
    return std::move(*found);
}

}  // namespace

std::vector<tmpl::Problem> check_template(Site& site, TemplateKind kind, std::string_view name,
                                          const std::string& source) {
    return site.database->read([&](sys::Reader& db) { return problems_of(db, kind, name, source); });
}

content::Template create_template(Site& site, content::NewTemplate made, const Doer& doer) {
    const base::Instant now = site.clock.now();
    made.author = doer.person;
    made.made_at = now;
    return site.database->write([&](sys::Transaction& tx) {
        require(tx, people::Act::TemplateEdit, doer, now);
        problems_of(tx, made.kind, made.name, made.source);
        const content::Template added = content::add_template(tx, made);
        note_act(tx, "template.save", added, latest_of(tx, added).hash, doer, now);
        return added;
    });
}

content::TemplateRevision save_template(Site& site, content::TemplateId id, std::int64_t version,
                                        const std::string& source, std::string_view note, const Doer& doer) {
    const base::Instant now = site.clock.now();
    return site.database->write([&](sys::Transaction& tx) {
        require(tx, people::Act::TemplateEdit, doer, now);
        const content::Template of = load(tx, id);
        problems_of(tx, of.kind, of.name, source);
        const content::TemplateRevision saved = content::save_template(tx, id, version, source, doer.person, now, note);
        note_act(tx, "template.save", of, saved.hash, doer, now);
        return saved;
    });
}

void submit_template(Site& site, content::TemplateId id, std::int64_t version, const Doer& doer) {
    const base::Instant now = site.clock.now();
    site.database->write([&](sys::Transaction& tx) {
        require(tx, people::Act::TemplateEdit, doer, now);
        content::submit_template(tx, id, version, doer.person, now);
        const content::Template of = load(tx, id);
        const content::TemplateRevision asked = latest_of(tx, of);
        require_whole(tx, of, asked.source);
        note_act(tx, "template.submit", of, asked.hash, doer, now);
    });
}

std::int64_t approve_template(Site& site, content::TemplateId id, std::int64_t version, const base::Hash& opened,
                              const Doer& doer) {
    const base::Instant now = site.clock.now();
    return site.database->write([&](sys::Transaction& tx) {
        require(tx, people::Act::TemplateApprove, doer, now);
        const content::Template before = load(tx, id);
        require_whole(tx, before, latest_of(tx, before).source);  // a part that it needs may have changed since
        content::approve_template(tx, id, version, opened, doer.person, now);
        publish::Receipt receipt;
        receipt.kind = "template";
        receipt.person = doer.person;
        receipt.reason = fmt::format("テンプレート「{}」の変更", before.title);
        receipt.due_at = now;
        receipt.made_at = now;
        const std::int64_t number = publish::add_receipt(tx, receipt);
        mark_template_changed(tx, before, now, number);
        note_act(tx, "template.approve", before, opened, doer, now, fmt::format(R"(,"receipt":{})", number));
        return number;
    });
}

void return_template(Site& site, content::TemplateId id, std::int64_t version, std::string_view reason,
                     const Doer& doer) {
    const base::Instant now = site.clock.now();
    site.database->write([&](sys::Transaction& tx) {
        require(tx, people::Act::TemplateApprove, doer, now);
        const content::Template of = load(tx, id);
        const base::Hash hash = latest_of(tx, of).hash;
        content::return_template(tx, id, version, doer.person, reason, now);
        note_act(tx, "template.return", of, hash, doer, now);
    });
}

Affected find_affected(Site& site, const content::Template& changed, int most_examples) {
    return site.database->read([&](sys::Reader& db) {
        Affected affected;
        std::vector<std::int64_t> pages;
        for (const std::string& source : publish::list_readers(db, content::template_key(changed.kind, changed.name))) {
            if (source.starts_with("page:"))
                pages.push_back(std::strtoll(source.c_str() + 5, nullptr, 10));
            else
                ++affected.files;
        }
        std::sort(pages.begin(), pages.end());
        affected.pages = static_cast<std::int64_t>(pages.size());
        for (const std::int64_t id : pages) {
            if (static_cast<int>(affected.examples.size()) >= most_examples) break;
            if (auto live = content::find_live(db, base::PageId{id})) affected.examples.push_back(std::move(*live));
        }
        return affected;
    });
}

std::string preview_template(Site& site, const content::Template& changed, const std::string& source, base::PageId id) {
    return site.database->read([&](sys::Reader& db) {
        const content::Page page = content::load_page(db, id);
        const auto live = content::find_live(db, id);
        if (!live) throw Error(Kind::NotFound, "このページは公開されていません。公開中のページを選んでください。");
        const render::SiteFacts facts = facts_of(site.settings, find_switches(db, site.settings));
        render::TemplateCache cache;  // what is tried must not stay
        render::Sight sight(db, facts, cache, site.clock.now());
        sight.try_out(changed.name, {changed.kind, {}, source});
        render::Notes notes;
        return render::composed(sight, notes, page, *live, content::load_revision(db, live->revision).body).html;
    });
}

}  // namespace flow

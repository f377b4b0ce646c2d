#include "flow/change_template.h"

#include "flow/frame_parts.h"
#include "flow/mark_changes.h"
#include "flow/render/generated.h"
#include "flow/theme_pictures.h"
#include "ground/base/text.h"
#include "ground/html/encoding.h"
#include "ground/ledger/store.h"
#include "ground/people/accounts.h"
#include "ground/template/outline.h"
#include "press/content/fields.h"
#include "press/content/store.h"
#include "press/frames/places.h"
#include "press/publish/queue.h"
#include "press/render/composed.h"
#include "press/render/taken_over.h"

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

/// Braces and comments that are open at the end swallow every rule behind them.
std::vector<tmpl::Problem> find_css_faults(std::string_view name, std::string_view css) {
    std::vector<tmpl::Problem> problems;
    std::vector<int> open;
    int line = 1;
    const auto add = [&](int at, std::string what, std::string remedy, std::string english) {
        problems.push_back(
            {std::string(name), at, 1, "style", {std::move(what), std::move(remedy)}, {std::move(english), "mend it"}});
    };
    char quote = 0;
    for (std::size_t i = 0; i < css.size(); ++i) {
        const char c = css[i];
        if (c == '\n') {
            ++line;
            quote = 0;
        } else if (c == '\\') {
            ++i;
        } else if (quote) {
            if (c == quote) quote = 0;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (css.substr(i, 2) == "/*") {
            const std::size_t end = css.find("*/", i + 2);
            if (end == std::string_view::npos) {
                add(line, "コメントが閉じていません", "「*/」を書いてください", "a comment is not closed");
                return problems;
            }
            line += static_cast<int>(std::count(css.begin() + static_cast<std::ptrdiff_t>(i),
                                                css.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
            i = end + 1;
        } else if (c == '{') {
            open.push_back(line);
        } else if (c == '}') {
            if (open.empty())
                add(line, "「}」が余分です", "対応する「{」を確かめてください", "a } without its {");
            else
                open.pop_back();
        }
    }
    for (const int at : open) add(at, "「{」が閉じていません", "「}」を書いてください", "a { is not closed");
    return problems;
}

void add_field_problems(std::vector<tmpl::Problem>& to, TemplateKind kind, std::string_view name,
                        std::string_view source) {
    for (const content::FieldProblem& each : content::check_fields(content::parse_fields(kind, source)))
        to.push_back({std::string(name), 0, 0, "field", {each.message, "編集画面で直してください"}, {each.name, ""}});
}

constexpr std::string_view kClassList = "class-list";

bool is_class_list(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == ' ' || c == '\n';
    });
}

/// Words where the layout has a list of classes would take the page's look away.
void add_class_problems(sys::Reader& db, std::vector<tmpl::Problem>& to, std::string_view name,
                        const std::string& source) {
    const auto places = list_tag_blocks(db, name, source);
    if (places.empty()) return;
    for (const tmpl::Entry& entry : tmpl::outline(tmpl::parse(std::string(name), source))) {
        const auto place = places.find(entry.block);
        if (entry.kind != tmpl::Entry::Kind::Text || place == places.end() || place->second != "class") continue;
        if (is_class_list(entry.text)) continue;
        to.push_back({std::string(name),
                      entry.line,
                      1,
                      std::string(kClassList),
                      {fmt::format("ブロック「{}」は見た目の種類を決めるところで、文章は書けません", entry.block),
                       "半角の英数字、「-」、「_」の名前だけにしてください"},
                      {fmt::format("the block {} stands in a class attribute", entry.block),
                       "use names of a-z, 0-9, - and _ only"}});
    }
}

std::vector<tmpl::Problem> problems_of(sys::Reader& db, TemplateKind kind, std::string_view name,
                                       const std::string& source) {
    switch (kind) {
        case TemplateKind::Menu:
            content::parse_menu(source);
            return {};
        case TemplateKind::List:
            content::parse_list(source);
            return {};
        case TemplateKind::Style: {
            auto problems = find_css_faults(name, source);
            add_field_problems(problems, kind, name, source);
            return problems;
        }
        case TemplateKind::Layout:
        case TemplateKind::Page:
        case TemplateKind::Part:
            break;
    }
    const Trial trial(db, name, source);
    auto problems = tmpl::check(*trial.find(name), trial);
    add_class_problems(db, problems, name, source);
    add_field_problems(problems, kind, name, source);
    return problems;
}

/// Throws the first problem: a template that needs a part which is not there must not become live.
void require_whole(sys::Reader& db, const content::Template& of, const std::string& source) {
    const auto problems = problems_of(db, of.kind, of.name, source);
    if (problems.empty()) return;
    if (problems.front().line == 0) throw Error(Kind::BadInput, problems.front().japanese.what);
    throw tmpl::TemplateError(Kind::BadInput, problems.front());
}

void require_pictures(const Site& site, std::string_view source) {
    if (const std::string fault = find_theme_picture_fault(site, source); !fault.empty())
        throw Error(Kind::BadInput, fault);
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

/// A taken-over page with a part of its frame in a new form; in UTF-8, whatever its own encoding.
std::string preview_shared_part(Site& site, sys::Reader& db, const content::Page& page, const content::LivePage& live,
                                const TriedPart& tried) {
    auto regions = content::list_regions(db, page.id);
    content::Body body = content::load_revision(db, live.revision).body;
    std::set<std::string> reads;
    add_shared_parts(site, db, page, regions, body, reads, tried);
    return html::decode(render::taken_over(site.objects->load(page.document), page, regions, body),
                        html::find_encoding(page.encoding).value_or(html::Encoding::Unknown))
        .utf8;
}

}  // namespace

std::map<std::string, std::string> list_tag_blocks(sys::Reader& db, std::string_view name, const std::string& source) {
    constexpr int kDeepest = 10;
    std::map<std::string, std::string> found;
    std::string at(name), text = source;
    for (int depth = 0; depth < kDeepest; ++depth) {
        std::string parent;
        for (const tmpl::Entry& entry : tmpl::outline(tmpl::parse(at, text)))
            if (entry.kind == tmpl::Entry::Kind::Extends) parent = entry.text;
        const auto live = parent.empty() ? std::nullopt : content::find_live_template(db, parent);
        if (!live || !is_markup(live->kind)) break;
        for (const tmpl::TagBlock& block : tmpl::list_tag_blocks(tmpl::parse(parent, live->source)))
            found.emplace(block.name, block.attribute);
        at = parent;
        text = live->source;
    }
    return found;
}

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
        for (const tmpl::Problem& each : problems_of(tx, of.kind, of.name, source))
            if (each.id == kClassList) throw tmpl::TemplateError(Kind::BadInput, each);
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
        require_pictures(site, asked.source);
        note_act(tx, "template.submit", of, asked.hash, doer, now);
    });
}

std::int64_t approve_template(Site& site, content::TemplateId id, std::int64_t version, const base::Hash& opened,
                              const Doer& doer) {
    const base::Instant now = site.clock.now();
    return site.database->write([&](sys::Transaction& tx) {
        require(tx, people::Act::TemplateApprove, doer, now);
        const content::Template before = load(tx, id);
        const std::string source = latest_of(tx, before).source;
        require_whole(tx, before, source);  // a part that it needs may have changed since
        require_pictures(site, source);
        content::approve_template(tx, id, version, opened, doer.person, now);
        publish::Receipt receipt;
        receipt.kind = "template";
        receipt.person = doer.person;
        receipt.reason = fmt::format("テンプレート「{}」の変更", before.title);
        receipt.due_at = now;
        receipt.made_at = now;
        const std::int64_t number = publish::add_receipt(tx, receipt);
        publish_theme_pictures(site, tx, source, now, number);
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

content::TemplateRevision restore_template(Site& site, content::TemplateId id, std::int64_t version,
                                           content::TemplateRevisionId from, const Doer& doer) {
    const auto old = site.database->read([&](sys::Reader& db) { return content::find_template_revision(db, from); });
    if (!old || old->of != id) throw Error(Kind::NotFound, "この版は、このテンプレートのものではありません。");
    return save_template(site, id, version, old->source, fmt::format("第{}版と同じ内容に戻しました", old->number),
                         doer);
}

namespace {

/// A style sheet is linked, not read: whoever reads a layout or page type that links it looks different.
std::vector<std::string> keys_of(sys::Reader& db, const content::Template& changed) {
    if (changed.kind != TemplateKind::Style)
        return {content::template_key(changed.kind, changed.name), "absent:template:" + changed.name};
    std::vector<std::string> keys;
    for (const content::Template& one : content::list_templates(db)) {
        if (one.kind != TemplateKind::Layout && one.kind != TemplateKind::Page) continue;
        const auto live = content::find_live_template(db, one.name);
        if (live && live->source.find("/theme/" + changed.name) != std::string::npos)
            keys.push_back(content::template_key(one.kind, one.name));
    }
    return keys;
}

}  // namespace

std::int64_t count_affected(sys::Reader& db, const content::Template& changed) {
    // A page reads the key of a template that is there or of its absence, and rarely two layouts: the largest counts.
    std::int64_t most = 0;
    for (const std::string& key : keys_of(db, changed)) most = std::max(most, publish::count_readers(db, key, "page:"));
    return most;
}

Affected find_affected(Site& site, const content::Template& changed, int most_examples) {
    return site.database->read([&](sys::Reader& db) {
        Affected affected;
        std::set<std::int64_t> pages;
        std::set<std::string> files;
        for (const std::string& key : keys_of(db, changed))
            for (const std::string& source : publish::list_readers(db, key)) {
                if (source.starts_with("page:"))
                    pages.insert(std::strtoll(source.c_str() + 5, nullptr, 10));
                else
                    files.insert(source);
            }
        affected.pages = static_cast<std::int64_t>(pages.size());
        affected.files = static_cast<std::int64_t>(files.size());
        for (const std::int64_t id : pages) {
            if (static_cast<int>(affected.examples.size()) >= most_examples) break;
            if (auto live = content::find_live(db, base::PageId{id})) affected.examples.push_back(std::move(*live));
        }
        return affected;
    });
}

namespace {

/// The draft of a style sheet stands in the page itself, where the live one is linked.
std::string with_style(std::string html, const content::Template& style, const std::string& source) {
    const std::string live = fmt::format("href=\"/theme/{}\"", style.name);
    const std::string draft = fmt::format("href=\"data:text/css;charset=utf-8;base64,{}\"", base::to_base64(source));
    if (const std::size_t at = html.find(live); at != std::string::npos) html.replace(at, live.size(), draft);
    return html;
}

}  // namespace

std::string preview_template(Site& site, const content::Template& changed, const std::string& source, base::PageId id) {
    return site.database->read([&](sys::Reader& db) {
        const content::Page page = content::load_page(db, id);
        const auto live = content::find_live(db, id);
        if (live && live->kind == content::PageKind::TakenOver && frames::is_shared(db, changed.name))
            return preview_shared_part(site, db, page, *live, {changed.name, source});
        if (!live || live->kind != content::PageKind::Composed)
            throw Error(Kind::NotFound, "テンプレートで作った、公開中のページを選んでください。");
        const render::SiteFacts facts = facts_of(site.settings, find_switches(db, site.settings));
        render::TemplateCache cache;  // what is tried must not stay
        render::Sight sight(db, facts, cache, site.clock.now());
        sight.try_out(changed.name, {changed.kind, {}, source});
        render::Notes notes;
        content::Body body = content::load_revision(db, live->revision).body;
        if (changed.kind == TemplateKind::Page) body.template_name = changed.name;
        std::string html = render::composed(sight, notes, page, *live, body).html;
        return changed.kind == TemplateKind::Style ? with_style(std::move(html), changed, source) : html;
    });
}

}  // namespace flow

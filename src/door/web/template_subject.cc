#include "door/web/template_subject.h"

#include "door/web/draft.h"
#include "door/web/language.h"
#include "door/web/words.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/html/escape.h"
#include "press/content/fields.h"

namespace web {

using content::TemplateKind;
using content::TemplateState;

namespace {

/// Lines as paragraphs, which is what the comparison works on.
class Lines {
  public:
    void add(std::string_view line) { html_ += fmt::format("<p>{}</p>", html::escape_text(line)); }
    const std::string& html() const { return html_; }

  private:
    std::string html_;
};

void add_menu(Lines& lines, const std::vector<content::MenuItem>& items, int level) {
    for (const content::MenuItem& item : items) {
        lines.add(say(fmt::format("{}段目：{}［リンク先 {}］", level, item.title, item.url)));
        add_menu(lines, item.items, level + 1);
    }
}

Lines field_lines(TemplateKind kind, std::string_view source) {
    Lines lines;
    if (kind == TemplateKind::Menu) {
        add_menu(lines, content::parse_menu(source), 1);
    } else if (kind == TemplateKind::List) {
        const content::ListDefinition list = content::parse_list(source);
        lines.add(say("並べるページ：") + list.list);
        lines.add(say(fmt::format("件数：{}", list.limit)));
        lines.add(list.order == content::ListOrder::Newest ? say("順番：新しい順") : say("順番：場所の順"));
    } else {
        for (const content::Field& field : content::parse_fields(kind, source)) {
            if (field.kind != content::FieldKind::Items) {
                lines.add(
                    fmt::format("{}{}{}", field.label, say("："), field.value.empty() ? say("（空）") : field.value));
                continue;
            }
            for (std::size_t row = 0; row < field.rows.size(); ++row) {
                std::string text;
                for (std::size_t i = 0; i < field.of.size(); ++i)
                    text += fmt::format("{}{}{}{}", i == 0 ? "" : say("、"), field.of[i].label, say("："),
                                        field.rows[row][i]);
                lines.add(noted(field.label, text));
            }
        }
    }
    return lines;
}

Lines code_lines(TemplateKind kind, std::string_view source) {
    Lines lines;
    if (kind == TemplateKind::Menu || kind == TemplateKind::List) return lines;
    for (const std::string_view line : base::split(content::without_fields(kind, source), '\n')) lines.add(line);
    return lines;
}

/// A source that cannot be read any more (declared by hand) is compared by its code alone.
Lines readable(TemplateKind kind, std::string_view source) {
    try {
        return field_lines(kind, source);
    } catch (const base::Error&) {
        return {};
    }
}

}  // namespace

std::string TemplateSubject::path(std::string_view rest) const {
    return rest.empty() ? fmt::format("/templates/{}", of.id.value)
                        : fmt::format("/templates/{}/{}", of.id.value, rest);
}

TemplateSubject load_template(Context& context) {
    const content::TemplateId id{context.request.number("id")};
    return context.db().read([&](sys::Reader& db) {
        auto of = content::find_template(db, id);
        auto latest = of ? content::find_template_revision(db, of->latest) : std::nullopt;
        if (!latest) throw base::Error(base::Kind::NotFound, "このテンプレートは見つかりません。");
        return TemplateSubject{*of, *latest, content::find_template_revision(db, of->live)};
    });
}

std::string_view template_group(TemplateKind kind) {
    switch (kind) {
        case TemplateKind::Layout:
        case TemplateKind::Page:
            return "型";
        case TemplateKind::Part:
            return "部品";
        case TemplateKind::Menu:
            return "メニュー";
        case TemplateKind::List:
            return "一覧";
        case TemplateKind::Style:
            break;
    }
    return "スタイル";
}

tmpl::List template_chips(const content::Template& of, const content::TemplateRevision& latest) {
    tmpl::List chips;
    if (of.live) chips.push_back(chip("live", "使用中"));
    if (of.live != of.latest)
        chips.push_back(chip(content::template_state_id(latest.state), content::template_state_name(latest.state)));
    return chips;
}

tmpl::Map template_heading(const TemplateSubject& subject, std::string_view here) {
    static constexpr std::pair<std::string_view, std::string_view> kTabs[] = {
        {"", "編集"}, {"preview", "プレビュー"}, {"compare", "変更点"}, {"pages", "影響するページ"}, {"history", "版"}};
    tmpl::List tabs;
    for (const auto& [rest, name] : kTabs)
        tabs.push_back(tmpl::Map{{"name", say(name)}, {"path", subject.path(rest)}, {"is_here", rest == here}});
    return {{"name", subject.of.title},
            {"kind", say(content::template_kind_name(subject.of.kind))},
            {"sign", subject.of.name},
            {"number", subject.latest.number},
            {"path", subject.path()},
            {"is_submitted", subject.is_submitted()},
            {"chips", template_chips(subject.of, subject.latest)},
            {"tabs", std::move(tabs)}};
}

std::vector<Crumb> template_crumbs(const TemplateSubject& subject, bool with_template) {
    std::vector<Crumb> crumbs{{say("デザインと部品"), "/templates"}};
    if (with_template) crumbs.push_back({subject.of.title, subject.path()});
    return crumbs;
}

tmpl::Map template_changes(TemplateKind kind, std::string_view before, std::string_view after) {
    tmpl::List parts;
    const auto add = [&](std::string_view label, const Lines& old, const Lines& now) {
        if (old.html() == now.html()) return;
        parts.push_back(tmpl::Map{{"label", label}, {"rows", diff_rows(html::compare_blocks(old.html(), now.html()))}});
    };
    add(kind == TemplateKind::Menu   ? say("メニュー")
        : kind == TemplateKind::List ? say("一覧")
                                     : say("入力項目"),
        readable(kind, before), readable(kind, after));
    add(say("コード"), code_lines(kind, before), code_lines(kind, after));
    return {{"is_same", before == after}, {"parts", std::move(parts)}};
}

tmpl::Map affected_view(const flow::Affected& affected, std::size_t shown) {
    tmpl::List rows;
    for (const content::LivePage& page : affected.examples) {
        if (rows.size() == shown) break;
        rows.push_back(tmpl::Map{{"title", page.title},
                                 {"id", page.id.value},
                                 {"path", fmt::format("/pages/{}", page.id.value)},
                                 {"public_path", readable_path(page.path)}});
    }
    const std::int64_t rest = affected.pages - static_cast<std::int64_t>(rows.size());
    return {{"pages", affected.pages}, {"files", affected.files}, {"rows", std::move(rows)}, {"rest", rest}};
}

}  // namespace web

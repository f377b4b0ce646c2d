#include "press/render/composed.h"

#include "ground/base/error.h"
#include "press/render/archive.h"
#include "press/render/headings.h"

namespace render {

using tmpl::List;
using tmpl::Map;
using tmpl::Value;

namespace {

constexpr std::int64_t kMostPages = 300;  ///< of a section's list by path; larger sections have an archive

Value shown_or_null(const std::string& text) {
    return text.empty() ? Value() : Value(text);
}

/// `page`: the page itself.
class PageLookup final : public tmpl::Lookup {
  public:
    PageLookup(Sight& sight, const content::Page& page, const content::LivePage& shown, const content::Body& body)
        : sight_(sight), page_(page), shown_(shown), body_(body) {}

    Value find(std::string_view key) override {
        if (key == "title") return body_.title;
        if (key == "description") return shown_or_null(body_.description);
        if (key == "url") return url_of(shown_.path);
        if (key == "address") return sight_.facts().url + url_of(shown_.path).substr(1);
        if (key == "id") return page_.id.value;
        if (key == "language") return page_.language;
        if (key == "template") return body_.template_name;
        if (key == "published") return shown_.published_at;
        if (key == "updated") return shown_.updated_at;
        if (key == "is_new") return sight_.is_new(shown_.published_at);
        if (key == "body") return headed().html.empty() ? Value() : Value(html::SafeHtml(headed().html));
        if (key == "headings") return headings();
        if (key == "attachments") return attachments();
        if (key == "categories") return sight_.categories(body_.categories);
        if (key == "newer" || key == "older") return beside(key == "newer");
        return {};
    }

    Value field(std::string_view name) const {
        const auto part = body_.parts.find(std::string(name));
        if (part == body_.parts.end() || part->second.empty()) return {};
        return html::SafeHtml(part->second);  // cleaned when it was saved
    }

  private:
    const Headed& headed() {
        if (!headed_) {
            const auto body = body_.parts.find("body");
            headed_ = with_heading_ids(body == body_.parts.end() ? std::string_view() : body->second);
        }
        return *headed_;
    }

    Value headings() {
        List list;
        for (const Heading& heading : headed().headings)
            list.push_back(Map{{"text", heading.text}, {"url", "#" + heading.id}, {"level", heading.level}});
        return list;
    }

    Value attachments() const {
        List list;
        for (const content::Attachment& file : body_.attachments) {
            const std::string name = file.path.substr(file.path.rfind('/') + 1);
            list.push_back(Map{{"title", file.title.empty() ? name : file.title},
                               {"url", "/" + file.path},
                               {"kind", file_kind(file.path)},
                               {"size", file.size}});
        }
        return list;
    }

    Value beside(bool newer) {
        sight_.note(fmt::format("beside:{}", page_.id.value));
        const auto list = content::direct_list(shown_.path);
        if (!list) return {};
        const auto next = content::find_beside(sight_.db(), *list, shown_.published_at, page_.id);
        const auto& id = newer ? next.newer : next.older;
        if (!id) return {};
        sight_.note(fmt::format("page:{}", id->value));
        const auto found = content::find_live(sight_.db(), *id);
        if (!found) return {};
        return Map{{"title", found->title}, {"url", url_of(found->path)}};
    }

    Sight& sight_;
    const content::Page& page_;
    const content::LivePage& shown_;
    const content::Body& body_;
    std::optional<Headed> headed_;
};

/// What every template sees; `page` is absent in a part that is the same everywhere.
class Root final : public tmpl::Lookup {
  public:
    Root(Sight& sight, Place place, std::string title, PageLookup* page = nullptr, Map extra = {})
        : sight_(sight), place_(std::move(place)), title_(std::move(title)), page_(page), extra_(std::move(extra)) {}

    Value find(std::string_view key) override {
        if (const Value* known = extra_.find(key)) return *known;
        if (key == "site") return sight_.site();
        if (key == "parts") return Value::lazy([this](std::string_view name) { return sight_.part(name); });
        if (key == "menus") return Value::lazy([this](std::string_view name) { return sight_.menu(name); });
        if (key == "lists") return Value::lazy([this](std::string_view name) { return sight_.list(name); });
        if (key == "settings") return Value::lazy([this](std::string_view name) { return sight_.settings(name); });
        if (key == "sections") return sight_.sections();
        if (key == "newest") return Value::lazy([this](std::string_view what) { return newest(what); });
        if (key == "page" && page_ != nullptr) return Value::borrow(*page_);
        if (key == "fields" && page_ != nullptr)
            return Value::lazy([this](std::string_view name) { return page_->field(name); });
        if (place_.path.empty()) return {};
        if (key == "breadcrumb") return sight_.breadcrumb(place_, title_);
        if (key == "contact") return sight_.contact(place_);
        if (key == "section") return sight_.section_value(folder());
        if (key == "children") return sight_.children(folder());
        if (key == "periods") return sight_.periods(folder());
        if (key == "pages") return sight_.by_path(fmt::format("list:{}", folder()), kMostPages);
        return {};
    }

  private:
    std::string_view folder() const { return content::section_path(place_.path); }

    Value newest(std::string_view what) {
        if (what == "site") return sight_.newest("tree:", sight_.facts().news_items);
        if (place_.path.empty()) return {};
        if (what == "category" && !place_.category.empty())
            return sight_.newest("category:" + place_.category, sight_.facts().news_items);
        if (what != "section" && what != "below") return {};
        const auto here = sight_.section(folder());
        const std::string list = fmt::format("{}:{}", what == "section" ? "list" : "tree", folder());
        return sight_.newest(list, here ? here->list_size : sight_.facts().news_items);
    }

    Sight& sight_;
    Place place_;
    std::string title_;
    PageLookup* page_;
    Map extra_;
};

Composed rendered(Sight& sight, Notes& notes, std::string_view name, tmpl::Lookup& root) {
    const auto made_from = sight.find(name);
    if (!made_from)
        throw base::Error(
            base::Kind::NotFound,
            fmt::format("テンプレート「{}」がありません。ページの型を選び直すか、テンプレートを作ってください。",
                        name));
    tmpl::Options options;
    options.set = &sight;
    tmpl::Result result = tmpl::render(*made_from, Value::borrow(root), options);
    return {std::move(result.html), notes, std::move(result.warnings)};
}

}  // namespace

Composed composed(Sight& sight, Notes& notes, const content::Page& page, const content::LivePage& shown,
                  const content::Body& body) {
    sight.note_to(notes);
    PageLookup lookup(sight, page, shown, body);
    Place place{shown.path, page.department, {}};
    if (const auto category = body.parts.find("category"); category != body.parts.end())
        place.category = category->second;
    Root root(sight, std::move(place), body.title, &lookup);
    return rendered(sight, notes, body.template_name, root);
}

Composed archive(Sight& sight, Notes& notes, const content::Section& section, std::string_view period) {
    sight.note_to(notes);
    sight.note(fmt::format("section:{}", section.path));
    sight.note(fmt::format("periods:{}", section.path));
    const Range range = range_of(section, period);
    const std::string list = "list:" + section.path;
    const auto pages = section.archive == content::Archive::ByMonth
                           ? content::list_published(sight.db(), list, range.from, range.until, 10'000)
                           : content::list_places(sight.db(), list, range.first, range.last);
    const PeriodsBeside beside = periods_beside(sight.db(), section, period);
    const auto link = [&](const std::string& to) -> Value {
        if (to.empty()) return {};
        return Map{{"title", period_title(section, to)}, {"url", url_of(archive_path(section.path, to))}};
    };
    const std::string title = fmt::format("{} {}", section.title, period_title(section, period));
    const std::string path = archive_path(section.path, period);
    const Map shown{{"title", title}, {"url", url_of(path)}, {"language", sight.facts().language}};
    // It stands in its section, one step below the index page.
    Root root(sight, {fmt::format("{}-", section.path), section.department, {}}, title, nullptr,
              Map{{"page", shown},
                  {"archive", Map{{"title", period_title(section, period)},
                                  {"items", sight.items(pages)},
                                  {"newer", link(beside.newer)},
                                  {"older", link(beside.older)}}}});
    return rendered(sight, notes, "archive", root);
}

Composed error_page(Sight& sight, Notes& notes, int status) {
    sight.note_to(notes);
    const char* const title = status == 404   ? "ページが見つかりません"
                              : status == 410 ? "掲載を終了したページです"
                              : status == 403 ? "このページは表示できません"
                                              : "ただいま表示できません";
    Root root(
        sight, {}, title, nullptr,
        Map{{"page", Map{{"title", title}, {"language", sight.facts().language}}}, {"error", Map{{"status", status}}}});
    return rendered(sight, notes, "error", root);
}

std::string render_part(Sight& sight, const tmpl::Template& part) {
    Root root(sight, {}, {});
    tmpl::Options options;
    options.set = &sight;
    return tmpl::render(part, Value::borrow(root), options).html;
}

}  // namespace render

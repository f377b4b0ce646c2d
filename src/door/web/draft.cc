#include "door/web/draft.h"

#include "flow/screen_upload.h"
#include "ground/base/error.h"
#include "ground/base/media_type.h"
#include "ground/base/text.h"
#include "ground/html/splice.h"
#include "ground/tickets/tickets.h"
#include "press/content/categories.h"
#include "press/content/fields.h"
#include "press/content/file_kinds.h"

namespace web {

using base::Error;
using base::Kind;

namespace {

using namespace std::chrono_literals;

constexpr std::string_view kUploads = "upload";
constexpr auto kKeepUploads = 30 * 24h;
constexpr std::size_t kLongestTitle = 200;        // characters, as flow says too
constexpr std::size_t kLongestDescription = 500;  // characters
constexpr int kMostNames = 1000;

/// The fields that a page type shows, in its order: "body", then each `fields.NAME` of its template.
std::vector<std::string> fields_of(sys::Reader& db, const content::Body& body) {
    const auto type = content::find_live_template(db, body.template_name);
    std::vector<std::string> names = content::page_parts(type ? type->source : "");
    for (const auto& [name, text] : body.parts)
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    return names;
}

/// As the browser sends a form: one way of writing a line end, so that nothing counts as changed that was not.
std::string with_plain_newlines(std::string_view text) {
    std::string plain;
    plain.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
        plain += text[i] == '\r' ? '\n' : text[i];
    }
    return plain;
}

std::string short_text(const Context& context, std::string_view name, std::string_view label, std::size_t most) {
    std::string text(base::trim(with_plain_newlines(context.field(name))));
    std::replace(text.begin(), text.end(), '\n', ' ');
    if (base::count_code_points(text) > most)
        throw Error(Kind::BadInput, fmt::format("{}は{}文字までにしてください。", label, most));
    return text;
}

std::string page_subject(base::PageId page) {
    return fmt::format("page:{}", page.value);
}

/// "hash size type title"; the title may hold blanks.
std::string upload_detail(const content::Attachment& file) {
    return fmt::format("{} {} {} {}", file.hash.hex(), file.size, file.type, file.title);
}

std::optional<content::Attachment> upload_in(const tickets::Ticket& ticket) {
    const auto parts = base::split(ticket.detail, ' ');
    if (parts.size() < 4) return std::nullopt;
    const auto hash = base::Hash::find_hex(parts[0]);
    if (!hash) return std::nullopt;
    std::string title;
    for (std::size_t i = 3; i < parts.size(); ++i) title += (i > 3 ? " " : "") + std::string(parts[i]);
    return content::Attachment{ticket.name, *hash, std::strtoll(std::string(parts[1]).c_str(), nullptr, 10),
                               std::string(parts[2]), title};
}

/// A path beside the page that nothing else has.
std::string free_path(Context& context, const content::Page& page, const std::string& name, const base::Hash& hash) {
    const std::string folder(content::section_path(page.path));
    const std::size_t dot = name.rfind('.');
    for (int i = 1; i < kMostNames; ++i) {
        const std::string path =
            folder + (i == 1 ? name : fmt::format("{}-{}{}", name.substr(0, dot), i, name.substr(dot)));
        const bool is_free = context.db().read([&](sys::Reader& db) {
            if (content::find_page(db, path) || content::find_asset(db, path)) return false;
            for (const auto& other : {workflow::find_claim(db, path), workflow::find_want(db, path)})
                if (other && *other != page.id) return false;
            const content::Revision latest = content::load_revision(db, page.latest);
            for (const content::Attachment& each : latest.body.attachments)
                if (each.path == path) return each.hash == hash;
            const auto sent = tickets::find_named(db, kUploads, page_subject(page.id), path, context.now());
            return !sent || sent->detail.starts_with(hash.hex());
        });
        if (is_free) return path;
    }
    throw Error(Kind::Conflict, "同じ名前のファイルが多すぎます。ファイル名を変えてから送ってください。");
}

}  // namespace

std::string part_label(std::string_view name) {
    static constexpr std::pair<std::string_view, std::string_view> kLabels[] = {
        {"main", "本文"},           {"body", "本文"},
        {"header", "ヘッダー"},     {"navigation", "ナビゲーション"},
        {"footer", "フッター"},     {"who", "対象となる方"},
        {"needs", "必要なもの"},    {"steps", "手続きの流れ"},
        {"when", "受付期間と時間"}, {"fee", "手数料"},
        {"where", "手続きの窓口"},  {"notes", "注意していただきたいこと"}};
    for (const auto& [id, label] : kLabels)
        if (id == name) return say(label);
    return std::string(name);
}

std::vector<EditedPart> parts_of(Context& context, const content::Page& page, const content::Body& body) {
    std::vector<EditedPart> parts;
    if (page.kind == content::PageKind::Composed) {
        for (const std::string& name : context.db().read([&](sys::Reader& db) { return fields_of(db, body); })) {
            const auto said = body.parts.find(name);
            parts.push_back({name, part_label(name), said == body.parts.end() ? "" : said->second, "div"});
        }
        return parts;
    }
    const auto regions = context.db().read([&](sys::Reader& db) { return content::list_regions(db, page.id); });
    if (regions.empty()) return parts;
    const auto encoding = html::find_encoding(page.encoding).value_or(html::Encoding::Unknown);
    const std::string original = context.site().objects->load(page.document);
    for (const content::Region& region : regions) {
        const auto said = body.parts.find(region.name);
        const html::Region place{static_cast<std::size_t>(region.begin), static_cast<std::size_t>(region.end),
                                 region.context};
        parts.push_back({region.name, part_label(region.name),
                         said != body.parts.end() ? said->second : html::region_html(original, encoding, place),
                         region.context});
    }
    return parts;
}

FormVersion read_version(const Context& context) {
    const std::string text = context.field("version");
    FormVersion version;
    long long standing = 0, revision = 0;
    int read = 0;
    if (std::sscanf(text.c_str(), "%18lld.%18lld%n", &standing, &revision, &read) != 2 ||
        static_cast<std::size_t>(read) != text.size())
        throw Error(Kind::BadInput, "どの版から編集されたか分かりませんでした。画面を開き直してください。");
    version.standing = standing;
    version.revision = {revision};
    return version;
}

namespace {

void add_categories(sys::Reader& db, const std::string& parent, int level,
                    std::vector<std::pair<content::Category, int>>& to) {
    for (content::Category& each : content::list_categories(db, parent)) {
        const std::string name = each.name;
        to.emplace_back(std::move(each), level);
        add_categories(db, name, level + 1, to);
    }
}

std::vector<std::pair<content::Category, int>> all_categories(Context& context) {
    std::vector<std::pair<content::Category, int>> all;
    context.db().read([&](sys::Reader& db) { add_categories(db, "", 1, all); });
    return all;
}

bool has_category(const content::Body& body, std::string_view name) {
    return std::find(body.categories.begin(), body.categories.end(), name) != body.categories.end();
}

/// What is ticked; categories that have ended stay in the text, as they are not asked about.
void read_categories(const Context& context, const std::vector<std::pair<content::Category, int>>& all,
                     content::Body& body) {
    for (const auto& [category, level] : all) {
        const bool is_ticked = context.field("category." + category.name) == "1";
        if (is_ticked && !has_category(body, category.name)) body.categories.push_back(category.name);
        if (!is_ticked) std::erase(body.categories, category.name);
    }
}

}  // namespace

tmpl::List category_boxes(Context& context, const content::Body& body) {
    tmpl::List boxes;
    for (const auto& [category, level] : all_categories(context))
        boxes.push_back(tmpl::Map{{"name", category.name},
                                  {"title", category.title},
                                  {"level", level},
                                  {"is_chosen", has_category(body, category.name)}});
    return boxes;
}

content::Body read_body(Context& context, const content::Page& page, const content::Revision& base) {
    content::Body body = base.body;
    if (context.has_field("title")) body.title = short_text(context, "title", "題名", kLongestTitle);
    if (context.has_field("description"))
        body.description = short_text(context, "description", "説明", kLongestDescription);
    if (context.has_field("categories")) read_categories(context, all_categories(context), body);
    std::string all;
    for (const EditedPart& part : parts_of(context, page, base.body)) {
        const std::string name = "part." + part.name;
        if (!context.has_field(name)) continue;
        const std::string text = with_plain_newlines(context.field(name));
        if (!base::is_utf8(text))
            throw Error(Kind::BadInput, "本文に読み取れない文字があります。その文字を消してから保存してください。");
        all += text;
        if (text != with_plain_newlines(part.text)) body.parts[part.name] = text;
    }
    const auto sent = context.db().read(
        [&](sys::Reader& db) { return tickets::list(db, kUploads, page_subject(page.id), context.now()); });
    for (const tickets::Ticket& ticket : sent) {
        const auto file = upload_in(ticket);
        const bool is_there = std::any_of(body.attachments.begin(), body.attachments.end(),
                                          [&](const auto& each) { return each.path == ticket.name; });
        const std::string_view name = std::string_view(ticket.name).substr(content::section_path(ticket.name).size());
        if (file && !is_there && all.find(name) != std::string::npos) body.attachments.push_back(*file);
    }
    return body;
}

content::Attachment take_upload(Context& context, const content::Page& page, const http::UploadedFile& file,
                                std::string title) {
    if (file.size == 0)
        throw Error(
            Kind::BadInput,
            fmt::format("「{}」には中身がありません（0バイト）。ファイルを確かめて、選び直してください。", file.name));
    const content::FileKind* kind = content::find_file_kind(file.read_at(0, content::kFileHead));
    if (kind == nullptr)
        throw Error(
            Kind::BadInput,
            fmt::format("「{}」は使えない種類のファイルです。画像（PNG、JPEG、GIF、WebP）かPDFを選んでください。",
                        file.name));
    const std::string bytes = file.read();
    flow::screen_upload(context.site(), bytes, file.name, fmt::format("person:{}", context.person.id.value));
    const auto stored = context.site().objects->put(bytes, sys::Durability::Now);
    // A name without letters (「地図.png」) gives the page's own, so that neighbouring drafts do not both want
    // "file.png".
    std::string_view own = std::string_view(page.path).substr(content::section_path(page.path).size());
    own = own.substr(0, own.rfind('.'));
    return {free_path(context, page, content::public_file_name(file.name, *kind, own), stored.hash), stored.hash,
            stored.size, std::string(kind->type),
            std::string(base::first_code_points(base::trim(title), kLongestTitle))};
}

void note_upload(Context& context, const content::Page& page, const content::Attachment& file) {
    context.db().write([&](sys::Transaction& tx) {
        tickets::put(tx, {std::string(kUploads), page_subject(page.id), file.path, upload_detail(file),
                          context.now() + kKeepUploads});
    });
}

std::optional<content::Attachment> find_upload(Context& context, base::PageId page, std::string_view path) {
    const auto ticket = context.db().read(
        [&](sys::Reader& db) { return tickets::find_named(db, kUploads, page_subject(page), path, context.now()); });
    return ticket ? upload_in(*ticket) : std::nullopt;
}

tmpl::List diff_rows(const std::vector<html::BlockChange>& changes, Fold fold) {
    static constexpr std::string_view kKinds[] = {"same", "changed", "added", "removed"};
    tmpl::List rows;
    for (std::size_t i = 0; i < changes.size(); ++i) {
        const html::BlockChange& change = changes[i];
        if (change.what == html::BlockChange::What::Same && fold == Fold::Unchanged) {
            std::size_t end = i;
            while (end < changes.size() && changes[end].what == html::BlockChange::What::Same) ++end;
            // The neighbours of a change stay in sight; what lies between is folded.
            const bool has_before = i > 0, has_after = end < changes.size();
            const std::size_t kept = (has_before ? 1U : 0U) + (has_after ? 1U : 0U);
            if (end - i > kept + 1) {
                const auto show = [&](const html::BlockChange& same) {
                    rows.push_back(
                        tmpl::Map{{"kind", "same"},
                                  {"label", say(same.label)},
                                  {"pieces", tmpl::List{tmpl::Map{{"kind", "same"}, {"text", same.pieces[0].text}}}}});
                };
                if (has_before) show(changes[i]);
                rows.push_back(tmpl::Map{{"kind", "skip"}, {"count", end - i - kept}});
                if (has_after) show(changes[end - 1]);
                i = end - 1;
                continue;
            }
        }
        tmpl::List pieces;
        for (const html::Piece& piece : change.pieces)
            pieces.push_back(tmpl::Map{{"kind", piece.what == html::Piece::What::Same    ? "same"
                                                : piece.what == html::Piece::What::Added ? "added"
                                                                                         : "removed"},
                                       {"text", piece.text}});
        rows.push_back(tmpl::Map{{"kind", kKinds[static_cast<std::size_t>(change.what)]},
                                 {"label", say(change.label)},
                                 {"pieces", std::move(pieces)}});
    }
    return rows;
}

tmpl::Map diff_line(std::string_view before, std::string_view after) {
    tmpl::List pieces;
    for (const html::Piece& piece : html::compare_text(before, after))
        pieces.push_back(tmpl::Map{{"kind", piece.what == html::Piece::What::Same    ? "same"
                                            : piece.what == html::Piece::What::Added ? "added"
                                                                                     : "removed"},
                                   {"text", piece.text}});
    return {{"is_same", before == after}, {"pieces", std::move(pieces)}};
}

}  // namespace web

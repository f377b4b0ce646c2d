#include "flow/edit_page/clean_body.h"

#include "flow/edit_page/turn.h"
#include "flow/others.h"
#include "ground/base/media_type.h"
#include "ground/base/text.h"
#include "ground/html/sanitise.h"
#include "ground/html/splice.h"
#include "ground/release/record.h"

namespace flow {

using base::Error;
using base::Kind;

namespace {

constexpr std::size_t kLongestTitle = 200;
constexpr std::size_t kLongestDescription = 1000;
constexpr std::size_t kLargestPart = 2 << 20;
constexpr std::size_t kLargestBody = 4 << 20;
constexpr std::size_t kMostParts = 64;
constexpr std::size_t kMostCategories = 50;
constexpr std::size_t kMostAttachments = 100;

[[noreturn]] void refuse(std::string message) {
    throw Error(Kind::BadInput, std::move(message));
}

void check_path(std::string_view path) {
    const auto bytes = base::percent_decode(path);
    if (!bytes || base::percent_encode(*bytes) != path)
        refuse(fmt::format("{} は、パスとして正しく書かれていません。", path));
    if (const auto fault = release::find_path_fault(*bytes)) refuse(fmt::format("{} は使えません: {}", path, *fault));
    if (path.size() > 1000) refuse("パスが長すぎます（1000 文字まで）。");
}

void check_limits(const content::Body& body) {
    if (base::trim(body.title).empty()) refuse("題名を入れてください。");
    need_words(body.title, "題名", kLongestTitle);
    need_words(body.description, "説明", kLongestDescription);
    need_words(body.template_name, "テンプレートの名前", 100);
    if (body.parts.size() > kMostParts) refuse(fmt::format("部分は {} までです。", kMostParts));
    if (body.categories.size() > kMostCategories) refuse(fmt::format("分類は {} までです。", kMostCategories));
    for (const std::string& category : body.categories) need_words(category, "分類", 100);
    std::size_t total = 0;
    for (const auto& [name, html] : body.parts) {
        need_words(name, "部分の名前", 100);
        if (name.empty()) refuse("名前のない部分があります。");
        need_words(html, "本文", kLargestPart);
        if (html.size() > kLargestPart)
            refuse("文章が大きすぎます（1つの欄は2MBまで）。いくつかのページに分けてください。");
        total += html.size();
    }
    if (total > kLargestBody) refuse("文章が大きすぎます（あわせて4MBまで）。いくつかのページに分けてください。");
}

void check_attachments(Site& site, const content::Page& page, const content::Body& body) {
    if (body.attachments.size() > kMostAttachments)
        refuse(fmt::format("添付ファイルは {} までです。", kMostAttachments));
    std::set<std::string_view> paths;
    for (const content::Attachment& one : body.attachments) {
        check_path(one.path);
        refuse_path_of_another(site.settings, one.path);
        need_words(one.title, "添付ファイルの名前", kLongestTitle);
        if (one.path == page.path || !paths.insert(one.path).second)
            refuse(fmt::format("添付ファイルの場所 {} が重なっています。", one.path));
        const auto size = site.objects->find_size(one.hash);
        if (!size || *size != one.size)
            refuse(fmt::format("添付ファイル {} が届いていません。もう一度登録してください。", one.path));
        if (one.type.empty() || one.type.size() > 100 || one.type.find_first_of("\r\n\"") != std::string::npos)
            refuse(fmt::format("添付ファイル {} の種類が分かりません。", one.path));
    }
}

}  // namespace

void check_page_path(std::string_view path) {
    check_path(path);
    if (!base::is_page_path(path)) refuse(fmt::format("ページの場所は .html で終わらせてください（いま: {}）。", path));
}

CleanBody clean_body(Site& site, const content::Page& page, const std::vector<content::Region>& regions,
                     const content::Body& before, content::Body body) {
    check_limits(body);
    check_attachments(site, page, body);
    CleanBody clean;
    const bool is_taken_over = page.kind == content::PageKind::TakenOver;
    if (is_taken_over && !body.template_name.empty()) refuse("引き継いだページの型は、枠の画面で、枠ごとに変えます。");
    if (!is_taken_over && page.document != base::Hash{} && body.template_name.empty())
        refuse("ページの型を選んでください。");
    const auto encoding = html::find_encoding(page.encoding).value_or(html::Encoding::Unknown);
    std::string original;
    for (auto& [name, html] : body.parts) {
        html::Policy policy;
        std::string old_html, region_html;
        std::string context = "div";
        if (is_taken_over) {
            const auto region = std::find_if(regions.begin(), regions.end(),
                                             [&wanted = name](const auto& one) { return one.name == wanted; });
            if (region == regions.end()) refuse(fmt::format("{} には編集範囲「{}」がありません。", page.path, name));
            if (original.empty()) original = site.objects->load(page.document);
            context = region->context;
            region_html = html::region_html(
                original, encoding,
                {static_cast<std::size_t>(region->begin), static_cast<std::size_t>(region->end), region->context});
            policy.original = region_html;
            policy.context = context;
            old_html = region_html;
        }
        if (const auto old = before.parts.find(name); old != before.parts.end()) old_html = old->second;
        if (html == old_html) continue;  // untouched: as it was, whatever it is
        html::Cleaned cleaned = html::clean_html(html, policy);
        html = cleaned.html.str();
        for (std::string& what : cleaned.removed)
            if (std::find(clean.removed.begin(), clean.removed.end(), what) == clean.removed.end())
                clean.removed.push_back(std::move(what));
        if (!is_taken_over) continue;
        for (const html::Loss& loss : html::missing_markup(old_html, html, context))
            if (loss.is_silent)
                clean.losses.push_back(fmt::format("{}: {} {} → {}", name, loss.what, loss.before, loss.after));
    }
    clean.body = std::move(body);
    return clean;
}

}  // namespace flow

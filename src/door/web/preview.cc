#include "door/web/preview.h"

#include "door/web/context.h"
#include "door/web/language.h"
#include "flow/change_template.h"
#include "flow/frame_region.h"
#include "flow/preview_page.h"
#include "flow/restyle_frame.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/http/server.h"
#include "ground/sys/crypto.h"
#include "ground/tickets/tickets.h"
#include "press/content/store.h"

namespace web {

namespace {

using namespace std::chrono_literals;

constexpr auto kOpens = 2min;      // how long the page itself may be fetched
constexpr auto kFilesFor = 10min;  // and the files beside it
constexpr std::string_view kPage = "preview";
constexpr std::string_view kFiles = "preview-files";

struct Wanted {
    base::PageId page;
    base::RevisionId revision;
    base::Instant at;
    content::TemplateRevisionId tried;  ///< 0 = the page as it is
    std::string region;                 ///< a selector; "" = no region is shown
    std::string page_type;              ///< the page made anew from it; "" = as it is
    std::string office;                 ///< with `region`: the origin that is told where somebody clicks
    std::string mapping;                ///< with `page_type`: which region goes where
};

Wanted read_detail(std::string_view detail) {
    const auto parts = base::split(detail, ' ');
    const auto number = [&](std::size_t place) {
        return place < parts.size() ? std::strtoll(std::string(parts[place]).c_str(), nullptr, 10) : 0;
    };
    return {{number(0)},
            {number(1)},
            {number(2)},
            {number(3)},
            parts.size() > 4 ? base::percent_decode(parts[4]).value_or("") : "",
            parts.size() > 5 ? std::string(parts[5]) : "",
            parts.size() > 6 ? std::string(parts[6]) : "",
            parts.size() > 7 ? std::string(parts[7]) : ""};
}

http::Response reply(const flow::Preview& preview) {
    http::Response response;
    response.headers = {{"Content-Type", preview.type.empty() ? "application/octet-stream" : preview.type}};
    response.body = preview.bytes;
    return response;
}

http::Response words(std::string_view text, int status) {
    return http::html(
        say(fmt::format(
            "<!DOCTYPE html><html lang=\"ja\"><meta charset=\"utf-8\"><title>プレビュー</title><p>{}</p></html>",
            html::escape_text(text))),
        status);
}

http::Response open_tried(Office& office, const Wanted& wanted) {
    const auto [of, revision] = office.site.database->read([&](sys::Reader& db) {
        auto tried = content::find_template_revision(db, wanted.tried);
        return std::pair(tried ? content::find_template(db, tried->of) : std::nullopt, std::move(tried));
    });
    if (!of) return words(say("この版は見つかりません。"), 404);
    return http::html(flow::preview_template(office.site, *of, revision->source, wanted.page));
}

/// Tells the office which element is clicked; nothing else happens there. %ORIGIN% is the office's.
constexpr std::string_view kPick = R"((() => {
  const find = event => event.target instanceof Element ? event.target.closest("[data-yakuba-node]") : null;
  let over = null;
  addEventListener("mouseover", event => {
    if (over) over.removeAttribute("data-yakuba-over");
    over = find(event);
    if (over) over.setAttribute("data-yakuba-over", "");
  }, true);
  addEventListener("click", event => {
    event.preventDefault();
    event.stopPropagation();
    const node = find(event);
    if (node) parent.postMessage({ yakuba: "region", node: Number(node.getAttribute("data-yakuba-node")) }, "%ORIGIN%");
  }, true);
  addEventListener("submit", event => event.preventDefault(), true);
})())";

/// The page with its region outlined. Its own scripts stay off: only ours may run, by its nonce.
http::Response open_region(Office& office, const Wanted& wanted) {
    http::Response response = reply(flow::preview_region(office.site, wanted.page, wanted.region));
    const std::string nonce = sys::random_token(16);
    std::string script(kPick);
    script.replace(script.find("%ORIGIN%"), 8, wanted.office);
    response.body += fmt::format("<script nonce=\"{}\">{}</script>", nonce, script);
    response.headers.set("Content-Security-Policy", fmt::format("sandbox allow-scripts; script-src 'nonce-{}'; "
                                                                "object-src 'none'; frame-src 'none'; form-action "
                                                                "'none'",
                                                                nonce));
    return response;
}

/// The page, once.
http::Response open_page(Office& office, const Wanted& wanted) {
    if (wanted.tried) return open_tried(office, wanted);
    if (!wanted.page_type.empty())
        return http::html(
            flow::preview_restyled(office.site, wanted.page, wanted.page_type, frames::read_mapping(wanted.mapping)));
    if (!wanted.region.empty()) return open_region(office, wanted);
    const flow::Preview preview = wanted.revision ? flow::preview_revision(office.site, wanted.page, wanted.revision)
                                                  : flow::preview_at(office.site, wanted.page, wanted.at);
    if (preview.type.empty()) return words(say("この日時には、このページは公開されていません。"), 200);
    return reply(preview);
}

http::Response answer(Office& office, http::Request& request) {
    if (request.method != "GET" && request.method != "HEAD") return http::text("", 405);
    auto segments = request.segments;
    std::string token;
    if (!segments.empty() && segments.front().starts_with('~')) {
        token = segments.front().substr(1);
        segments.erase(segments.begin());
    }
    if (!segments.empty() && segments.back().empty()) segments.back() = "index.html";
    const std::string path = base::join(segments, "/");
    const base::Instant now = office.site.clock.now();

    base::RevisionId revision;
    if (!token.empty()) {
        sys::Database& db = *office.site.database;
        const auto page = db.write([&](sys::Transaction& tx) { return tickets::take(tx, kPage, token, now); });
        if (page) return open_page(office, read_detail(page->detail));
        const auto files = db.read([&](sys::Reader& reader) {
            return tickets::find_named(reader, kFiles, "token", sys::sha256(token).hex(), now);
        });
        if (!files)
            return words(say("このプレビューは一度しか開けません。もとの画面でプレビューを開き直してください。"), 410);
        const Wanted wanted = read_detail(files->detail);
        const auto opened = db.read([&](sys::Reader& reader) { return content::find_page(reader, wanted.page); });
        if (opened && base::percent_decode(opened->path) == path)
            return words(say("このプレビューは一度しか開けません。もとの画面でプレビューを開き直してください。"), 410);
        revision = wanted.revision;
    }
    const auto file = flow::preview_file(office.site, revision, path);
    return file ? reply(*file) : words(say("このファイルはまだ公開されていません。"), 404);
}

}  // namespace

namespace {

/// As the browser names it; "" for a host that is none, then nobody is told.
std::string office_origin(const Context& context) {
    const std::string& host = context.request.host;
    const auto is_of_host = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == ':' ||
               c == '-' || c == '[' || c == ']';
    };
    if (!std::all_of(host.begin(), host.end(), is_of_host)) return "";
    return fmt::format("{}://{}", context.request.is_secure ? "https" : "http", host);
}

std::string address_of(Context& context, const Wanted& wanted, std::string_view path) {
    const std::string detail = fmt::format(
        "{} {} {} {} {} {} {} {}", wanted.page.value, wanted.revision.value, wanted.at.milliseconds, wanted.tried.value,
        base::percent_encode(wanted.region), wanted.page_type, wanted.office, wanted.mapping);
    const std::string token = context.db().write([&](sys::Transaction& tx) {
        const std::string made =
            tickets::issue(tx, kPage, fmt::format("page:{}", wanted.page.value), detail, context.now() + kOpens);
        tickets::put(tx, {std::string(kFiles), "token", sys::sha256(made).hex(), detail, context.now() + kFilesFor});
        return made;
    });
    return fmt::format("{}/~{}/{}", context.preview_origin(), token, path);
}

}  // namespace

std::string preview_address(Context& context, base::PageId page, std::string_view path, base::RevisionId revision,
                            base::Instant at) {
    return address_of(context, {page, revision, at, {}, "", "", "", ""}, path);
}

std::string preview_template_address(Context& context, base::PageId page, std::string_view path,
                                     content::TemplateRevisionId revision) {
    return address_of(context, {page, {}, {}, revision, "", "", "", ""}, path);
}

std::string preview_restyled_address(Context& context, base::PageId page, std::string_view path,
                                     std::string_view page_type, std::string_view mapping) {
    return address_of(context, {page, {}, {}, {}, "", std::string(page_type), "", std::string(mapping)}, path);
}

std::string preview_region_address(Context& context, base::PageId page, std::string_view path,
                                   std::string_view selector) {
    return address_of(context, {page, {}, {}, {}, std::string(selector), "", office_origin(context), ""}, path);
}

http::Response answer_preview(Office& office, http::Request& request) {
    http::Response response;
    try {
        response = answer(office, request);
    } catch (const base::Error& error) {
        response = words(error.kind() == base::Kind::Damaged || error.kind() == base::Kind::Bug
                             ? say("プレビューを作れませんでした。")
                             : error.message(),
                         http::status_of(error.kind()));
    }
    // The page's own script may run; it has no origin, so it reaches nothing of ours. Only the office shows it in a
    // frame: its screens' own frame-src says from where, and here X-Frame-Options cannot name another port, so nothing
    // is said.
    if (response.headers.get("Content-Security-Policy").empty())
        response.headers.set("Content-Security-Policy", "sandbox allow-scripts allow-popups");
    response.headers.set("X-Content-Type-Options", "nosniff");
    response.headers.set("Referrer-Policy", "no-referrer");
    response.headers.set("Cache-Control", "no-store");
    response.headers.set("X-Robots-Tag", "noindex");
    return response;
}

}  // namespace web

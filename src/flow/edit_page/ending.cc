// Where visitors of a page that ends are sent: a place on this site has to be public, an address elsewhere has to look
// like one. Whether the other site answers is not asked: the office need not reach the internet.
#include "flow/edit_page/turn.h"
#include "flow/others.h"
#include "ground/base/text.h"
#include "ground/release/store.h"
#include "press/content/live.h"
#include "press/content/store.h"

namespace flow {

namespace {

constexpr std::size_t kLongestReason = 2000;
constexpr std::size_t kLongestTarget = 1000;

/// "https://www.example.lg.jp:8443/a?b": a scheme, a host with a dot and no user before it, a port of digits.
bool is_web_address(std::string_view text) {
    const bool has_scheme = text.starts_with("https://") || text.starts_with("http://");
    if (!has_scheme || text.find_first_of(" \t\r\n\"<>\\") != std::string_view::npos) return false;
    text.remove_prefix(text.find("//") + 2);
    std::string_view host = text.substr(0, text.find_first_of("/?#"));
    if (const auto colon = host.find(':'); colon != std::string_view::npos) {
        const std::string_view port = host.substr(colon + 1);
        if (port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != std::string_view::npos)
            return false;
        host = host.substr(0, colon);
    }
    for (const char c : host)
        if (static_cast<unsigned char>(c) < 0x80 && !std::isalnum(static_cast<unsigned char>(c)) && c != '.' &&
            c != '-')
            return false;
    return host.find('.') != std::string_view::npos && !host.starts_with('.') && !host.ends_with('.') &&
           host.find("..") == std::string_view::npos;
}

/// `path` in percent form; a folder stands for its index page.
bool is_public(sys::Reader& db, const Site& site, const std::string& path) {
    if (content::find_live(db, path) || content::find_live(db, path + "index.html")) return true;
    if (find_area(site.settings, path)) return true;
    const std::string bytes = base::percent_decode(path).value_or(path);
    const auto entry = release::find_entry(db, path.ends_with('/') ? bytes + "index.html" : bytes);
    // What has just come down stands in the newest release until the next one.
    return entry && entry->status < 400 && !content::find_page(db, path);
}

}  // namespace

std::optional<std::string> find_ending_fault(sys::Reader& db, const Site& site, const content::Page& page,
                                             const workflow::Ending& ending) {
    if (ending.reason != workflow::EndReason::Moved || ending.target.empty()) return std::nullopt;
    const std::string& target = ending.target;
    std::string_view place = target;
    if (!site.settings.site.url.empty() && place.starts_with(site.settings.site.url))
        place.remove_prefix(site.settings.site.url.size());
    const std::string file = std::string(place) + (place.empty() || place.ends_with('/') ? "index.html" : "");
    const auto live = content::find_live(db, page.id);
    if (file == page.path || (live && file == live->path))
        return "移動先がこのページ自身です。移った先のページを指定してください。";
    if (is_web_address(target)) return std::nullopt;
    const auto bytes = base::percent_decode(target);
    const bool is_path = bytes && base::percent_encode(*bytes) == target &&
                         !release::find_path_fault(target.ends_with('/') ? *bytes + "index.html" : *bytes);
    if (!is_path)
        return "移動先は、サイト内の場所（/kurashi/gomi/index.html）か、https:// で始まるアドレスで指定してください。";
    if (is_public(db, site, target)) return std::nullopt;
    if (content::find_page(db, target))
        return fmt::format("移動先の /{} は、まだ公開されていません。先にそのページを公開してください。", *bytes);
    return fmt::format(
        "移動先の /{} は、このサイトにありません。場所を確かめるか、先に移動先のページを公開してください。", *bytes);
}

void check_ending(sys::Reader& db, const Site& site, const content::Page& page, const workflow::Ending& ending) {
    need_words(ending.words, "理由", kLongestReason);
    need_words(ending.target, "移動先", kLongestTarget);
    if (auto fault = find_ending_fault(db, site, page, ending)) throw base::Error(base::Kind::BadInput, *fault);
}

}  // namespace flow

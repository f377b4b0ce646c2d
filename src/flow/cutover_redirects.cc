#include "flow/cutover_redirects.h"

#include <algorithm>

#include <boost/json.hpp>

#include "flow/mark_changes.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"
#include "ground/release/log.h"
#include "ground/sys/log.h"
#include "press/content/redirects.h"
#include "press/content/store.h"

namespace flow {

using base::Error;
using base::Kind;

namespace {

/// "/Kurashi/Gomi.htm" and "kurashi/gomi/index.html" alike.
std::string form_of(std::string_view path) {
    std::string form = base::to_lower(path.substr(0, path.find('?')));
    for (const std::string_view end : {"index.html", "index.htm", "index.php", "default.htm", "default.html"})
        if (form.ends_with(end) && (form.size() == end.size() || form[form.size() - end.size() - 1] == '/'))
            form.resize(form.size() - end.size());
    for (const std::string_view end : {".html", ".htm", ".php", ".shtml", ".asp", ".aspx"})
        if (form.ends_with(end)) {
            form.resize(form.size() - end.size());
            break;
        }
    while (form.ends_with('/')) form.pop_back();
    while (form.starts_with('/')) form.erase(0, 1);
    return form;
}

std::string name_of(const std::string& form) {
    return form.substr(form.rfind('/') + 1);
}

void add(std::map<std::string, std::string>& to, const std::string& key, const std::string& path) {
    if (key.empty()) return;
    const auto [at, is_new] = to.emplace(key, path);
    if (!is_new && at->second != path) at->second.clear();
}

/// One person makes it, so it only leads where the page went, by the old server's word, or to a page of this site.
void need_missing(Site& site, const std::string& path, const std::string& target) {
    const auto [found, state] = site.watch().read(
        [&](sys::Reader& db) { return std::pair(cutover::find_finding(db, path), cutover::load_state(db)); });
    if (state.finished_at || state.rolled_back_at)
        throw Error(Kind::Conflict, "切替は終わっています。ここからは転送を引き継げません。");
    const auto is_missing = [](const cutover::Difference& each) { return each.kind == cutover::Differs::Missing; };
    if (!found || found->outcome != "different" || std::ranges::none_of(found->differences, is_missing))
        throw Error(Kind::Conflict, "転送を引き継げるのは、照合で「新サーバにない」とわかったページだけです。");
    const bool is_here = target.starts_with('/') && !target.starts_with("//");
    if (!is_here && (target.empty() || target != found->proposal))
        throw Error(Kind::BadInput,
                    "転送先は、旧サーバの転送先（候補）か、このサイトの「/」で始まるパスにしてください。");
}

}  // namespace

RedirectProposer::RedirectProposer(const Folders& folders) {
    try {
        const PublicSide side = open_public_side(folders.site);
        const std::int64_t newest = side.log.newest();
        if (newest == 0) return;
        side.log.manifest_at(newest, side.keys).each([&](const release::Entry& entry) {
            if (entry.status != 200 || release::is_hidden(entry.path)) return true;
            std::string shown = "/" + base::percent_encode(entry.path);
            if (shown.ends_with("/index.html")) shown.resize(shown.size() - 10);
            const std::string form = form_of(shown);
            add(by_form_, form, shown);
            if (entry.type == "text/html" || entry.path.ends_with(".pdf")) add(by_name_, name_of(form), shown);
            return true;
        });
    } catch (const Error& error) {
        sys::log(sys::Level::Warning, "no redirects are proposed: the release log cannot be read",
                 {{"problem", error.message()}});
    }
}

std::string RedirectProposer::find(std::string_view old_path) const {
    const std::string form = form_of(old_path);
    const std::string plain(old_path.substr(0, old_path.find('?')));
    for (const auto& [all, key] : {std::pair(&by_form_, form), std::pair(&by_name_, name_of(form))})
        if (const auto at = all->find(key); at != all->end() && at->second != plain) return at->second;
    return {};
}

void take_over_redirect(Site& site, std::string_view old_path, std::string_view location, const cutover::By& by) {
    const auto plain = cutover::plain_listed(old_path);
    if (!plain || plain->find('?') != std::string::npos)
        throw Error(Kind::BadInput, "転送できるのは、「/」で始まり「?」を含まないパスです。");
    const std::string target(base::trim(location));
    std::string path = plain->substr(1);
    if (path.empty() || path.ends_with('/')) path += "index.html";
    if (target == *plain || target == "/" + path) throw Error(Kind::BadInput, "転送先が、転送元と同じページです。");
    need_missing(site, *plain, target);
    site.database->write([&](sys::Transaction& tx) {
        if (content::find_page(tx, path) || content::find_asset(tx, path) || content::find_redirect(tx, path))
            throw Error(Kind::Conflict, "このパスには、すでにページか転送があります。");
        content::put_redirect(tx, {path, 301, target, by.at});
        mark_redirect_changed(tx, path, by.at);
        ledger::append(tx, {by.at, by.who, "cutover.redirect", "path:/" + path,
                            boost::json::serialize(boost::json::object{{"location", target}})});
    });
    site.watch().write([&](sys::Transaction& tx) {
        if (cutover::find_finding(tx, *plain)) cutover::note_redirect(tx, *plain, target, by);
    });
}

}  // namespace flow

#include "flow/inbound_links.h"

#include "ground/base/text.h"
#include "ground/html/document.h"
#include "press/content/store.h"
#include "press/intake/address.h"
#include "press/intake/store.h"

namespace flow {

namespace {

constexpr int kCandidates = 2000;

/// What every link to the path has in it: the file's name, or for an index page the folder's.
std::string telling_word(std::string_view path) {
    if (content::is_index_path(path)) path.remove_suffix(std::string_view("index.html").size());
    while (path.ends_with('/')) path.remove_suffix(1);
    return std::string(path.substr(path.rfind('/') + 1));
}

intake::Address address_of(std::string_view path) {
    return {"http", "site.invalid", fmt::format("/{}", path), "", false};
}

/// Whether `reference`, written in the page at `from`, leads to the file `wanted` (bytes).
bool leads_to(const intake::Address& from, std::string_view reference, const std::string& wanted) {
    const auto to = intake::resolve(from, reference);
    return to && to->host == from.host && intake::public_path(*to) == wanted;
}

bool links_to(const content::LivePage& page, const content::Body& body, const std::string& wanted) {
    const intake::Address from = address_of(page.path);
    for (const auto& [name, text] : body.parts)
        for (const html::Link& link : html::list_links(html::Document::parse_fragment(text)))
            if ((link.kind == html::LinkKind::Anchor || link.kind == html::LinkKind::Area) &&
                leads_to(from, link.url, wanted))
                return true;
    return false;
}

}  // namespace

InboundLinks find_inbound_links(sys::Reader& db, const content::Page& page, int most) {
    InboundLinks found;
    const std::string word = telling_word(page.path), wanted = base::percent_decode(page.path).value_or(page.path);
    if (word.empty()) return found;  // everything leads to the top page
    std::map<std::string, content::LivePage> pages;
    for (const content::LivePage& one : content::list_mentioning(db, word, kCandidates))
        if (one.id != page.id && links_to(one, content::load_revision(db, one.revision).body, wanted))
            pages.emplace(one.path, one);
    for (const intake::LinkingFile& file : intake::list_linking(db, word, kCandidates)) {
        const std::string path = base::percent_encode(file.path);
        const intake::Address from = address_of(path);
        const auto lines = base::split(file.links, '\n');
        if (path == page.path || !std::any_of(lines.begin(), lines.end(), [&](std::string_view line) {
                return !line.empty() && leads_to(from, line, wanted);
            }))
            continue;
        if (const auto live = content::find_live(db, path); live && live->kind == content::PageKind::TakenOver)
            pages.emplace(path, *live);
    }
    for (auto& [path, one] : pages) {
        found.is_more = static_cast<int>(found.pages.size()) >= most;
        if (found.is_more) break;
        found.pages.push_back(std::move(one));
    }
    std::string url = "/" + page.path;
    if (content::is_index_path(page.path)) url.resize(url.size() - std::string_view("index.html").size());
    for (const content::Template& one : content::list_templates(db)) {
        const auto live = content::find_live_template(db, one.name);
        if (live && live->source.find(fmt::format("\"{}\"", url)) != std::string::npos) found.templates.push_back(one);
    }
    return found;
}

}  // namespace flow

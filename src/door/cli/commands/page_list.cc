#include <boost/json.hpp>

#include "door/cli/page.h"
#include "ground/base/error.h"
#include "press/content/store.h"

namespace cli {

namespace {

struct Listed {
    std::vector<content::Page> pages;
    std::vector<workflow::Standing> standings;
    std::string next;
};

Listed list(sys::Reader& db, const Invocation& invocation, int limit) {
    Listed listed;
    if (invocation.has("--state")) {
        const auto state = workflow::find_state(invocation.text("--state"));
        if (!state)
            throw base::Error(base::Kind::BadInput,
                              "--state takes none, draft, submitted, returned, approved or scheduled");
        workflow::StandingList found = workflow::list_in_state(db, *state, invocation.text("--after"), limit);
        for (const workflow::Standing& one : found.standings) listed.pages.push_back(content::load_page(db, one.page));
        listed.standings = std::move(found.standings);
        listed.next = found.next;
        return listed;
    }
    content::PageFilter filter;
    filter.under = invocation.text("--under");
    filter.words = invocation.text("--words");
    filter.after = invocation.text("--after");
    filter.limit = limit;
    content::PageList found = content::list_pages(db, filter);
    std::vector<base::PageId> ids;
    for (const content::Page& page : found.pages) ids.push_back(page.id);
    listed.standings = workflow::list_standings(db, ids);
    listed.pages = std::move(found.pages);
    listed.next = found.next;
    return listed;
}

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const int limit = static_cast<int>(invocation.number("--limit", 1, 10'000).value_or(100));
    const Listed listed = site->database->read([&](sys::Reader& db) { return list(db, invocation, limit); });
    boost::json::array pages;
    std::string prose;
    for (std::size_t i = 0; i < listed.pages.size(); ++i) {
        const content::Page& page = listed.pages[i];
        const workflow::Standing& standing = listed.standings[i];
        const std::string_view state = workflow::state_id(standing.state);
        const workflow::Live live = workflow::live_of(page, standing);
        pages.push_back({{"id", page.id.value},
                         {"path", page.path},
                         {"title", page.title},
                         {"state", state},
                         {"live", workflow::live_id(live)},
                         {"version", standing.version}});
        prose += fmt::format("{:>7}  {:<34}  {}  {}\n", page.id.value, standing_words(live, standing.state), page.path,
                             page.title);
    }
    prose += listed.next.empty() ? fmt::format("{} pages", pages.size())
                                 : fmt::format("{} pages, and more: --after '{}'", pages.size(), listed.next);
    boost::json::object document{{"pages", std::move(pages)}, {"next", nullptr}};
    if (!listed.next.empty()) document["next"] = listed.next;
    invocation.answer(document, prose);
    return kDone;
}

constexpr Option kOptions[] = {
    {"--under", "Only pages under this section, \"kurashi/\""},
    {"--words", "Only pages with this in their title or path"},
    {"--state", "Only pages in this state, newest change first: draft, submitted, returned, approved, scheduled"},
    {"--limit", "At most so many (100)"},
    {"--after", "Go on where the last list ended: its \"next\""},
};

}  // namespace

extern const Command page_list{"page", "list", "List pages and where they stand", kOptions, run};

}  // namespace cli

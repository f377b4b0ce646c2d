#include <boost/json.hpp>

#include "door/cli/command.h"
#include "flow/site.h"
#include "ground/release/store.h"
#include "press/content/store.h"
#include "press/publish/queue.h"
#include "press/publish/receipt.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    boost::json::object document;
    std::string prose;
    bool is_well = true;
    site->database->read([&](sys::Reader& db) {
        const auto newest = release::find_newest(db);
        const auto unplaced = release::list_unplaced(db);
        const auto failed = publish::list_failed(db, 100);
        const std::int64_t due = publish::take_dirty(db, 1'000'000).keys.size();
        boost::json::array failures;
        for (const auto& one : failed) failures.push_back({{"receipt", one.id}, {"problem", one.problem}});
        const auto sources = publish::list_failed_sources(db, 100);
        for (const auto& one : sources)
            failures.push_back({{"source", one.source},
                                {"problem", one.problem},
                                {"since", base::format_utc(one.since)},
                                {"attempts", one.attempts}});
        document = {{"release", newest ? newest->number : 0},
                    {"files", newest ? newest->tree.files : 0},
                    {"bytes", newest ? newest->tree.bytes : 0},
                    {"pages", content::count_pages(db)},
                    {"assets", content::count_assets(db)},
                    {"due", due},
                    {"overdue", static_cast<std::int64_t>(unplaced.size())},
                    {"failed", failures}};
        is_well = unplaced.empty() && failures.empty();
        prose = fmt::format(
            "release {} is public with {} files; {} changes wait; {} releases are not placed; {} failed",
            newest ? newest->number : 0, newest ? newest->tree.files : 0, due, unplaced.size(), failures.size());
    });
    invocation.answer(document, prose);
    return is_well ? kDone : kFound;
}

}  // namespace

extern const Command site_status{"site", "status", "What is live, due, late, failed", {}, run};

}  // namespace cli

#include <boost/json.hpp>

#include "door/cli/command.h"
#include "flow/site.h"
#include "office/vulnerabilities/store.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    vulnerabilities::InventoryFilter filter;
    filter.kind = invocation.text("--kind");
    filter.words = invocation.text("--words");
    filter.with_gone = invocation.has("--gone");
    boost::json::array components;
    std::string prose;
    for (const auto& one :
         site->database->read([&](sys::Reader& db) { return vulnerabilities::list_inventory(db, filter); })) {
        boost::json::array places;
        for (const std::string& place : one.places) places.push_back(boost::json::string(place));
        components.push_back({{"kind", one.kind},
                              {"name", one.name},
                              {"version", one.version},
                              {"source", one.source},
                              {"source_version", one.source_version},
                              {"cpe", one.cpe},
                              {"note", one.note},
                              {"places", std::move(places)},
                              {"place_count", one.place_count},
                              {"gone_at", one.gone ? base::format_utc(*one.gone) : ""}});
        prose += fmt::format(
            "{:<8}{} {}{}\n", one.kind, one.name, one.version.empty() ? "?" : one.version,
            one.place_count > 0 ? fmt::format("  ({} files, {})", one.place_count, one.places.front()) : "");
    }
    prose += fmt::format("{} components", components.size());
    invocation.answer({{"components", std::move(components)}}, prose);
    return kDone;
}

constexpr Option kOptions[] = {
    {"--kind", "Only these: debian, part, npm, script, manual"},
    {"--words", "What stands in the name"},
    {"--gone", "Also what is not there any more", Takes::Flag},
};

}  // namespace

extern const Command inventory_list{"inventory", "list", "What the site is made of, as it was taken last", kOptions,
                                    run};

}  // namespace cli

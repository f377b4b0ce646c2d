// Owners and modes of a site whose roles run under users of their own: what is wrong, or, with --set, made right.
#include "flow/site_rights.h"

#include <boost/json.hpp>

#include "door/cli/command.h"

namespace cli {

namespace {

constexpr std::size_t kMostShown = 200;

int set(const Invocation& invocation) {
    const flow::RightsSet done = flow::set_rights(invocation.site());
    boost::json::array refused;
    std::string prose = fmt::format("{} files and folders looked at, {} changed", done.looked_at, done.changed);
    for (const std::string& path : done.refused) {
        refused.push_back(boost::json::string(path));
        prose += fmt::format("\n  {} has a second name somewhere and was left alone; find out who made it", path);
    }
    const bool is_well = done.refused.empty();
    invocation.answer({{"looked_at", done.looked_at}, {"changed", done.changed}, {"refused", std::move(refused)}},
                      prose);
    return is_well ? kDone : kFound;
}

int run(const Invocation& invocation) {
    if (invocation.has("--set")) return set(invocation);
    const auto all = flow::list_wrong_rights(invocation.site(), kMostShown);
    boost::json::array rows;
    std::string prose;
    for (const flow::WrongRight& one : all) {
        rows.push_back({{"path", one.path}, {"what", one.what}});
        prose += fmt::format("{}: {}\n", one.path, one.what);
    }
    prose += all.empty() ? "every owner and mode is as it should be"
                         : "stop the services, run `yakuba site rights --set` as root, and start them again";
    invocation.answer({{"wrong", std::move(rows)}}, prose);
    return all.empty() ? kDone : kFound;
}

constexpr Option kOptions[] = {
    {"--set", "Make them right: as root, with the services stopped", Takes::Flag},
};

}  // namespace

extern const Command site_rights{"site", "rights", "Owners and modes, where each role has a system user of its own",
                                 kOptions, run};

}  // namespace cli

// Makes taken-over pages editable: one, or all under a section.

#include <boost/json.hpp>

#include "door/cli/act_as.h"
#include "door/cli/command.h"
#include "flow/set_region.h"
#include "ground/base/text.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    flow::RegionWish wish;
    const std::string path = invocation.text("PATH");
    wish.path = base::percent_encode(path == "/" ? "" : path);
    wish.is_section = invocation.has("--under");
    wish.selector = invocation.text("--selector");
    if (invocation.has("--name")) wish.name = invocation.text("--name");
    wish.by = by_shell(invocation).text();
    const flow::RegionOutcome outcome = flow::set_region(*site, wish);
    boost::json::array refused, unmatched;
    for (const auto& each : outcome.refused) {
        refused.push_back({{"path", each.path}, {"reason", each.reason}});
        invocation.say(fmt::format("refused {}: {}", each.path, each.reason));
    }
    for (const std::string& each : outcome.unmatched) unmatched.emplace_back(each);
    invocation.answer({{"matched", outcome.matched}, {"refused", refused}, {"unmatched", unmatched}},
                      fmt::format("{} pages can be edited in {}; the selector finds nothing in {}, {} were refused",
                                  outcome.matched, wish.name, outcome.unmatched.size(), outcome.refused.size()));
    return outcome.refused.empty() && outcome.unmatched.empty() ? kDone : kFound;
}

constexpr Option kOptions[] = {
    {"PATH", "A page, \"kurashi/a.html\", or with --under a section, \"kurashi/\" or \"/\"", Takes::One, true},
    {"--selector", "The element whose content is to be edited, \"#main\"", Takes::One, true},
    {"--name", "main (default), header, navigation, footer, or a word of your own"},
    {"--under", "All pages under PATH", Takes::Flag},
};

}  // namespace

extern const Command page_region{"page", "region", "Say which part of taken-over pages may be edited", kOptions, run};

}  // namespace cli

// The list of parts as CycloneDX JSON on standard output: of the program alone, without a site, or of everything.
#include <boost/json.hpp>

#include "door/cli/command.h"
#include "flow/take_inventory.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    std::string text;
    if (invocation.has("--all")) {
        const auto site = flow::Site::open(invocation.site(), invocation.clock());
        text = flow::whole_sbom(*site);
    } else {
        text = flow::own_sbom();
    }
    while (text.ends_with('\n')) text.pop_back();
    invocation.answer(boost::json::parse(text).as_object(), text);
    return kDone;
}

constexpr Option kOptions[] = {
    {"--all", "Everything in the site's inventory, not only the program's own parts", Takes::Flag}};

}  // namespace

extern const Command inventory_sbom{"inventory", "sbom", "The program's parts as CycloneDX JSON", kOptions, run};

}  // namespace cli

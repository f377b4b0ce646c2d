#include <boost/json.hpp>

#include "door/cli/act_as.h"
#include "flow/switch_site.h"
#include "ground/base/error.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const std::string by = by_shell(invocation).text();
    if (invocation.has("DIR") == invocation.has("--back"))
        throw base::Error(base::Kind::BadInput, "name the folder of the restored site, or --back for the one before");
    const flow::Switched switched =
        invocation.has("--back") ? flow::switch_back(invocation.site(), by, invocation.clock())
                                 : flow::switch_site(invocation.site(), invocation.text("DIR"), by, invocation.clock());
    invocation.answer({{"site", switched.site.string()},
                       {"other", switched.other.string()},
                       {"release", switched.release},
                       {"next_release", switched.next_release}},
                      fmt::format("{} is now the site with release {}; the one that was there is in {}. Start the "
                                  "service; the way back is `yakuba backup switch --back`",
                                  switched.site.string(), switched.release, switched.other.string()));
    return kDone;
}

constexpr Option kOptions[] = {
    {"DIR", "The restored site, on the same file system as the site"},
    {"--back", "Bring back the site that was there before", Takes::Flag},
};

}  // namespace

extern const Command backup_switch{"backup", "switch", "Put a restored site in the place of this one, or go back",
                                   kOptions, run};

}  // namespace cli

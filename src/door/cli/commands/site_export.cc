#include <boost/json.hpp>

#include "door/cli/command.h"
#include "flow/export_site.h"
#include "ground/base/text.h"
#include "ground/release/record.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    Progress progress("exporting", invocation.clock());
    const flow::Exported result =
        flow::export_site(invocation.site(), invocation.text("DIR"),
                          {invocation.instant("--at"), invocation.number("--release", 1, release::kHighestNumber),
                           [&](std::int64_t done, std::int64_t total) {
                               stop_if_interrupted();
                               progress.update(done, total);
                           }});
    for (const std::string& path : result.missing)
        invocation.say(fmt::format("{} is left out: its object is missing or damaged; restore it from a backup",
                                   base::to_valid_utf8(path)));
    invocation.answer({{"release", result.release},
                       {"files", result.files},
                       {"bytes", result.bytes},
                       {"missing", static_cast<std::int64_t>(result.missing.size())}},
                      fmt::format("release {} is in {}: {} files, {} bytes", result.release, invocation.text("DIR"),
                                  result.files, result.bytes));
    return result.missing.empty() ? kDone : kFound;
}

constexpr Option kOptions[] = {
    {"DIR", "The folder to place it in; it must be empty or not there", Takes::One, true},
    {"--at", "The release that was public at this time, \"2027-04-01 09:00\""},
    {"--release", "The release of this number"},
};

}  // namespace

extern const Command site_export{"site", "export", "Place a release, the newest or an earlier one, in a folder",
                                 kOptions, run};

}  // namespace cli

#include <boost/json.hpp>

#include "door/cli/act_as.h"
#include "flow/upgrade_site.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    flow::Upgrade asked;
    asked.version = YAKUBA_VERSION;
    asked.by = by_shell(invocation).text();
    const flow::Upgraded done = flow::upgrade_site(invocation.site(), asked, invocation.clock());
    boost::json::array migrations;
    std::string prose =
        fmt::format("the site is at version {}{}; {} KB were copied to upgrade/ before, {:.1f} s", asked.version,
                    done.from.empty() ? "" : " (from " + done.from + ")", done.copied_bytes / 1024, done.seconds);
    if (done.was_taken_up) prose += "\n  an upgrade that was cut off was taken up";
    for (const std::string& name : done.migrations) {
        migrations.push_back(boost::json::string(name));
        prose += "\n  migration " + name;
    }
    invocation.answer({{"from", done.from},
                       {"to", asked.version},
                       {"migrations", std::move(migrations)},
                       {"copied_bytes", done.copied_bytes},
                       {"seconds", done.seconds},
                       {"was_taken_up", done.was_taken_up}},
                      prose);
    return kDone;
}

}  // namespace

extern const Command site_upgrade{
    "site", "upgrade", "Bring a site to this program's version, or leave it whole as it was", {}, run};

}  // namespace cli

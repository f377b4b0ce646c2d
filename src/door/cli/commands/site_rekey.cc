#include <boost/json.hpp>

#include "door/cli/command.h"
#include "flow/publish_site.h"
#include "ground/base/error.h"
#include "ground/release/keys.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const auto press = flow::Press::find(*site);
    if (!press)
        throw base::Error(base::Kind::Conflict,
                          "a press is running on this site; stop the service, change the key, and start it again");
    const std::int64_t number = press->rekey("system:cli");
    const std::string id = release::key_id(release::load_press_key(site->folders.keys).public_key());
    invocation.answer(
        {{"release", number}, {"key", id}},
        fmt::format("release {} hands over to the key {}. Give keys/{}.pub to every edge server and auditor; "
                    "keep the older .pub files, by which the older releases are read.",
                    number, id, id));
    return kDone;
}

}  // namespace

extern const Command site_rekey{"site", "rekey", "Change the key that signs the releases", {}, run};

}  // namespace cli

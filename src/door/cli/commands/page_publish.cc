#include <boost/json.hpp>

#include "door/cli/page.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const content::Page page = load_named_page(*site, invocation.text("PAGE"));
    const flow::Doer doer = sign_in_as(invocation, *site);
    const std::int64_t version = version_seen(invocation, flow::look_at(*site, page.id));
    if (invocation.has("--emergency"))
        return answer_outcome(invocation,
                              flow::emergency_publish(*site, page.id, version, invocation.text("--emergency"), doer),
                              "published in an emergency; another person has to approve it afterwards");
    return answer_outcome(invocation, flow::publish_now(*site, page.id, version, doer), "published");
}

constexpr Option kOptions[] = {
    kPageOption,
    kAsOption,
    {"--emergency", "Publish the latest draft without approval, for this reason"},
    kVersionOption,
};

}  // namespace

extern const Command page_publish{"page", "publish", "Publish what is approved now, or a draft in an emergency",
                                  kOptions, run};

}  // namespace cli

#include <boost/json.hpp>

#include "door/cli/page.h"
#include "ground/base/text.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const content::Page page = load_named_page(*site, invocation.text("PAGE"));
    std::string to = invocation.text("--to");
    while (to.starts_with('/')) to.erase(0, 1);
    const flow::Doer doer = sign_in_as(invocation, *site);
    const std::int64_t version = version_seen(invocation, flow::look_at(*site, page.id));
    return answer_outcome(invocation, flow::move_page(*site, page.id, version, base::percent_encode(to), doer),
                          "a draft at its new path; it is moved in public when that is approved");
}

constexpr Option kOptions[] = {
    kPageOption,
    kAsOption,
    {"--to", "The new path, as in the address: kosodate/teate.html", Takes::One, true},
    kVersionOption,
};

}  // namespace

extern const Command page_move{"page", "move", "Give a page another path; a redirect is left at the old one", kOptions,
                               run};

}  // namespace cli

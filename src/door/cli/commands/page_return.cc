#include <boost/json.hpp>

#include "door/cli/page.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const content::Page page = load_named_page(*site, invocation.text("PAGE"));
    const flow::Doer doer = sign_in_as(invocation, *site);
    const std::int64_t version = version_seen(invocation, flow::look_at(*site, page.id));
    return answer_outcome(invocation, flow::return_page(*site, page.id, version, invocation.text("--comment"), doer),
                          "returned");
}

constexpr Option kOptions[] = {
    kPageOption,
    kAsOption,
    {"--comment", "Why, and what is to be done", Takes::One, true},
    kVersionOption,
};

}  // namespace

extern const Command page_return{"page", "return", "Return a page to its author", kOptions, run};

}  // namespace cli

#include <boost/json.hpp>

#include "door/cli/page.h"
#include "ground/base/error.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const content::Page page = load_named_page(*site, invocation.text("PAGE"));
    const auto reason = workflow::find_end_reason(invocation.text("--reason"));
    if (!reason) throw base::Error(base::Kind::BadInput, "--reason takes gone, moved or corrected");
    const bool is_at_once = invocation.has("--at-once");
    if (is_at_once && invocation.has("--at"))
        throw base::Error(base::Kind::BadInput, "--at-once and --at exclude each other");
    const flow::Doer doer = sign_in_as(invocation, *site);
    const std::int64_t version = version_seen(invocation, flow::look_at(*site, page.id));
    const flow::Outcome outcome =
        flow::withdraw(*site, page.id, version, {*reason, invocation.text("--to"), invocation.text("--words")},
                       is_at_once ? flow::Asking::AtOnce : flow::Asking::WithApproval, doer,
                       invocation.instant("--at").value_or(base::Instant{}));
    return answer_outcome(invocation, outcome, is_at_once ? "taken down" : "asked to be taken down");
}

constexpr Option kOptions[] = {
    kPageOption,
    kAsOption,
    {"--reason", "gone (the matter is over), moved (visitors are sent to --to) or corrected (it was wrong)", Takes::One,
     true},
    {"--to", "The page or address that has it now"},
    {"--words", "For colleagues and the record"},
    {"--at", "Take it down at this time"},
    {"--at-once", "Without approval: the site administrator", Takes::Flag},
    kVersionOption,
};

}  // namespace

extern const Command page_withdraw{"page", "withdraw", "Take a live page down, with a reason", kOptions, run};

}  // namespace cli

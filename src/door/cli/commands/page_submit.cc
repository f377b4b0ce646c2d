#include <boost/json.hpp>

#include "door/cli/page.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const content::Page page = load_named_page(*site, invocation.text("PAGE"));
    const flow::Doer doer = sign_in_as(invocation, *site);
    flow::Submission submission;
    submission.publish_at = invocation.instant("--at").value_or(base::Instant{});
    submission.withdraw_at = invocation.instant("--until").value_or(base::Instant{});
    submission.is_by_hand = invocation.has("--by-hand");
    submission.comment = invocation.text("--comment");
    const std::int64_t version = version_seen(invocation, flow::look_at(*site, page.id));
    return answer_outcome(invocation, flow::submit(*site, page.id, version, submission, doer),
                          "submitted for approval");
}

constexpr Option kOptions[] = {
    kPageOption,
    kAsOption,
    {"--at", "Public from this time on, \"2027-04-01 09:00\"; default: as soon as it is approved"},
    {"--until", "Taken down at this time"},
    {"--by-hand", "When it is approved, wait for `page publish`", Takes::Flag},
    {"--comment", "For the approvers"},
    kVersionOption,
};

}  // namespace

extern const Command page_submit{"page", "submit", "Ask for approval of a draft", kOptions, run};

}  // namespace cli

// The small steps of a page's way, each a person and a page: take back what was sent for approval, cancel what is
// scheduled, discard the draft, go back to an earlier revision.

#include <boost/json.hpp>

#include "door/cli/page.h"
#include "ground/base/error.h"
#include "press/content/store.h"

namespace cli {

namespace {

using Step = flow::Outcome (*)(flow::Site& site, base::PageId page, std::int64_t version, const flow::Doer& doer);

int run_step(const Invocation& invocation, Step step, std::string_view done) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const content::Page page = load_named_page(*site, invocation.text("PAGE"));
    const flow::Doer doer = sign_in_as(invocation, *site);
    const std::int64_t version = version_seen(invocation, flow::look_at(*site, page.id));
    return answer_outcome(invocation, step(*site, page.id, version, doer), done);
}

int take_back(const Invocation& invocation) {
    return run_step(invocation, flow::take_back, "taken back");
}
int cancel_schedule(const Invocation& invocation) {
    return run_step(invocation, flow::cancel_schedule, "no longer scheduled");
}
int discard(const Invocation& invocation) {
    return run_step(invocation, flow::discard, "discarded; the draft is in the history");
}

/// By its number in the page's history, as screens show it.
base::RevisionId find_revision(flow::Site& site, base::PageId page, std::int64_t number) {
    constexpr int kMostRevisions = 10'000;
    const auto all =
        site.database->read([&](sys::Reader& db) { return content::list_revisions(db, page, kMostRevisions); });
    for (const content::Revision& each : all)
        if (each.number == number) return each.id;
    throw base::Error(base::Kind::NotFound, fmt::format("the page has no revision {}; see page show", number));
}

int restore(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const content::Page page = load_named_page(*site, invocation.text("PAGE"));
    const base::RevisionId revision = find_revision(*site, page.id, *invocation.number("--number", 1, INT64_MAX));
    const flow::Doer doer = sign_in_as(invocation, *site);
    const std::int64_t version = version_seen(invocation, flow::look_at(*site, page.id));
    return answer_outcome(invocation, flow::restore(*site, page.id, revision, version, doer), "a draft again");
}

constexpr Option kOptions[] = {kPageOption, kAsOption, kVersionOption};
constexpr Option kRestoreOptions[] = {
    kPageOption, kAsOption, {"--number", "The number of the revision: 3 for 第3版", Takes::One, true}, kVersionOption};

}  // namespace

extern const Command page_take_back{"page", "take-back", "Take back a page that you sent for approval", kOptions,
                                    take_back};
extern const Command page_cancel_schedule{"page", "cancel-schedule", "Cancel a publication that is scheduled", kOptions,
                                          cancel_schedule};
extern const Command page_discard{"page", "discard", "Discard the draft; the page goes back to what is public",
                                  kOptions, discard};
extern const Command page_restore{"page", "restore", "Make a draft of an earlier revision", kRestoreOptions, restore};

}  // namespace cli

#include <boost/json.hpp>

#include "door/cli/page.h"
#include "ground/base/error.h"

namespace cli {

namespace {

/// What the person has looked at: --opened, or what is there as the command begins.
base::Hash opened(const Invocation& invocation, const base::Hash& now) {
    if (!invocation.has("--opened")) return now;
    const auto hash = base::Hash::find_hex(invocation.text("--opened"));
    if (!hash)
        throw base::Error(base::Kind::BadInput, "--opened takes the 64 digits of a revision's hash (see page show)");
    return *hash;
}

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const content::Page page = load_named_page(*site, invocation.text("PAGE"));
    const flow::Outcome now = flow::look_at(*site, page.id);
    const flow::Doer doer = sign_in_as(invocation, *site);
    flow::Consent consent;
    consent.page = page.id;
    consent.version = version_seen(invocation, now);
    consent.comment = invocation.text("--comment");
    if (invocation.has("--afterwards")) {
        const auto emergency =
            site->database->read([&](sys::Reader& db) { return workflow::find_open_emergency(db, page.id); });
        consent.opened = opened(invocation, emergency ? emergency->hash : base::Hash{});
        return answer_outcome(invocation, flow::approve_afterwards(*site, consent, doer), "approved afterwards");
    }
    consent.opened =
        opened(invocation, now.standing.matter == workflow::Matter::Withdraw ? now.standing.hash : now.hash);
    return answer_outcome(invocation, flow::approve(*site, consent, doer), "approved");
}

constexpr Option kOptions[] = {
    kPageOption,
    kAsOption,
    {"--opened", "The hash of the revision that was looked at; it is approved only if it is still that one"},
    {"--comment", "For the author"},
    {"--afterwards", "An emergency publication that is public already", Takes::Flag},
    kVersionOption,
};

}  // namespace

extern const Command page_approve{"page", "approve", "Approve a page that waits for you", kOptions, run};

}  // namespace cli

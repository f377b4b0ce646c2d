// What people decide about a difference: it is meant to be so, or the old path leads to the page's new place.

#include <boost/json.hpp>

#include "door/cli/cutover.h"
#include "flow/cutover_redirects.h"
#include "ground/base/error.h"

namespace cli {

namespace {

int accept(const Invocation& invocation) {
    const cutover::By by = watch_by(invocation, people::Act::CutoverRun);
    const auto watch = open_watch(invocation);
    const std::int64_t paths = watch->write([&](sys::Transaction& tx) {
        return cutover::accept(tx, invocation.text("PATH"), invocation.text("--reason"), by);
    });
    invocation.answer({{"accepted", paths}}, fmt::format("{} paths: the difference is meant to be", paths));
    return kDone;
}

int redirect(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    std::string to = invocation.text("--to");
    if (to.empty()) {
        const auto found = site->watch().read([&](sys::Reader& db) {
            return cutover::find_finding(db, cutover::plain_listed(invocation.text("PATH")).value_or(""));
        });
        if (!found || found->proposal.empty())
            throw base::Error(base::Kind::NotFound, "nothing is proposed for this path; say where with --to");
        to = found->proposal;
    }
    flow::take_over_redirect(*site, invocation.text("PATH"), to, watch_by(invocation, people::Act::CutoverRun));
    invocation.answer({{"path", invocation.text("PATH")}, {"location", to}},
                      fmt::format("{} leads to {} with the next publication", invocation.text("PATH"), to));
    return kDone;
}

constexpr Option kAccept[] = {
    {"PATH", "The path; with * at its end, everything below", Takes::One, true},
    {"--reason", "Why it may differ", Takes::One, true},
};
constexpr Option kRedirect[] = {
    {"PATH", "The old path", Takes::One, true},
    {"--to", "Where it leads (default: what was proposed)"},
};

}  // namespace

extern const Command cutover_accept{"cutover", "accept", "Record that a difference is meant to be", kAccept, accept};
extern const Command cutover_redirect{"cutover", "redirect", "Put a redirect from an old path into the site", kRedirect,
                                      redirect};

}  // namespace cli

// The proposed region, or another one, becomes what can be edited in all pages of a group.

#include "door/cli/act_as.h"
#include "door/cli/frame.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const frames::GroupId id{*invocation.number("GROUP", 1, INT64_MAX)};
    const auto group = site->database->read([&](sys::Reader& db) { return flow::load_frame(db, id); });
    const auto version = invocation.number("--version-seen", 1, INT64_MAX).value_or(group.version);
    const flow::RegionOutcome outcome =
        flow::accept_frame(*site, id, version, invocation.text("--region"), by_shell(invocation).text());
    boost::json::array refused, unmatched;
    for (const auto& each : outcome.refused) {
        refused.push_back({{"path", each.path}, {"reason", each.reason}});
        invocation.say(fmt::format("refused {}: {}", each.path, each.reason));
    }
    for (const std::string& each : outcome.unmatched) unmatched.emplace_back(each);
    invocation.answer({{"group", id.value},
                       {"pages", group.pages},
                       {"matched", outcome.matched},
                       {"refused", refused},
                       {"unmatched", unmatched}},
                      fmt::format("{} of {} pages can be edited now; the selector finds nothing in {}, {} were refused",
                                  outcome.matched, group.pages, outcome.unmatched.size(), outcome.refused.size()));
    return outcome.refused.empty() && outcome.unmatched.empty() ? kDone : kFound;
}

constexpr Option kOptions[] = {
    {"GROUP", "The group's number (see frame list)", Takes::One, true},
    {"--region", "Another selector than the proposed one, \"#contents\"; also corrects an accepted group"},
    {"--version-seen", "Only if the group's version is still this one"},
};

}  // namespace

extern const Command frame_accept{"frame", "accept", "Make the pages of a group editable in its region", kOptions, run};

}  // namespace cli

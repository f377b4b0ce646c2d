// "An operator is working": for a limited time deviations are told and not put right.
#include <boost/json.hpp>

#include "door/cli/act_as.h"
#include "flow/guard_site.h"
#include "flow/site.h"
#include "ground/base/error.h"
#include "ground/ledger/store.h"

namespace cli {

namespace {

void record(const Invocation& invocation, const people::By& by, const std::string& act, boost::json::object detail) {
    try {
        const auto site = flow::Site::open(invocation.site(), invocation.clock());
        site->database->write([&](sys::Transaction& tx) {
            ledger::append(tx,
                           {by.at, by.text(), act, "site:" + site->settings.site.id, boost::json::serialize(detail)});
        });
    } catch (const base::Error& error) {
        invocation.say(fmt::format("the ledger has no line of it: {}", error.message()));
    }
}

/// "30m", "2h".
std::chrono::minutes length_of(const std::string& text) {
    char* end = nullptr;
    const long count = std::strtol(text.c_str(), &end, 10);
    const std::string_view unit = end;
    if (end == text.c_str() || count < 1 || count > 1440 || (unit != "m" && unit != "h"))
        throw base::Error(base::Kind::BadInput,
                          fmt::format("--for is a number of minutes or hours such as 30m or 2h, not {}", text));
    return unit == "h" ? std::chrono::hours(count) : std::chrono::minutes(count);
}

int pause(const Invocation& invocation) {
    flow::open_public_side(invocation.site());  // is it a site at all?
    const people::By by = by_shell(invocation);
    const flow::GuardPause pause{by.at, by.at + length_of(invocation.text("--for")), invocation.text("--reason"),
                                 by.text()};
    flow::pause_guard(invocation.site(), pause);
    record(invocation, by, "guard.pause", {{"until", base::format_utc(pause.until)}, {"reason", pause.reason}});
    invocation.answer({{"until", base::format_utc(pause.until)}},
                      fmt::format("until {} deviations are told and not put right; `yakuba guard resume` ends it",
                                  base::format_local(pause.until)));
    return kDone;
}

int resume(const Invocation& invocation) {
    flow::open_public_side(invocation.site());
    const people::By by = by_shell(invocation);
    const bool was_paused = flow::resume_guard(invocation.site());
    if (was_paused) record(invocation, by, "guard.resume", {});
    invocation.answer({{"was_paused", was_paused}},
                      was_paused ? "deviations are put right again" : "there was no pause");
    return kDone;
}

constexpr Option kPause[] = {
    {"--for", "How long, at most a day: 30m, 2h", Takes::One, true},
    {"--reason", "Why; it is recorded", Takes::One, true},
};

}  // namespace

extern const Command guard_pause{"guard", "pause", "Tell deviations but leave them, while an operator works", kPause,
                                 pause};
extern const Command guard_resume{"guard", "resume", "End a pause of the guard", {}, resume};

}  // namespace cli

// Works without the database: an emergency may be just that. The record follows when it can be written.
#include <boost/json.hpp>

#include "door/cli/act_as.h"
#include "flow/stop_service.h"
#include "ground/base/error.h"
#include "ground/sys/log.h"

namespace cli {

namespace {

flow::Part part_of(const Invocation& invocation) {
    if (const auto part = flow::find_part(invocation.text("PART"))) return *part;
    throw base::Error(base::Kind::BadInput,
                      fmt::format("there is no part {}; write public or office", invocation.text("PART")));
}

/// False when the ledger has to wait.
bool record(const Invocation& invocation) {
    try {
        flow::record_stops(*flow::Site::open(invocation.site(), invocation.clock()));
        return true;
    } catch (const base::Error& error) {
        invocation.say(fmt::format("the ledger has no line of it yet ({}); `yakuba serve` writes it as soon as it can",
                                   error.message()));
        return false;
    }
}

/// The name on the notice; an emergency does not wait for a settings file that is in order.
std::string site_name(const Invocation& invocation) {
    try {
        return settings::load(invocation.site() / "yakuba.toml").site.name;
    } catch (const base::Error& error) {
        invocation.say(fmt::format("the notice has no city's name: {}", error.message()));
        return {};
    }
}

int stop(const Invocation& invocation) {
    const flow::Part part = part_of(invocation);
    const flow::Folders folders = flow::open_public_side(invocation.site()).folders;
    const people::By by = by_shell(invocation);
    flow::Stop asked;
    asked.part = part;
    asked.at = by.at;
    asked.by = by.text();
    asked.reason = invocation.text("--reason");
    asked.notice = invocation.text("--notice");
    const flow::Stop done = flow::stop_service(folders, asked, site_name(invocation));
    const bool is_recorded = record(invocation);
    invocation.answer({{"part", flow::part_id(part)},
                       {"state", "stopped"},
                       {"since", base::format_utc(done.at)},
                       {"id", done.id},
                       {"recorded", is_recorded}},
                      fmt::format("{} is out of service; bring it back with `yakuba site resume {} --reason TEXT`",
                                  part == flow::Part::Public ? "the public site" : "the office", flow::part_id(part)));
    return kDone;
}

int resume(const Invocation& invocation) {
    const flow::Part part = part_of(invocation);
    const flow::Folders folders = flow::open_public_side(invocation.site()).folders;
    record(invocation);  // also finishes a stop that was cut off
    const people::By by = by_shell(invocation);
    const bool was_stopped = flow::find_stop(folders, part).has_value();
    if (was_stopped) flow::resume_service(folders, {"", part, by.at, by.text(), "", invocation.text("--reason"), ""});
    const bool is_recorded = !was_stopped || record(invocation);
    invocation.answer(
        {{"part", flow::part_id(part)}, {"state", "running"}, {"recorded", is_recorded}},
        fmt::format("{} is back in service", part == flow::Part::Public ? "the public site" : "the office"));
    return kDone;
}

constexpr Option kStopOptions[] = {
    {"PART", "public: visitors get a notice (503); office: nobody can change anything, the site stays", Takes::One,
     true},
    {"--reason", "Why, for the record and the report", Takes::One, true},
    {"--notice", "What visitors read instead, plain text; without it a usual one"},
};
constexpr Option kResumeOptions[] = {
    {"PART", "public or office", Takes::One, true},
    {"--reason", "Why it is safe again, for the record and the report", Takes::One, true},
};

}  // namespace

extern const Command site_stop{"site", "stop", "Take the public site or the office out of service in an emergency",
                               kStopOptions, stop};
extern const Command site_resume{"site", "resume", "Bring back what an emergency stop took out of service",
                                 kResumeOptions, resume};

}  // namespace cli

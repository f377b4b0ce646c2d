#include <boost/json.hpp>

#include "door/cli/command.h"
#include "flow/guard_site.h"
#include "flow/site.h"
#include "ground/base/error.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    try {
        flow::open_public_side(invocation.site());  // is it a site at all?
    } catch (const base::Error& error) {
        if (error.kind() != base::Kind::Damaged) throw;  // of damaged keys the guard has its own word to say
    }
    const flow::GuardStatus status = flow::find_guard_status(invocation.site());
    boost::json::object document;
    if (!status.document.empty()) {
        boost::system::error_code problem;
        if (auto parsed = boost::json::parse(status.document, problem); !problem && parsed.is_object())
            document = std::move(parsed.as_object());
    }
    document["running"] = status.is_running;
    const auto pause = flow::find_pause(invocation.site(), invocation.clock().now());
    document["paused_until"] = pause ? boost::json::value(base::format_utc(pause->until)) : nullptr;
    const auto count = [&](const char* key) {
        const auto* value = document.if_contains(key);
        return value != nullptr && value->is_int64() ? value->as_int64() : 0;
    };
    const auto* conditions = document.if_contains("conditions");
    const bool is_troubled = conditions != nullptr && conditions->is_object() && !conditions->as_object().empty();
    std::string prose = status.is_running ? fmt::format("the guard watches release {}", count("release"))
                                          : "no guard is running; `yakuba serve` starts one";
    prose += fmt::format("; {} deviations are open", count("open_count"));
    const auto* means = document.if_contains("means");
    if (status.is_running && means != nullptr && means->is_string())
        prose += fmt::format("\n{}: {} folders and {} files are marked, of {} files it is told who holds them open",
                             std::string_view(means->as_string()), count("folders"), count("marked_files"),
                             count("leased_files"));
    const auto* remark = document.if_contains("remark");
    if (status.is_running && remark != nullptr && remark->is_string() && !remark->as_string().empty())
        prose += fmt::format("\n{}", std::string_view(remark->as_string()));
    if (pause) prose += fmt::format("\npaused until {}: {}", base::format_local(pause->until), pause->reason);
    if (is_troubled)
        for (const auto& [kind, problem] : conditions->as_object())
            prose += fmt::format("\n{}: {}", std::string_view(kind), std::string_view(problem.as_string()));
    invocation.answer(document, prose);
    return status.is_running && count("open_count") == 0 && !is_troubled ? kDone : kFound;
}

}  // namespace

extern const Command guard_status{"guard", "status", "What the watching guard sees, and since when", {}, run};

}  // namespace cli

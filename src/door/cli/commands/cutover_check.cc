// Asks old and new for every path and compares; or only shows what was found.

#include "flow/cutover_check.h"

#include <boost/json.hpp>

#include "door/cli/cutover.h"
#include "ground/base/error.h"
#include "ground/base/text.h"

namespace cli {

namespace {

constexpr int kMostShown = 10'000;  // findings in one document

int run(const Invocation& invocation) {
    const auto watch = open_watch(invocation);
    load_plan(*watch);
    std::string problem;
    double seconds = 0;
    if (!invocation.has("--show")) {
        Progress progress("comparing", invocation.clock());
        flow::CheckCutoverOptions options;
        options.scope = invocation.has("--open") ? cutover::Scope::Open : cutover::Scope::All;
        options.per_second = static_cast<double>(invocation.number("--rate", 1, 1000).value_or(10));
        options.parallel = static_cast<int>(invocation.number("--parallel", 1, 16).value_or(4));
        options.patience = std::chrono::seconds(invocation.number("--patience", 1, 600).value_or(20));
        options.progress = [&](std::int64_t done, std::int64_t total) { progress.update(done, total); };
        options.is_stopped = is_interrupted;
        const auto checked =
            flow::check_cutover(*watch, flow::folders_of(std::filesystem::absolute(invocation.site())), options,
                                watch_by(invocation, people::Act::CutoverRun), invocation.clock());
        problem = checked.problem;
        seconds = checked.seconds;
    }
    cutover::Counts counts;
    boost::json::array missing, findings, redirects;
    std::string prose;
    watch->read([&](sys::Reader& db) {
        counts = cutover::load_counts(db);
        for (const auto& each : cutover::list_findings(db, "open", kMostShown)) {
            std::string what = each.problem;
            for (const auto& difference : each.differences) {
                what += (what.empty() ? "" : " ") + difference.text;
                if (difference.kind == cutover::Differs::Missing) missing.emplace_back(each.path);
            }
            if (!each.proposal.empty()) redirects.push_back({{"path", each.path}, {"location", each.proposal}});
            if (findings.size() < 100)
                prose += fmt::format("{:>8}  {}  {}{}\n", each.hits, each.path, what,
                                     each.proposal.empty() ? "" : fmt::format("  -> {} ?", each.proposal));
            findings.push_back(as_json(each));
        }
    });
    if (counts.open() > 100) prose += fmt::format("... and {} more; --json lists them\n", counts.open() - 100);
    boost::json::object document = as_json(counts);
    document["missing"] = std::move(missing);
    document["redirects"] = std::move(redirects);
    document["findings"] = std::move(findings);
    document["problem"] = problem;
    document["seconds"] = seconds;
    prose += as_prose(counts);
    if (!problem.empty()) prose += problem + "\n";
    invocation.answer(document, prose);
    return counts.open() > 0 || !problem.empty() ? kFound : kDone;
}

constexpr Option kOptions[] = {
    {"--open", "Only what was different or could not be compared", Takes::Flag},
    {"--show", "Compare nothing; show what was found", Takes::Flag},
    {"--rate", "Paths a second (default: 10)"},
    {"--parallel", "Requests at once (default: 4)"},
    {"--patience", "Seconds for one answer (default: 20)"},
};

}  // namespace

extern const Command cutover_check{"cutover", "check", "Compare old and new, path by path", kOptions, run};

}  // namespace cli

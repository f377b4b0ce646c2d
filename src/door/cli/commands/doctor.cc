#include "flow/doctor.h"

#include <boost/json.hpp>

#include "door/cli/command.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    using flow::doctor::Verdict;
    boost::json::array rows;
    std::string prose;
    std::int64_t failed = 0, warnings = 0;
    for (const flow::doctor::Finding& one :
         flow::doctor::examine(invocation.site(), YAKUBA_VERSION, invocation.clock())) {
        const auto& answer = one.answer;
        failed += answer.verdict == Verdict::Failed;
        warnings += answer.verdict == Verdict::Warning;
        rows.push_back({{"id", one.check->id},
                        {"summary", one.check->summary},
                        {"state", flow::doctor::verdict_id(answer.verdict)},
                        {"text", answer.text},
                        {"advice", answer.advice}});
        const char* mark = answer.verdict == Verdict::Ok        ? "良好"
                           : answer.verdict == Verdict::Warning ? "注意"
                                                                : "異常";
        prose += fmt::format("{}  {}：{}\n", mark, one.check->summary, answer.text);
        if (!answer.advice.empty()) prose += fmt::format("      → {}\n", answer.advice);
    }
    prose +=
        failed + warnings == 0 ? "問題は見つかりませんでした。" : fmt::format("異常 {}件、注意 {}件", failed, warnings);
    invocation.answer({{"checks", std::move(rows)}, {"failed", failed}, {"warnings", warnings}}, prose);
    return failed > 0 ? kFound : kDone;
}

}  // namespace

extern const Command doctor{"doctor", "", "Is this machine fit for the site? Says what to do where it is not", {}, run};

}  // namespace cli

// The papers for the domain's manager: the application for the switch, and the way back.

#include <boost/json.hpp>

#include "door/cli/cutover.h"
#include "flow/cutover_ready.h"
#include "ground/sys/files.h"

namespace cli {

namespace {

int answer_paper(const Invocation& invocation, const cutover::Paper& paper) {
    if (invocation.has("--to"))
        sys::write_file(invocation.text("--to"), invocation.text("--to").ends_with(".txt") ? paper.text : paper.html);
    invocation.answer({{"paper", paper.id},
                       {"kind", paper.kind},
                       {"plan", paper.plan_version},
                       {"sha256", paper.hash},
                       {"html", paper.html},
                       {"text", paper.text}},
                      paper.text);
    return kDone;
}

int request(const Invocation& invocation) {
    const auto watch = open_watch(invocation);
    return answer_paper(invocation, flow::make_cutover_request(*watch, watch_by(invocation, people::Act::CutoverRun)));
}

int roll_back(const Invocation& invocation) {
    const auto watch = open_watch(invocation);
    if (invocation.has("--done")) {
        const cutover::By by = watch_by(invocation, people::Act::CutoverRun);
        watch->write([&](sys::Transaction& tx) { cutover::record_rollback(tx, invocation.text("--reason"), by); });
        invocation.answer({{"rolled_back", true}}, "the way back is recorded; watching has ended");
        return kDone;
    }
    return answer_paper(
        invocation, flow::make_cutover_rollback(*watch, flow::folders_of(std::filesystem::absolute(invocation.site())),
                                                watch_by(invocation, people::Act::CutoverRun)));
}

constexpr Option kRequest[] = {{"--to", "Also write it to this file: .txt as text, else HTML"}};
constexpr Option kRollback[] = {
    {"--to", "Also write it to this file: .txt as text, else HTML"},
    {"--done", "The records were put back: record it", Takes::Flag},
    {"--reason", "Why, with --done"},
};

}  // namespace

extern const Command cutover_request{"cutover", "request", "The application to the domain's manager", kRequest,
                                     request};
extern const Command cutover_rollback{"cutover", "rollback", "The way back: its papers, and that it was gone",
                                      kRollback, roll_back};

}  // namespace cli

// Compares the taken-over pages anew and proposes their frames.

#include "door/cli/act_as.h"
#include "door/cli/frame.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    Progress progress("comparing", invocation.clock());
    const flow::Comparison made =
        flow::find_frames(*site, by_shell(invocation).text(),
                          [&](std::int64_t done, std::int64_t total) { progress.update(done, total); });
    invocation.answer({{"regions", frames_json(made.groups)}, {"joined", made.joined}},
                      frame_lines(made.groups) +
                          (made.joined > 0 ? fmt::format("{} pages joined an accepted group\n", made.joined) : ""));
    return kDone;
}

}  // namespace

extern const Command frame_find{"frame", "find", "Compare taken-over pages and propose what to edit in them", {}, run};

}  // namespace cli

// The groups of taken-over pages, proposed and accepted.

#include "door/cli/frame.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const auto groups = site->database->read(frames::list_groups);
    invocation.answer({{"regions", frames_json(groups)}}, frame_lines(groups));
    return kDone;
}

}  // namespace

extern const Command frame_list{
    "frame", "list", "List groups of pages that are laid out alike, and their regions", {}, run};

}  // namespace cli

// A part that the pages of a frame have in common becomes one template part for all of them.

#include <boost/json.hpp>

#include "door/cli/page.h"
#include "flow/frame_parts.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const frames::PartId part{*invocation.number("PART", 1, INT64_MAX)};
    const flow::SharedPart shared = flow::share_frame_part(*site, part, sign_in_as(invocation, *site));
    boost::json::array left_out;
    for (const std::string& path : shared.left_out) left_out.emplace_back(path);
    invocation.answer({{"template", shared.name}, {"pages", shared.pages}, {"left_out", left_out}},
                      fmt::format("{} pages share the part {} now; {} say something else there", shared.pages,
                                  shared.name, shared.left_out.size()));
    return kDone;
}

constexpr Option kOptions[] = {{"PART", "The part's number (see frame show)", Takes::One, true}, kAsOption};

}  // namespace

extern const Command frame_share{"frame", "share", "Edit a header, menu or footer once for all pages that share it",
                                 kOptions, run};

}  // namespace cli

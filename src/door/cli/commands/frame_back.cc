// The last change of a shared part is undone on all its pages at once.

#include <boost/json.hpp>

#include "door/cli/page.h"
#include "flow/frame_parts.h"
#include "ground/base/error.h"
#include "press/content/templates.h"
#include "press/frames/places.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const frames::PartId part{*invocation.number("PART", 1, INT64_MAX)};
    const auto of =
        site->database->read([&](sys::Reader& db) { return content::find_template(db, frames::shared_name(part)); });
    if (!of)
        throw base::Error(base::Kind::NotFound,
                          fmt::format("there is no shared part {}; `frame show GROUP` lists them", part.value));
    const std::int64_t receipt = flow::take_back_frame_part(*site, part, of->version, invocation.text("--reason"),
                                                            sign_in_as(invocation, *site));
    invocation.answer({{"part", part.value}, {"receipt", receipt}},
                      fmt::format("the part says again what it said before; receipt {}", receipt));
    return kDone;
}

constexpr Option kOptions[] = {
    {"PART", "The part's number (see frame show)", Takes::One, true}, {"--reason", "Why", Takes::One, true}, kAsOption};

}  // namespace

extern const Command frame_back{"frame", "back", "Take the last change of a shared part back on all its pages",
                                kOptions, run};

}  // namespace cli

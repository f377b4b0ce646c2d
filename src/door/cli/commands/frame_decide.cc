// The second administrator's word on a group's change of page type, and the way back.

#include <boost/json.hpp>

#include "door/cli/page.h"
#include "flow/restyle_frame.h"
#include "ground/base/error.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const frames::RestyleId id{*invocation.number("REQUEST", 1, INT64_MAX)};
    const std::string what = invocation.text("DECISION");
    if (what != "approve" && what != "return" && what != "take-back")
        throw base::Error(base::Kind::BadInput, "the decision is approve, return or take-back");
    const auto opened = base::Hash::find_hex(invocation.text("--opened"));
    if (what == "approve" && !opened)
        throw base::Error(base::Kind::BadInput, "--opened takes the hash that frame template has shown");
    const flow::Doer doer = sign_in_as(invocation, *site);
    boost::json::object document{{"request", id.value}};
    std::string prose;
    if (what == "approve") {
        const std::int64_t receipt = flow::approve_restyle(*site, id, *opened, doer);
        document["receipt"] = receipt;
        prose = fmt::format("approved; receipt {}", receipt);
    } else if (what == "return") {
        flow::return_restyle(*site, id, invocation.text("--reason"), doer);
        prose = "returned";
    } else {
        const flow::TakenBack back = flow::take_back_restyle(*site, id, invocation.text("--reason"), doer);
        boost::json::array left_out;
        for (const std::string& path : back.left_out) left_out.emplace_back(path);
        document["receipt"] = back.receipt;
        document["pages"] = back.pages;
        document["left_out"] = left_out;
        prose = fmt::format("{} pages go back to their frame; {} were edited since and stay; receipt {}", back.pages,
                            back.left_out.size(), back.receipt);
    }
    document["state"] = frames::restyle_state_id(
        site->database->read([&](sys::Reader& db) { return flow::load_restyle(db, id); }).state);
    invocation.answer(document, prose);
    return kDone;
}

constexpr Option kOptions[] = {
    {"REQUEST", "The request's number (frame template says it)", Takes::One, true},
    {"DECISION", "approve, return or take-back", Takes::One, true},
    {"--opened", "approve: the hash of what was looked at"},
    {"--reason", "return, take-back: why"},
    kAsOption,
};

}  // namespace

extern const Command frame_decide{"frame", "decide", "Approve, return or take back a group's change of page type",
                                  kOptions, run};

}  // namespace cli

#include <boost/json.hpp>

#include "door/cli/command.h"
#include "flow/hand_over_site.h"
#include "flow/site.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    Progress progress("handing over", invocation.clock());
    const flow::HandedOver handed = flow::hand_over_site(
        *site, invocation.text("DIR"),
        {[&](std::int64_t done, std::int64_t total) { progress.update(done, total); }, is_interrupted});
    boost::json::object counts;
    for (const auto& [name, count] : handed.counts) counts[name] = count;
    boost::json::array missing;
    for (const std::string& one : handed.missing) {
        missing.emplace_back(one);
        invocation.say("not handed over: " + one);
    }
    invocation.answer(
        {{"release", handed.release},
         {"files", handed.files},
         {"bytes", handed.bytes},
         {"counts", counts},
         {"missing", missing},
         {"seconds", handed.seconds}},
        fmt::format("{} holds everything for a successor: {} files, {} bytes; release {}, {} pages with "
                    "{} revisions, {} ledger lines. It holds names of staff and drafts; begin with "
                    "README.html",
                    invocation.text("DIR"), handed.files, handed.bytes, handed.release, handed.counts.at("pages"),
                    handed.counts.at("revisions"), handed.counts.at("ledger")));
    return handed.missing.empty() ? kDone : kFound;
}

constexpr Option kOptions[] = {
    {"DIR", "The folder to write; it must be empty or not there", Takes::One, true},
};

}  // namespace

extern const Command site_handover{
    "site", "handover", "Write everything for a successor without this program, in open formats", kOptions, run};

}  // namespace cli

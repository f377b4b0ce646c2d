#include <boost/json.hpp>

#include "door/cli/act_as.h"
#include "flow/run_inspection.h"
#include "ground/sys/files.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const vulnerabilities::By by{by_shell(invocation).text(), invocation.clock().now()};
    const std::filesystem::path file = invocation.text("FILE");
    const auto done =
        flow::import_inspection(*site, invocation.number("INSPECTION", 1, 1LL << 60).value(), invocation.text("--tool"),
                                file.filename().string(), sys::read_file(file, vulnerabilities::kLargestResults),
                                invocation.has("--retest"), by);
    invocation.answer(
        {{"found", done.found}, {"added", done.added}, {"again", done.again}, {"cleared", done.cleared}},
        fmt::format("{} found, {} new, {} again, {} cleared", done.found, done.added, done.again, done.cleared));
    return kDone;
}

constexpr Option kOptions[] = {
    {"INSPECTION", "The number of the inspection", Takes::One, true},
    {"FILE", "What the tool wrote", Takes::One, true},
    {"--tool", "wapiti, testssl, lynis, nmap or csv; otherwise by what stands in it"},
    {"--retest", "The second look: what was mended and is not found any more is cleared", Takes::Flag},
};

}  // namespace

extern const Command inspect_import{"inspect", "import", "Take the results of an inspection's tool as findings",
                                    kOptions, run};

}  // namespace cli

#include <boost/json.hpp>

#include "door/cli/act_as.h"
#include "flow/record_packages.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const flow::ReceivedPackages received =
        flow::record_packages(*site, invocation.text("FOLDER"), invocation.text("--from"), by_shell(invocation).text());
    boost::json::array files, problems;
    std::string prose;
    std::int64_t bytes = 0;
    for (const flow::ReceivedFile& file : received.files) {
        files.push_back({{"file", file.file},
                         {"name", file.name},
                         {"version", file.version},
                         {"sha256", file.sha256},
                         {"bytes", file.bytes},
                         {"is_listed", file.is_listed}});
        bytes += file.bytes;
    }
    for (const std::string& problem : received.problems) {
        problems.push_back(boost::json::string(problem));
        prose += problem + "\n";
    }
    const bool is_well = received.problems.empty();
    prose += is_well ? fmt::format("{} files ({} KB) are recorded", received.files.size(), bytes / 1024)
                     : "nothing is recorded; do not use what was handed over";
    invocation.answer({{"recorded", is_well}, {"files", std::move(files)}, {"problems", std::move(problems)}}, prose);
    return is_well ? kDone : kFound;
}

constexpr Option kOptions[] = {
    {"FOLDER", "What was handed over", Takes::One, true},
    {"--from", "Who handed it over, and how: \"情報政策課 佐藤（USBメモリ）\"", Takes::One, true},
};

}  // namespace

extern const Command packages_record{"packages", "record",
                                     "Put on record what was handed over: patches, antivirus data", kOptions, run};

}  // namespace cli

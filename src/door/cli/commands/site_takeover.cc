#include <boost/json.hpp>

#include "door/cli/command.h"
#include "flow/take_over_site.h"
#include "ground/base/text.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    Progress progress("taking over", invocation.clock());
    const flow::TakenOver result = flow::take_over_site(
        *site, invocation.text("SOURCE"),
        {[&](std::int64_t done, std::int64_t total) { progress.update(done, total); }, is_interrupted});
    boost::json::object encodings;
    for (const auto& [name, count] : result.encodings) encodings[name] = count;
    boost::json::array skipped;
    for (const auto& one : result.skipped) {
        skipped.push_back({{"path", base::percent_encode(one.path)}, {"reason", one.reason}});
        invocation.say(fmt::format("skipped {}: {}", base::to_valid_utf8(one.path), one.reason));
    }
    boost::json::array empty_folders;
    for (const std::string& folder : result.empty_folders) empty_folders.emplace_back(base::percent_encode(folder));
    invocation.answer(
        {{"files", result.files},
         {"pages", result.pages},
         {"assets", result.assets},
         {"bytes", result.bytes},
         {"encodings", encodings},
         {"disputed", result.disputed},
         {"skipped", skipped},
         {"empty_folders", empty_folders},
         {"regions", boost::json::array()},
         {"read", result.read},
         {"resumed", result.resumed},
         {"seconds", result.seconds}},
        fmt::format("{} files are in: {} pages and {} assets, {} bytes; {} skipped. Next: yakuba site publish",
                    result.files, result.pages, result.assets, result.bytes, result.skipped.size()));
    return kDone;
}

constexpr Option kOptions[] = {{"SOURCE", "A folder, .zip, .tar.gz or http(s) URL", Takes::One, true}};

}  // namespace

extern const Command site_takeover{"site", "takeover", "Take an existing static site in, byte for byte", kOptions, run};

}  // namespace cli

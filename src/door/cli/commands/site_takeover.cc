#include <boost/json.hpp>

#include "door/cli/frame.h"
#include "flow/take_over_site.h"
#include "ground/base/text.h"

namespace cli {

namespace {

boost::json::object skipped_json(const intake::Skipped& one) {
    boost::json::object object{{"path", base::percent_encode(one.path)}, {"reason", one.reason}};
    if (!one.address.empty()) object["address"] = one.address;
    if (one.linked_from.empty()) return object;
    boost::json::array pages;
    for (const std::string& page : one.linked_from) pages.emplace_back(base::percent_encode(page));
    object["linked_from"] = std::move(pages);
    return object;
}

std::string skipped_line(const intake::Skipped& one) {
    std::string line =
        fmt::format("skipped {}: {}", base::to_valid_utf8(one.address.empty() ? one.path : one.address), one.reason);
    if (!one.linked_from.empty()) line += "; linked from " + base::to_valid_utf8(one.linked_from.front());
    if (one.linked_from.size() > 1) line += fmt::format(" and {} more", one.linked_from.size() - 1);
    return line;
}

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    std::optional<Progress> progress;
    bool is_reading = false;
    progress.emplace("fetching", invocation.clock());
    flow::TakeoverOptions options;
    options.fetch_progress = [&](std::int64_t done, std::int64_t known) { progress->update(done, known); };
    options.progress = [&](std::int64_t done, std::int64_t total) {
        if (!is_reading) progress.emplace("taking over", invocation.clock());
        is_reading = true;
        progress->update(done, total);
    };
    options.is_stopped = is_interrupted;
    options.ignores_robots = invocation.has("--ignore-robots");
    if (const auto delay = invocation.number("--delay", 0, 60'000)) options.delay = std::chrono::milliseconds(*delay);
    const flow::TakenOver result = flow::take_over_site(*site, invocation.text("SOURCE"), options);
    progress.emplace("comparing", invocation.clock());
    const auto groups = flow::find_frames(*site, options.by, [&](std::int64_t done, std::int64_t total) {
                            stop_if_interrupted();
                            progress->update(done, total);
                        }).groups;
    progress.reset();
    boost::json::object encodings;
    for (const auto& [name, count] : result.encodings) encodings[name] = count;
    boost::json::array skipped;
    for (const auto& one : result.skipped) {
        skipped.push_back(skipped_json(one));
        invocation.say(skipped_line(one));
    }
    boost::json::array findings;
    for (const auto& [path, threat] : result.findings) {
        findings.push_back({{"path", base::percent_encode(path)},
                            {"rule", threat.rule},
                            {"severity", signals::severity_id(threat.severity)},
                            {"line", threat.line},
                            {"excerpt", threat.excerpt},
                            {"message", threat.message}});
        invocation.say(
            fmt::format("found in {}:{}: {}: {}", base::to_valid_utf8(path), threat.line, threat.rule, threat.message));
    }
    if (result.suspicious > 0)
        invocation.say(
            fmt::format("{} files have findings of the content rules; look at them before the site is "
                        "published (yakuba guard scan shows them again)",
                        result.suspicious));
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
         {"findings", findings},
         {"suspicious", result.suspicious},
         {"regions", frames_json(groups)},
         {"redirects", result.redirects},
         {"requests", result.requests},
         {"read", result.read},
         {"resumed", result.resumed},
         {"seconds", result.seconds}},
        fmt::format("{} files are in: {} pages and {} assets, {} bytes; {} skipped. Next: yakuba site publish",
                    result.files, result.pages, result.assets, result.bytes, result.skipped.size()));
    return kDone;
}

constexpr Option kOptions[] = {
    {"SOURCE", "A folder, .zip, .tar.gz or http(s) URL", Takes::One, true},
    {"--ignore-robots", "Read what robots.txt asks not to read; only for the site's owner. The ledger notes it",
     Takes::Flag},
    {"--delay", "Milliseconds between two requests to a site that is read over HTTP (default: by the settings)"},
};

}  // namespace

extern const Command site_takeover{"site", "takeover", "Take an existing static site in, byte for byte", kOptions, run};

}  // namespace cli

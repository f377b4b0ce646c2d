// What an intruder would leave, looked for in files: any on this machine, or the whole public tree.
#include <cstdio>

#include <boost/json.hpp>

#include "door/cli/command.h"
#include "flow/scan_content.h"
#include "ground/base/error.h"
#include "ground/base/text.h"

namespace cli {

namespace {

boost::json::object scanned_json(const std::string& path, const content::Scanned& scanned) {
    boost::json::array findings;
    for (const content::Threat& one : scanned.threats)
        findings.push_back({{"rule", one.rule},
                            {"severity", signals::severity_id(one.severity)},
                            {"line", one.line},
                            {"offset", one.offset},
                            {"excerpt", one.excerpt},
                            {"message", one.message}});
    boost::json::object object{{"file", base::percent_encode(path)}, {"findings", std::move(findings)}};
    if (!scanned.problem.empty()) object["problem"] = scanned.problem;
    return object;
}

std::string scanned_lines(const std::string& path, const content::Scanned& scanned) {
    std::string lines;
    const std::string name = base::to_valid_utf8(path);
    for (const content::Threat& one : scanned.threats)
        lines += fmt::format("{}:{}: {} {}: {}\n    {}\n", name, one.line, signals::severity_id(one.severity), one.rule,
                             one.message, one.excerpt);
    if (!scanned.problem.empty()) lines += fmt::format("{}: {}\n", name, scanned.problem);
    return lines;
}

std::vector<flow::FileToScan> wanted_files(const Invocation& invocation,
                                           const std::optional<settings::Settings>& settings) {
    std::vector<flow::FileToScan> files;
    if (invocation.has("--all")) files = flow::all_files_to_scan(invocation.site(), settings.value());
    for (const std::string& given : invocation.list("PATH")) {
        if (std::filesystem::is_directory(given)) {
            const std::string prefix = given.ends_with('/') ? given : given + "/";
            for (flow::FileToScan& one : flow::files_to_scan(given, prefix)) files.push_back(std::move(one));
        } else if (std::filesystem::exists(given)) {
            files.push_back({given, given});
        } else {
            throw base::Error(base::Kind::NotFound, fmt::format("there is no {}", given));
        }
    }
    return files;
}

int run(const Invocation& invocation) {
    if (!invocation.has("--all") && invocation.list("PATH").empty())
        throw base::Error(base::Kind::BadInput, "name files or folders, or give --all for the whole public tree");
    // Files may be looked at anywhere; a site tells which hosts are its own.
    std::optional<settings::Settings> settings;
    const auto file = invocation.site() / "yakuba.toml";
    if (invocation.has("--all") || std::filesystem::exists(file)) settings = settings::load(file);
    const std::vector<flow::FileToScan> files = wanted_files(invocation, settings);
    Progress progress("scanning", invocation.clock());
    flow::ScanOptions options;
    options.progress = [&](std::int64_t done, std::int64_t total) { progress.update(done, total); };
    options.is_stopped = is_interrupted;
    std::int64_t found = 0, unread = 0;
    flow::scan_files(files, flow::site_hosts(settings.value_or(settings::Settings())), options,
                     [&](const flow::FileToScan& one, const content::Scanned& scanned) {
                         found += scanned.threats.empty() ? 0 : 1;
                         unread += scanned.problem.empty() ? 0 : 1;
                         if (invocation.is_json())
                             invocation.answer(scanned_json(one.path, scanned), "");
                         else
                             std::fputs(scanned_lines(one.path, scanned).c_str(), stdout);
                     });
    invocation.say(fmt::format("{} files: findings in {}, {} not wholly read", files.size(), found, unread));
    return found + unread > 0 ? kFound : kDone;
}

constexpr Option kOptions[] = {
    {"PATH", "Files or folders", Takes::Many},
    {"--all", "The whole public tree, and the areas of other writers", Takes::Flag},
};

}  // namespace

extern const Command guard_scan{
    "guard", "scan", "Look for what an intruder would leave in files; JSON Lines with --json", kOptions, run};

}  // namespace cli

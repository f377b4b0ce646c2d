#include <boost/json.hpp>

#include "door/cli/command.h"
#include "flow/verify_site.h"
#include "flow/watch_outside.h"
#include "ground/base/error.h"
#include "ground/base/text.h"

namespace cli {

namespace {

int verify_tree(const Invocation& invocation) {
    Progress progress("verifying", invocation.clock());
    guard::CompareOptions options;
    options.progress = [&](std::int64_t done, std::int64_t total) { progress.update(done, total); };
    options.is_stopped = is_interrupted;
    const flow::Verified result = flow::verify_site(invocation.site(), options, invocation.clock());
    boost::json::array deviations;
    std::string prose;
    for (const guard::Deviation& one : result.tree.deviations) {
        deviations.push_back({{"path", base::percent_encode(one.path)},
                              {"kind", guard::deviance_name(one.kind)},
                              {"detail", one.detail}});
        prose +=
            fmt::format("{}: {} ({})\n", guard::deviance_name(one.kind), base::to_valid_utf8(one.path), one.detail);
    }
    boost::json::array log;
    for (const release::Problem& one : result.log_problems) {
        log.push_back({{"release", one.number}, {"kind", release::fault_name(one.fault)}, {"message", one.message}});
        prose += fmt::format("release log: {}\n", one.message);
    }
    prose += result.is_well() ? fmt::format("release {}: all {} files are as approved ({} bytes in {:.2f} s)",
                                            result.release, result.tree.files, result.tree.bytes, result.seconds)
                              : fmt::format("release {}: {} deviations, {} faults of the release log", result.release,
                                            deviations.size(), log.size());
    invocation.answer({{"release", result.release},
                       {"files", result.tree.files},
                       {"bytes", result.tree.bytes},
                       {"seconds", result.seconds},
                       {"deviations", deviations},
                       {"log", log}},
                      prose);
    return result.is_well() ? kDone : kFound;
}

/// "missing" and "extra" as in the tree; the other words are the outside look's own.
std::string kind_of(const guard::OutsideFinding& one) {
    if (one.kind == "outside.status" && (one.status == 404 || one.status == 410)) return "missing";
    if (one.kind == "outside.soft404") return "extra";
    return one.kind.substr(one.kind.find('.') + 1);
}

int verify_url(const Invocation& invocation) {
    Progress progress("asking", invocation.clock());
    flow::VerifyOutsideOptions options;
    options.progress = [&](std::int64_t done, std::int64_t total) { progress.update(done, total); };
    options.is_stopped = is_interrupted;
    const std::string url = invocation.text("--url");
    if (!url.starts_with("http://") && !url.starts_with("https://"))
        throw base::Error(base::Kind::BadInput,
                          "--url takes the address of a server, such as https://www.city.example.jp/");
    const auto settings = settings::load(invocation.site() / "yakuba.toml");
    const flow::OutsideVerified result =
        flow::verify_outside(invocation.site(), settings, url, options, invocation.clock());
    boost::json::array deviations;
    std::string prose;
    for (const guard::OutsideFinding& one : result.findings) {
        deviations.push_back({{"path", base::percent_encode(one.path)},
                              {"kind", kind_of(one)},
                              {"url", one.subject},
                              {"detail", one.text}});
        prose += fmt::format("{}: {}\n", kind_of(one), one.text);
    }
    prose += result.findings.empty()
                 ? fmt::format("release {}: {} answers as approved, {} addresses asked in {:.2f} s", result.release,
                               url, result.files, result.seconds)
                 : fmt::format("release {}: {} deviations at {}", result.release, deviations.size(), url);
    invocation.answer({{"release", result.release},
                       {"files", result.files},
                       {"bytes", result.bytes},
                       {"seconds", result.seconds},
                       {"deviations", deviations}},
                      prose);
    return result.findings.empty() ? kDone : kFound;
}

int run(const Invocation& invocation) {
    return invocation.has("--url") ? verify_url(invocation) : verify_tree(invocation);
}

constexpr Option kOptions[] = {
    {"--url", "Compare what this server answers instead of the tree: https://www.city.example.jp/"},
};

}  // namespace

extern const Command guard_verify{
    "guard", "verify", "Compare the public tree, or what a server answers, with the newest release", kOptions, run};

}  // namespace cli

#include <boost/json.hpp>

#include "door/cli/command.h"
#include "flow/publish_site.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    Progress progress("rendering", invocation.clock());
    flow::PublishOptions options;
    options.is_full = invocation.has("--full");
    // Told while pages are rendered: before the release is sealed nothing has happened, after it everything will.
    options.progress = [&](std::int64_t done, std::int64_t total) {
        stop_if_interrupted();
        progress.update(done, total);
    };
    const flow::Published result = flow::publish_site(*site, options);
    invocation.answer(
        {{"release", result.release},
         {"written", result.written},
         {"deleted", result.deleted},
         {"unchanged", result.unchanged},
         {"pages", result.pages},
         {"failed", result.failed},
         {"unplaced", result.unplaced},
         {"seconds", result.seconds},
         {"handed_over", result.was_handed_over}},
        result.was_handed_over
            ? fmt::format("release {} is public; the running service published it", result.release)
            : fmt::format("release {} is public: {} files written, {} deleted, {} unchanged, in {:.2f} s",
                          result.release, result.written, result.deleted, result.unchanged, result.seconds));
    if (result.failed > 0)
        invocation.say(fmt::format("{} pages could not be rendered and keep their old bytes; see `yakuba site status`",
                                   result.failed));
    if (result.unplaced > 0)
        invocation.say(
            fmt::format("{} public files could not be placed: their objects are missing or damaged; see "
                        "`yakuba site status`",
                        result.unplaced));
    return result.failed + result.unplaced > 0 ? kFound : kDone;
}

constexpr Option kOptions[] = {{"--full", "Render everything again", Takes::Flag}};

}  // namespace

extern const Command site_publish{"site", "publish", "Render and publish what is due", kOptions, run};

}  // namespace cli

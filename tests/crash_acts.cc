// One act of an editor on a site, as a process that can be killed at a step or run on a full disk: what the program
// itself offers only on screens, or asks a password for. The same flows, the same kill points.
//
//   crash-acts SITE ACT NUMBER    prints "done" when the act (editor_acts.h) is acknowledged
//   crash-acts SITE list 0        prints what was ever saved
//   crash-acts SITE activate 0    publishes as if two days had passed
#include <cstdio>

#include "editor_acts.h"
#include "flow/publish_site.h"

int main(int count, char** arguments) {
    if (count != 4) return 2;
    const std::string act = arguments[2];
    const base::SystemClock system;
    const base::FixedClock later(base::Instant{system.now().milliseconds + 48LL * 3600 * 1000});
    const bool is_later = act == "activate";
    try {
        const auto site = flow::Site::open(arguments[1], is_later ? static_cast<const base::Clock&>(later) : system);
        if (is_later) {
            flow::publish_site(*site, {});
        } else if (act == "list") {
            for (const std::string& text : tests::list_saved(*site)) std::printf("%s\n", text.c_str());
        } else {
            tests::do_act(*site, act, std::stoi(arguments[3]));
        }
        std::printf("done\n");
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s: %s\n", act.c_str(), error.what());
        return 2;
    }
    return 0;
}

// A program or page that is carried inside an address, so that no list of hosts sees it: script src="data:...", frames
// with javascript: or data:text/html, links that run javascript with code of some length.
#include "ground/base/text.h"
#include "watch/content/rules.h"

namespace content {

namespace {

std::vector<Finding> run(const Subject& subject) {
    std::vector<Finding> found;
    for (const Tag& tag : subject.tags()) {
        const std::string_view given = tag.name == "object" ? tag.attribute("data") : tag.attribute("src");
        const std::string url = base::to_lower(base::trim(given.substr(0, 200)));
        const bool is_frame =
            tag.name == "iframe" || tag.name == "frame" || tag.name == "object" || tag.name == "embed";
        const bool is_carried = (tag.name == "script" && url.starts_with("data:")) ||
                                (is_frame && url.starts_with("data:text/html")) ||
                                (is_frame && url.starts_with("javascript:") && url.size() > 40);
        if (is_carried) found.push_back({tag.span.begin, tag.span.size(), signals::Severity::Serious});
    }
    return found;
}

}  // namespace

extern const Rule data_script{"data-script", "アドレスの中に、プログラムやページそのものが埋め込まれています。", run};

}  // namespace content

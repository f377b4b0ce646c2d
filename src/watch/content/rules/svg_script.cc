// A picture that runs: script, event handlers, HTML or javascript: links in an SVG. Opened by itself, it runs with the
// rights of the city's site.
#include "ground/base/text.h"
#include "watch/content/rules.h"

namespace content {

namespace {

std::vector<Finding> run(const Subject& subject) {
    if (subject.claimed() != Format::Svg && subject.actual() != Format::Svg) return {};
    std::vector<Finding> found;
    for (const Tag& tag : subject.tags()) {
        bool is_live =
            tag.name == "script" || tag.name == "foreignobject" || tag.name == "iframe" || tag.name == "embed";
        for (const auto& [key, value] : tag.attributes) {
            if (key.starts_with("on")) is_live = true;
            if ((key == "href" || key == "xlink:href") && base::to_lower(base::trim(value)).starts_with("javascript:"))
                is_live = true;
        }
        if (is_live) found.push_back({tag.span.begin, tag.span.size(), signals::Severity::Serious});
    }
    return found;
}

}  // namespace

extern const Rule svg_script{"svg-script", "画像（SVG）の中に、プログラムが入っています。", run};

}  // namespace content

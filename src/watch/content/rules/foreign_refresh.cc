// A page that sends its readers to a foreign host by itself.
#include "ground/base/text.h"
#include "ground/html/scan.h"
#include "watch/content/rules.h"

namespace content {

namespace {

std::vector<Finding> run(const Subject& subject) {
    std::vector<Finding> found;
    for (const Tag& tag : subject.tags()) {
        if (tag.name != "meta" || !base::equals_ignoring_case(base::trim(tag.attribute("http-equiv")), "refresh"))
            continue;
        const std::string_view content = tag.attribute("content");
        if (subject.is_foreign(html::find_refresh_url(content).of(content)))
            found.push_back({tag.span.begin, tag.span.size(), signals::Severity::Warning});
    }
    return found;
}

}  // namespace

extern const Rule foreign_refresh{"foreign-refresh", "認めていないホストへ、自動で転送するページです。", run};

}  // namespace content

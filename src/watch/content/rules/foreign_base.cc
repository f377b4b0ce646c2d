// <base href> to a foreign host: every relative script, picture and link of the page then comes from there.
#include "watch/content/rules.h"

namespace content {

namespace {

std::vector<Finding> run(const Subject& subject) {
    std::vector<Finding> found;
    for (const Tag& tag : subject.tags())
        if (tag.name == "base" && subject.is_foreign(tag.attribute("href")))
            found.push_back({tag.span.begin, tag.span.size(), signals::Severity::Serious});
    return found;
}

}  // namespace

extern const Rule foreign_base{"foreign-base",
                               "ページ内の相対アドレスがすべて、認めていないホストを指すように変えられています。", run};

}  // namespace content

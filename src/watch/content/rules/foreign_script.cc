// A script, style sheet or plug-in from a host that is not on the site's list: what runs there runs in the city's name.
#include "watch/content/rules.h"

namespace content {

namespace {

std::vector<Finding> run(const Subject& subject) {
    std::vector<Finding> found;
    for (const Tag& tag : subject.tags()) {
        std::string_view url;
        signals::Severity severity = signals::Severity::Warning;
        if (tag.name == "script") {
            url = tag.attribute("src").empty() ? tag.attribute("xlink:href") : tag.attribute("src");
        } else if (tag.name == "object") {
            url = tag.attribute("data");
        } else if (tag.name == "embed") {
            url = tag.attribute("src");
        } else if (tag.name == "link") {
            const std::string_view rel = tag.attribute("rel");
            if (rel != "stylesheet" && rel != "modulepreload" && rel != "preload" && rel != "manifest") continue;
            url = tag.attribute("href");
            severity = signals::Severity::Minor;  // fonts and styles of others: common, and they cannot run code
            if (rel == "modulepreload") severity = signals::Severity::Warning;
        }
        if (!url.empty() && subject.is_foreign(url)) found.push_back({tag.span.begin, tag.span.size(), severity});
    }
    return found;
}

}  // namespace

extern const Rule foreign_script{"foreign-script",
                                 "サイトで認めていないホストから、プログラムや部品を読み込んでいます。", run};

}  // namespace content

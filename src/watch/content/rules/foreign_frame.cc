// A visible frame from a host that is not on the site's list. A hidden one is hidden-frame's.
#include "watch/content/rules.h"

namespace content {

namespace {

std::vector<Finding> run(const Subject& subject) {
    std::vector<Finding> found;
    for (const Tag& tag : subject.tags())
        if ((tag.name == "iframe" || tag.name == "frame") && !is_hidden(tag) &&
            subject.is_foreign(tag.attribute("src")))
            found.push_back({tag.span.begin, tag.span.size(), signals::Severity::Warning});
    return found;
}

}  // namespace

extern const Rule foreign_frame{"foreign-frame", "サイトで認めていないホストのページを、枠の中に表示しています。", run};

}  // namespace content

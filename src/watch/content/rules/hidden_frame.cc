// A frame that nobody is to see and that comes from elsewhere, or brings its own content: the oldest way to load what
// attacks visitors. Counters and tag managers that the site lists are left alone.
#include "ground/base/text.h"
#include "watch/content/rules.h"

namespace content {

namespace {

bool brings_program(const Tag& tag) {
    const std::string source = base::to_lower(base::trim(tag.attribute("src")));
    return source.starts_with("javascript:") || source.starts_with("data:text/html") ||
           base::to_lower(tag.attribute("srcdoc")).find("<script") != std::string::npos;
}

std::vector<Finding> run(const Subject& subject) {
    std::vector<Finding> found;
    for (const Tag& tag : subject.tags()) {
        const bool is_frame =
            tag.name == "iframe" || tag.name == "frame" || tag.name == "object" || tag.name == "embed";
        if (!is_frame || !is_hidden(tag)) continue;
        const std::string_view url = tag.name == "object" ? tag.attribute("data") : tag.attribute("src");
        if (subject.is_foreign(url) || brings_program(tag))
            found.push_back({tag.span.begin, tag.span.size(), signals::Severity::Serious});
    }
    return found;
}

}  // namespace

extern const Rule hidden_frame{
    "hidden-frame", "見えない枠の中に、認めていないホストのページやプログラムを読み込んでいます。改ざんの典型です。",
    run};

}  // namespace content

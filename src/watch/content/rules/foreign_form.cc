// A form whose answers go to a foreign host; by mail is no better for a secret, but nothing new on old sites.
#include "ground/base/text.h"
#include "watch/content/rules.h"

namespace content {

namespace {

std::vector<Finding> run(const Subject& subject) {
    std::vector<Finding> found;
    const Tag* form = nullptr;
    for (const Tag& tag : subject.tags()) {
        if (tag.name == "form") form = &tag;
        std::string_view url;
        if (tag.name == "form") url = tag.attribute("action");
        if (!tag.attribute("formaction").empty()) url = tag.attribute("formaction");
        if (!url.empty() && subject.is_foreign(url))
            found.push_back({tag.span.begin, tag.span.size(), signals::Severity::Warning});
        // A password that goes elsewhere is no search box.
        const bool is_secret = tag.name == "input" && base::equals_ignoring_case(tag.attribute("type"), "password");
        if (is_secret && form != nullptr && subject.is_foreign(form->attribute("action")))
            found.push_back({tag.span.begin, tag.span.size(), signals::Severity::Serious});
    }
    return found;
}

}  // namespace

extern const Rule foreign_form{"foreign-form", "入力した内容を、認めていないホストへ送るフォームです。", run};

}  // namespace content

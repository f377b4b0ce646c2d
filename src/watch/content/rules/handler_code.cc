// An event handler that unpacks and runs code: <img src=x onerror="eval(atob(...))">.
#include "ground/base/text.h"
#include "watch/content/rules.h"

namespace content {

namespace {

std::vector<Finding> run(const Subject& subject) {
    std::vector<Finding> found;
    for (const Tag& tag : subject.tags()) {
        for (const auto& [key, value] : tag.attributes) {
            const std::string code = base::to_lower(value);
            const bool is_code =
                key.starts_with("on") || (key == "href" && base::trim(code).starts_with("javascript:"));
            if (!is_code) continue;
            bool is_packed = false;
            for (const auto word :
                 {"eval(", "atob(", "fromcharcode", "unescape(", "createelement('script", "createelement(\"script"})
                is_packed = is_packed || code.find(word) != std::string::npos;
            if (!is_packed) continue;
            found.push_back({tag.span.begin, tag.span.size(), signals::Severity::Serious});
            break;
        }
    }
    return found;
}

}  // namespace

extern const Rule handler_code{"handler-code", "部品の属性の中に、隠されたプログラムを実行する命令があります。", run};

}  // namespace content

// Something loaded from, or sent to, a bare address instead of a name: servers of a city have names, hijacked routers
// and rented machines often none.
#include "watch/content/rules.h"

namespace content {

namespace {

std::vector<Finding> run(const Subject& subject) {
    std::vector<Finding> found;
    for (const Tag& tag : subject.tags()) {
        if (tag.name == "a" || tag.name == "area" || tag.name == "meta") continue;
        for (const auto& [key, value] : tag.attributes) {
            if (key != "src" && key != "href" && key != "action" && key != "data" && key != "formaction") continue;
            const std::string host = find_host(value).value_or("");
            if (!is_address(host) || subject.hosts().contains(host)) continue;
            found.push_back({tag.span.begin, tag.span.size(), signals::Severity::Serious});
            break;
        }
    }
    return found;
}

}  // namespace

extern const Rule raw_address{"raw-address",
                              "名前のないサーバ（IPアドレス）から部品を読み込むか、そこへ送信しています。", run};

}  // namespace content

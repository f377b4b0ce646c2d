// Additions for search engines only: a robots.txt that names a sitemap elsewhere, a sitemap that lists pages of other
// hosts, or addresses that a static site cannot have.
#include "ground/base/text.h"
#include "watch/content/rules.h"

namespace content {

namespace {

std::vector<Finding> in_robots(const Subject& subject) {
    std::vector<Finding> found;
    std::size_t at = 0;
    for (const std::string_view line : base::split(subject.text(), '\n')) {
        if (base::to_lower(base::trim(line)).starts_with("sitemap:")) {
            const std::string_view url = base::trim(base::trim(line).substr(8));
            if (subject.is_foreign(url)) found.push_back({at, line.size(), signals::Severity::Serious});
        }
        at += line.size() + 1;
    }
    return found;
}

std::vector<Finding> in_sitemap(const Subject& subject) {
    constexpr std::string_view kOpen = "<loc>";
    std::vector<Finding> found;
    const std::string_view text = subject.text();
    for (auto at = text.find(kOpen); at != std::string_view::npos; at = text.find(kOpen, at + 1)) {
        const std::string_view rest = text.substr(at + kOpen.size(), 2000);
        const std::string url = base::to_lower(base::trim(rest.substr(0, rest.find('<'))));
        const bool is_generated = url.find(".php?") != std::string::npos || url.find("/?p=") != std::string::npos;
        if (is_generated || subject.is_foreign(url))
            found.push_back({at, kOpen.size() + url.size(), signals::Severity::Serious});
    }
    return found;
}

std::vector<Finding> run(const Subject& subject) {
    if (subject.name() == "robots.txt") return in_robots(subject);
    const std::string_view head = subject.text().substr(0, 1024);
    const bool is_sitemap = subject.ending() == "xml" && (head.find("<urlset") != std::string_view::npos ||
                                                          head.find("<sitemapindex") != std::string_view::npos);
    return is_sitemap ? in_sitemap(subject) : std::vector<Finding>();
}

}  // namespace

extern const Rule foreign_sitemap{
    "foreign-sitemap", "検索エンジン向けの一覧に、このサイトにないはずのアドレスが書き加えられています。", run};

}  // namespace content

// What a site's robots.txt asks of us (RFC 9309, with Crawl-delay and Sitemap as most crawlers read them). Pure.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace intake {

class Robots {
  public:
    /// Allows everything.
    Robots() = default;
    /// Reads the group for `agent` ("yakuba"), or the one for everybody. Only the first 500 KB count.
    Robots(std::string_view text, std::string_view agent);

    /// `target` is path and query. The longest rule that fits decides; of equals the one that allows.
    bool allows(std::string_view target) const;
    std::chrono::milliseconds delay() const { return delay_; }
    const std::vector<std::string>& sitemaps() const { return sitemaps_; }

  private:
    struct Rule {
        std::string pattern;
        bool allows = false;
    };
    std::vector<Rule> rules_;
    std::chrono::milliseconds delay_{0};
    std::vector<std::string> sitemaps_;
};

}  // namespace intake

// What a fetched resource refers to: the addresses in HTML (with the CSS inside it), in CSS and in sitemaps. Leaves out
// addresses that only a script makes up, and where forms are sent.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace intake {

enum class Form { Html, Css, Sitemap, Other };

/// By what the server says and what the name ends with; `is_sitemap` for files named as one.
Form form_of(std::string_view content_type, std::string_view path, bool is_sitemap);

struct References {
    std::string base_href;              ///< of <base>; "" = none
    std::vector<std::string> pages;     ///< in order, doubles included; UTF-8, as written
    std::vector<std::string> sitemaps;  ///< of a sitemap index
};

/// Never throws for what is in `bytes`; what cannot be understood has no references.
References find_references(std::string_view bytes, Form form, std::string_view header_charset);

/// The addresses of url() and @import, escapes resolved; comments are passed over.
std::vector<std::string> css_references(std::string_view utf8);

}  // namespace intake

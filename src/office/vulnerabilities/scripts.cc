// Script libraries as they lie about in municipal sites: by the names that their files are given, by the banner at the
// head of the file, and by the address of a library that a page takes from elsewhere. A library that is bundled into
// another file without its banner is not found.
#include <algorithm>
#include <array>

#include "ground/base/text.h"
#include "office/vulnerabilities/inventory.h"

namespace vulnerabilities {

namespace {

constexpr std::size_t kHead = 4096;  // of a file: where banners stand
constexpr std::size_t kMostLinks = 100;

struct Library {
    std::string_view name;       ///< as npm calls it, by which weaknesses are told
    std::string_view file;       ///< how its file's name begins
    std::string_view banner[3];  ///< what stands before its version at the head of the file
};
/// The longer file name first where one begins another.
constexpr Library kLibraries[] = {
    {"jquery-ui", "jquery-ui", {"jQuery UI - v", "jQuery UI "}},
    {"jquery-ui", "jquery.ui", {}},
    {"jquery-migrate", "jquery-migrate", {"jQuery Migrate - v", "jQuery Migrate v"}},
    {"jquery-mobile", "jquery.mobile", {"jQuery Mobile v", "jQuery Mobile "}},
    {"jquery-validation", "jquery.validate", {"jQuery Validation Plugin v", "jQuery Validation Plugin - v"}},
    {"jquery", "jquery", {"jQuery JavaScript Library v", "jQuery v"}},
    {"bootstrap", "bootstrap", {"Bootstrap v", "Bootstrap.js v", "bootstrap-button.js v"}},
    {"angular", "angular", {"AngularJS v"}},
    {"vue", "vue", {"Vue.js v"}},
    {"react-dom", "react-dom", {"react-dom.production.min.js v"}},
    {"react", "react", {"React v"}},
    {"lodash", "lodash", {"lodash ", "Lodash "}},
    {"underscore", "underscore", {"Underscore.js "}},
    {"backbone", "backbone", {"Backbone.js "}},
    {"moment", "moment", {"//! version : "}},
    {"handlebars", "handlebars", {"handlebars v", "Handlebars v"}},
    {"mustache", "mustache", {}},
    {"prototype", "prototype", {"Prototype JavaScript framework, version "}},
    {"mootools", "mootools", {"MooTools Core ", "version: 'MooTools "}},
    {"dojo", "dojo", {}},
    {"ckeditor", "ckeditor", {}},
    {"tinymce", "tinymce", {"TinyMCE version "}},
    {"swiper", "swiper", {"Swiper "}},
    {"slick-carousel", "slick", {}},
    {"leaflet", "leaflet", {"Leaflet "}},
    {"chart.js", "chart", {"Chart.js v", "Chart.js\n * http://chartjs.org/\n * Version: "}},
    {"d3", "d3", {"https://d3js.org v"}},
    {"dompurify", "purify", {"DOMPurify "}},
    {"modernizr", "modernizr", {"Modernizr v", "modernizr "}},
    {"lightbox2", "lightbox", {"Lightbox v"}},
    {"fancybox", "jquery.fancybox", {"fancyBox v"}},
};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_version_char(char c) {
    return is_digit(c) || c == '.' || c == '-' || c == '+' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// "1.12.4.min.js" -> "1.12.4"; nothing unless it has a point between two numbers.
std::string version_at(std::string_view text) {
    if (!text.empty() && (text[0] == 'v' || text[0] == 'V')) text.remove_prefix(1);
    std::size_t end = 0;
    while (end < text.size() && end < 40 && is_version_char(text[end])) ++end;
    std::string version(text.substr(0, end));
    for (const std::string_view tail :
         {".js", ".css", ".slim", ".bundle", ".pack", ".full", ".prod", ".production", "-min", ".min"})
        for (std::size_t at; (at = version.find(tail)) != std::string::npos;) version.resize(at);
    while (!version.empty() && !is_digit(version.back()) && (version.back() == '.' || version.back() == '-'))
        version.pop_back();
    const auto point = version.find('.');
    const bool is_one = !version.empty() && is_digit(version[0]) && point != std::string::npos &&
                        point + 1 < version.size() && is_digit(version[point + 1]);
    return is_one ? version : std::string();
}

std::string_view last_part(std::string_view path) {
    path = path.substr(0, path.find_first_of("?#"));
    const auto slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

/// By a file's name, whatever stands in the file.
std::optional<Script> by_name(std::string_view path) {
    const std::string file = base::to_lower(last_part(path));
    if (!file.ends_with(".js")) return std::nullopt;
    const Library* found = nullptr;
    for (const Library& library : kLibraries)
        if (file.starts_with(library.file) && (!found || library.file.size() > found->file.size())) found = &library;
    if (!found) return std::nullopt;
    std::string_view rest = std::string_view(file).substr(found->file.size());
    // "jquery.cookie.js" is another thing; "jquery.min.js", "jquery-1.12.4.js", "jquery.js", "jquery3.6.0.min.js" are
    // it.
    Script script{std::string(found->name), {}};
    if (!rest.empty() && (rest[0] == '-' || rest[0] == '.' || rest[0] == '_')) rest.remove_prefix(1);
    script.version = version_at(rest);
    if (!script.version.empty()) return script;
    for (const std::string_view plain :
         {"js", "min.js", "slim.js", "slim.min.js", "bundle.js", "bundle.min.js", "pack.js", "core.js", "custom.js",
          "custom.min.js", "full.js", "umd.js", "umd.min.js", "-min.js"})
        if (rest == plain) return script;
    return std::nullopt;
}

std::string banner_version(std::string_view head, const Library& library) {
    for (const std::string_view banner : library.banner) {
        if (banner.empty()) continue;
        const auto at = head.find(banner);
        if (at == std::string_view::npos) continue;
        if (std::string version = version_at(head.substr(at + banner.size(), 60)); !version.empty()) return version;
    }
    return {};
}

/// ".../ajax/libs/jquery/3.6.0/jquery.min.js", ".../npm/vue@2.6.14/dist/vue.js": the version stands in the path.
std::string version_in_path(std::string_view path) {
    for (const std::string_view part : base::split(path.substr(0, path.find_first_of("?#")), '/')) {
        const auto at = part.rfind('@');
        const std::string version = version_at(at != std::string_view::npos && at > 0 ? part.substr(at + 1) : part);
        if (!version.empty() && part.find(".js") == std::string_view::npos) return version;
    }
    return {};
}

}  // namespace

std::optional<Script> find_script(std::string_view path, std::string_view bytes) {
    if (!base::to_lower(last_part(path)).ends_with(".js")) return std::nullopt;
    const std::string_view head = bytes.substr(0, kHead);
    const auto named = by_name(path);
    for (const Library& library : kLibraries) {
        if (named && named->name != library.name) continue;
        if (std::string version = banner_version(head, library); !version.empty())
            return Script{std::string(library.name), std::move(version)};  // the file's own word before its name's
    }
    return named;
}

std::vector<Script> find_linked_scripts(std::string_view html) {
    std::vector<Script> all;
    const std::string lower = base::to_lower(html);
    for (std::size_t at = 0; (at = lower.find("<script", at)) != std::string::npos && all.size() < kMostLinks;) {
        const std::size_t end = std::min(lower.find('>', at), at + 2000);
        const std::string_view tag = std::string_view(lower).substr(at, std::min(end, lower.size()) - at);
        at += 7;
        auto source = tag.find("src=");
        if (source == std::string_view::npos) continue;
        std::string_view address = tag.substr(source + 4);
        const char quote = address.empty() ? ' ' : address[0];
        if (quote == '"' || quote == '\'') {
            address.remove_prefix(1);
            address = address.substr(0, address.find(quote));
        } else {
            address = address.substr(0, address.find_first_of(" \t\r\n"));
        }
        if (!address.starts_with("http") && !address.starts_with("//"))
            continue;  // its own files are looked at themselves
        auto found = by_name(address);
        if (!found) continue;
        if (found->version.empty()) found->version = version_in_path(address);
        if (std::find(all.begin(), all.end(), *found) == all.end()) all.push_back(std::move(*found));
    }
    return all;
}

}  // namespace vulnerabilities

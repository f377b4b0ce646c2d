#include "ground/base/media_type.h"

#include "ground/base/text.h"

namespace base {

namespace {

struct Row {
    std::string_view ending, type;
};
static constexpr Row kTypes[] = {{"html", "text/html"},
                                 {"htm", "text/html"},
                                 {"shtml", "text/html"},
                                 {"xhtml", "application/xhtml+xml"},
                                 {"css", "text/css"},
                                 {"js", "text/javascript"},
                                 {"mjs", "text/javascript"},
                                 {"json", "application/json"},
                                 {"xml", "application/xml"},
                                 {"rss", "application/rss+xml"},
                                 {"rdf", "application/rdf+xml"},
                                 {"txt", "text/plain"},
                                 {"csv", "text/csv"},
                                 {"svg", "image/svg+xml"},
                                 {"png", "image/png"},
                                 {"jpg", "image/jpeg"},
                                 {"jpeg", "image/jpeg"},
                                 {"gif", "image/gif"},
                                 {"webp", "image/webp"},
                                 {"avif", "image/avif"},
                                 {"ico", "image/x-icon"},
                                 {"bmp", "image/bmp"},
                                 {"pdf", "application/pdf"},
                                 {"zip", "application/zip"},
                                 {"gz", "application/gzip"},
                                 {"lzh", "application/x-lzh-compressed"},
                                 {"doc", "application/msword"},
                                 {"xls", "application/vnd.ms-excel"},
                                 {"ppt", "application/vnd.ms-powerpoint"},
                                 {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
                                 {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
                                 {"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
                                 {"jtd", "application/x-js-taro"},
                                 {"mp3", "audio/mpeg"},
                                 {"mp4", "video/mp4"},
                                 {"webm", "video/webm"},
                                 {"wmv", "video/x-ms-wmv"},
                                 {"ics", "text/calendar"},
                                 {"kml", "application/vnd.google-earth.kml+xml"},
                                 {"woff", "font/woff"},
                                 {"woff2", "font/woff2"},
                                 {"ttf", "font/ttf"},
                                 {"otf", "font/otf"},
                                 {"swf", "application/x-shockwave-flash"}};

}  // namespace

std::vector<std::string_view> known_endings() {
    std::vector<std::string_view> endings;
    for (const Row& row : kTypes) endings.push_back(row.ending);
    return endings;
}

std::string_view media_type(std::string_view path) {
    const auto dot = path.rfind('.');
    const auto slash = path.rfind('/');
    if (dot == std::string_view::npos || (slash != std::string_view::npos && dot < slash))
        return "application/octet-stream";
    const std::string ending = to_lower(path.substr(dot + 1));
    for (const Row& row : kTypes)
        if (row.ending == ending) return row.type;
    return "application/octet-stream";
}

bool is_page_path(std::string_view path) {
    const std::string_view type = media_type(path);
    return type == "text/html" || type == "application/xhtml+xml";
}

bool is_text_type(std::string_view type) {
    return type.starts_with("text/") || type == "application/json" || type == "application/xml" ||
           type.ends_with("+xml");
}

}  // namespace base

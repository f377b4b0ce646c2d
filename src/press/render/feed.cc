#include "press/render/feed.h"

#include <array>

namespace render {

namespace {

constexpr std::string_view kXml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

void append_element(std::string& to, std::string_view name, std::string_view text) {
    to += fmt::format("<{}>{}</{}>\n", name, escape_xml(text), name);
}

/// "2026-11-22T11:00:00+09:00" (W3C date and time).
std::string format_w3c(base::Instant at) {
    const base::LocalTime local = base::to_local(at);
    return fmt::format("{}T{:02}:{:02}:{:02}+09:00", base::format_day(local.day), local.hour, local.minute,
                       local.second);
}

}  // namespace

std::string format_rfc822(base::Instant at) {
    static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const base::LocalTime local = base::to_local(at);
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} +0900",
                       kDays.at(static_cast<std::size_t>(base::weekday(local.day))), local.day.day,
                       kMonths.at(static_cast<std::size_t>(local.day.month - 1)), local.day.year, local.hour,
                       local.minute, local.second);
}

std::string escape_xml(std::string_view utf8) {
    std::string out;
    out.reserve(utf8.size());
    for (std::size_t i = 0; i < utf8.size(); ++i) {
        const char c = utf8[i];
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default: {
                const bool is_control = static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
                // U+FFFE and U+FFFF
                const bool is_noncharacter = c == '\xEF' && i + 2 < utf8.size() && utf8[i + 1] == '\xBF' &&
                                             (utf8[i + 2] == '\xBE' || utf8[i + 2] == '\xBF');
                if (is_noncharacter)
                    i += 2;
                else if (!is_control)
                    out += c;
            }
        }
    }
    return out;
}

std::string write_feed(const Feed& feed) {
    std::string xml(kXml);
    xml += "<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\">\n<channel>\n";
    append_element(xml, "title", feed.title);
    append_element(xml, "link", feed.address);
    append_element(xml, "description", feed.description);
    append_element(xml, "language", feed.language);
    xml += fmt::format("<atom:link href=\"{}\" rel=\"self\" type=\"application/rss+xml\"/>\n",
                       escape_xml(feed.own_address));
    if (!feed.items.empty()) append_element(xml, "lastBuildDate", format_rfc822(feed.items.front().published_at));
    for (const FeedItem& item : feed.items) {
        xml += "<item>\n";
        append_element(xml, "title", item.title);
        append_element(xml, "link", item.address);
        append_element(xml, "guid", item.address);
        append_element(xml, "pubDate", format_rfc822(item.published_at));
        if (!item.description.empty()) append_element(xml, "description", item.description);
        xml += "</item>\n";
    }
    xml += "</channel>\n</rss>\n";
    return xml;
}

std::string write_sitemap(std::span<const SitemapEntry> entries) {
    std::string xml(kXml);
    xml += "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n";
    for (const SitemapEntry& entry : entries)
        xml += fmt::format("<url><loc>{}</loc><lastmod>{}</lastmod></url>\n", escape_xml(entry.address),
                           format_w3c(entry.updated_at));
    xml += "</urlset>\n";
    return xml;
}

std::string write_sitemap_index(std::span<const std::string> addresses) {
    std::string xml(kXml);
    xml += "<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n";
    for (const std::string& address : addresses)
        xml += fmt::format("<sitemap><loc>{}</loc></sitemap>\n", escape_xml(address));
    xml += "</sitemapindex>\n";
    return xml;
}

}  // namespace render

#include "watch/cutover/page.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "ground/base/text.h"
#include "ground/html/document.h"
#include "ground/html/encoding.h"

namespace cutover {

namespace {

constexpr std::string_view kCounters[] = {"カウンタ", "アクセス数", "閲覧数",   "訪問者",
                                          "来訪者",   "人目",       "visitors", "page views"};
constexpr std::string_view kSessionKeys[] = {"jsessionid",   "phpsessid", "sessionid",  "session_id", "sid",
                                             "aspsessionid", "_session",  "csrf_token", "token"};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

void replace_all(std::string& text, std::string_view what, std::string_view by) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
        // "2026/1/2" is not the beginning of "2026/1/23", nor "1月2日" the end of "11月2日".
        const std::size_t end = at + what.size();
        if ((is_digit(what.back()) && end < text.size() && is_digit(text[end])) ||
            (is_digit(what.front()) && at > 0 && is_digit(text[at - 1]))) {
            at = end - by.size();
            continue;
        }
        text.replace(at, what.size(), by);
    }
}

/// The ways in which a page may write a day, the longest first.
std::vector<std::string> forms_of(base::Day day) {
    const int era = day.year - 2018;  // 令和
    return {fmt::format("{}年{}月{}日", day.year, day.month, day.day),
            fmt::format("{}年{:02}月{:02}日", day.year, day.month, day.day),
            fmt::format("令和{}年{}月{}日", era, day.month, day.day),
            fmt::format("令和{:02}年{:02}月{:02}日", era, day.month, day.day),
            fmt::format("{}/{:02}/{:02}", day.year, day.month, day.day),
            fmt::format("{}/{}/{}", day.year, day.month, day.day),
            fmt::format("{}-{:02}-{:02}", day.year, day.month, day.day),
            fmt::format("{}.{:02}.{:02}", day.year, day.month, day.day),
            fmt::format("{}.{}.{}", day.year, day.month, day.day),
            fmt::format("R{}.{}.{}", era, day.month, day.day),
            fmt::format("{:02}月{:02}日", day.month, day.day),
            fmt::format("{}月{}日", day.month, day.day)};
}

/// "9:05", "10:42:07", "10時42分" as 〈時刻〉.
std::string without_times(std::string_view text) {
    std::string plain;
    for (std::size_t at = 0; at < text.size();) {
        if (!is_digit(text[at]) || (at > 0 && is_digit(text[at - 1]))) {
            plain += text[at++];
            continue;
        }
        std::size_t end = at;
        const auto skip_digits = [&] {
            const std::size_t from = end;
            while (end < text.size() && is_digit(text[end]) && end - from < 2) ++end;
            return end - from;
        };
        bool is_time = skip_digits() > 0;
        if (is_time && text.substr(end).starts_with(':')) {
            ++end;
            is_time = skip_digits() == 2;
            if (is_time && text.substr(end).starts_with(':')) {
                ++end;
                is_time = skip_digits() == 2;
            }
        } else if (is_time && text.substr(end).starts_with("時")) {
            end += std::string_view("時").size();
            if (skip_digits() > 0) {
                is_time = text.substr(end).starts_with("分");
                end += is_time ? std::string_view("分").size() : 0;
            }
        } else {
            is_time = false;
        }
        if (is_time) {
            plain += "〈時刻〉";
            at = end;
        } else {
            while (at < text.size() && is_digit(text[at])) plain += text[at++];
        }
    }
    return plain;
}

std::string without_numbers(std::string_view text) {
    std::string plain;
    for (std::size_t at = 0; at < text.size();) {
        if (!is_digit(text[at])) {
            plain += text[at++];
            continue;
        }
        while (at < text.size() &&
               (is_digit(text[at]) || (text[at] == ',' && at + 1 < text.size() && is_digit(text[at + 1]))))
            ++at;
        plain += "〈数〉";
    }
    return plain;
}

/// Without parameters that only mark a visitor; the order of the others stays.
std::string plain_query(std::string_view query) {
    std::string plain;
    for (const std::string_view part : base::split(query, '&')) {
        const std::string key = base::to_lower(part.substr(0, part.find('=')));
        if (part.empty() || std::find(std::begin(kSessionKeys), std::end(kSessionKeys), key) != std::end(kSessionKeys))
            continue;
        plain += (plain.empty() ? "?" : "&") + std::string(part);
    }
    return plain;
}

/// "/a/./b/../c" as "/a/c", in one percent form, without ";jsessionid=..." and "index.html".
std::string plain_path(std::string_view path) {
    std::vector<std::string> parts;
    const auto all = base::split(path, '/');
    for (std::size_t i = 0; i < all.size(); ++i) {
        std::string_view part = all[i];
        if (const auto mark = base::to_lower(part).find(";jsessionid="); mark != std::string::npos)
            part = part.substr(0, mark);
        const bool is_last = i + 1 == all.size();
        if (part == "..") {
            if (!parts.empty()) parts.pop_back();
            if (is_last) parts.emplace_back();
        } else if (part == "." || part.empty()) {
            if (is_last) parts.emplace_back();
        } else if (is_last && (part == "index.html" || part == "index.htm")) {
            parts.emplace_back();
        } else {
            const auto decoded = base::percent_decode(part);
            parts.push_back(decoded ? base::percent_encode(*decoded) : std::string(part));
        }
    }
    return "/" + base::join(parts, "/");
}

/// The nearest block around a node: texts of one block are one line.
html::NodeId block_of(const html::Document& page, html::NodeId id) {
    for (id = page[id].parent; id != html::kNoNode && id != html::kDocumentNode; id = page[id].parent)
        if (page[id].type == html::NodeType::Element && html::is_block_element(page[id].tag)) break;
    return id;
}

bool is_unread(const html::Node& node) {
    return node.type == html::NodeType::Element &&
           (node.tag == "script" || node.tag == "style" || node.tag == "template" || node.tag == "noscript");
}

void sort_and_keep_each_once(std::vector<std::string>& all) {
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
}

}  // namespace

std::string media_type_of(std::string_view content_type) {
    return base::to_lower(base::trim(content_type.substr(0, content_type.find(';'))));
}

std::string charset_of(std::string_view content_type) {
    const std::string lower = base::to_lower(content_type);
    const auto at = lower.find("charset=");
    if (at == std::string::npos) return {};
    std::string_view value = std::string_view(lower).substr(at + 8);
    value = base::trim(value.substr(0, value.find(';')));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    return std::string(value);
}

std::string plain_line(std::string_view line, base::Day today) {
    std::string plain(line);
    for (const base::Day day : {today, today - 1, today + 1})
        for (const std::string& form : forms_of(day)) replace_all(plain, form, "〈日付〉");
    if (plain.find("〈日付〉") != std::string::npos || plain.find("現在") != std::string::npos)
        plain = without_times(plain);
    const std::string lower = base::to_lower(plain);
    if (std::any_of(std::begin(kCounters), std::end(kCounters),
                    [&](std::string_view word) { return lower.find(word) != std::string::npos; }))
        plain = without_numbers(plain);
    return plain;
}

std::string plain_target(std::string_view target, std::string_view path, const Surroundings& around) {
    target = base::trim(target);
    std::string_view rest = target;
    const std::string lower = base::to_lower(target.substr(0, 8));
    const std::size_t start = lower.starts_with("https://")  ? 8
                              : lower.starts_with("http://") ? 7
                              : target.starts_with("//")     ? 2
                                                             : 0;
    if (start != 0) {
        const std::size_t end = std::min(target.find_first_of("/?#", start), target.size());
        const std::string host = base::to_lower(target.substr(start, end - start));
        if (std::find(around.hosts.begin(), around.hosts.end(), host) == around.hosts.end()) return std::string(target);
        rest = target.substr(end);
        if (!rest.starts_with('/')) path = "/";
    } else if (const auto colon = target.find(':');
               colon != std::string_view::npos && colon < target.find_first_of("/?#")) {
        return std::string(target);  // mailto:, tel:, javascript:
    }
    std::string fragment;
    if (const auto hash = rest.find('#'); hash != std::string_view::npos) {
        fragment = rest.substr(hash);
        rest = rest.substr(0, hash);
    }
    const std::string_view base_path = path.substr(0, path.find('?'));
    std::string joined;
    std::string query;
    if (const auto mark = rest.find('?'); mark != std::string_view::npos) {
        query = plain_query(rest.substr(mark + 1));
        rest = rest.substr(0, mark);
    } else if (rest.empty() && path.find('?') != std::string_view::npos) {
        query = plain_query(path.substr(path.find('?') + 1));
    }
    if (rest.starts_with('/'))
        joined = rest;
    else if (rest.empty())
        joined = base_path;
    else
        joined = std::string(base_path.substr(0, base_path.rfind('/') + 1)) + std::string(rest);
    return plain_path(joined) + query + fragment;
}

Sense read_sense(std::string_view bytes, std::string_view content_type, std::string_view path,
                 const Surroundings& around) {
    const std::string charset = charset_of(content_type);
    const html::Detected detected =
        html::detect_encoding(bytes, charset.empty() ? std::nullopt : std::optional<std::string_view>(charset));
    const html::Document page = html::Document::parse(bytes, detected.encoding);
    Sense sense;
    sense.charset = html::charset_label(detected.encoding);
    if (const auto title = page.find_first("title"); title != html::kNoNode)
        sense.title = plain_line(page.plain_text_of(title), around.today);

    const html::NodeId body = page.body();
    const html::NodeId root = body == html::kNoNode ? html::kDocumentNode : body;
    std::string line;
    html::NodeId block = html::kNoNode;
    const auto flush = [&] {
        const std::string_view text = base::trim(line);
        if (!text.empty()) sense.lines.push_back(plain_line(text, around.today));
        line.clear();
    };
    for (html::NodeId id = root; id != html::kNoNode;) {
        const html::Node& node = page[id];
        if (is_unread(node)) {
            id = page.next_after(root, id);
            continue;
        }
        if (node.type == html::NodeType::Element && node.tag == "br") line += ' ';
        if (node.type == html::NodeType::Text) {
            const html::NodeId here = block_of(page, id);
            if (here != block) flush();
            block = here;
            for (const char c : node.text) {
                const bool is_blank = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
                if (!is_blank)
                    line += c;
                else if (!line.empty() && line.back() != ' ')
                    line += ' ';
            }
        }
        if (node.type == html::NodeType::Element && node.tag == "img")
            sense.images.push_back(fmt::format("{}（説明：{}）", plain_target(page.attribute(id, "src"), path, around),
                                               page.attribute(id, "alt")));
        id = page.next_in(root, id);
    }
    flush();
    for (const html::Link& link : html::list_links(page))
        if (link.kind != html::LinkKind::Image && !link.url.empty())
            sense.links.push_back(plain_target(link.url, path, around));
    sort_and_keep_each_once(sense.links);
    std::sort(sense.images.begin(), sense.images.end());
    return sense;
}

}  // namespace cutover

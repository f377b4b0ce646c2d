#include "flow/demo/texts.h"

#include <charconv>

#include "flow/init_demo.h"
#include "flow/resources.h"
#include "ground/base/csv.h"
#include "ground/base/error.h"
#include "ground/base/media_type.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"

namespace flow {

namespace {

using base::Day;
using base::Error;
using base::Kind;

std::string fiscal_year(Day day, int later) {
    return fmt::format("令和{}年度", (day.month >= 4 ? day.year : day.year - 1) - 2018 + later);
}

std::string full_date(Day day) {
    static constexpr const char* kDays[] = {"日", "月", "火", "水", "木", "金", "土"};
    return fmt::format("令和{}年{}月{}日（{}曜日）", day.year - 2018, day.month, day.day, kDays[base::weekday(day)]);
}

bool fits(Day day, std::string_view kind) {
    const int at = base::weekday(day);
    return kind.empty() || (kind == "sun" ? at == 0 : kind == "sat" ? at == 6 : at != 0 && at != 6);
}

std::string date_word(std::string_view word, Day day) {
    const auto number = [&](std::string_view digits) {
        int value = 0;
        const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (problem != std::errc() || end != digits.data() + digits.size())
            throw Error(Kind::Bug, fmt::format("the demo's texts have a date [[{}]]", word));
        return value;
    };
    if (word == "fy") return fiscal_year(day, 0);
    if (word.starts_with("fy+")) return fiscal_year(day, number(word.substr(3)));
    const auto blank = word.find(' ');
    const std::string_view kind = blank == std::string_view::npos ? "" : word.substr(blank + 1);
    const bool is_known = kind.empty() || kind == "sun" || kind == "sat" || kind == "weekday";
    if (!word.starts_with('+') || !is_known) number("");
    Day at = day + number(word.substr(1, blank == std::string_view::npos ? blank : blank - 1));
    while (!fits(at, kind)) at = at + 1;
    return full_date(at);
}

}  // namespace

std::string set_demo_dates(std::string_view text, Day day) {
    std::string set;
    for (;;) {
        const auto from = text.find("[[");
        const auto to = from == std::string_view::npos ? from : text.find("]]", from);
        if (to == std::string_view::npos) return set.append(text);
        set.append(text.substr(0, from)).append(date_word(text.substr(from + 2, to - from - 2), day));
        text.remove_prefix(to + 2);
    }
}

namespace demo {

std::string_view file(std::string_view name) {
    for (const base::Resource& each : resources())
        if (each.name == name) return each.bytes;
    throw Error(Kind::Bug, fmt::format("the demo has no file {}", name));
}

std::vector<std::vector<std::string>> table(std::string_view name) {
    const base::CsvTable read = base::parse_csv(file(name));
    std::vector<std::vector<std::string>> rows;
    for (const base::CsvRecord& record : read.records) {
        if (record.cells.size() != read.records.front().cells.size())
            throw Error(Kind::Bug, fmt::format("{} line {}: {} cells", name, record.line, record.cells.size()));
        rows.push_back(record.cells);
    }
    rows.erase(rows.begin());
    return rows;
}

Text read_text(std::string_view path, std::string_view bytes, Day today) {
    const auto blank = bytes.find("\n\n");
    if (blank == std::string_view::npos) throw Error(Kind::Bug, fmt::format("{} has no text", path));
    std::map<std::string, std::string, std::less<>> head;
    for (std::string_view rest = bytes.substr(0, blank); !rest.empty();) {
        const auto end = std::min(rest.find('\n'), rest.size());
        const std::string_view line = rest.substr(0, end);
        const auto colon = line.find(": ");
        if (colon == std::string_view::npos) throw Error(Kind::Bug, fmt::format("{}: \"{}\"", path, line));
        head.emplace(line.substr(0, colon), line.substr(colon + 2));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    Day day = today;
    if (const auto days = head.find("published"); days != head.end()) {
        day = today - std::stoi(days->second);
        while (!fits(day, "weekday")) day = day - 1;  // the office is closed then
    }
    Text text;
    text.path = path;
    text.department = head["department"];
    text.published_at = base::from_local({day, 9, 0, 0, 0});
    text.body.title = set_demo_dates(head["title"], day);
    text.body.description = set_demo_dates(head["description"], day);
    const std::string_view usual = text.path.starts_with("oshirase/") ? "news" : "article";
    text.body.template_name = head["template"].empty() ? usual : head["template"];
    text.body.parts["body"] = set_demo_dates(bytes.substr(blank + 2), day);
    const std::string& names = head["categories"];
    for (std::size_t from = 0; from < names.size();) {
        const auto end = std::min(names.find(", ", from), names.size());
        text.body.categories.push_back(names.substr(from, end - from));
        from = end + 2;
    }
    for (const std::string_view one : base::split(head["files"], ';')) {
        const std::string_view words = base::trim(one);
        const auto bar = words.find('|');
        if (words.empty()) continue;
        if (bar == words.npos) throw Error(Kind::Bug, fmt::format("{}: the file {} has no title", path, words));
        const std::string file_path(words.substr(0, bar));
        const std::string_view file_bytes = file("attachments/" + file_path);
        text.body.attachments.push_back({file_path, sys::sha256(file_bytes),
                                         static_cast<std::int64_t>(file_bytes.size()),
                                         std::string(base::media_type(file_path)), std::string(words.substr(bar + 1))});
    }
    return text;
}

std::vector<Text> pages(Day today) {
    std::vector<Text> all;
    for (const base::Resource& each : resources())
        if (each.name.starts_with("pages/")) all.push_back(read_text(each.name.substr(6), each.bytes, today));
    std::stable_sort(all.begin(), all.end(),
                     [](const Text& a, const Text& b) { return a.published_at < b.published_at; });
    return all;
}

std::vector<std::pair<std::string, std::string_view>> files(std::string_view folder) {
    std::vector<std::pair<std::string, std::string_view>> all;
    for (const base::Resource& each : resources())
        if (each.name.starts_with(folder)) all.emplace_back(each.name.substr(folder.size()), each.bytes);
    return all;
}

}  // namespace demo

}  // namespace flow

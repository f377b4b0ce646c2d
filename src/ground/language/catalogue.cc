#include "ground/language/catalogue.h"

#include <algorithm>
#include <tuple>

#include "ground/base/error.h"
#include "ground/base/text.h"

namespace language {

using base::Error;
using base::Kind;

namespace {

[[noreturn]] void refuse(std::string_view name, int line, std::string_view why) {
    throw Error(Kind::BadInput, fmt::format("{}:{}: {}", name, line, why));
}

/// The text of a quoted PO string.
std::string unquote(std::string_view quoted, std::string_view name, int line) {
    if (quoted.size() < 2 || quoted.front() != '"' || quoted.back() != '"')
        refuse(name, line, "a string starts and ends with a double quote");
    std::string text;
    for (std::size_t i = 1; i + 1 < quoted.size(); ++i) {
        if (quoted[i] != '\\') {
            text += quoted[i];
            continue;
        }
        const char escaped = i + 2 < quoted.size() ? quoted[++i] : '\0';
        if (escaped != '"' && escaped != '\\' && escaped != 'n' && escaped != 't')
            refuse(name, line, "of the escapes \\\" \\\\ \\n \\t none is meant here");
        text += escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped;
    }
    return text;
}

/// The next hole of a format text at or behind `from`: "{}", "{0}", "{:02}"; not the "{{ name }}" of templates.
std::pair<std::size_t, std::size_t> find_hole(std::string_view text, std::size_t from) {
    for (std::size_t at = text.find('{', from); at != std::string_view::npos; at = text.find('{', at)) {
        if (text.substr(at, 2) == "{{") {
            const std::size_t end = text.find("}}", at);
            if (end == std::string_view::npos) break;
            at = end + 2;
            continue;
        }
        const std::size_t end = text.find('}', at);
        if (end == std::string_view::npos) break;
        const std::string_view inside = text.substr(at + 1, end - at - 1);
        if (inside.find_first_not_of("0123456789:.,xdfs<>") == std::string_view::npos) return {at, end + 1};
        ++at;
    }
    return {std::string_view::npos, std::string_view::npos};
}

/// What a translation must bring along, in any order.
std::vector<std::string> holes_of(std::string_view text) {
    std::vector<std::string> holes;
    for (auto [at, end] = find_hole(text, 0); at != std::string_view::npos; std::tie(at, end) = find_hole(text, end))
        holes.emplace_back("{}");
    for (std::size_t at = text.find("{{"); at != std::string_view::npos; at = text.find("{{", at + 2)) {
        const std::size_t end = text.find("}}", at);
        if (end != std::string_view::npos) holes.emplace_back(base::trim(text.substr(at + 2, end - at - 2)));
    }
    std::sort(holes.begin(), holes.end());
    return holes;
}

/// Each code point of three bytes from U+3000 on.
template <class Take>
void each_wide(std::string_view text, Take&& take) {
    for (std::size_t i = 0; i + 2 < text.size(); ++i) {
        const auto first = static_cast<unsigned char>(text[i]);
        if (first >= 0xE3 && first <= 0xEF)
            take((first & 0x0FU) << 12U | (static_cast<unsigned char>(text[i + 1]) & 0x3FU) << 6U |
                 (static_cast<unsigned char>(text[i + 2]) & 0x3FU));
    }
}

/// A kana or a Chinese character.
bool is_letter(unsigned code) {
    return (code >= 0x3041 && code <= 0x30FA) || (code >= 0x3400 && code <= 0x9FFF) ||
           (code >= 0xF900 && code <= 0xFAFF);
}

std::size_t count_letters(std::string_view text) {
    std::size_t count = 0;
    each_wide(text, [&](unsigned code) { count += is_letter(code) ? 1 : 0; });
    return count;
}

// A sentence stands in a title's line and holds another's reason, which names a duration: no deeper. Some readings of
// one text are enough, and what is longer than any of our sentences is somebody else's text.
constexpr int kDepth = 3, kReadings = 3, kParts = 64, kReads = 500;
constexpr std::size_t kLongest = 4096;
constexpr std::string_view kStop = "。", kColon = "：";
constexpr std::pair<std::string_view, std::string_view> kJoints[] = {
    {"\n", "\n"}, {kStop, " "}, {kColon, ": "}, {"、", ", "}};

}  // namespace

bool has_japanese(std::string_view text) {
    bool found = false;
    each_wide(text, [&](unsigned code) {
        found = found || (code >= 0x3001 && code <= 0x30FF) || is_letter(code) || (code >= 0xFF01 && code <= 0xFFEF);
    });
    return found;
}

void Catalogue::add(std::string_view name, std::string_view po) {
    std::string source, target;
    std::string* open = nullptr;  // what a continued string belongs to
    int number = 0, started = 0;
    const auto close = [&] {
        if (started != 0 && !source.empty()) {  // the empty msgid is the header of the file
            if (target.empty()) refuse(name, started, "msgstr is empty");
            const auto [entry, is_new] = entries_.emplace(source, target);
            if (!is_new && entry->second != target)
                refuse(name, started, fmt::format("\"{}\" is translated already, and differently", source));
            if (is_new && find_hole(source, 0).first != std::string_view::npos) {
                Form form;
                std::size_t from = 0;
                for (auto [at, end] = find_hole(source, 0); at != std::string_view::npos;
                     std::tie(at, end) = find_hole(source, end)) {
                    form.literals.push_back(source.substr(from, at - from));
                    from = end;
                }
                form.literals.push_back(source.substr(from));
                for (const std::string& literal : form.literals) form.weight += literal.size();
                for (const std::string& literal : form.literals) form.letters += count_letters(literal);
                form.target = target;
                if (form.weight > 0) forms_.push_back(std::move(form));
            }
        }
        source.clear();
        target.clear();
        started = 0;
        open = nullptr;
    };
    for (std::string_view line : base::split(po, '\n')) {
        ++number;
        line = base::trim(line);
        if (line.starts_with("#")) continue;
        if (line.empty()) {
            close();
        } else if (line.starts_with("msgid ")) {
            close();
            started = number;
            open = &source;
            source = unquote(base::trim(line.substr(6)), name, number);
        } else if (line.starts_with("msgstr ") && open == &source) {
            open = &target;
            target = unquote(base::trim(line.substr(7)), name, number);
        } else if (line.starts_with("\"") && open != nullptr) {
            *open += unquote(line, name, number);
        } else {
            refuse(name, number, "expected msgid, msgstr, a string or a comment");
        }
    }
    close();
    std::stable_sort(forms_.begin(), forms_.end(), [](const Form& a, const Form& b) { return a.weight > b.weight; });
}

std::optional<std::string_view> Catalogue::find(std::string_view source) const {
    const auto entry = entries_.find(source);
    if (entry == entries_.end()) return std::nullopt;
    return entry->second;
}

std::optional<std::string> Catalogue::fill(const Form& form, std::string_view text, int depth, int& budget) const {
    if (!text.starts_with(form.literals.front()) || !text.ends_with(form.literals.back())) return std::nullopt;
    std::vector<std::string_view> held;
    std::size_t at = form.literals.front().size();
    for (std::size_t i = 1; i < form.literals.size(); ++i) {
        const std::string& literal = form.literals[i];
        const bool is_last = i + 1 == form.literals.size();
        if (is_last && text.size() < at + literal.size()) return std::nullopt;
        const std::size_t end = is_last ? text.size() - literal.size() : text.find(literal, at);
        if (end == std::string_view::npos) return std::nullopt;
        held.push_back(text.substr(at, end - at));
        at = end + literal.size();
    }
    std::string filled;
    std::size_t from = 0, next = 0;
    for (auto [hole, end] = find_hole(form.target, 0); hole != std::string_view::npos;
         std::tie(hole, end) = find_hole(form.target, end)) {
        filled.append(form.target, from, hole - from);
        const char digit = form.target[hole + 1];
        const std::size_t index = digit >= '0' && digit <= '9' ? static_cast<std::size_t>(digit - '0') : next++;
        if (index >= held.size()) return std::nullopt;
        filled += read(held[index], depth - 1, budget);
        from = end;
    }
    return filled.append(form.target, from);
}

std::string Catalogue::read_parts(std::string_view text, std::string_view end, std::string_view joint, int depth,
                                  int& budget) const {
    std::string all;
    int parts = 0;
    for (std::size_t at = 0, next = 0; at < text.size(); at = next) {
        if (++parts > kParts) return std::string(text);
        const std::size_t stop = text.find(end, at);
        next = stop == std::string_view::npos ? text.size() : stop + end.size();
        // A sentence keeps its end, which its entry has too; a list's comma is nobody's.
        const std::string_view part = text.substr(at, (end == kStop ? next : std::min(stop, text.size())) - at);
        all.append(all.empty() ? "" : joint).append(read(part, depth, budget));
    }
    return all;
}

std::string Catalogue::read(std::string_view text, int depth, int& budget) const {
    if (const auto exact = find(text)) return std::string(*exact);
    if (--budget < 0) return std::string(text);
    std::string best(text);
    std::size_t least = count_letters(text);
    if (least == 0) return best;
    if (dates_)
        if (auto date = dates_(text)) return *std::move(date);
    if (depth <= 0) return best;
    const auto offer = [&](std::string reading) {
        const std::size_t left = count_letters(reading);
        if (left < least) best = std::move(reading), least = left;
    };
    const bool is_ours = text.size() <= kLongest;
    // A form would else take a title for the beginning of its first hole, and what is added in brackets for its last.
    if (const std::size_t colon = text.find(kColon); is_ours && colon != std::string_view::npos) {
        const std::string_view rest = text.substr(colon + kColon.size());
        if (const auto title = find(text.substr(0, colon + kColon.size())))
            offer(std::string(*title) + read(rest, depth, budget));
        if (const auto title = find(text.substr(0, colon)))
            offer(std::string(*title) + ": " + read(rest, depth, budget));
    }
    const std::size_t bracket = text.ends_with("）") && is_ours ? text.rfind("（") : std::string_view::npos;
    if (bracket != std::string_view::npos && bracket > 0)
        if (const std::string added = read(text.substr(bracket), depth - 1, budget); count_letters(added) == 0)
            offer(read(text.substr(0, bracket), depth, budget) + " " + added);
    int readings = 0;
    for (const Form& form : forms_) {
        if (least == 0 || readings == kReadings) break;
        auto filled = fill(form, text, is_ours ? depth : 1, budget);
        // "{}日" in a hole is said of "3日", not of somebody's name that ends so; "{}は{}。" would fit everything.
        const std::size_t few = depth < kDepth ? 3 : form.literals.size() > 2 ? 2 : 0;
        if (!filled || (form.letters < few && count_letters(*filled) > 0)) continue;
        offer(*std::move(filled));
        ++readings;
    }
    for (const auto& [end, joint] : kJoints) {
        const std::size_t at = text.find(end);
        const bool is_between = at != std::string_view::npos && at > 0 && at + end.size() < text.size();
        if (is_ours && least > 0 && is_between) offer(read_parts(text, end, joint, depth, budget));
    }
    return best;
}

std::string Catalogue::translate(std::string_view text) const {
    int budget = kReads;
    return read(text, kDepth, budget);
}

std::vector<std::string> Catalogue::list_mistakes() const {
    std::vector<std::string> mistakes;
    for (const auto& [source, target] : entries_)
        if (holes_of(source) != holes_of(target))
            mistakes.push_back(fmt::format("\"{}\" and \"{}\" have different places for values", source, target));
    return mistakes;
}

}  // namespace language

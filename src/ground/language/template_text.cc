// Finds the messages of a template. The walk knows just enough of HTML and of the template language to tell text from
// markup; it never changes a byte outside a message.
#include "ground/base/text.h"
#include "ground/language/catalogue.h"

namespace language {

namespace {

using Translate = std::function<std::optional<std::string>(const std::string&)>;
constexpr std::string_view kSpace = " \t\r\n\f";

class Walk {
  public:
    Walk(std::string_view source, const Translate& translate) : source_(source), translate_(translate) {}

    std::string run() {
        while (at_ < source_.size()) {
            if (looking_at("<!--")) {
                copy_to("-->");
            } else if (looking_at("<") && at_ + 1 < source_.size() && is_tag_start(source_[at_ + 1])) {
                tag();
            } else if (looking_at("{#")) {
                copy_to("#}");
            } else if (looking_at("{%")) {
                statement();
            } else {
                text(end_of_text(at_, source_.size()));
            }
        }
        return std::move(out_);
    }

  private:
    static bool is_tag_start(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '/' || c == '!';
    }
    bool looking_at(std::string_view what) const { return source_.substr(at_).starts_with(what); }

    void copy(std::size_t end) {
        out_.append(source_.substr(at_, end - at_));
        at_ = end;
    }
    void copy_to(std::string_view end) {
        const std::size_t found = source_.find(end, at_);
        copy(found == std::string_view::npos ? source_.size() : found + end.size());
    }

    /// Where the run of text from `from` ends: at a tag, a statement or `limit`; values belong to it.
    std::size_t end_of_text(std::size_t from, std::size_t limit) const {
        std::size_t at = from;
        while (at < limit) {
            const std::string_view rest = source_.substr(at);
            if (rest.starts_with("{{")) {
                const std::size_t end = source_.find("}}", at);
                at = end == std::string_view::npos ? limit : end + 2;
                continue;
            }
            if (rest.starts_with("{%") || rest.starts_with("{#")) break;
            if (rest[0] == '<' && rest.size() > 1 && (is_tag_start(rest[1]))) break;
            ++at;
        }
        return std::min(at, limit);
    }

    /// From here to `end` is text with values.
    void text(std::size_t end) {
        const std::string_view run = source_.substr(at_, end - at_);
        const std::size_t first = run.find_first_not_of(kSpace);
        if (first == std::string_view::npos || !has_japanese(run)) return copy(end);
        const std::size_t last = run.find_last_not_of(kSpace);
        const std::string_view core = run.substr(first, last - first + 1);
        std::string message;
        for (const char c : core) {
            const bool is_space = kSpace.find(c) != std::string_view::npos;
            if (!is_space)
                message += c;
            else if (message.back() != ' ')
                message += ' ';
        }
        const auto translated = translate_(message);
        if (!translated) return copy(end);
        out_.append(run.substr(0, first)).append(*translated).append(run.substr(last + 1));
        at_ = end;
    }

    /// {% %}: its quoted strings may be labels.
    void statement() {
        std::size_t end = source_.find("%}", at_);
        end = end == std::string_view::npos ? source_.size() : end + 2;
        while (at_ < end) {
            const std::size_t open = source_.find('"', at_);
            if (open >= end) break;
            copy(open + 1);
            const std::size_t close = std::min(source_.find('"', at_), end);
            text(close);
            if (at_ < end) copy(at_ + 1);
        }
        copy(end);
    }

    /// A tag: the values of its attributes may be messages, with statements between them.
    void tag() {
        while (at_ < source_.size()) {
            const char c = source_[at_];
            if (c == '>') return copy(at_ + 1);
            if (looking_at("{%")) {
                statement();
            } else if (looking_at("{{")) {
                copy_to("}}");
            } else if (c == '"' || c == '\'') {
                copy(at_ + 1);
                value(c);
            } else {
                copy(at_ + 1);
            }
        }
    }

    void value(char quote) {
        while (at_ < source_.size() && source_[at_] != quote) {
            if (looking_at("{%")) {
                copy_to("%}");
                continue;
            }
            std::size_t end = at_;  // values may hold the quote
            while (end < source_.size() && source_[end] != quote && !source_.substr(end).starts_with("{%")) {
                const std::size_t close =
                    source_.substr(end).starts_with("{{") ? source_.find("}}", end) : std::string_view::npos;
                end = close == std::string_view::npos ? end + 1 : close + 2;
            }
            text(end);
        }
        if (at_ < source_.size()) copy(at_ + 1);
    }

    std::string_view source_;
    const Translate& translate_;
    std::size_t at_ = 0;
    std::string out_;
};

}  // namespace

std::string translate_template(std::string_view source, const Translate& translate) {
    return Walk(source, translate).run();
}

}  // namespace language

#include "ground/template/outline.h"

#include <algorithm>

#include <fmt/format.h>

#include "ground/base/text.h"
#include "ground/template/inner/escape.h"
#include "ground/template/inner/parser.h"

namespace tmpl {

namespace {

constexpr std::size_t kLongestText = 64U << 10U;

bool is_label(const HtmlState& html) {
    const std::string& name = html.attribute();
    return name == "alt" || name == "title" || name == "placeholder" || name == "aria-label";
}

bool is_link(const HtmlState& html) {
    return html.attribute() == "href" && (html.tag() == "a" || html.tag() == "area");
}

class Outliner final : public Listener {
  public:
    explicit Outliner(std::string_view source) : source_(source) {}

    void saw_literal(std::size_t offset, const HtmlState& before, const HtmlState& after) override {
        html_ = &after;
        const bool goes_on = after.is_in_text() && before.is_in_rcdata() == after.is_in_rcdata();
        if (before.is_in_text() && goes_on) {
            if (!text_begin_) text_begin_ = offset;
        } else if (before.is_in_text()) {  // what began at the last '<' was a tag after all
            end_text(source_.rfind('<', offset));
        }
        if (!before.is_in_quoted_value() && after.is_in_quoted_value() && (is_label(after) || is_link(after))) {
            value_begin_ = offset + 1;
            value_kind_ = is_link(after) ? Entry::Kind::Link : Entry::Kind::Label;
        } else if (before.is_in_quoted_value() && !after.is_in_quoted_value() && value_begin_) {
            add(value_kind_, *value_begin_, offset, html::In::Attribute);
            value_begin_.reset();
        }
    }

    void saw_tag(std::size_t begin, std::size_t end) override {
        end_text(begin);
        tag_begin_ = begin;
        tag_end_ = end;
        read_tag(source_.substr(begin, end - begin));
        value_begin_.reset();  // a value that is not literal as a whole is not for the form
    }

    void saw_entry(Entry::Kind kind, std::string_view text) override {
        push(kind, std::string(text), tag_begin_, tag_end_ - tag_begin_);
        if (kind != Entry::Kind::Block) return;
        blocks_.emplace_back(text);
        if (html_ != nullptr && html_->is_in_quoted_value())
            tag_blocks_.push_back({std::string(text), html_->attribute()});
    }

    std::vector<Entry> take() { return std::move(entries_); }
    std::vector<TagBlock> take_tag_blocks() { return std::move(tag_blocks_); }

  private:
    /// Of "{% endblock %}" and "{# label ... #}".
    void read_tag(std::string_view tag) {
        if (tag.size() < 4) return;
        const std::string_view inside = base::trim(tag.substr(2, tag.size() - 4));
        if (tag[1] == '%' && inside.starts_with("endblock") && !blocks_.empty()) blocks_.pop_back();
        if (tag[1] == '#' && inside.starts_with(kLabel)) note_ = base::trim(inside.substr(kLabel.size()));
    }

    /// "h2" when the text at `offset` follows "<h2 class=x>", with only space and template language between.
    std::string tag_before(std::size_t offset) const {
        std::size_t end = offset;
        for (;;) {
            while (end > 0 && std::isspace(static_cast<unsigned char>(source_[end - 1]))) --end;
            const bool is_statement =
                end >= 2 && source_[end - 1] == '}' && (source_[end - 2] == '%' || source_[end - 2] == '#');
            if (!is_statement) break;
            const std::size_t open = source_.rfind('{', end - 1);
            if (open == std::string_view::npos) return {};
            end = open;
        }
        if (end == 0 || source_[end - 1] != '>') return {};
        const std::size_t open = source_.rfind('<', end);
        if (open == std::string_view::npos) return {};
        const std::string_view rest = source_.substr(open + 1, end - open - 2);
        const std::string_view name = rest.substr(0, rest.find_first_of(" \t\r\n/"));
        std::string lower;
        for (const char c : name) {
            if (!std::isalnum(static_cast<unsigned char>(c))) return {};
            lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        }
        return lower;
    }

    void end_text(std::size_t end) {
        if (text_begin_ && *text_begin_ < end) add(Entry::Kind::Text, *text_begin_, end, html::In::Text);
        text_begin_.reset();
    }

    void add(Entry::Kind kind, std::size_t begin, std::size_t end, html::In place) {
        const std::string_view text = base::trim(source_.substr(begin, end - begin));
        if (text.empty()) return;
        push(kind, html::unescape(text, place), static_cast<std::size_t>(text.data() - source_.data()), text.size());
    }

    void push(Entry::Kind kind, std::string text, std::size_t offset, std::size_t length) {
        static constexpr std::string_view kNames[] = {"text",  "label",   "link",   "variable",
                                                      "block", "include", "extends"};
        const auto index = static_cast<std::size_t>(kind);
        line_ += static_cast<int>(std::count(source_.begin() + static_cast<std::ptrdiff_t>(counted_),
                                             source_.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
        counted_ = offset;
        Entry entry{kind,
                    fmt::format("{}-{}", kNames[index], ++counts_[index]),
                    std::move(text),
                    offset,
                    length,
                    line_,
                    blocks_.empty() ? std::string() : blocks_.back(),
                    {},
                    {}};
        if (kind == Entry::Kind::Text) entry.tag = tag_before(offset);
        if (entry.is_editable()) entry.note = std::exchange(note_, {});
        entries_.push_back(std::move(entry));
    }

    static constexpr std::string_view kLabel = "label ";

    std::string_view source_;
    const HtmlState* html_ = nullptr;  ///< the parser's own, which lives as long as it tells
    std::vector<std::string> blocks_;  ///< those that are open
    std::vector<TagBlock> tag_blocks_;
    std::string note_;  ///< for the next editable entry
    std::optional<std::size_t> text_begin_;
    std::optional<std::size_t> value_begin_;
    Entry::Kind value_kind_ = Entry::Kind::Label;
    std::size_t tag_begin_ = 0;
    std::size_t tag_end_ = 0;
    std::vector<Entry> entries_;
    std::size_t counts_[7] = {};
    int line_ = 1;
    std::size_t counted_ = 0;
};

/// As text in the source: neither markup nor the template language can begin in it.
std::string as_source(std::string_view text, Entry::Kind kind) {
    std::string plain(text);
    plain.erase(std::remove(plain.begin(), plain.end(), '\r'), plain.end());  // forms send line ends as CR LF
    const std::string escaped = kind == Entry::Kind::Text ? html::escape_text(plain) : html::escape_attribute(plain);
    std::string source;
    for (const char c : escaped) {
        if (c == '{') {
            source += "&#123;";
        } else {
            source += c;
        }
    }
    return source;
}

[[noreturn]] void refuse_text(std::string message) {
    throw base::Error(base::Kind::BadInput, std::move(message));
}

}  // namespace

std::vector<Entry> outline(const Template& page) {
    Outliner outliner(page.source());
    parse_program(page.name(), std::string(page.source()), &outliner);
    return outliner.take();
}

std::vector<TagBlock> list_tag_blocks(const Template& page) {
    Outliner outliner(page.source());
    parse_program(page.name(), std::string(page.source()), &outliner);
    return outliner.take_tag_blocks();
}

std::string with_text(const Template& page, std::string_view id, std::string_view text) {
    const auto entries = outline(page);
    const auto entry = std::find_if(entries.begin(), entries.end(), [&](const Entry& one) { return one.id == id; });
    if (entry == entries.end() || !entry->is_editable()) {
        throw base::Error(
            base::Kind::NotFound,
            fmt::format("テンプレート「{}」に、書き換えられる項目「{}」がありません。画面を開き直してください。",
                        page.name(), id));
    }
    const std::string_view source = page.source();
    if (text == entry->text) return std::string(source);
    if (!base::is_utf8(text)) refuse_text("文字コードがUTF-8ではありません。");
    if (text.size() > kLongestText) refuse_text("長すぎます。64KiB以内にしてください。");
    text = base::trim(text);
    if (text.empty()) refuse_text("空にはできません。要素ごと取り除くには、テンプレートの編集画面を使ってください。");
    const std::string written = as_source(text, entry->kind);
    if (entry->kind == Entry::Kind::Link && !is_safe_url(written, Place::Url)) {
        refuse_text("このリンク先は使えません。http、https、mailto、tel、またはサイト内のパスを指定してください。");
    }
    return fmt::format("{}{}{}", source.substr(0, entry->offset), written,
                       source.substr(entry->offset + entry->length));
}

}  // namespace tmpl

#include "press/content/inner/body_text.h"

#include "ground/base/error.h"
#include "ground/base/text.h"

namespace content {

namespace {

class BodyReader {
  public:
    explicit BodyReader(std::string_view text) : text_(text) {}

    Body read() {
        Body body;
        each_member([&](const std::string& key) {
            if (key == "title")
                body.title = string();
            else if (key == "description")
                body.description = string();
            else if (key == "template")
                body.template_name = string();
            else if (key == "parts")
                each_member([&](const std::string& name) { body.parts[name] = string(); });
            else if (key == "categories")
                each_item([&] { body.categories.push_back(string()); });
            else if (key == "attachments")
                each_item([&] { body.attachments.push_back(attachment()); });
            else
                fail("an unknown key");
        });
        if (at_ != text_.size()) fail("more text after the end");
        return body;
    }

  private:
    [[noreturn]] void fail(std::string_view what) const {
        throw base::Error(base::Kind::Damaged,
                          fmt::format("a stored revision cannot be read: {} at byte {}", what, at_));
    }

    bool take(char c) {
        if (at_ >= text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    void expect(char c) {
        if (!take(c)) fail(fmt::format("no {}", c));
    }

    template <class Take>
    void each_member(const Take& take_member) {
        expect('{');
        if (take('}')) return;
        do {
            const std::string key = string();
            expect(':');
            take_member(key);
        } while (take(','));
        expect('}');
    }
    template <class Take>
    void each_item(const Take& take_item) {
        expect('[');
        if (take(']')) return;
        do take_item();
        while (take(','));
        expect(']');
    }

    Attachment attachment() {
        Attachment one;
        bool has_hash = false;
        each_member([&](const std::string& key) {
            if (key == "path")
                one.path = string();
            else if (key == "type")
                one.type = string();
            else if (key == "title")
                one.title = string();
            else if (key == "size")
                one.size = number();
            else if (key == "hash") {
                const auto hash = base::Hash::find_hex(string());
                if (!hash) fail("an attachment without a valid hash");
                one.hash = *hash;
                has_hash = true;
            } else
                fail("an unknown key");
        });
        if (!has_hash) fail("an attachment without a hash");
        return one;
    }

    std::int64_t number() {
        const std::size_t from = at_;
        std::int64_t value = 0;
        while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9' && at_ - from < 18)
            value = value * 10 + (text_[at_++] - '0');
        if (at_ == from) fail("no number");
        return value;
    }

    std::string string() {
        expect('"');
        std::string out;
        for (;;) {
            // Quotes and backslashes are rare in running text: find both by leaps, copy what lies before in one go.
            if (quote_ < at_ || quote_ == 0) quote_ = std::min(text_.find('"', at_), text_.size());
            if (backslash_ < at_ || backslash_ == 0) backslash_ = std::min(text_.find('\\', at_), text_.size());
            const std::size_t end = std::min(quote_, backslash_);
            if (end == text_.size()) fail("a text without end");
            out += text_.substr(at_, end - at_);
            at_ = end + 1;
            if (end == quote_) return out;
            escape(out);
        }
    }

    void escape(std::string& out) {
        static constexpr std::pair<char, char> kShort[] = {{'n', '\n'}, {'"', '"'},  {'\\', '\\'}, {'/', '/'},
                                                           {'t', '\t'}, {'r', '\r'}, {'b', '\b'},  {'f', '\f'}};
        if (at_ >= text_.size()) fail("a text without end");
        const char c = text_[at_++];
        for (const auto& [letter, meant] : kShort)
            if (letter == c) {
                out += meant;
                return;
            }
        if (c != 'u') fail("an unknown escape");
        char32_t code = four_digits();
        if (code >= 0xDC00 && code < 0xE000) fail("half a character");
        if (code >= 0xD800 && code < 0xDC00) {
            expect('\\');
            expect('u');
            const char32_t low = four_digits();
            if (low < 0xDC00 || low >= 0xE000) fail("half a character");
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        }
        base::append_utf8(out, code);
    }

    char32_t four_digits() {
        char32_t code = 0;
        for (int i = 0; i < 4; ++i) {
            const char c = at_ < text_.size() ? text_[at_++] : '\0';
            if (c >= '0' && c <= '9')
                code = code * 16 + static_cast<char32_t>(c - '0');
            else if (c >= 'a' && c <= 'f')
                code = code * 16 + static_cast<char32_t>(c - 'a' + 10);
            else if (c >= 'A' && c <= 'F')
                code = code * 16 + static_cast<char32_t>(c - 'A' + 10);
            else
                fail("no character number");
        }
        return code;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t quote_ = 0, backslash_ = 0;  ///< the next ones at or after `at_`; the text's size when there is none
};

}  // namespace

Body read_body_text(std::string_view text) {
    return BodyReader(text).read();
}

}  // namespace content

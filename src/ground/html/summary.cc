// The Summary of a page, from its tokens alone.
#include <algorithm>
#include <array>

#include "ground/base/text.h"
#include "ground/html/escape.h"
#include "ground/html/inner/ascii.h"
#include "ground/html/inner/links.h"
#include "ground/html/scan.h"

namespace html {

namespace {

class Summariser {
  public:
    Summariser(std::string_view bytes, Encoding encoding) : bytes_(bytes), encoding_(encoding) {}

    Summary run() {
        std::string masked;
        if (encoding_ == Encoding::Iso2022Jp) masked = mask(bytes_, encoding_);
        const std::string_view syntax = masked.empty() ? bytes_ : std::string_view(masked);
        Scanner scanner(syntax);
        Token token;
        while (scanner.next(token)) {
            const std::string_view tag = scanner.tag();
            switch (token.type) {
                case TokenType::StartTag:
                    if (!token.attributes.empty() || tag == "h1" || tag == "title" || tag == "frameset") {
                        take_start(token, tag, syntax);
                    }
                    break;
                case TokenType::EndTag:
                    if (tag == "h1") finish_h1();
                    break;
                case TokenType::Text:
                    take_text(token);
                    break;
                default:
                    break;
            }
            was_title_ = token.type == TokenType::StartTag && tag == "title";
        }
        finish_h1();
        return std::move(summary_);
    }

  private:
    std::string text_in(Span span, In place) const {
        const Decoded decoded = decode(span.of(bytes_), encoding_);
        return decoded.utf8.find('&') == std::string::npos ? decoded.utf8 : unescape(decoded.utf8, place);
    }

    void take_text(const Token& token) {
        if (was_title_ && !has_title_) {
            summary_.title = collapse_blanks(text_in(token.span, In::Text));
            has_title_ = true;
        }
        if (is_in_h1_ && !token.is_raw) h1_ += text_in(token.span, In::Text);
    }

    void finish_h1() {
        if (is_in_h1_) summary_.h1.push_back(collapse_blanks(h1_));
        is_in_h1_ = false;
        h1_.clear();
    }

    void take_start(const Token& token, std::string_view tag, std::string_view syntax) {
        if (tag == "frameset") summary_.has_frameset = true;
        if (tag == "h1") {
            finish_h1();
            is_in_h1_ = true;
        }
        names_.clear();
        values_.clear();
        spans_.clear();
        for (const ScannedAttribute& attribute : token.attributes) {
            std::string name = base::to_lower(attribute.name.of(syntax));
            if (std::find(names_.begin(), names_.end(), name) != names_.end()) continue;  // the first of doubles counts
            names_.push_back(std::move(name));
            values_.push_back(is_wanted(names_.back()) ? text_in(attribute.value, In::Attribute) : std::string());
            spans_.push_back(attribute.value);
        }
        const auto find = [&](std::string_view name) -> std::string_view {
            const auto at = std::find(names_.begin(), names_.end(), name);
            return at == names_.end() ? std::string_view{} : values_[static_cast<std::size_t>(at - names_.begin())];
        };
        if (const auto id = find("id"); !id.empty()) summary_.ids.emplace_back(id);
        if (tag == "a" && !find("name").empty() && find("name") != find("id")) summary_.ids.emplace_back(find("name"));
        if (tag == "html" && summary_.lang.empty()) {
            summary_.lang = trim_blanks(find("lang").empty() ? find("xml:lang") : find("lang"));
        }
        if (tag == "base" && summary_.base_href.empty()) summary_.base_href = trim_blanks(find("href"));
        if (tag == "meta") take_meta(find("name"), find("content"));
        links_.clear();
        for (std::size_t i = 0; i < names_.size(); ++i) links_.push_back({names_[i], values_[i], spans_[i]});
        append_links(summary_.links, tag, token.span, links_);
    }

    /// Attributes that nobody asks for need no decoding.
    static bool is_wanted(std::string_view name) {
        constexpr std::array<std::string_view, 22> kWanted = {
            "href",   "src",  "id",     "name",       "content",    "lang",   "xml:lang", "rel",       "http-equiv",
            "srcset", "data", "poster", "xlink:href", "formaction", "action", "cite",     "background"};
        return std::find(kWanted.begin(), kWanted.end(), name) != kWanted.end();
    }

    void take_meta(std::string_view name, std::string_view content) {
        if (base::equals_ignoring_case(name, "description") && summary_.description.empty()) {
            summary_.description = collapse_blanks(content);
        }
        if (base::equals_ignoring_case(name, "robots")) {
            const std::string words = base::to_lower(content);
            if (words.find("noindex") != std::string::npos || words.find("none") != std::string::npos) {
                summary_.is_noindex = true;
            }
        }
    }

    std::string_view bytes_;
    Encoding encoding_;
    Summary summary_;
    bool was_title_ = false;
    bool has_title_ = false;
    bool is_in_h1_ = false;
    std::string h1_;
    std::vector<std::string> names_;
    std::vector<std::string> values_;
    std::vector<Span> spans_;
    std::vector<LinkAttribute> links_;
};

}  // namespace

std::size_t Summary::count(LinkKind kind) const {
    return static_cast<std::size_t>(
        std::count_if(links.begin(), links.end(), [kind](const Link& link) { return link.kind == kind; }));
}

Summary summarise(std::string_view bytes, Encoding encoding) {
    if (is_ascii_compatible(encoding)) return Summariser(bytes, encoding).run();
    const Decoded decoded = decode(bytes, encoding);
    return Summariser(decoded.utf8, Encoding::Utf8).run();
}

}  // namespace html

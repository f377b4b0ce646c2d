#include "press/intake/references.h"

#include "ground/base/error.h"
#include "ground/base/media_type.h"
#include "ground/base/text.h"
#include "ground/html/encoding.h"
#include "ground/html/escape.h"
#include "ground/html/scan.h"

namespace intake {

namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/// Reads CSS as far as it takes to find addresses: comments, strings, and url().
class CssReader {
  public:
    explicit CssReader(std::string_view text) : text_(text) {}

    std::vector<std::string> read() {
        bool is_import = false;
        while (at_ < text_.size()) {
            if (looks_at("/*")) {
                at_ = std::min(text_.find("*/", at_ + 2), text_.size() - 2) + 2;
            } else if (text_[at_] == '"' || text_[at_] == '\'') {
                std::string value = string();
                if (is_import) add(std::move(value));
                is_import = false;
            } else if (looks_at("url(") && !is_after_word()) {
                at_ += 4;
                add(url());
                is_import = false;
            } else {
                if (text_[at_] == ';') is_import = false;
                const bool begins_import = looks_at("@import");
                if (begins_import) is_import = true;
                at_ += begins_import ? 7 : 1;
            }
        }
        return std::move(found_);
    }

  private:
    bool looks_at(std::string_view word) const {
        return base::equals_ignoring_case(text_.substr(at_, word.size()), word);
    }
    bool is_after_word() const {
        if (at_ == 0) return false;
        const char c = text_[at_ - 1];
        return base::to_lower(std::string_view(&c, 1)).find_first_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == 0;
    }
    void add(std::string address) {
        if (!address.empty()) found_.push_back(std::move(address));
    }
    void escape(std::string& to) {
        if (++at_ >= text_.size()) return;
        char32_t code = 0;
        int digits = 0;
        while (at_ < text_.size() && digits < 6) {
            const char c = text_[at_];
            const int value = c >= '0' && c <= '9'   ? c - '0'
                              : c >= 'a' && c <= 'f' ? c - 'a' + 10
                              : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                     : -1;
            if (value < 0) break;
            code = code * 16 + static_cast<char32_t>(value);
            ++digits;
            ++at_;
        }
        if (digits == 0) {
            if (text_[at_] != '\n') to += text_[at_];
            ++at_;
            return;
        }
        if (at_ < text_.size() && is_blank(text_[at_])) ++at_;
        base::append_utf8(to, code == 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000) ? U'\uFFFD' : code);
    }
    std::string string() {
        const char quote = text_[at_++];
        std::string value;
        while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n') {
            if (text_[at_] == '\\')
                escape(value);
            else
                value += text_[at_++];
        }
        if (at_ < text_.size()) ++at_;
        return value;
    }
    std::string url() {
        while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
        if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) return string();
        std::string value;
        while (at_ < text_.size() && text_[at_] != ')') {
            if (text_[at_] == '\\')
                escape(value);
            else
                value += text_[at_++];
        }
        return std::string(base::trim(value));
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<std::string> found_;
};

void append(std::vector<std::string>& to, std::vector<std::string> more) {
    for (std::string& one : more) to.push_back(std::move(one));
}

/// <style> elements and style attributes.
void append_styles(std::vector<std::string>& to, std::string_view utf8) {
    html::Scanner scanner(utf8);
    html::Token token;
    bool is_style = false;
    while (scanner.next(token)) {
        if (token.type == html::TokenType::Text && is_style) append(to, css_references(token.span.of(utf8)));
        if (token.type == html::TokenType::StartTag) {
            is_style = scanner.tag() == "style";
            for (const html::ScannedAttribute& attribute : token.attributes)
                if (base::equals_ignoring_case(attribute.name.of(utf8), "style"))
                    append(to, css_references(html::unescape(attribute.value.of(utf8))));
        } else if (token.type == html::TokenType::EndTag) {
            is_style = false;
        }
    }
}

bool is_followed(const html::Link& link) {
    if (link.url.empty() || link.kind == html::LinkKind::Form || link.kind == html::LinkKind::Citation) return false;
    const std::string rel = base::to_lower(link.rel);
    return rel != "dns-prefetch" && rel != "preconnect";
}

References of_html(std::string_view bytes, std::string_view charset) {
    const html::Encoding encoding =
        html::detect_encoding(bytes, charset.empty() ? std::nullopt : std::optional(charset)).encoding;
    html::Summary summary = html::summarise(bytes, encoding);
    References found;
    found.base_href = std::move(summary.base_href);
    for (html::Link& link : summary.links)
        if (is_followed(link)) found.pages.push_back(std::move(link.url));
    append_styles(found.pages, html::decode(bytes, encoding).utf8);
    return found;
}

/// <loc> of a sitemap or of an index of sitemaps. The tokeniser of HTML is enough for that much XML.
References of_sitemap(std::string_view bytes) {
    References found;
    html::Scanner scanner(bytes);
    html::Token token;
    bool is_index = false, is_loc = false;
    while (scanner.next(token)) {
        const std::string_view tag = scanner.tag();
        if (token.type == html::TokenType::StartTag) {
            if (tag == "sitemapindex") is_index = true;
            is_loc = tag == "loc" || tag == "image:loc";
        } else if (token.type == html::TokenType::EndTag) {
            is_loc = false;
        } else if (is_loc && (token.type == html::TokenType::Text || token.type == html::TokenType::Cdata)) {
            const std::string_view raw =
                token.type == html::TokenType::Cdata ? token.name.of(bytes) : token.span.of(bytes);
            (is_index ? found.sitemaps : found.pages).push_back(base::to_valid_utf8(html::unescape(base::trim(raw))));
        }
    }
    return found;
}

}  // namespace

Form form_of(std::string_view content_type, std::string_view path, bool is_sitemap) {
    const std::string type = base::to_lower(base::trim(content_type.substr(0, content_type.find(';'))));
    if (type == "text/html" || type == "application/xhtml+xml") return Form::Html;
    if (type == "text/css") return Form::Css;
    if (is_sitemap && path.ends_with(".xml")) return Form::Sitemap;
    if (!type.empty() && type != "application/octet-stream" && type != "text/plain") return Form::Other;
    if (base::is_page_path(path)) return Form::Html;
    return base::media_type(path) == "text/css" ? Form::Css : Form::Other;
}

std::vector<std::string> css_references(std::string_view utf8) {
    return CssReader(utf8).read();
}

References find_references(std::string_view bytes, Form form, std::string_view header_charset) {
    try {
        switch (form) {
            case Form::Html:
                return of_html(bytes, header_charset);
            case Form::Sitemap:
                return of_sitemap(bytes);
            case Form::Css: {
                const auto charset = header_charset.empty() ? std::nullopt : std::optional(header_charset);
                return {
                    {}, css_references(html::decode(bytes, html::detect_encoding(bytes, charset).encoding).utf8), {}};
            }
            case Form::Other:
                break;
        }
    } catch (const base::Error&) {
        // A page too broken to be summarised comes in as a file; it leads nowhere.
    }
    return {};
}

}  // namespace intake

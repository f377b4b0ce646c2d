#include "watch/content/subject.h"

#include <algorithm>
#include <cctype>

#include "ground/base/error.h"
#include "ground/base/media_type.h"
#include "ground/base/text.h"
#include "ground/html/escape.h"
#include "ground/html/scan.h"

namespace content {

namespace {

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> list) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

Format format_of_ending(std::string_view path, std::string_view ending) {
    if (base::is_page_path(path)) return Format::Page;
    if (is_one_of(ending, {"svg", "svgz"})) return Format::Svg;
    if (is_one_of(ending, {"js", "mjs", "cjs"})) return Format::Script;
    if (ending == "pdf") return Format::Pdf;
    if (is_one_of(ending, {"zip", "docx", "xlsx", "pptx", "docm", "xlsm", "pptm", "odt", "ods", "odp", "jar", "epub"}))
        return Format::Zip;
    if (is_one_of(ending, {"exe", "msi", "dll", "com", "scr", "so"})) return Format::Program;
    const std::string_view type = base::media_type(path);
    if (type.starts_with("image/")) return Format::Image;
    return base::is_text_type(type) ? Format::Text : Format::Other;
}

bool is_windows_program(std::string_view bytes) {
    if (!bytes.starts_with("MZ") || bytes.size() < 64) return false;
    const auto at = static_cast<unsigned char>(bytes[60]) + 256U * static_cast<unsigned char>(bytes[61]);
    return bytes.size() > at + 4 && bytes.substr(at, 4) == std::string_view("PE\0\0", 4);
}

Format format_of_bytes(std::string_view bytes) {
    using namespace std::string_view_literals;
    for (const auto magic :
         {"\xFF\xD8\xFF"sv, "\x89PNG\r\n\x1A\n"sv, "GIF87a"sv, "GIF89a"sv, "II*\0"sv, "MM\0*"sv, "\0\0\1\0"sv})
        if (bytes.starts_with(magic)) return Format::Image;
    if (bytes.starts_with("RIFF") && bytes.substr(0, 12).ends_with("WEBP")) return Format::Image;
    if (bytes.starts_with("%PDF-")) return Format::Pdf;
    if (bytes.starts_with("PK\x03\x04")) return Format::Zip;
    if (bytes.starts_with("\x7F"
                          "ELF") ||
        bytes.starts_with("#!/") || is_windows_program(bytes))
        return Format::Program;
    std::string_view head = bytes.substr(0, 1024);
    if (head.starts_with("\xEF\xBB\xBF")) head.remove_prefix(3);
    const std::string start = base::to_lower(base::trim(head));
    for (const auto tag : {"<!doctype html", "<html", "<head", "<body", "<script", "<iframe", "<meta "})
        if (start.starts_with(tag)) return Format::Page;
    if (start.starts_with("<svg") || (start.starts_with("<?xml") && start.find("<svg") != std::string::npos))
        return Format::Svg;
    if (start.starts_with("<?xml") && start.find("<html") != std::string::npos) return Format::Page;
    return Format::Other;
}

/// Text as far as a look at its beginning tells.
bool looks_like_text(std::string_view bytes) {
    const std::string_view head = bytes.substr(0, 4096);
    return std::none_of(head.begin(), head.end(),
                        [](unsigned char c) { return c < ' ' && (c < '\t' || c > '\r') && c != 27; });
}

bool is_program_type(std::string_view type) {
    const std::string lower = base::to_lower(base::trim(type));
    return lower.empty() || lower == "module" || lower.find("script") != std::string::npos;
}

}  // namespace

std::string_view Tag::attribute(std::string_view wanted) const {
    for (const auto& [key, value] : attributes)
        if (key == wanted) return value;
    return {};
}

Subject::Subject(std::string_view bytes, std::string_view path, const SiteHosts& hosts)
    : bytes_(bytes), path_(path), text_(bytes), hosts_(hosts) {
    name_ = base::to_lower(path.substr(path.rfind('/') + 1));
    if (const auto dot = name_.rfind('.'); dot != std::string::npos) ending_ = name_.substr(dot + 1);
    claimed_ = format_of_ending(path, ending_);
    actual_ = format_of_bytes(bytes);
    is_text_ = claimed_ == Format::Page || claimed_ == Format::Svg || claimed_ == Format::Script ||
               claimed_ == Format::Text || actual_ == Format::Page || actual_ == Format::Svg ||
               (claimed_ == Format::Other && looks_like_text(bytes));
    // An image that begins with a page's tag is text to browsers; what begins as an image is none, whatever its name.
    if (actual_ == Format::Image || actual_ == Format::Zip || actual_ == Format::Pdf) is_text_ = false;
    if (!is_text_) return;
    const html::Encoding encoding = html::detect_encoding(bytes).encoding;
    if (encoding == html::Encoding::Utf8Bom) {
        shift_ = 3;
        text_ = bytes.substr(3);
    } else if (encoding != html::Encoding::Utf8 || !base::is_utf8(bytes)) {
        mapped_ = std::make_unique<html::MappedText>(html::decode_mapped(bytes, encoding));
        text_ = mapped_->utf8;
    }
}

Subject::~Subject() = default;

const std::string& Subject::lower() const {
    if (!lower_) lower_ = base::to_lower(text_);
    return *lower_;
}

const std::vector<Tag>& Subject::tags() const {
    if (!tags_) read_tags();
    return *tags_;
}

const std::vector<html::Span>& Subject::scripts() const {
    if (!scripts_) read_tags();
    return *scripts_;
}

void Subject::read_tags() const {
    tags_.emplace();
    scripts_.emplace();
    if (!is_text_) return;
    if (!is_page() && !is_svg()) {
        if (claimed_ == Format::Script) scripts_->push_back({0, text_.size()});
        return;
    }
    html::Scanner scanner(text_);
    html::Token token;
    bool is_in_body = false;  // of the last script or style
    while (scanner.next(token)) {
        if (is_in_body && (token.type == html::TokenType::Text || token.type == html::TokenType::Cdata)) {
            Tag& tag = tags_->back();
            const html::Span words = token.type == html::TokenType::Cdata ? token.name : token.span;
            tag.body = {tag.body.is_empty() ? words.begin : tag.body.begin, words.end};
            continue;
        }
        if (is_in_body && token.type == html::TokenType::EndTag) is_in_body = false;
        if (token.type != html::TokenType::StartTag) continue;
        const std::string_view name = scanner.tag();
        bool is_kept = is_one_of(name, {"script", "style", "iframe", "frame", "object", "embed", "form", "input",
                                        "button", "meta", "base", "link", "foreignobject", "marquee", "title"});
        const bool is_link = name == "a" || name == "area";
        for (const html::ScannedAttribute& one : token.attributes) {
            if (is_kept) break;
            const std::string_view key = one.name.of(text_);
            const std::string_view value = one.value.of(text_);
            if (key.size() > 2 && (key[0] == 'o' || key[0] == 'O') && (key[1] == 'n' || key[1] == 'N'))
                is_kept = true;
            else if (base::equals_ignoring_case(key, "style"))
                is_kept = hides(value);
            else if (base::equals_ignoring_case(key, "hidden"))
                is_kept = true;
            else if (is_link && base::equals_ignoring_case(key, "href"))
                is_kept = value.find("//") != std::string_view::npos || value.find('\\') != std::string_view::npos ||
                          value.find(':') != std::string_view::npos;
            else if (base::equals_ignoring_case(key, "xlink:href") || base::equals_ignoring_case(key, "srcdoc"))
                is_kept = true;
        }
        if (!is_kept) continue;
        Tag tag;
        tag.name = name;
        tag.span = token.span;
        for (const html::ScannedAttribute& one : token.attributes)
            tag.attributes.emplace_back(base::to_lower(one.name.of(text_)),
                                        html::unescape(one.value.of(text_), html::In::Attribute));
        if (name == "base" && base_host_.empty())
            if (const auto host = find_host(tag.attribute("href"))) base_host_ = *host;
        is_in_body = (name == "script" || name == "style") && !token.is_self_closing;
        tags_->push_back(std::move(tag));
    }
    for (const Tag& tag : *tags_)
        if (tag.name == "script" && !tag.body.is_empty() && is_program_type(tag.attribute("type")))
            scripts_->push_back(tag.body);
}

const html::Document* Subject::tree() const {
    if (!has_tried_tree_) {
        has_tried_tree_ = true;
        try {
            tree_ = html::Document::parse(text_, html::Encoding::Utf8);
        } catch (const base::Error&) {
            problem_ = "入れ子が深すぎるなど、ページとして読み取れない部分があります。";
        }
    }
    return tree_ ? &*tree_ : nullptr;
}

std::string Subject::host_of(std::string_view url) const {
    tags();  // knows the base
    const auto host = find_host(url);
    return host ? *host : base_host_;
}

bool Subject::is_foreign(std::string_view url) const {
    const std::string host = host_of(url);
    return !host.empty() && !hosts_.contains(host);
}

std::optional<std::string> find_host(std::string_view url) {
    std::string address;  // as browsers clean it
    for (const char c : url)
        if (c != '\t' && c != '\n' && c != '\r') address += c == '\\' ? '/' : c;
    const auto start =
        std::find_if(address.begin(), address.end(), [](char c) { return static_cast<unsigned char>(c) > ' '; });
    address.erase(address.begin(), start);
    const std::string lower = base::to_lower(address);
    std::size_t at = 0;
    if (lower.starts_with("http:") || lower.starts_with("https:") || lower.starts_with("ws:") ||
        lower.starts_with("wss:") || lower.starts_with("ftp:")) {
        at = lower.find(':') + 1;
        if (at >= lower.size() || lower[at] != '/') return std::nullopt;  // "http:a.html" is a relative address
    } else if (!lower.starts_with("//")) {
        const auto end = lower.find_first_of(":/?#");
        return end != std::string::npos && lower[end] == ':' ? std::optional<std::string>("") : std::nullopt;
    }
    while (at < lower.size() && lower[at] == '/') ++at;
    std::string host = lower.substr(at, lower.find_first_of("/?#", at) - at);
    if (const auto user = host.rfind('@'); user != std::string::npos) host.erase(0, user + 1);
    const auto colon = host.rfind(':');
    if (colon != std::string::npos && host.find(']', colon) == std::string::npos) host.resize(colon);
    while (host.ends_with('.')) host.pop_back();
    return host;
}

bool is_address(std::string_view host) {
    if (host.starts_with('[')) return true;
    if (host.empty()) return false;
    // "0x7f000001" and "2130706433" are addresses to browsers: the last part decides, as in the URL standard.
    const std::string_view last = host.substr(host.rfind('.') + 1);
    if (last.starts_with("0x"))
        return std::all_of(last.begin() + 2, last.end(), [](unsigned char c) { return std::isxdigit(c) != 0; });
    return !last.empty() && std::all_of(last.begin(), last.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

bool hides(std::string_view style) {
    std::string css;
    for (const char c : base::to_lower(style))
        if (static_cast<unsigned char>(c) > ' ') css += c;
    for (const auto word : {"display:none", "visibility:hidden", "visibility:collapse", "font-size:0", "clip:rect(0"})
        if (css.find(word) != std::string::npos) return true;
    // Moved so far off that no screen shows it; themes shift things by a few pixels all the time.
    for (const std::string_view property : {"left:-", "top:-", "right:-", "bottom:-", "text-indent:-"})
        for (auto at = css.find(property); at != std::string::npos; at = css.find(property, at + 1)) {
            const std::string_view value = std::string_view(css).substr(at + property.size());
            const auto end = std::min(value.find_first_not_of("0123456789"), value.size());
            const bool is_in_letters = value.substr(end).starts_with("em") || value.substr(end).starts_with("rem");
            if (end >= 4 || (end == 3 && value[0] >= (is_in_letters ? '1' : '5')) ||
                (end == 2 && is_in_letters && value[0] >= '5'))
                return true;
        }
    // A number of nought, and not "0.5": opacity, and a box without area whose content is cut off.
    const auto is_nought = [&](std::string_view property) {
        for (auto at = css.find(property); at != std::string::npos; at = css.find(property, at + 1)) {
            if (at > 0 && css[at - 1] != ';') continue;
            std::string_view value = std::string_view(css).substr(at + property.size());
            value = value.substr(0, value.find_first_of(";!"));
            if (value == "0" || value == "0px" || value == "1px" || value == "0%" || value == "0.0") return true;
        }
        return false;
    };
    if (is_nought("opacity:")) return true;
    return (is_nought("width:") || is_nought("height:")) && css.find("overflow:hidden") != std::string::npos;
}

bool is_hidden(const Tag& tag) {
    for (const auto& [key, value] : tag.attributes) {
        if (key == "hidden") return true;
        if (key == "style" && hides(value)) return true;
        const bool is_box = key == "width" || key == "height";
        const std::string_view size = base::trim(value);
        if (is_box && (size == "0" || size == "1" || size == "0px" || size == "1px")) return true;
    }
    return false;
}

}  // namespace content

// The one file that uses GMime (LGPL): it finds the parts and takes off their transfer encodings; charsets are read by
// ourselves (words.h), since iconv knows only what the standards say.
#include "office/mailbox/letter.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <gmime/gmime.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/html/document.h"
#include "ground/mail/mail.h"
#include "office/mailbox/automatic.h"
#include "office/mailbox/words.h"

// GMime's casts are macros with C casts in them.
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wpedantic"

namespace mailbox {

namespace {

using base::Error;

struct Unref {
    void operator()(void* object) const { g_object_unref(object); }
};
template <class Object>
using Handle = std::unique_ptr<Object, Unref>;
struct Free {
    void operator()(char* text) const { g_free(text); }
};
using GText = std::unique_ptr<char, Free>;

struct FreeOptions {
    void operator()(GMimeParserOptions* options) const { g_mime_parser_options_free(options); }
};

constexpr std::size_t kMostNested = 60;  // multiparts and mails within the mail, before it is parsed at all
constexpr std::size_t kMostText = 4U << 20U;
constexpr std::size_t kMostHeader = 512U << 10U;

std::string_view text_or_empty(const char* text) {
    return text == nullptr ? std::string_view{} : std::string_view(text);
}

std::size_t count(std::string_view bytes, std::string_view lower_case, std::size_t enough) {
    std::size_t found = 0;
    for (std::size_t at = 0; at + lower_case.size() <= bytes.size() && found < enough; ++at)
        if (base::equals_ignoring_case(bytes.substr(at, 1), lower_case.substr(0, 1)) &&
            base::equals_ignoring_case(bytes.substr(at, lower_case.size()), lower_case))
            ++found;
    return found;
}

/// GMime descends by calling itself: what would go too deep never gets there.
void need_shallow(std::string_view bytes) {
    const std::size_t header = std::min(bytes.find("\n\n"), bytes.find("\n\r\n"));
    if (std::min(header, bytes.size()) > kMostHeader)
        throw Error(base::Kind::BadInput, "メールの見出しが長すぎるため、読み取れません。");
    if (count(bytes, "multipart/", kMostNested) >= kMostNested || count(bytes, "message/", kMostNested) >= kMostNested)
        throw Error(base::Kind::BadInput, "メールの入れ子が深すぎるため、読み取れません。");
}

std::string raw_field(GMimeObject* object, std::string_view name) {
    GMimeHeader* header =
        g_mime_header_list_get_header(g_mime_object_get_header_list(object), std::string(name).c_str());
    return header == nullptr ? std::string() : std::string(text_or_empty(g_mime_header_get_raw_value(header)));
}

std::string content_of(GMimePart* part, std::size_t most) {
    GMimeDataWrapper* content = g_mime_part_get_content(part);
    if (content == nullptr) return {};
    const Handle<GMimeStream> to(g_mime_stream_mem_new());
    if (g_mime_data_wrapper_write_to_stream(content, to.get()) < 0) return {};
    const GByteArray* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(to.get()));
    if (bytes == nullptr || bytes->data == nullptr) return {};
    return {reinterpret_cast<const char*>(bytes->data), std::min<std::size_t>(bytes->len, most)};
}

/// "<a@b> <c@d>" as its ids.
void add_ids(std::string_view text, std::vector<std::string>& to) {
    while (to.size() < kMostReferences) {
        const std::size_t start = text.find('<'), end = text.find('>', std::min(start, text.size()));
        if (end == std::string_view::npos) return;
        const std::string_view id = text.substr(start, end - start + 1);
        if (mail::is_message_id(id) && std::find(to.begin(), to.end(), id) == to.end()) to.emplace_back(id);
        text.remove_prefix(end + 1);
    }
}

/// Addresses of a list of mailboxes, whatever their names are.
void add_addresses(std::string_view raw, std::vector<std::string>& to) {
    constexpr std::string_view kEnds = " \t\r\n,;:<>()\"";
    while (to.size() < kMostReferences) {
        const std::size_t start = raw.find_first_not_of(kEnds);
        if (start == std::string_view::npos) return;
        raw.remove_prefix(start);
        const std::string_view word = raw.substr(0, raw.find_first_of(kEnds));
        raw.remove_prefix(word.size());
        if (mail::is_address(word)) to.push_back(base::to_lower(word));
    }
}

/// With a line for each block; what is hidden or run is not text.
std::string text_of_html(std::string_view html) {
    std::string broken;
    for (std::size_t i = 0; i < html.size(); ++i) {
        if (html[i] == '<')
            for (const std::string_view tag : {"<br", "</p", "</div", "</tr", "</li", "</h"})
                if (base::equals_ignoring_case(html.substr(i, tag.size()), tag)) broken += '\n';
        broken += html[i];
    }
    const auto document = html::Document::parse(broken, html::Encoding::Utf8);
    if (document.body() == html::kNoNode) return {};
    const std::string whole = document.text_of(document.body());
    std::string text;
    for (const std::string_view line : base::split(whole, '\n'))
        if (const std::string_view kept = base::trim(line); !kept.empty()) (text += kept) += '\n';
    return text;
}

class Reading {
  public:
    explicit Reading(Letter& letter) : letter_(letter) {}

    void take(GMimeObject* object, int depth) {
        if (object == nullptr) return;
        if (++parts_ > kMostParts || depth > kDeepest) {
            letter_.was_cut = true;
            return;
        }
        if (GMIME_IS_MULTIPART(object)) {
            auto* multipart = GMIME_MULTIPART(object);
            const int parts = g_mime_multipart_get_count(multipart);
            for (int i = 0; i < parts && parts_ <= kMostParts; ++i)
                take(g_mime_multipart_get_part(multipart, i), depth + 1);
        } else if (GMIME_IS_MESSAGE_PART(object)) {
            // A mail within the mail is a file, whatever it holds.
            const GText whole(g_mime_object_to_string(object, nullptr));
            letter_.files.push_back({"message.eml", std::string(text_or_empty(whole.get()))});
        } else if (GMIME_IS_PART(object)) {
            take_part(GMIME_PART(object));
        }
    }

    /// The text as it was written, else the HTML's.
    std::string text() const { return base::trim(plain_).empty() ? html_ : plain_; }

  private:
    void take_part(GMimePart* part) {
        auto* object = GMIME_OBJECT(part);
        GMimeContentType* type = g_mime_object_get_content_type(object);
        const char* disposition = g_mime_object_get_disposition(object);
        const std::string_view file_name = text_or_empty(g_mime_part_get_filename(part));
        const bool is_file = base::equals_ignoring_case(text_or_empty(disposition), "attachment") || !file_name.empty();
        const bool is_text = g_mime_content_type_is_type(type, "text", "*") != 0;
        if (is_file || !is_text) {
            letter_.files.push_back({decode_words(file_name, 200), content_of(part, SIZE_MAX)});
            return;
        }
        const std::string charset(text_or_empty(g_mime_object_get_content_type_parameter(object, "charset")));
        std::string text = decode_text(content_of(part, kMostText), charset);
        if (g_mime_content_type_is_type(type, "text", "html") != 0) {
            add(html_, text_of_html(text));
        } else {
            add(plain_, text);
        }
    }

    static void add(std::string& to, std::string_view text) {
        if (!to.empty()) to += "\n\n";
        to += text;
    }

    Letter& letter_;
    std::size_t parts_ = 0;
    std::string plain_, html_;
};

/// What follows is our own mail, quoted below the answer; the thread has it.
std::string without_quote(std::string_view text) {
    std::vector<std::string_view> lines = base::split(text, '\n');
    const auto is_quote = [](std::string_view line) {
        return base::trim(line).starts_with('>') || base::trim(line).starts_with("＞");
    };
    std::size_t end = lines.size();
    while (end > 0 && (base::trim(lines[end - 1]).empty() || is_quote(lines[end - 1]))) --end;
    if (end == 0) return std::string(base::trim(text));  // nothing but a quote: all of it
    std::string kept;
    for (std::size_t i = 0; i < end; ++i) (kept += lines[i]) += '\n';
    return std::string(base::trim(kept));
}

}  // namespace

Letter read_letter(std::string_view bytes) {
    static const bool is_started = (g_mime_init(), true);
    static_cast<void>(is_started);
    need_shallow(bytes);
    const Handle<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size()));
    const Handle<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
    const std::unique_ptr<GMimeParserOptions, FreeOptions> options(g_mime_parser_options_new());
    const char* charsets[] = {"utf-8", "iso-2022-jp", "cp932", "euc-jp", nullptr};
    g_mime_parser_options_set_fallback_charsets(options.get(), charsets);
    const Handle<GMimeMessage> message(g_mime_parser_construct_message(parser.get(), options.get()));
    if (!message) throw Error(base::Kind::BadInput, "メールとして読み取れません。");
    auto* object = GMIME_OBJECT(message.get());
    const auto field = [&](std::string_view name) { return raw_field(object, name); };

    Letter letter;
    letter.subject = decode_words(field("Subject"), 200);
    std::string from = decode_words(field("Reply-To").empty() ? field("From") : field("Reply-To"), 400);
    const std::size_t comma = from.find(">,");
    if (comma != std::string::npos) from.resize(comma + 1);
    if (const auto box = mail::find_mailbox(from)) {
        letter.from_address = box->address;
        letter.from_name = box->name;
        std::erase(letter.from_name, '"');
    }
    if (letter.from_name.empty()) letter.from_name = letter.from_address.empty() ? from : letter.from_address;
    letter.from_name = base::first_code_points(letter.from_name, kLongestName);
    for (const std::string_view name : {"To", "Cc"}) add_addresses(field(name), letter.to);
    std::vector<std::string> own;
    add_ids(field("Message-ID"), own);
    if (!own.empty()) letter.message_id = own.front();
    add_ids(field("References"), letter.references);
    add_ids(field("In-Reply-To"), letter.references);
    letter.automatic = why_automatic([&](std::string_view name) {
        // The parser takes the type out of the list of fields of a mail without a body.
        if (name != "Content-Type" || g_mime_message_get_mime_part(message.get()) == nullptr)
            return decode_words(field(name));
        const GText type(g_mime_content_type_get_mime_type(
            g_mime_object_get_content_type(g_mime_message_get_mime_part(message.get()))));
        return std::string(text_or_empty(type.get()));
    });
    Reading reading(letter);
    reading.take(g_mime_message_get_mime_part(message.get()), 0);
    const std::string text = without_quote(reading.text());
    letter.text = base::first_code_points(text, kLongestText);
    letter.was_cut = letter.was_cut || letter.text.size() < text.size();
    return letter;
}

}  // namespace mailbox

#include "ground/mail/mail.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"

namespace mail {
namespace {

using base::Error;
using base::Kind;

constexpr std::size_t kLongestLine = 76;  // without CRLF: RFC 2045 for base64, RFC 2047 for lines with encoded words
constexpr std::size_t kLongestWord = 75;  // RFC 2047 section 2
constexpr std::string_view kWordStart = "=?UTF-8?B?";
constexpr std::string_view kWordEnd = "?=";
constexpr std::string_view kAtomMarks = "!#$%&'*+-/=?^_`{|}~";  // RFC 5322 section 3.2.3

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_dotted(std::string_view text, std::string_view marks, std::size_t longest_part) {
    for (const std::string_view part : base::split(text, '.'))
        if (part.empty() || part.size() > longest_part || !std::all_of(part.begin(), part.end(), [&](char c) {
                return is_letter_or_digit(c) || marks.find(c) != std::string_view::npos;
            }))
            return false;
    return true;
}

void need_one_line(std::string_view text, std::string_view what, std::size_t longest) {
    const bool has_control =
        std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
    if (!base::is_utf8(text) || has_control)
        throw Error(Kind::BadInput, fmt::format("the {} of a mail has a character that cannot stand there", what));
    if (base::count_code_points(text) > longest)
        throw Error(Kind::BadInput, fmt::format("the {} of a mail is longer than {} characters", what, longest));
}

std::string write_mailbox(std::string_view field, const Mailbox& box) {
    if (!is_address(box.address))
        throw Error(Kind::BadInput, fmt::format("\"{}\" is no mail address", base::percent_encode(box.address)));
    need_one_line(box.name, "name", 200);
    if (box.name.empty()) return fmt::format("{}: {}\r\n", field, box.address);
    const std::string name = encode_words(box.name, field.size() + 2);
    // A plain name may hold marks that mean something in an address list ("City, Office"): quoted then.
    const bool is_encoded = name.starts_with(kWordStart);
    const bool needs_quotes = !is_encoded && !std::all_of(name.begin(), name.end(), [](char c) {
        return is_letter_or_digit(c) || c == ' ' || kAtomMarks.find(c) != std::string_view::npos;
    });
    std::string shown = name;
    if (needs_quotes) {
        shown = "\"";
        for (const char c : name) {
            if (c == '"' || c == '\\') shown += '\\';
            shown += c;
        }
        shown += '"';
    }
    return fmt::format("{}: {}\r\n <{}>\r\n", field, shown, box.address);
}

std::string write_date(base::Instant at) {
    constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const base::LocalTime time = base::to_local(at);
    return fmt::format("Date: {}, {} {} {} {:02}:{:02}:{:02} +0900\r\n",
                       kDays.at(static_cast<std::size_t>(base::weekday(time.day))), time.day.day,
                       kMonths.at(static_cast<std::size_t>(time.day.month - 1)), time.day.year, time.hour, time.minute,
                       time.second);
}

/// In lines of base64, over text whose lines end with CRLF (RFC 2045 section 6.8).
std::string write_text(std::string_view text) {
    std::string lines;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
        if (text[i] == '\n' || text[i] == '\r')
            lines += "\r\n";
        else
            lines += text[i];
    }
    const std::string coded = base::to_base64(lines);
    std::string written;
    for (std::size_t at = 0; at < coded.size(); at += kLongestLine) {
        written += coded.substr(at, kLongestLine);
        written += "\r\n";
    }
    return written;
}

}  // namespace

bool is_message_id(std::string_view text) {
    return text.size() >= 5 && text.size() <= 250 && text.front() == '<' && text.back() == '>' &&
           text.find('@') != std::string_view::npos && std::all_of(text.begin() + 1, text.end() - 1, [](char c) {
               return c > 0x20 && c < 0x7F && c != '<' && c != '>';
           });
}

bool is_address(std::string_view text) {
    const std::size_t at = text.rfind('@');
    if (at == std::string_view::npos || text.size() > 254 || at > 64) return false;
    const std::string_view host = text.substr(at + 1);
    if (!is_dotted(text.substr(0, at), kAtomMarks, 64) || !is_dotted(host, "-", 63)) return false;
    for (const std::string_view part : base::split(host, '.'))
        if (part.front() == '-' || part.back() == '-') return false;
    return true;
}

std::optional<Mailbox> find_mailbox(std::string_view text) {
    Mailbox box;
    const std::size_t start = text.rfind('<');
    if (start == std::string_view::npos) {
        box.address = base::trim(text);
    } else {
        const std::string_view rest = base::trim(text.substr(start + 1));
        if (!rest.ends_with('>')) return std::nullopt;
        box.name = base::trim(text.substr(0, start));
        box.address = rest.substr(0, rest.size() - 1);
    }
    if (!is_address(box.address)) return std::nullopt;
    return box;
}

std::string encode_words(std::string_view text, std::size_t used) {
    const bool is_plain = std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; }) &&
                          text.find("=?") == std::string_view::npos && used + text.size() <= kLongestLine &&
                          base::trim(text) == text;
    if (is_plain) return std::string(text);
    std::string written;
    while (!text.empty()) {
        // As many whole characters as fit: a reader decodes each word by itself.
        const std::size_t room = std::min(kLongestWord, kLongestLine - std::min(used, kLongestLine - 20)) -
                                 kWordStart.size() - kWordEnd.size();
        const std::size_t most = room / 4 * 3;
        std::size_t count = std::min(most, text.size());
        while (count > 0 && count < text.size() && (static_cast<unsigned char>(text[count]) & 0xC0U) == 0x80U) --count;
        if (count == 0) count = std::min(most, text.size());  // no UTF-8: cut anywhere
        if (!written.empty()) written += "\r\n ";
        written += kWordStart;
        written += base::to_base64(text.substr(0, count));
        written += kWordEnd;
        text.remove_prefix(count);
        used = 1;
    }
    return written;
}

std::string compose(const Mail& mail) {
    need_one_line(mail.subject, "subject", kLongestSubject);
    if (!base::is_utf8(mail.text) || mail.text.find('\0') != std::string::npos || mail.text.size() > kLongestText)
        throw Error(Kind::BadInput,
                    fmt::format("the text of a mail is no UTF-8, or longer than {} bytes", kLongestText));
    if (mail.token.empty() || !is_dotted(mail.token, kAtomMarks, 64))
        throw Error(Kind::Bug, "a mail has no token for its Message-ID");
    std::string written = write_mailbox("From", mail.from);
    written += write_mailbox("To", mail.to);
    written += fmt::format("Subject: {}\r\n", encode_words(mail.subject, 9));
    written += write_date(mail.at);
    written += fmt::format("Message-ID:\r\n <{}@{}>\r\n", mail.token,
                           mail.from.address.substr(mail.from.address.rfind('@') + 1));
    if (is_message_id(mail.answers)) written += fmt::format("In-Reply-To:\r\n {}\r\n", mail.answers);
    std::string references;
    const std::size_t skipped = mail.references.size() - std::min(mail.references.size(), kMostReferences);
    for (std::size_t i = skipped; i < mail.references.size(); ++i)
        if (is_message_id(mail.references[i])) references += fmt::format("\r\n {}", mail.references[i]);
    if (!references.empty()) written += fmt::format("References:{}\r\n", references);
    if (mail.author == Author::Program) written += "Auto-Submitted: auto-generated\r\n";
    if (mail.author == Author::ProgramReply) written += "Auto-Submitted: auto-replied\r\n";
    written +=
        "MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=UTF-8\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n";
    return written + write_text(mail.text);
}

}  // namespace mail

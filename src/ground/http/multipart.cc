#include "ground/http/multipart.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/base/text.h"

namespace http {
namespace {

constexpr std::size_t kMostPartHeader = 8U << 10;

base::Error refused(std::string why) {
    return {base::Kind::BadInput, "The form cannot be read: " + std::move(why)};
}

/// The parameters of a field value: `form-data; name="a"; filename="b"`. Nothing when ill-formed.
struct Parameters {
    std::string_view type;
    Fields fields;
};

/// Browsers write a quote in a name as %22 and a line end as %0D%0A (WHATWG HTML, "multipart/form-data encoding
/// algorithm"); a backslash is an ordinary character to them, except before a quote, where older clients mean the
/// quote.
std::optional<std::string> take_quoted(std::string_view& rest) {
    std::string value;
    rest.remove_prefix(1);
    while (!rest.empty()) {
        const char c = rest.front();
        rest.remove_prefix(1);
        if (c == '"') return value;
        if (c == '\\' && !rest.empty() && rest.front() == '"') {
            value += '"';
            rest.remove_prefix(1);
        } else {
            value += c;
        }
    }
    return std::nullopt;
}

std::optional<Parameters> parse_parameters(std::string_view text) {
    Parameters parsed;
    const std::size_t end = text.find(';');
    parsed.type = base::trim(text.substr(0, end));
    std::string_view rest = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    while (!(rest = base::trim(rest)).empty()) {
        const std::size_t equals = rest.find('=');
        if (equals == std::string_view::npos) return std::nullopt;
        const std::string name = base::to_lower(base::trim(rest.substr(0, equals)));
        rest.remove_prefix(equals + 1);
        rest = base::trim(rest);
        std::string value;
        if (rest.starts_with('"')) {
            auto quoted = take_quoted(rest);
            if (!quoted) return std::nullopt;
            value = std::move(*quoted);
        } else {
            value = base::trim(rest.substr(0, rest.find(';')));
            rest.remove_prefix(std::min(rest.find(';'), rest.size()));
        }
        if (name.empty() || parsed.fields.has(name)) return std::nullopt;
        parsed.fields.add(name, std::move(value));
        rest = base::trim(rest);
        if (rest.empty()) break;
        if (rest.front() != ';') return std::nullopt;
        rest.remove_prefix(1);
    }
    return parsed;
}

std::string unescape_name(std::string text) {
    for (const auto& [from, to] :
         {std::pair<std::string_view, std::string_view>{"%22", "\""}, {"%0D", "\r"}, {"%0A", "\n"}})
        for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
            text.replace(at, from.size(), to);
    return text;
}

bool is_clean_text(std::string_view text) {
    return base::is_utf8(text) && text.find('\0') == std::string_view::npos;
}

/// A file without a name in `folder`.
sys::Descriptor open_unnamed(const std::string& folder) {
    sys::Descriptor file(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (!file) {  // some file systems have no O_TMPFILE
        std::string name = folder + "/upload-XXXXXX";
        file = sys::Descriptor(::mkostemp(name.data(), O_CLOEXEC));
        if (file) ::unlink(name.c_str());
    }
    if (!file)
        throw base::Error(
            base::Kind::Unavailable,
            fmt::format(
                "いまはファイルを受け取れません（一時フォルダ {} に書けません）。運用担当者に連絡してください。",
                folder));
    return file;
}

void write_all(const sys::Descriptor& file, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t gone = ::write(file.get(), bytes.data(), bytes.size());
        if (gone < 0 && errno == EINTR) continue;
        if (gone <= 0)
            throw base::Error(
                base::Kind::Unavailable,
                "いまはファイルを受け取れません（一時フォルダに空きがありません）。運用担当者に連絡してください。");
        bytes.remove_prefix(static_cast<std::size_t>(gone));
    }
}

}  // namespace

std::optional<std::string> find_boundary(std::string_view content_type) {
    const auto parsed = parse_parameters(content_type);
    if (!parsed || !base::equals_ignoring_case(parsed->type, "multipart/form-data")) return std::nullopt;
    std::string boundary(parsed->fields.get("boundary"));
    const bool is_fit = !boundary.empty() && boundary.size() <= 70 && boundary.back() != ' ' &&
                        std::all_of(boundary.begin(), boundary.end(), [](char c) {
                            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                   std::string_view("'()+_,-./:=? ").find(c) != std::string_view::npos;
                        });
    if (!is_fit) return std::nullopt;
    return boundary;
}

struct MultipartParser::State {
    enum class At { Opening, AfterBoundary, Header, Content, End } at = At::Opening;

    std::string boundary;  ///< "\r\n--" and the boundary
    FormLimits limits;
    std::string
        pending;  ///< bytes not yet understood: at most a part's header, or a possible beginning of the boundary
    Form form;
    std::size_t parts = 0;
    bool is_file = false;
    UploadedFile file;
    std::string name, value;

    bool step();
    bool read_opening();
    bool read_after_boundary();
    bool read_header();
    bool read_content();
    void begin_part(std::string_view header);
    void add_content(std::string_view bytes);
    void end_part();
};

/// One step over `pending`; false when more bytes are needed.
bool MultipartParser::State::step() {
    switch (at) {
        case At::Opening:
            return read_opening();
        case At::AfterBoundary:
            return read_after_boundary();
        case At::Header:
            return read_header();
        case At::Content:
            return read_content();
        case At::End:
            break;
    }
    pending.clear();  // an epilogue says nothing
    return false;
}

/// The first boundary stands at the very beginning: no browser sends a preamble.
bool MultipartParser::State::read_opening() {
    const std::string_view wanted = std::string_view(boundary).substr(2);
    const std::size_t have = std::min(pending.size(), wanted.size());
    if (std::string_view(pending).substr(0, have) != wanted.substr(0, have))
        throw refused("it does not begin with its boundary.");
    if (have < wanted.size()) return false;
    pending.erase(0, wanted.size());
    at = At::AfterBoundary;
    return true;
}

bool MultipartParser::State::read_after_boundary() {
    if (pending.size() < 2) return false;
    const bool is_last = pending.starts_with("--");
    if (!is_last && !pending.starts_with("\r\n"))
        throw refused("a boundary is followed by neither a part nor the end.");
    pending.erase(0, 2);
    at = is_last ? At::End : At::Header;
    return true;
}

bool MultipartParser::State::read_header() {
    const std::size_t end = pending.find("\r\n\r\n");
    if (end == std::string::npos ? pending.size() > kMostPartHeader : end > kMostPartHeader)
        throw refused("a part's header is too long.");
    if (end == std::string::npos) return false;
    begin_part(std::string_view(pending).substr(0, end));
    pending.erase(0, end + 4);
    at = At::Content;
    return true;
}

void MultipartParser::State::begin_part(std::string_view header) {
    if (++parts > limits.parts) throw refused(fmt::format("it has more than {} fields.", limits.parts));
    std::optional<Parameters> disposition;
    std::string_view type = "text/plain";
    while (!header.empty()) {
        const std::size_t end = header.find("\r\n");
        const std::string_view line = header.substr(0, end);
        header = end == std::string_view::npos ? std::string_view{} : header.substr(end + 2);
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || colon == 0) throw refused("a part's header line has no name.");
        const std::string_view field = line.substr(0, colon);
        const std::string_view content = base::trim(line.substr(colon + 1));
        if (base::equals_ignoring_case(field, "content-disposition")) {
            if (disposition) throw refused("a part has two Content-Disposition fields.");
            disposition = parse_parameters(content);
            if (!disposition) throw refused("a part's Content-Disposition is ill-formed.");
        } else if (base::equals_ignoring_case(field, "content-type")) {
            type = content;
        } else if (base::equals_ignoring_case(field, "content-transfer-encoding") &&
                   !base::equals_ignoring_case(content, "binary") && !base::equals_ignoring_case(content, "8bit") &&
                   !base::equals_ignoring_case(content, "7bit")) {
            throw refused("a part has a transfer encoding (RFC 7578 section 4.7 ended them).");
        }
    }
    if (!disposition || !base::equals_ignoring_case(disposition->type, "form-data") || !disposition->fields.has("name"))
        throw refused("a part has no name.");
    name = unescape_name(std::string(disposition->fields.get("name")));
    is_file = disposition->fields.has("filename");
    value.clear();
    file = {};
    if (is_file) {
        file.field = name;
        file.name = unescape_name(std::string(disposition->fields.get("filename")));
        file.content_type = type;
    }
    if (!is_clean_text(name) || !is_clean_text(file.name) || !is_clean_text(file.content_type))
        throw refused("a name in it is not UTF-8.");
}

bool MultipartParser::State::read_content() {
    const std::size_t end = pending.find(boundary);
    if (end == std::string::npos) {
        // All but a tail that may be the boundary's beginning is content.
        const std::size_t safe = pending.size() < boundary.size() ? 0 : pending.size() - boundary.size() + 1;
        add_content(std::string_view(pending).substr(0, safe));
        pending.erase(0, safe);
        return false;
    }
    add_content(std::string_view(pending).substr(0, end));
    pending.erase(0, end + boundary.size());
    end_part();
    at = At::AfterBoundary;
    return true;
}

void MultipartParser::State::add_content(std::string_view bytes) {
    if (!is_file) {
        if (value.size() + bytes.size() > limits.field_size)
            throw refused(fmt::format("the field {} has more than {} bytes.", name, limits.field_size));
        value += bytes;
        return;
    }
    file.size += bytes.size();
    if (file.size > limits.file_size)
        throw refused(fmt::format("the file {} has more than {} bytes.", file.name, limits.file_size));
    if (!file.file && file.size > limits.memory_per_file) {
        file.file = open_unnamed(limits.temporary_folder);
        write_all(file.file, file.bytes);
        file.bytes = {};
    }
    if (file.file)
        write_all(file.file, bytes);
    else
        file.bytes += bytes;
}

void MultipartParser::State::end_part() {
    if (!is_file) {
        if (!is_clean_text(value)) throw refused(fmt::format("the field {} is not UTF-8.", name));
        form.fields.add(std::move(name), std::move(value));
    } else if (!file.name.empty() || file.size > 0) {
        form.files.push_back(std::move(file));
    }
}

MultipartParser::MultipartParser(std::string_view boundary, FormLimits limits) : state_(std::make_unique<State>()) {
    state_->boundary = "\r\n--" + std::string(boundary);
    state_->limits = std::move(limits);
}
MultipartParser::~MultipartParser() = default;
MultipartParser::MultipartParser(MultipartParser&&) noexcept = default;

void MultipartParser::add(std::string_view bytes) {
    state_->pending += bytes;
    while (state_->step()) {
    }
}

Form MultipartParser::finish() {
    if (state_->at != State::At::End) throw refused("it ends before its last boundary.");
    return std::move(state_->form);
}

}  // namespace http

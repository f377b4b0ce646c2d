#include "ground/http/form.h"

#include <cerrno>

#include <fmt/format.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/base/text.h"

namespace http {

std::optional<std::string_view> Fields::find(std::string_view name) const {
    for (const auto& [key, value] : fields_)
        if (key == name) return value;
    return std::nullopt;
}

std::vector<std::string_view> Fields::get_all(std::string_view name) const {
    std::vector<std::string_view> values;
    for (const auto& [key, value] : fields_)
        if (key == name) values.push_back(value);
    return values;
}

std::string UploadedFile::read(std::uint64_t limit) const {
    if (size > limit)
        throw base::Error(base::Kind::BadInput,
                          fmt::format("ファイル「{}」は{}バイトあります。{}バイトまで送れます。", name, size, limit));
    return read_at(0, static_cast<std::size_t>(size));
}

std::string UploadedFile::read_at(std::uint64_t offset, std::size_t count) const {
    if (offset >= size) return {};
    count = static_cast<std::size_t>(std::min<std::uint64_t>(count, size - offset));
    if (!file) return bytes.substr(static_cast<std::size_t>(offset), count);
    std::string read(count, '\0');
    std::size_t have = 0;
    while (have < count) {
        const ssize_t got = ::pread(file.get(), read.data() + have, count - have, static_cast<off_t>(offset + have));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0)
            throw base::Error(base::Kind::Unavailable,
                              fmt::format("送られたファイル「{}」を読めません。もう一度送ってください。", name));
        have += static_cast<std::size_t>(got);
    }
    return read;
}

const UploadedFile* Form::find_file(std::string_view field) const {
    for (const UploadedFile& file : files)
        if (file.field == field) return &file;
    return nullptr;
}

namespace {

std::optional<std::string> decode(std::string_view text) {
    std::string spaced(text);
    for (char& c : spaced)
        if (c == '+') c = ' ';
    auto decoded = base::percent_decode(spaced);
    if (!decoded || decoded->find('\0') != std::string::npos || !base::is_utf8(*decoded)) return std::nullopt;
    return decoded;
}

std::string encode(std::string_view text) {
    std::string encoded;
    for (const char c : text)
        if (c == '/')
            encoded += "%2F";
        else
            encoded += base::percent_encode(std::string_view(&c, 1));
    return encoded;
}

}  // namespace

std::optional<Fields> parse_urlencoded(std::string_view text, std::size_t parts) {
    Fields fields;
    while (!text.empty()) {
        const std::size_t end = text.find('&');
        const std::string_view pair = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        if (pair.empty()) continue;
        if (fields.size() == parts) return std::nullopt;
        const std::size_t equals = pair.find('=');
        auto name = decode(pair.substr(0, equals));
        auto value = decode(equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1));
        if (!name || !value) return std::nullopt;
        fields.add(std::move(*name), std::move(*value));
    }
    return fields;
}

std::string format_urlencoded(const Fields& fields) {
    std::string text;
    for (const auto& [name, value] : fields) {
        if (!text.empty()) text += '&';
        text += encode(name) + '=' + encode(value);
    }
    return text;
}

}  // namespace http

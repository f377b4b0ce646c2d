#include "office/forms/inside/package.h"

#include <algorithm>
#include <memory>
#include <set>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include "ground/base/error.h"

namespace forms {

using base::Error;
using base::Kind;

namespace {

constexpr std::size_t kMostParts = 2000;
constexpr std::size_t kLargestPart = 32U << 20U, kLargestTotal = 64U << 20U;
constexpr time_t kDate = 315'532'800;  // 1980-01-01, the first day that a zip file knows: nothing depends on the clock

struct FreeReader {
    void operator()(archive* reader) const { archive_read_free(reader); }
};
struct FreeWriter {
    void operator()(archive* writer) const { archive_write_free(writer); }
};
struct FreeEntry {
    void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

[[noreturn]] void refuse(std::string_view why) {
    throw Error(Kind::BadInput, fmt::format("このファイルは様式として使えません。{}", why));
}

/// As the format's own rules have it: ASCII, relative, without steps upwards.
bool is_part_name(std::string_view name) {
    if (name.empty() || name.size() > 200 || name.front() == '/') return false;
    if (std::any_of(name.begin(), name.end(), [](char c) { return c <= ' ' || c > '~' || c == '\\'; })) return false;
    return ("/" + std::string(name) + "/").find("/../") == std::string::npos;
}

std::string read_entry(archive* reader, std::size_t most) {
    std::string bytes;
    char piece[16 * 1024];
    for (;;) {
        const la_ssize_t length = archive_read_data(reader, piece, sizeof piece);
        if (length < 0) refuse("ファイルが壊れています。もう一度保存し直してください。");
        if (length == 0) return bytes;
        if (bytes.size() + static_cast<std::size_t>(length) > most)
            refuse("展開すると大きくなりすぎます。画像を小さくするか、減らしてください。");
        bytes.append(piece, static_cast<std::size_t>(length));
    }
}

la_ssize_t append(archive*, void* to, const void* bytes, std::size_t size) {
    static_cast<std::string*>(to)->append(static_cast<const char*>(bytes), size);
    return static_cast<la_ssize_t>(size);
}

}  // namespace

Part* find_part(Package& package, std::string_view name) {
    const auto found =
        std::find_if(package.begin(), package.end(), [&](const Part& part) { return part.name == name; });
    return found == package.end() ? nullptr : &*found;
}

Package read_package(std::string_view bytes) {
    const std::unique_ptr<archive, FreeReader> reader(archive_read_new());
    archive_read_support_format_zip_seekable(reader.get());
    if (archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK)
        refuse("Wordの .docx か Excelの .xlsx の形で保存したものを選んでください。");
    Package package;
    std::set<std::string, std::less<>> names;
    std::size_t total = 0;
    for (archive_entry* entry = nullptr;;) {
        const int result = archive_read_next_header(reader.get(), &entry);
        if (result == ARCHIVE_EOF) break;
        if (result != ARCHIVE_OK && result != ARCHIVE_WARN)
            refuse("Wordの .docx か Excelの .xlsx の形で保存したものを選んでください。");
        const char* raw = archive_entry_pathname(entry);
        if (raw == nullptr) raw = archive_entry_pathname_utf8(entry);
        const std::string name = raw == nullptr ? "" : raw;
        if (archive_entry_is_encrypted(entry) != 0) refuse("パスワードを外して保存し直してください。");
        if (archive_entry_filetype(entry) == AE_IFDIR) continue;
        if (archive_entry_filetype(entry) != AE_IFREG || !is_part_name(name))
            refuse("中に、WordやExcelが作らない名前のものがあります。新しいファイルに写して保存し直してください。");
        if (!names.insert(name).second) refuse("中に、同じ名前のものが2つあります。保存し直してください。");
        if (package.size() == kMostParts) refuse("中のファイルが多すぎます。");
        package.push_back({name, read_entry(reader.get(), std::min(kLargestPart, kLargestTotal - total))});
        total += package.back().bytes.size();
    }
    if (package.empty()) refuse("Wordの .docx か Excelの .xlsx の形で保存したものを選んでください。");
    return package;
}

std::string write_package(const Package& package) {
    std::string bytes;
    const std::unique_ptr<archive, FreeWriter> writer(archive_write_new());
    archive_write_set_format_zip(writer.get());
    archive_write_set_bytes_per_block(writer.get(), 0);
    const auto check = [&](int result) {
        if (result != ARCHIVE_OK)
            throw Error(Kind::Bug, fmt::format("a form cannot be written: {}", archive_error_string(writer.get())));
    };
    check(archive_write_open(writer.get(), &bytes, nullptr, append, nullptr));
    for (const Part& part : package) {
        const std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new());
        archive_entry_set_pathname(entry.get(), part.name.c_str());
        archive_entry_set_filetype(entry.get(), AE_IFREG);
        archive_entry_set_perm(entry.get(), 0644);
        archive_entry_set_size(entry.get(), static_cast<la_int64_t>(part.bytes.size()));
        archive_entry_set_mtime(entry.get(), kDate, 0);
        check(archive_write_header(writer.get(), entry.get()));
        if (!part.bytes.empty() && archive_write_data(writer.get(), part.bytes.data(), part.bytes.size()) < 0)
            check(ARCHIVE_FATAL);
    }
    check(archive_write_close(writer.get()));
    return bytes;
}

}  // namespace forms

#include "watch/log_archive/zip.h"

#include "watch/log_archive/packing.h"

namespace log_archive {

namespace {

constexpr std::uint64_t kSmall = 0xFFFFFFFF;  // and above: Zip64
constexpr std::uint16_t kUtf8 = 0x0800, kDeflated = 8;

void put_number(std::string& to, std::uint64_t value, int bytes) {
    for (int at = 0; at < bytes; ++at) to += static_cast<char>(value >> (8 * at) & 0xFF);
}
std::uint64_t fitting(std::uint64_t value) {
    return value < kSmall ? value : kSmall;
}

/// What both headers of an entry have in common.
void put_common(std::string& to, const ZipWriter::Entry& entry, bool is_large) {
    const base::LocalTime local = base::to_local(entry.at);
    put_number(to, is_large ? 45 : 20, 2);
    put_number(to, kUtf8, 2);
    put_number(to, kDeflated, 2);
    put_number(to, static_cast<std::uint64_t>(local.hour << 11 | local.minute << 5 | local.second / 2), 2);
    put_number(to, static_cast<std::uint64_t>((local.day.year - 1980) << 9 | local.day.month << 5 | local.day.day), 2);
    put_number(to, entry.crc, 4);
    put_number(to, fitting(entry.packed), 4);
    put_number(to, fitting(entry.bytes), 4);
    put_number(to, entry.name.size(), 2);
}

}  // namespace

void ZipWriter::write(std::string_view bytes) {
    out_(bytes);
    offset_ += bytes.size();
}

void ZipWriter::begin(const Entry& entry) {
    const bool is_large = entry.bytes >= kSmall || entry.packed >= kSmall;
    written_.push_back({entry, offset_});
    std::string head = "PK\3\4";
    put_common(head, entry, is_large);
    put_number(head, is_large ? 20 : 0, 2);
    head += entry.name;
    if (is_large) {
        put_number(head, 1, 2);
        put_number(head, 16, 2);
        put_number(head, entry.bytes, 8);
        put_number(head, entry.packed, 8);
    }
    write(head);
}

void ZipWriter::add(std::string_view packed) {
    write(packed);
}

void ZipWriter::put(const std::string& name, std::string_view bytes, base::Instant at) {
    std::string packed;
    Packer packer(Packer::Form::Deflate, [&](std::string_view piece) { packed += piece; });
    packer.add(bytes);
    const Packed sums = packer.finish();
    begin({name, sums.crc, sums.bytes, sums.packed, at});
    add(packed);
}

void ZipWriter::finish() {
    const std::uint64_t start = offset_;
    for (const auto& [entry, offset] : written_) {
        std::string more;
        for (const std::uint64_t value : {entry.bytes, entry.packed, offset})
            if (value >= kSmall) put_number(more, value, 8);
        std::string head = "PK\1\2";
        put_number(head, 3 << 8 | 45, 2);  // made on Unix
        put_common(head, entry, !more.empty());
        put_number(head, more.empty() ? 0 : more.size() + 4, 2);
        put_number(head, 0, 2 + 2 + 2);  // comment, disk, inner attributes
        put_number(head, std::uint64_t{0100644} << 16, 4);
        put_number(head, fitting(offset), 4);
        head += entry.name;
        if (!more.empty()) {
            put_number(head, 1, 2);
            put_number(head, more.size(), 2);
            head += more;
        }
        write(head);
    }
    const std::uint64_t size = offset_ - start, count = written_.size();
    std::string end;
    if (count >= 0xFFFF || start >= kSmall || size >= kSmall) {
        const std::uint64_t at = offset_;
        end += "PK\6\6";
        put_number(end, 44, 8);
        put_number(end, 3 << 8 | 45, 2);
        put_number(end, 45, 2);
        put_number(end, 0, 4 + 4);
        put_number(end, count, 8);
        put_number(end, count, 8);
        put_number(end, size, 8);
        put_number(end, start, 8);
        end += "PK\6\7";
        put_number(end, 0, 4);
        put_number(end, at, 8);
        put_number(end, 1, 4);
    }
    const std::uint64_t shown = count < 0xFFFF ? count : 0xFFFF;
    end += "PK\5\6";
    put_number(end, 0, 2 + 2);
    put_number(end, shown, 2);
    put_number(end, shown, 2);
    put_number(end, fitting(size), 4);
    put_number(end, fitting(start), 4);
    put_number(end, 0, 2);
    write(end);
}

}  // namespace log_archive

// Any bytes: what is read as an access stays itself when it is written and read again, and no field forges a line.
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "watch/logs/access_line.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view line(reinterpret_cast<const char*>(data), size);
    const auto read = logs::read_access_line(line);
    logs::Access any;
    any.address = line.substr(0, 20);
    any.method = any.target = any.agent = any.referrer = line;
    std::string written;
    logs::append_access_line(written, any);
    for (const char c : written) assert(c >= 0x20 && c < 0x7F);
    if (!read) return 0;
    assert(read->status >= 0 && read->status <= 999);
    assert(!read->seconds || std::isfinite(*read->seconds));
    std::string again;
    logs::append_access_line(again, *read);
    const auto second = logs::read_access_line(again);
    // An address of odd bytes grows by its escapes and may then be too long to be one.
    if (second) assert(second->at == read->at && second->status == read->status && second->bytes == read->bytes);
    return 0;
}

// Any line: a time that was read is one that our calendar can show, and what stands behind the line's front, or in
// front of it as a syslog priority, does not change it.
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>

#include "watch/log_archive/stamp.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string line(reinterpret_cast<const char*>(data), size);
    const base::Instant near{1'795'000'000'000};
    const auto read = log_archive::stamp_of(line, near);
    assert(read == log_archive::stamp_of(line, near));
    if (!read) return 0;
    const base::LocalTime local = base::to_local(*read);
    assert(base::from_local(local) == *read);
    assert(local.day.year >= -1 && local.day.year <= 10'000);
    if (!line.starts_with('<')) assert(log_archive::stamp_of("<6>" + line, near) == read);
    if (line.size() > 500) assert(log_archive::stamp_of(line + "[22/Nov/2026:17:50:28 +0900]", near) == read);
    return 0;
}

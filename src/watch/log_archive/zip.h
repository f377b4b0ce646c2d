// Writes a .zip, front to back, from bytes that are packed already: what was deflated once is never deflated again.
// Above 4 GB it goes on in the Zip64 form, which today's systems read (APPNOTE 6.3.10, sections 4.3 to 4.5).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/time.h"

namespace log_archive {

class ZipWriter {
  public:
    using Out = std::function<void(std::string_view)>;
    explicit ZipWriter(Out out) : out_(std::move(out)) {}

    struct Entry {
        std::string name;  ///< UTF-8, with "/" between folders
        std::uint32_t crc = 0;
        std::uint64_t bytes = 0, packed = 0;
        base::Instant at;
    };
    /// Then exactly `entry.packed` bytes of deflated data are to be given to `add`.
    void begin(const Entry& entry);
    void add(std::string_view packed);
    /// A small one, whole.
    void put(const std::string& name, std::string_view bytes, base::Instant at);
    void finish();

  private:
    void write(std::string_view bytes);
    struct Written {
        Entry entry;
        std::uint64_t offset = 0;
    };
    Out out_;
    std::uint64_t offset_ = 0;
    std::vector<Written> written_;
};

}  // namespace log_archive

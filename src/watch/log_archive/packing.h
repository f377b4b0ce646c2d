// Bytes of logs packed and unpacked as streams. A packed day is a plain gzip file of one member, which any
// tool reads; its deflated bytes lie between a head of 10 and a tail of 8 bytes, so that an archive takes them over as
// they are, without packing anything again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "ground/base/hash.h"

namespace log_archive {

constexpr std::uint64_t kGzipHead = 10, kGzipTail = 8;

struct Packed {
    std::uint64_t bytes = 0;   ///< before packing
    std::uint64_t packed = 0;  ///< handed out
    std::uint32_t crc = 0;     ///< CRC-32 of the bytes before packing
    base::Hash sha256;         ///< of the bytes before packing
};

class Packer {
  public:
    /// Gzip: small, by zlib, for what is kept. Deflate: bare, by ISA-L five times as fast and no larger than zlib's own
    /// quickest, for what somebody waits for.
    enum class Form { Gzip, Deflate };
    using Out = std::function<void(std::string_view)>;
    Packer(Form form, Out out);
    ~Packer();
    void add(std::string_view bytes);
    Packed finish();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Reads a file, or what is packed in it, in pieces of at most 256 KB.
class Pieces {
  public:
    /// `is_packed`: the file is gzip. `limit`: of a plain file, bytes after which it ends.
    /// Throws Error(NotFound), Error(Unavailable).
    Pieces(const std::filesystem::path& path, bool is_packed, std::uint64_t limit = ~std::uint64_t{0});
    ~Pieces();
    /// The next piece, valid until the next call; empty at the end. Throws Error(Damaged) when what is packed does not
    /// unpack to its end, Error(Unavailable).
    std::string_view next();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

constexpr std::size_t kLongestPiece = 256U << 10;  ///< bytes of a line; a longer one is handed out in parts

/// Hands out each line without its end, until `take` returns false. What stands after the last end is a line too.
void each_line(Pieces& pieces, const std::function<bool(std::string_view)>& take);

/// SHA-256 of a whole file. Throws Error(NotFound), Error(Unavailable).
base::Hash hash_of(const std::filesystem::path& path);

}  // namespace log_archive

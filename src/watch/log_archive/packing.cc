#include "watch/log_archive/packing.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "ground/base/error.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"

namespace log_archive {

using base::Error;
using base::Kind;

namespace {

constexpr std::size_t kPiece = 256U << 10;
constexpr int kGzipWindow = 15 + 16;
constexpr int kLevel = 6;  // of what is kept for months

Bytef* bytes_of(std::string_view text) {
    return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

}  // namespace

struct Packer::State {
    State(Form asked, Out to) : form(asked), out(std::move(to)) {
        if (form == Form::Gzip) {
            if (::deflateInit2(&slow, kLevel, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK)
                throw Error(Kind::Unavailable, "there is not enough memory to pack a log");
            return;
        }
        ::isal_deflate_init(&quick);
        quick.level = 1;
        quick.level_buf = memory.data();
        quick.level_buf_size = static_cast<std::uint32_t>(memory.size());
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        if (form == Form::Gzip) ::deflateEnd(&slow);
    }

    /// One turn of the packer over what is left of `bytes`, which it takes from the front. How much it made.
    std::size_t turn(std::string_view& bytes, bool is_last) {
        const auto given = static_cast<std::uint32_t>(std::min<std::size_t>(bytes.size(), 1U << 30));
        std::size_t left = 0;
        if (form == Form::Gzip) {
            slow.next_in = bytes_of(bytes);
            slow.avail_in = given;
            slow.next_out = bytes_of(piece);
            slow.avail_out = static_cast<uInt>(piece.size());
            const int result = ::deflate(&slow, is_last ? Z_FINISH : Z_NO_FLUSH);
            if (result == Z_STREAM_ERROR) throw Error(Kind::Bug, "a log cannot be packed");
            is_done = result == Z_STREAM_END;
            left = slow.avail_in;
            bytes.remove_prefix(given - left);
            return piece.size() - slow.avail_out;
        }
        quick.next_in = bytes_of(bytes);
        quick.avail_in = given;
        quick.next_out = bytes_of(piece);
        quick.avail_out = static_cast<std::uint32_t>(piece.size());
        quick.end_of_stream = is_last ? 1 : 0;
        if (::isal_deflate(&quick) != COMP_OK) throw Error(Kind::Bug, "a log cannot be packed");
        is_done = quick.internal_state.state == ZSTATE_END;
        left = quick.avail_in;
        bytes.remove_prefix(given - left);
        return piece.size() - quick.avail_out;
    }

    /// Until it has taken everything and handed out what it made of it so far.
    void pack(std::string_view bytes, bool is_last) {
        for (;;) {
            const std::size_t made = turn(bytes, is_last);
            packed.packed += made;
            if (made > 0) out(std::string_view(piece).substr(0, made));
            if (is_last ? is_done : bytes.empty() && made < piece.size()) return;
        }
    }

    Form form;
    Out out;
    z_stream slow{};
    isal_zstream quick{};
    std::vector<std::uint8_t> memory = std::vector<std::uint8_t>(ISAL_DEF_LVL1_DEFAULT);
    bool is_done = false;
    sys::Hasher hasher;
    Packed packed;
    std::string piece = std::string(kPiece, '\0');
};

Packer::Packer(Form form, Out out) : state_(std::make_unique<State>(form, std::move(out))) {}

Packer::~Packer() = default;

void Packer::add(std::string_view bytes) {
    if (bytes.empty()) return;
    state_->hasher.add(bytes);
    state_->packed.bytes += bytes.size();
    state_->packed.crc = ::crc32_gzip_refl(state_->packed.crc, bytes_of(bytes), bytes.size());
    state_->pack(bytes, false);
}

Packed Packer::finish() {
    state_->pack({}, true);
    state_->packed.sha256 = state_->hasher.finish();
    return state_->packed;
}

struct Pieces::State {
    std::filesystem::path path;
    sys::Descriptor file;
    bool is_packed = false, is_at_end = false;
    std::uint64_t left = 0;  ///< of a plain file
    z_stream stream{};
    std::string read = std::string(kPiece, '\0'), unpacked;

    std::size_t fill() {
        for (;;) {
            const ssize_t got = ::read(file.get(), read.data(), std::min<std::uint64_t>(read.size(), left));
            if (got >= 0) {
                if (!is_packed) left -= static_cast<std::uint64_t>(got);
                return static_cast<std::size_t>(got);
            }
            if (errno != EINTR)
                throw Error(Kind::Unavailable,
                            fmt::format("{} cannot be read: {}", path.string(), std::strerror(errno)));
        }
    }

    std::string_view unpack() {
        while (!is_at_end) {
            if (stream.avail_in == 0) {
                stream.next_in = bytes_of(read);
                stream.avail_in = static_cast<uInt>(fill());
            }
            const bool is_file_at_end = stream.avail_in == 0;
            stream.next_out = bytes_of(unpacked);
            stream.avail_out = static_cast<uInt>(unpacked.size());
            const int result = ::inflate(&stream, Z_NO_FLUSH);
            const std::size_t made = unpacked.size() - stream.avail_out;
            if (result == Z_STREAM_END) {
                is_at_end = true;
                if (stream.avail_in > 0 || fill() > 0) fail();  // we write one member; so does gzip
            } else if (result != Z_OK && !(result == Z_BUF_ERROR && !is_file_at_end)) {
                fail();
            } else if (is_file_at_end && made == 0) {
                fail();
            }
            if (made > 0) return std::string_view(unpacked).substr(0, made);
        }
        return {};
    }

    [[noreturn]] void fail() const {
        throw Error(Kind::Damaged, fmt::format("{} is damaged: it does not unpack to its end", path.string()));
    }
};

Pieces::Pieces(const std::filesystem::path& path, bool is_packed, std::uint64_t limit)
    : state_(std::make_unique<State>()) {
    state_->left = is_packed ? ~std::uint64_t{0} : limit;
    state_->path = path;
    state_->is_packed = is_packed;
    state_->file = sys::Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
    struct stat about {};
    if (state_->file && (::fstat(state_->file.get(), &about) != 0 || !S_ISREG(about.st_mode)))
        throw Error(Kind::Unavailable, fmt::format("{} is no file", path.string()));
    if (!state_->file)
        throw Error(errno == ENOENT ? Kind::NotFound : Kind::Unavailable,
                    fmt::format("{} cannot be opened: {}", path.string(), std::strerror(errno)));
    if (!is_packed) return;
    state_->unpacked.resize(kPiece);
    if (::inflateInit2(&state_->stream, kGzipWindow) != Z_OK)
        throw Error(Kind::Unavailable, "there is not enough memory to unpack a log");
}

Pieces::~Pieces() {
    if (state_->is_packed) ::inflateEnd(&state_->stream);
}

std::string_view Pieces::next() {
    if (state_->is_packed) return state_->unpack();
    return std::string_view(state_->read).substr(0, state_->fill());
}

void each_line(Pieces& pieces, const std::function<bool(std::string_view)>& take) {
    std::string tail;
    for (;;) {
        std::string_view rest = pieces.next();
        if (rest.empty()) break;
        for (std::size_t end = 0; (end = rest.find('\n')) != std::string_view::npos; rest.remove_prefix(end + 1)) {
            const std::string_view part = rest.substr(0, end);
            if (tail.empty()) {
                if (!take(part)) return;
                continue;
            }
            tail += part;
            if (!take(tail)) return;
            tail.clear();
        }
        tail += rest;
        if (tail.size() <= kLongestPiece) continue;
        if (!take(tail)) return;
        tail.clear();
    }
    if (!tail.empty()) take(tail);
}

base::Hash hash_of(const std::filesystem::path& path) {
    Pieces pieces(path, false);
    sys::Hasher hasher;
    for (std::string_view piece; !(piece = pieces.next()).empty();) hasher.add(piece);
    return hasher.finish();
}

}  // namespace log_archive

#include "press/intake/unpack.h"

#include <cerrno>
#include <cstring>

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <locale.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ground/base/interrupted.h"
#include "ground/base/text.h"
#include "ground/release/record.h"
#include "ground/sys/files.h"

namespace intake {

namespace {

namespace fs = std::filesystem;
using base::Error;
using base::Kind;

struct FreeReader {
    void operator()(archive* reader) const { archive_read_free(reader); }
};
using ReaderHandle = std::unique_ptr<archive, FreeReader>;

/// While it lives, names that an archive flags as UTF-8 come out as those bytes: libarchive writes them in this
/// thread's character set, and in the program's own ("C") nothing but ASCII could be written.
class Utf8Names {
  public:
    Utf8Names()
        : ours_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)), before_(ours_ ? ::uselocale(ours_) : nullptr) {}
    ~Utf8Names() {
        if (ours_ == nullptr) return;
        ::uselocale(before_);
        ::freelocale(ours_);
    }
    Utf8Names(const Utf8Names&) = delete;
    Utf8Names& operator=(const Utf8Names&) = delete;

  private:
    ::locale_t ours_, before_;
};

constexpr std::int64_t kFreeBytes = 64LL << 20;

class Unpacker {
  public:
    Unpacker(const fs::path& file, fs::path target, const UnpackBounds& bounds, const std::function<bool()>& is_stopped)
        : file_(file),
          target_(std::move(target)),
          bounds_(bounds),
          is_stopped_(is_stopped),
          reader_(archive_read_new()) {
        archive_read_support_filter_gzip(reader_.get());
        archive_read_support_filter_bzip2(reader_.get());
        archive_read_support_filter_xz(reader_.get());
        archive_read_support_filter_zstd(reader_.get());
        archive_read_support_format_zip(reader_.get());
        archive_read_support_format_tar(reader_.get());
        if (archive_read_open_filename(reader_.get(), file_.c_str(), 1U << 20) != ARCHIVE_OK) fail();
        packed_ = static_cast<std::int64_t>(fs::file_size(file_));
    }

    std::vector<Skipped> run() {
        for (;;) {
            archive_entry* entry = nullptr;
            const int result = archive_read_next_header(reader_.get(), &entry);
            if (result == ARCHIVE_EOF) break;
            if (result != ARCHIVE_OK && result != ARCHIVE_WARN) fail();
            check_stopped();
            take(entry);
        }
        make_links();
        return std::move(skipped_);
    }

  private:
    void check_stopped() const {
        if (is_stopped_ && is_stopped_())
            throw base::Interrupted("the takeover was interrupted while its archive was unpacked");
    }

    void take(archive_entry* entry) {
        const char* raw = archive_entry_pathname(entry);  // bytes, in whatever encoding they were
        if (raw == nullptr) return skip("?", "a name that cannot be read");
        std::string path = raw;
        while (path.starts_with("./")) path.erase(0, 2);
        while (path.ends_with('/')) path.pop_back();
        if (path.empty() || path == ".") return;
        if (archive_entry_is_encrypted(entry) != 0)
            throw Error(Kind::BadInput,
                        fmt::format("{} is encrypted; unpack it yourself and name the folder", file_.string()));
        if (const auto fault = release::find_path_fault(path))
            return skip(path, "a name that leads out of the archive or cannot be published: " + *fault);
        if (const char* other = archive_entry_hardlink(entry)) return second_name(path, other);
        switch (archive_entry_filetype(entry)) {
            case AE_IFDIR:
                return make_folder(path);
            case AE_IFREG:
                return write(entry, path);
            case AE_IFLNK:
                return note_link(entry, path);
            default:
                return skip(path, "not a regular file (a socket, pipe or device)");
        }
    }

    /// Folders cost inodes as files do, and each fsync of one costs time.
    void make_folder(const std::string& path) {
        if (++folders_ > bounds_.files.files) refuse("holds more folders than takeover.files allows");
        if (std::count(path.begin(), path.end(), '/') >= bounds_.files.depth)
            return skip(path, fmt::format("folders are nested deeper than {}", bounds_.files.depth));
        std::error_code problem;
        fs::create_directories(target_ / path, problem);
        if (problem) skip(path, "a file stands where this folder belongs");
    }

    /// Counts one more file and makes the folders above it; false when it is skipped.
    bool make_place(const std::string& path) {
        if (std::count(path.begin(), path.end(), '/') >= bounds_.files.depth)
            return skip(path, fmt::format("folders are nested deeper than {}", bounds_.files.depth)), false;
        if (++files_ > bounds_.files.files) refuse("holds more files than takeover.files allows");
        std::error_code problem;
        fs::create_directories((target_ / path).parent_path(), problem);
        if (problem) return skip(path, "a file stands where its folder belongs"), false;
        return true;
    }

    void skip_unmade(const std::string& path, int error) {
        skip(path, error == EEXIST ? "the archive holds this name twice" : std::strerror(error));
    }

    void second_name(const std::string& path, std::string other) {
        while (other.starts_with("./")) other.erase(0, 2);
        struct stat status {};
        if (release::find_path_fault(other) || ::lstat((target_ / other).c_str(), &status) != 0 ||
            !S_ISREG(status.st_mode))
            return skip(path, fmt::format("a second name of {}, which the archive does not hold before it", other));
        if (!make_place(path)) return;
        if (::link((target_ / other).c_str(), (target_ / path).c_str()) != 0) skip_unmade(path, errno);
    }

    /// Made when everything else is there, so that nothing is ever written through a link. Where it leads is the
    /// survey's question, as in a folder.
    void note_link(archive_entry* entry, const std::string& path) {
        const char* to = archive_entry_symlink(entry);
        if (to == nullptr || *to == '\0') return skip(path, "a link whose target cannot be read");
        links_.emplace_back(path, to);
    }

    void make_links() {
        std::erase_if(links_, [&](const auto& link) { return !make_place(link.first); });  // real folders, all of them
        for (const auto& [path, to] : links_)
            if (::symlink(to.c_str(), (target_ / path).c_str()) != 0) skip_unmade(path, errno);
    }

    void write(archive_entry* entry, const std::string& path) {
        if (!make_place(path)) return;
        const fs::path to = target_ / path;
        const sys::Descriptor out(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
        if (!out) return skip_unmade(path, errno);
        std::int64_t size = 0;
        const void* piece = nullptr;
        std::size_t length = 0;
        la_int64_t offset = 0;
        for (;;) {
            const int result = archive_read_data_block(reader_.get(), &piece, &length, &offset);
            if (result == ARCHIVE_EOF) break;
            if (result != ARCHIVE_OK) fail();
            check_stopped();
            size = std::max<std::int64_t>(size, offset + static_cast<std::int64_t>(length));
            if (size > bounds_.files.largest_file) {
                ::unlink(to.c_str());
                return skip(path, "larger than takeover.largest_file_mb allows");
            }
            total_ += static_cast<std::int64_t>(length);
            if (total_ > bounds_.files.largest_total) refuse("holds more bytes than takeover.largest_total_gb allows");
            if (total_ > kFreeBytes && total_ / std::max<std::int64_t>(packed_, 1) > bounds_.ratio)
                refuse("unpacks to far more than it holds (takeover.unpack_ratio): it looks like an archive bomb");
            write_at(out, piece, length, offset, to);
        }
        const timespec times[2] = {{archive_entry_mtime(entry), archive_entry_mtime_nsec(entry)},
                                   {archive_entry_mtime(entry), archive_entry_mtime_nsec(entry)}};
        ::futimens(out.get(), times);
        ::fchmod(out.get(), (archive_entry_perm(entry) & 0777U) | 0400U);
    }

    static void write_at(const sys::Descriptor& out, const void* piece, std::size_t length, la_int64_t offset,
                         const fs::path& to) {
        const char* bytes = static_cast<const char*>(piece);
        while (length > 0) {
            const ssize_t written = ::pwrite(out.get(), bytes, length, offset);
            if (written < 0 && errno == EINTR) continue;
            if (written <= 0)
                throw Error(Kind::Unavailable, fmt::format("{} cannot be written: {}; make room and try again",
                                                           to.string(), std::strerror(errno)));
            bytes += written;
            offset += written;
            length -= static_cast<std::size_t>(written);
        }
    }

    void skip(std::string path, std::string reason) { skipped_.push_back({std::move(path), std::move(reason)}); }
    [[noreturn]] void refuse(std::string_view what) const {
        throw Error(Kind::BadInput, fmt::format("{} {}; raise it in yakuba.toml if the archive is to be trusted",
                                                file_.string(), what));
    }
    [[noreturn]] void fail() const {
        const char* why = archive_error_string(reader_.get());
        throw Error(Kind::BadInput, fmt::format("{} cannot be unpacked: {}", file_.string(),
                                                why == nullptr ? "it is no archive" : base::to_valid_utf8(why)));
    }

    const fs::path& file_;
    fs::path target_;
    const UnpackBounds& bounds_;
    const std::function<bool()>& is_stopped_;
    ReaderHandle reader_;
    std::vector<Skipped> skipped_;
    std::vector<std::pair<std::string, std::string>> links_;  ///< path and where to
    std::int64_t packed_ = 0;
    std::int64_t total_ = 0;
    std::int64_t files_ = 0;
    std::int64_t folders_ = 0;
};

}  // namespace

bool is_archive_name(const fs::path& file) {
    const std::string name = base::to_lower(file.filename().string());
    for (const std::string_view ending : {".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst"})
        if (name.ends_with(ending)) return true;
    return false;
}

std::vector<Skipped> unpack(const fs::path& archive, const fs::path& target, const UnpackBounds& bounds,
                            const std::function<bool()>& is_stopped) {
    const Utf8Names names;
    return Unpacker(archive, target, bounds, is_stopped).run();
}

}  // namespace intake

#include "press/intake/spool.h"

#include <cerrno>
#include <charconv>
#include <fstream>

#include <fcntl.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"

namespace intake {

namespace fs = std::filesystem;
using base::Error;
using base::Kind;

namespace {

constexpr std::string_view kMagic = "yakuba-crawl 1 ";
constexpr std::string_view kNames[] = {"file", "redirect", "missing"};
constexpr std::size_t kLargestJournal = std::size_t{4} << 30;

std::string field(std::string_view bytes) {
    return bytes.empty() ? "-" : base::percent_encode(bytes);
}

std::string line_of(const Spooled& one) {
    return fmt::format("{} {} {} {} {} {} {} {} {} {}\n", kNames[static_cast<std::size_t>(one.what)], field(one.path),
                       field(one.address), one.status, one.number, one.size, one.hash.hex(), one.changed_at,
                       field(one.content_type), field(one.location));
}

std::optional<Spooled> parse_line(std::string_view line) {
    const auto fields = base::split(line, ' ');
    if (fields.size() != 10) return std::nullopt;
    Spooled one;
    const auto name = std::find(std::begin(kNames), std::end(kNames), fields[0]);
    if (name == std::end(kNames)) return std::nullopt;
    one.what = static_cast<Spooled::What>(name - std::begin(kNames));
    const auto text = [&](std::size_t at) {
        return fields[at] == "-" ? std::string() : base::percent_decode(fields[at]).value_or("");
    };
    const auto number = [&](std::size_t at) {
        std::int64_t value = 0;
        std::from_chars(fields[at].data(), fields[at].data() + fields[at].size(), value);
        return value;
    };
    one.path = text(1);
    one.address = text(2);
    one.status = static_cast<int>(number(3));
    one.number = number(4);
    one.size = number(5);
    const auto hash = base::Hash::find_hex(fields[6]);
    if (!hash || one.path.empty()) return std::nullopt;
    one.hash = *hash;
    one.changed_at = number(7);
    one.content_type = text(8);
    one.location = text(9);
    return one;
}

bool is_whole(const fs::path& file, const Spooled& one) {
    std::error_code problem;
    if (fs::file_size(file, problem) != static_cast<std::uintmax_t>(one.size) || problem) return false;
    std::ifstream in(file, std::ios::binary);
    sys::Hasher hasher;
    std::string buffer(1 << 20, '\0');
    while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0)
        hasher.add(std::string_view(buffer).substr(0, static_cast<std::size_t>(in.gcount())));
    return hasher.finish() == one.hash;
}

}  // namespace

Spool::Spool(fs::path folder, std::string_view source) : folder_(std::move(folder)) {
    sys::make_folders(folder_ / "files", 0750);
    fs::remove_all(staging());
    sys::make_folders(staging(), 0750);
    read_journal(source);
}

void Spool::read_journal(std::string_view source) {
    const fs::path file = folder_ / "journal";
    const std::string head = std::string(kMagic) + base::percent_encode(source) + "\n";
    const std::string text = sys::find_file(file, kLargestJournal).value_or("");
    const std::size_t whole = text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1;
    if (whole > 0 && !text.starts_with(head))
        throw Error(Kind::Conflict,
                    fmt::format("{} belongs to another takeover; remove it to start afresh", folder_.string()));
    for (std::size_t at = whole > 0 ? head.size() : 0; at < whole;) {
        const std::size_t end = text.find('\n', at);
        if (auto one = parse_line(std::string_view(text).substr(at, end - at))) {
            number_ = std::max(number_, one->number);
            finished_[one->path] = std::move(*one);
        }
        at = end + 1;
    }
    journal_ = sys::Descriptor(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND, 0640));
    // A torn last line goes, or the next one would be glued to it.
    if (!journal_ || ::ftruncate(journal_.get(), static_cast<off_t>(whole)) != 0 ||
        (whole == 0 && ::write(journal_.get(), head.data(), head.size()) != static_cast<ssize_t>(head.size())))
        throw Error(Kind::Unavailable, fmt::format("{} cannot be written: {}", file.string(), std::strerror(errno)));
}

std::optional<Spooled> Spool::find(const std::string& path) {
    std::optional<Spooled> found;
    {
        const std::lock_guard lock(mutex_);
        const auto at = finished_.find(path);
        if (at == finished_.end()) return std::nullopt;
        found = at->second;
    }
    if (found->what == Spooled::What::File && !is_whole(file(found->number), *found)) return std::nullopt;
    return found;
}

std::int64_t Spool::next_number() {
    const std::lock_guard lock(mutex_);
    return ++number_;
}

fs::path Spool::file(std::int64_t number) const {
    // At most a thousand in a folder.
    return folder_ / "files" / fmt::format("{:06}", number / 1000) / fmt::format("{:09}", number);
}

void Spool::add(const Spooled& finished) {
    const std::string line = line_of(finished);
    const std::lock_guard lock(mutex_);
    if (::write(journal_.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()))
        throw Error(Kind::Unavailable,
                    fmt::format("{} cannot be written: {}; make room and call the same command again",
                                (folder_ / "journal").string(), std::strerror(errno)));
    finished_[finished.path] = finished;
}

}  // namespace intake

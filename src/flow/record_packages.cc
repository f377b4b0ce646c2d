#include "flow/record_packages.h"

#include <boost/json.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"

namespace flow {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using base::Error;
using base::Kind;

constexpr std::size_t kMostFiles = 1000;
constexpr std::int64_t kMostBytes = std::int64_t{20} << 30;
constexpr std::size_t kLargestSums = 1U << 20;
constexpr std::size_t kLongestFrom = 200;  // characters
constexpr std::string_view kSums = "SHA256SUMS";

/// The files' sums as the sender listed them.
std::map<std::string, std::string> read_sums(const fs::path& folder) {
    std::map<std::string, std::string> sums;
    const std::string text = sys::find_file(folder / kSums, kLargestSums).value_or("");
    for (const std::string_view line : base::split(text, '\n')) {
        if (line.size() < 67) continue;  // 64 digits, two characters, a name
        std::string_view name = line.substr(66);
        if (name.starts_with("./")) name.remove_prefix(2);
        sums[std::string(name)] = base::to_lower(line.substr(0, 64));
    }
    return sums;
}

ReceivedFile read_one(const fs::path& path, const std::string& shown) {
    const sys::Descriptor in(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat status {};
    if (!in || ::fstat(in.get(), &status) != 0 || !S_ISREG(status.st_mode))
        throw Error(Kind::BadInput, fmt::format("{} cannot be read; check the medium", path.string()));
    ReceivedFile file;
    file.file = shown;
    file.name = path.filename().string();
    if (const auto package = parse_package_file(file.name)) std::tie(file.name, file.version) = *package;
    sys::Hasher hasher;
    std::string piece(1U << 20, '\0');
    for (;;) {
        const ssize_t got = ::read(in.get(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw Error(Kind::Unavailable, fmt::format("{} cannot be read; check the medium", path.string()));
        if (got == 0) break;
        hasher.add({piece.data(), static_cast<std::size_t>(got)});
        file.bytes += got;
        if (file.bytes > kMostBytes)
            throw Error(Kind::BadInput, "the folder holds more than 20 GB; record it in parts");
    }
    file.sha256 = hasher.finish().hex();
    return file;
}

void compare(ReceivedPackages& received, std::map<std::string, std::string> sums) {
    for (ReceivedFile& file : received.files) {
        const auto listed = sums.find(file.file);
        if (listed == sums.end()) continue;
        file.is_listed = listed->second == file.sha256;
        if (!file.is_listed)
            received.problems.push_back(
                fmt::format("{} の内容が、SHA256SUMS と違います。受け取り直してください。", file.file));
        sums.erase(listed);
    }
    for (const auto& [name, sum] : sums)
        received.problems.push_back(fmt::format("{} が、SHA256SUMS にあるのに、フォルダにありません。", name));
}

}  // namespace

std::optional<std::pair<std::string, std::string>> parse_package_file(std::string_view file) {
    if (!file.ends_with(".deb")) return std::nullopt;
    const auto first = file.find('_');
    const auto last = file.rfind('_');
    if (first == std::string_view::npos || first == 0 || last == first) return std::nullopt;
    const auto version = base::percent_decode(file.substr(first + 1, last - first - 1));  // "1%3a5.44-3"
    if (!version || version->empty()) return std::nullopt;
    return std::pair(std::string(file.substr(0, first)), *version);
}

ReceivedPackages record_packages(Site& site, const fs::path& folder, std::string_view from, const std::string& by) {
    if (base::trim(from).empty() || base::first_code_points(from, kLongestFrom).size() < from.size())
        throw Error(Kind::BadInput,
                    fmt::format("--from says who handed it over, in up to {} characters", kLongestFrom));
    if (!fs::is_directory(folder)) throw Error(Kind::NotFound, fmt::format("{} is no folder", folder.string()));
    ReceivedPackages received;
    std::vector<fs::path> paths;
    for (const auto& one : fs::recursive_directory_iterator(folder)) {
        if (one.is_symlink())
            received.problems.push_back(fmt::format("{} はリンクです。ファイルそのものを受け取ってください。",
                                                    one.path().lexically_relative(folder).string()));
        else if (one.is_regular_file())
            paths.push_back(one.path());
        if (paths.size() > kMostFiles)
            throw Error(Kind::BadInput,
                        fmt::format("the folder holds more than {} files; record it in parts", kMostFiles));
    }
    std::sort(paths.begin(), paths.end());
    std::int64_t bytes = 0;
    for (const fs::path& path : paths) {
        const std::string shown = path.lexically_relative(folder).string();
        if (shown == kSums) continue;
        received.files.push_back(read_one(path, shown));
        bytes += received.files.back().bytes;
        if (bytes > kMostBytes) throw Error(Kind::BadInput, "the folder holds more than 20 GB; record it in parts");
        if (!base::is_utf8(shown)) received.problems.push_back("ファイル名の文字コードがUTF-8ではありません。");
    }
    if (received.files.empty() && received.problems.empty())
        received.problems.push_back("フォルダにファイルがありません。");
    compare(received, read_sums(folder));
    if (!received.problems.empty()) return received;
    site.database->write([&](sys::Transaction& tx) {
        for (const ReceivedFile& file : received.files)
            ledger::append(tx, {site.clock.now(), by, "packages.record", "package:" + file.sha256.substr(0, 16),
                                json::serialize(json::object{{"from", from},
                                                             {"file", file.file},
                                                             {"name", file.name},
                                                             {"version", file.version},
                                                             {"sha256", file.sha256},
                                                             {"bytes", file.bytes},
                                                             {"is_listed", file.is_listed}})});
    });
    return received;
}

}  // namespace flow

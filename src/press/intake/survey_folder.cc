#include <cerrno>
#include <cstring>

#include <dirent.h>
#include <sys/stat.h>
#include <unicode/casemap.h>
#include <unicode/normalizer2.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/release/record.h"
#include "press/intake/source.h"

namespace intake {

namespace {

namespace fs = std::filesystem;
using base::Error;
using base::Kind;

/// The form in which Windows and macOS would take two names for one: composed and case-folded. (Not NFKC: "①.html" and
/// "1.html" are two files everywhere.)
std::string collision_key(const std::string& path) {
    if (!base::is_utf8(path)) {
        // Shift_JIS has letters as second bytes, and 83 41 is another sign than 83 61: what follows a high byte stays.
        std::string key = path;
        for (std::size_t i = 0; i < key.size(); ++i)
            if (static_cast<unsigned char>(key[i]) >= 0x80)
                ++i;
            else if (key[i] >= 'A' && key[i] <= 'Z')
                key[i] = static_cast<char>(key[i] - 'A' + 'a');
        return key;
    }
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* compose = icu::Normalizer2::getNFCInstance(status);
    if (U_FAILURE(status)) throw Error(Kind::Bug, "ICU has no normalisation data");
    icu::UnicodeString folded = compose->normalize(icu::UnicodeString::fromUTF8(path), status).foldCase();
    std::string key;
    compose->normalize(folded, status).toUTF8String(key);
    return key;
}

class Walker {
  public:
    Walker(fs::path root, const Bounds& bounds) : root_(std::move(root)), bounds_(bounds) {}

    Survey walk() {
        std::vector<fs::path> above;
        folder(root_, "", above);
        drop_collisions(survey_);
        return std::move(survey_);
    }

  private:
    void folder(const fs::path& at, const std::string& prefix, std::vector<fs::path>& above) {
        DIR* stream = ::opendir(at.c_str());
        if (stream == nullptr) {
            if (prefix.empty())
                throw Error(Kind::Unavailable, fmt::format("{} cannot be read: {}", at.string(), std::strerror(errno)));
            skip(prefix, fmt::format("cannot be read: {}", std::strerror(errno)));
            return;
        }
        const std::unique_ptr<DIR, int (*)(DIR*)> closer(stream, ::closedir);
        // Folders that link to each other can be walked in more ways than there are files.
        if (++folders_ > bounds_.files) throw too_many("folders");
        above.push_back(fs::canonical(at));
        std::vector<std::string> names;
        while (const dirent* entry = ::readdir(stream))
            if (const std::string name = entry->d_name; name != "." && name != "..") names.push_back(name);
        std::sort(names.begin(), names.end());
        if (names.empty() && !prefix.empty()) survey_.empty_folders.push_back(prefix.substr(0, prefix.size() - 1));
        for (const std::string& name : names) visit(at / name, prefix + name, above);
        above.pop_back();
    }

    void visit(const fs::path& at, const std::string& path, std::vector<fs::path>& above) {
        struct stat status {};
        if (::lstat(at.c_str(), &status) != 0)
            return skip(path, fmt::format("cannot be read: {}", std::strerror(errno)));
        std::string link_target;
        if (S_ISLNK(status.st_mode)) {
            std::error_code problem;
            link_target = fs::read_symlink(at, problem).string();
            const fs::path real = fs::canonical(at, problem);
            if (problem) return skip(path, fmt::format("a link that leads nowhere ({})", link_target));
            if (!is_inside(real)) return skip(path, fmt::format("a link out of the tree ({})", link_target));
            if (::stat(at.c_str(), &status) != 0)
                return skip(path, fmt::format("cannot be read: {}", std::strerror(errno)));
            if (S_ISDIR(status.st_mode) && std::find(above.begin(), above.end(), real) != above.end())
                return skip(path, fmt::format("a link to a folder above it ({})", link_target));
        }
        if (const auto fault = release::find_path_fault(path)) return skip(path, *fault);
        if (const auto why = find_private_name(at.filename().string())) return skip(path, *why);
        if (S_ISDIR(status.st_mode)) {
            if (static_cast<int>(above.size()) >= bounds_.depth)
                return skip(path, fmt::format("folders are nested deeper than {}", bounds_.depth));
            return folder(at, path + "/", above);
        }
        if (!S_ISREG(status.st_mode)) return skip(path, "not a regular file (a socket, pipe or device)");
        if (::access(at.c_str(), R_OK) != 0) return skip(path, fmt::format("cannot be read: {}", std::strerror(errno)));
        if (status.st_size > bounds_.largest_file)
            return skip(path, fmt::format("{} bytes are more than takeover.largest_file_mb allows", status.st_size));
        add({path,
             at,
             status.st_size,
             status.st_mode & 07777U,
             status.st_mtim.tv_sec * 1'000'000'000LL + status.st_mtim.tv_nsec,
             {},
             link_target});
    }

    void add(Item item) {
        total_ += item.size;
        if (total_ > bounds_.largest_total)
            throw Error(
                Kind::BadInput,
                fmt::format("{} holds more bytes than takeover.largest_total_gb allows; raise it in yakuba.toml",
                            root_.string()));
        if (static_cast<std::int64_t>(survey_.items.size()) >= bounds_.files) throw too_many("files");
        survey_.items.push_back(std::move(item));
    }

    Error too_many(std::string_view what) const {
        return Error(Kind::BadInput,
                     fmt::format("{} holds more {} than takeover.files allows ({}); raise it in yakuba.toml",
                                 root_.string(), what, bounds_.files));
    }

    void skip(std::string path, std::string reason) { survey_.skipped.push_back({std::move(path), std::move(reason)}); }

    bool is_inside(const fs::path& real) const {
        const std::string inside = real.string();
        const std::string root = root_.string();
        return inside == root || (inside.starts_with(root) && inside[root.size()] == '/');
    }

    fs::path root_;
    const Bounds& bounds_;
    Survey survey_;
    std::int64_t total_ = 0;
    std::int64_t folders_ = 0;
};

}  // namespace

std::optional<std::string> find_private_name(std::string_view path) {
    for (const std::string_view name : base::split(path, '/'))
        if (name.starts_with('.') && name != ".well-known")
            return "a name that begins with \".\" is a server's or a system's own, no public content";
    return std::nullopt;
}

void drop_collisions(Survey& survey) {
    std::sort(survey.items.begin(), survey.items.end(), [](const Item& a, const Item& b) { return a.path < b.path; });
    std::unordered_map<std::string, std::string> first, folders;
    first.reserve(survey.items.size());
    for (const Item& item : survey.items)
        for (auto slash = item.path.find('/'); slash != std::string::npos; slash = item.path.find('/', slash + 1))
            folders.emplace(item.path.substr(0, slash), item.path);
    std::vector<Item> kept;
    kept.reserve(survey.items.size());
    for (Item& item : survey.items) {
        if (const auto folder = folders.find(item.path); folder != folders.end()) {
            survey.skipped.push_back({item.path, fmt::format("is a file and the folder of {} too", folder->second)});
            continue;
        }
        const auto [found, is_new] = first.emplace(collision_key(item.path), item.path);
        if (is_new)
            kept.push_back(std::move(item));
        else
            survey.skipped.push_back(
                {item.path, fmt::format("differs from {} by case or Unicode form only", found->second)});
    }
    survey.items = std::move(kept);
}

Survey survey_folder(const fs::path& root, const Bounds& bounds) {
    std::error_code problem;
    const fs::path real = fs::canonical(root, problem);
    if (problem || !fs::is_directory(real))
        throw Error(Kind::NotFound, fmt::format("{} is not a folder", root.string()));
    return Walker(real, bounds).walk();
}

}  // namespace intake

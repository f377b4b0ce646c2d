#include "press/delivery/evidence.h"

#include <algorithm>
#include <cerrno>

#include <boost/json.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/beneath.h"
#include "ground/sys/files.h"

namespace delivery {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::size_t kLargestNote = 64U << 10;
constexpr int kToRead = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;

/// "20261123T080000123Z-0123456789ab": what Quarantine gives as a name, and nothing that leads elsewhere.
bool is_name(std::string_view name) {
    return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == 'T' || c == 'Z' || c == '-';
    });
}

[[noreturn]] void refuse(const fs::path& path) {
    throw base::Error(base::Kind::NotAllowed, fmt::format("{} may not be read here", path.string()));
}

/// The newest first.
std::vector<std::string> list_names(const fs::path& quarantine) {
    std::vector<std::string> names;
    std::error_code problem;
    for (fs::directory_iterator at(quarantine, problem); !problem && at != fs::directory_iterator();
         at.increment(problem))
        if (std::string name = at->path().filename().string(); is_name(name)) names.push_back(std::move(name));
    if (problem && problem != std::errc::no_such_file_or_directory)  // it is made with the first piece
        throw base::Error(base::Kind::Unavailable,
                          fmt::format("{} cannot be read: {}", quarantine.string(), problem.message()));
    std::sort(names.begin(), names.end(), std::greater<>());
    return names;
}

/// Throws Error(NotAllowed): it may not be read by whoever this process is.
std::optional<std::string> read_beneath(const fs::path& quarantine, const std::string& path, std::size_t most) {
    const sys::Descriptor folder(::open(quarantine.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const sys::Descriptor file = folder ? sys::open_beneath(folder.get(), path, kToRead) : sys::Descriptor();
    if (!file && (errno == EACCES || errno == EPERM)) refuse(quarantine / path);
    struct stat status {};
    if (!file || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    std::string bytes(std::min(most, static_cast<std::size_t>(status.st_size)), '\0');
    std::size_t size = 0;
    while (size < bytes.size()) {
        const ssize_t got = ::read(file.get(), bytes.data() + size, bytes.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        size += static_cast<std::size_t>(got);
    }
    bytes.resize(size);
    return bytes;
}

std::string text_of(const json::object& from, std::string_view name) {
    const auto* found = from.if_contains(name);
    return found != nullptr && found->is_string() ? base::to_valid_utf8(std::string_view(found->as_string())) : "";
}

std::int64_t number_of(const json::object& from, std::string_view name, std::int64_t otherwise) {
    const auto* found = from.if_contains(name);
    return found != nullptr && found->is_int64() ? found->as_int64() : otherwise;
}

}  // namespace

std::size_t count_evidence(const fs::path& quarantine) {
    return list_names(quarantine).size();
}

std::vector<Evidence> list_evidence(const fs::path& quarantine, std::string_view before, std::size_t limit) {
    std::vector<Evidence> all;
    for (const std::string& name : list_names(quarantine)) {
        if (all.size() == limit) break;
        if (!before.empty() && name >= before) continue;
        try {
            if (auto one = find_evidence(quarantine, name)) all.push_back(*std::move(one));
        } catch (const base::Error& error) {
            if (error.kind() != base::Kind::NotAllowed) throw;
        }
    }
    return all;
}

std::optional<Evidence> find_evidence(const fs::path& quarantine, std::string_view name) {
    if (!is_name(name)) return std::nullopt;
    const auto text = read_beneath(quarantine, std::string(name) + "/evidence.json", kLargestNote);
    boost::system::error_code problem;
    const json::value parsed = json::parse(text.value_or(""), problem);
    if (problem || !parsed.is_object()) return std::nullopt;
    const json::object& about = parsed.as_object();
    Evidence one;
    one.name = name;
    one.path = base::percent_decode(text_of(about, "path")).value_or("");
    one.found_at = base::parse_utc(text_of(about, "found_at")).value_or(base::Instant());
    one.type = text_of(about, "type");
    one.size = number_of(about, "size", 0);
    one.mode = text_of(about, "mode");
    one.uid = number_of(about, "uid", -1);
    one.gid = number_of(about, "gid", -1);
    one.links = number_of(about, "links", 0);
    one.modified_at = base::parse_utc(text_of(about, "modified_at"));
    one.changed_at = base::parse_utc(text_of(about, "changed_at"));
    one.sha256 = text_of(about, "sha256");
    one.leads_to = base::to_valid_utf8(base::percent_decode(text_of(about, "leads_to")).value_or(""));
    const auto* kept = about.if_contains("kept");
    one.is_kept = kept == nullptr || !kept->is_bool() || kept->as_bool();
    if (const auto* kinds = about.if_contains("deviations"); kinds != nullptr && kinds->is_array())
        for (const json::value& kind : kinds->as_array())
            if (kind.is_string()) one.kinds.emplace_back(std::string_view(kind.as_string()));
    if (const auto* writer = about.if_contains("writer"); writer != nullptr && writer->is_object())
        one.writer = {number_of(writer->as_object(), "process", 0), number_of(writer->as_object(), "user", -1),
                      text_of(writer->as_object(), "program"), text_of(writer->as_object(), "command")};
    return one;
}

std::optional<std::string> find_thing(const fs::path& quarantine, std::string_view name, std::size_t most) {
    return is_name(name) ? read_beneath(quarantine, std::string(name) + "/thing", most) : std::nullopt;
}

KeptFolder list_kept_files(const fs::path& quarantine, std::string_view name, std::size_t most) {
    KeptFolder kept;
    if (!is_name(name)) return kept;
    const fs::path thing = quarantine / name / "thing";
    std::error_code problem, unknown;
    const auto status = fs::symlink_status(thing, problem);
    if (problem == std::errc::permission_denied) refuse(thing);
    if (!fs::is_directory(status)) return kept;
    if (fs::directory_iterator(thing, problem); problem == std::errc::permission_denied) refuse(thing);
    std::size_t met = 0;
    fs::recursive_directory_iterator at(thing, fs::directory_options::skip_permission_denied, problem);
    for (; !problem && at != fs::recursive_directory_iterator(); at.increment(problem)) {  // follows no link
        if (met++ == most) {
            kept.is_more = true;
            break;
        }
        if (at->is_directory(unknown) && !at->is_symlink(unknown)) continue;
        const auto size = at->is_symlink(unknown) ? 0 : at->file_size(unknown);
        kept.files.push_back({at->path().lexically_relative(thing).string(),
                              unknown ? std::int64_t{0} : static_cast<std::int64_t>(size)});
    }
    std::sort(kept.files.begin(), kept.files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    return kept;
}

}  // namespace delivery

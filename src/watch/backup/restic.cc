#include "watch/backup/restic.h"

#include <algorithm>
#include <cctype>
#include <cstring>

#include <boost/json.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/base/interrupted.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"
#include "ground/sys/log.h"
#include "ground/sys/process.h"

namespace backup {

namespace fs = std::filesystem;
namespace json = boost::json;
using base::Error;
using namespace std::chrono_literals;

namespace {

constexpr auto kShortPatience = 90s;              // of a question
constexpr std::size_t kMostText = 4U << 20;       // of prose
constexpr std::size_t kMostListing = 1U << 30;    // of JSON lines
constexpr std::size_t kLargestPack = 256U << 20;  // the engine makes them of 16 MB, at most of 128
constexpr std::size_t kMostSnapshots = 64U << 20;
constexpr std::size_t kMostProblems = 50;

struct Call {
    std::vector<std::string> arguments;
    std::chrono::milliseconds patience;
    std::size_t limit = kMostText;
    bool is_heavy = false;  ///< it reads or writes much: others go first
};

/// The engine's own words, one line, short, without what restic says to somebody at a terminal.
std::string words_of(const sys::Outcome& outcome) {
    std::string line;
    for (const std::string_view each : base::split(outcome.errors, '\n')) {
        const std::string_view one = base::trim(each);
        if (one.empty()) continue;
        if (one.starts_with("Fatal:") || line.empty()) line = std::string(one);
        if (one.starts_with("Fatal:")) break;
    }
    if (line.empty()) line = fmt::format("it ended with status {} and said nothing", outcome.exit_code);
    if (line.size() > 600) line = line.substr(0, 600);
    return base::to_valid_utf8(line);
}

/// The first file of which the engine says that it went on without it; its last words only count them.
std::optional<std::string> first_ignored(const sys::Outcome& outcome) {
    for (const std::string_view each : base::split(outcome.errors, '\n'))
        if (each.starts_with("ignoring error")) return base::to_valid_utf8(each.substr(0, 600));
    return std::nullopt;
}

bool says(const sys::Outcome& outcome, std::string_view words) {
    return outcome.errors.find(words) != std::string::npos;
}

Standing::What what_failed(const sys::Outcome& outcome) {
    if (says(outcome, "wrong password") || says(outcome, "no key found")) return Standing::What::WrongKey;
    // What a storage says when there is no such thing: a file system, SFTP, S3.
    if (says(outcome, "Is there a repository at the following location") &&
        (says(outcome, "no such file") || says(outcome, "does not exist") || says(outcome, "not exist") ||
         says(outcome, "The specified key") || says(outcome, "NoSuchBucket") || says(outcome, "specified bucket")))
        return Standing::What::Missing;
    if (says(outcome, "ciphertext verification failed") || says(outcome, "invalid data returned") ||
        says(outcome, "unexpected end of JSON") || says(outcome, "invalid character"))
        return Standing::What::Damaged;
    return Standing::What::Unreachable;
}

[[noreturn]] void fail(const Access& access, std::string_view act, const sys::Outcome& outcome) {
    const std::string words = words_of(outcome);
    if (outcome.timed_out)
        throw Error(base::Kind::Unavailable,
                    fmt::format("{}: {} took too long and was ended; the repository is unchanged "
                                "but for data that the next run uses",
                                access.repository, act));
    switch (what_failed(outcome)) {
        case Standing::What::WrongKey:
            throw Error(base::Kind::NotAllowed,
                        fmt::format("{}: the password in {} is not this repository's; put the kept one there",
                                    access.repository, access.password_file.string()));
        case Standing::What::Damaged:
            throw Error(base::Kind::Damaged, fmt::format("{}: {} met damage: {}", access.repository, act, words));
        default:
            throw Error(base::Kind::Unavailable, fmt::format("{}: {} failed: {}", access.repository, act, words));
    }
}

sys::Outcome call(const Access& access, const Call& asked) {
    sys::Command command;
    if (asked.is_heavy) command.arguments = {"nice", "-n", "19", "ionice", "-c", "3", "-t"};
    command.arguments.emplace_back("restic");
    command.environment = access.environment;
    command.environment["RESTIC_REPOSITORY"] = access.repository;
    command.environment["RESTIC_PASSWORD_FILE"] = access.password_file.string();
    command.environment["RESTIC_PROGRESS_FPS"] = "0.1";
    command.environment["LC_ALL"] = "C.UTF-8";
    if (access.cache.empty())
        command.arguments.emplace_back("--no-cache");
    else
        command.environment["RESTIC_CACHE_DIR"] = access.cache.string();
    if (access.repository.starts_with("sftp:"))  // never asks anybody, notices a dead line
        command.environment.try_emplace("SSH_ASKPASS_REQUIRE", "never");
    if (access.upload_kilobytes > 0)
        command.arguments.push_back(fmt::format("--limit-upload={}", access.upload_kilobytes));
    command.arguments.insert(command.arguments.end(), asked.arguments.begin(), asked.arguments.end());
    command.patience = asked.patience;
    command.output_limit = asked.limit;
    command.is_stopped = access.is_stopped;
    command.ending = 60s;
    command.dies_with_us = true;
    sys::Outcome outcome = sys::run(command);
    if (outcome.exit_code == 127 || says(outcome, "failed to execute restic"))
        throw Error(base::Kind::Unavailable, "restic is not installed, and backups need it: apt install restic");
    return outcome;
}

void stop_if_stopped(const Access& access, const sys::Outcome& outcome, std::string_view act) {
    if (outcome.was_stopped)
        throw base::Interrupted(fmt::format("{}: {} was stopped at a safe point", access.repository, act));
}

/// For what must end well or not at all.
sys::Outcome call_or_fail(const Access& access, const Call& asked, std::string_view act) {
    sys::Outcome outcome = call(access, asked);
    stop_if_stopped(access, outcome, act);
    if (outcome.exit_code != 0 || outcome.timed_out) fail(access, act, outcome);
    if (outcome.was_cut)
        throw Error(base::Kind::Damaged, fmt::format("{}: {} says more than can be read", access.repository, act));
    return outcome;
}

json::value parse(const Access& access, std::string_view text, std::string_view act) {
    boost::system::error_code problem;
    json::value value = json::parse({text.data(), text.size()}, problem);
    if (problem) throw Error(base::Kind::Damaged, fmt::format("{}: {} gave no JSON", access.repository, act));
    return value;
}

std::string text_of(const json::object& from, std::string_view name) {
    const json::value* const value = from.if_contains({name.data(), name.size()});
    return value != nullptr && value->is_string() ? std::string(std::string_view(value->get_string())) : std::string();
}

std::int64_t count_of(const json::object& from, std::string_view name) {
    const json::value* const value = from.if_contains({name.data(), name.size()});
    if (value == nullptr || !value->is_number()) return 0;
    boost::system::error_code problem;
    const auto count = value->to_number<std::int64_t>(problem);
    return problem ? 0 : count;
}

std::vector<std::string> texts_of(const json::object& from, std::string_view name) {
    std::vector<std::string> all;
    if (const json::value* const value = from.if_contains({name.data(), name.size()}); value && value->is_array())
        for (const json::value& each : value->get_array())
            if (each.is_string()) all.emplace_back(std::string_view(each.get_string()));
    return all;
}

/// RFC 3339 with any fraction and zone, as Go writes it.
base::Instant read_time(const Access& access, std::string_view text) {
    if (text.size() >= 20) {
        std::string fraction = "000";
        std::size_t at = 19;
        if (text[at] == '.') {
            std::size_t digits = 0;
            for (++at; at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])) != 0; ++at)
                if (digits < 3) fraction[digits++] = text[at];
        }
        std::int64_t offset = 0;
        const std::string_view zone = text.substr(at);
        const bool is_offset = zone.size() == 6 && (zone[0] == '+' || zone[0] == '-');
        if (is_offset) offset = ((zone[1] - '0') * 10 + (zone[2] - '0')) * 60 + (zone[4] - '0') * 10 + (zone[5] - '0');
        if (is_offset && zone[0] == '-') offset = -offset;
        if (const auto read = base::parse_utc(fmt::format("{}.{}Z", text.substr(0, 19), fraction));
            read && (is_offset || zone == "Z"))
            return *read - std::chrono::minutes(offset);
    }
    throw Error(base::Kind::Damaged, fmt::format("{}: a time of it cannot be read", access.repository));
}

/// The name of a process's program; "" when there is no such process.
std::string program_of(std::int64_t process) {
    return sys::find_file(fmt::format("/proc/{}/comm", process), 4096).value_or("");
}

/// The engine renews a lock every five minutes. Its owner is gone when it was on this host and is no process (or one of
/// another program: numbers come again), or when it was elsewhere and has renewed nothing for a day.
bool is_gone(const Lock& lock, base::Instant now) {
    char here[256] = {};
    ::gethostname(here, sizeof here - 1);
    if (lock.host == here) return lock.process > 0 && !program_of(lock.process).starts_with("restic");
    return now - std::chrono::hours(24) > lock.at;
}

/// Why the file cannot be used; empty: it can.
std::string password_problem(const fs::path& file) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0)
        return fmt::format("{} cannot be read ({}); `yakuba backup key` makes it", file.string(), std::strerror(errno));
    if ((status.st_mode & 0077) != 0)
        return fmt::format("{} can be read by others; run `chmod 600 {}`", file.string(), file.string());
    return {};
}

const json::object& object_of(const Access& access, const json::value& value) {
    if (!value.is_object())
        throw Error(base::Kind::Damaged, fmt::format("{}: the engine's answer has another form", access.repository));
    return value.get_object();
}

std::vector<Snapshot> read_snapshots(const Access& access, const sys::Outcome& outcome) {
    if (outcome.was_cut)
        throw Error(base::Kind::Damaged,
                    fmt::format("{}: its list of snapshots is too long to be one", access.repository));
    const json::value value = parse(access, outcome.output, "the list of snapshots");
    std::vector<Snapshot> all;
    if (value.is_null()) return all;
    if (!value.is_array()) object_of(access, nullptr);
    for (const json::value& each : value.get_array()) {
        const json::object& one = object_of(access, each);
        all.push_back({text_of(one, "id"), read_time(access, text_of(one, "time")), text_of(one, "hostname"),
                       texts_of(one, "paths"), texts_of(one, "tags")});
    }
    std::stable_sort(all.begin(), all.end(), [](const Snapshot& a, const Snapshot& b) { return a.time < b.time; });
    return all;
}

/// The path itself, where the engine takes a pattern.
std::string as_pattern(std::string_view path) {
    std::string pattern;
    for (const char c : path) {
        if (c == '*' || c == '?' || c == '[' || c == '\\') pattern += '\\';
        pattern += c;
    }
    return pattern;
}

fs::path data_of(const Access& access) {
    return fs::path(access.repository) / "data";
}

/// Nothing when the file is not there, or the disk does not give it.
std::optional<base::Hash> hash_of(const fs::path& file, const std::function<bool()>& is_stopped) {
    const sys::Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!opened) return std::nullopt;
    ::posix_fadvise(opened.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
    sys::Hasher hasher;
    std::string piece(1U << 20, '\0');
    for (;;) {
        const ssize_t count = ::read(opened.get(), piece.data(), piece.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return std::nullopt;
        if (count == 0) break;
        hasher.add(std::string_view(piece).substr(0, static_cast<std::size_t>(count)));
        if (is_stopped && is_stopped()) throw base::Interrupted("reading back was stopped at a safe point");
    }
    // What was read once is not read again soon: others need the memory more.
    ::posix_fadvise(opened.get(), 0, 0, POSIX_FADV_DONTNEED);
    return hasher.finish();
}

}  // namespace

std::map<std::string, std::string> read_environment_file(const fs::path& file) {
    struct stat status {};
    if (::stat(file.c_str(), &status) == 0 && (status.st_mode & 0077) != 0)
        throw Error(base::Kind::BadInput,
                    fmt::format("{} can be read by others; run `chmod 600 {}`", file.string(), file.string()));
    std::map<std::string, std::string> variables;
    int number = 0;
    const std::string text = sys::read_file(file, 64U << 10);
    for (const std::string_view each : base::split(text, '\n')) {
        ++number;
        const std::string_view line = base::trim(each);
        if (line.empty() || line.starts_with('#')) continue;
        const auto equals = line.find('=');
        const std::string name(line.substr(0, std::min(equals, line.size())));
        const bool is_name =
            equals != std::string_view::npos && !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
                return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
            });
        const bool is_harmless = !name.starts_with("LD_") && !name.starts_with("RESTIC_") && name != "PATH" &&
                                 name != "HOME" && name != "IFS" && name != "ENV";
        if (!is_name || !is_harmless)
            throw Error(base::Kind::BadInput,
                        fmt::format("{}, line {}: give NAME=value with a name of the storage's, such "
                                    "as AWS_ACCESS_KEY_ID",
                                    file.string(), number));
        variables[name] = std::string(line.substr(equals + 1));
    }
    return variables;
}

void check_repository(std::string_view repository, bool is_folder) {
    std::string_view host = repository;
    const bool is_sftp = repository.starts_with("sftp:");
    if (is_sftp) host.remove_prefix(5);
    while (host.starts_with('/')) host.remove_prefix(is_sftp ? 1 : host.size());
    const auto at = host.substr(0, host.find_first_of(":/")).find('@');
    if (at != std::string_view::npos) host.remove_prefix(at + 1);
    const bool is_known = is_folder || is_sftp || repository.starts_with("s3:");
    if (!is_known || repository.empty() || repository.starts_with('-') ||
        (is_sftp && (host.starts_with('-') || repository.starts_with("sftp:-"))))
        throw Error(base::Kind::BadInput, fmt::format("settings: backup.repositories: \"{}\" is neither a folder nor "
                                                      "sftp:user@host:/folder nor s3:https://host/bucket/folder",
                                                      repository));
}

std::string Snapshot::tag(std::string_view name) const {
    for (const std::string& each : tags)
        if (each.size() > name.size() && each.starts_with(name) && each[name.size()] == '=')
            return each.substr(name.size() + 1);
    return {};
}

Restic::Restic(Access access) : access_(std::move(access)) {
    if (access_.repository.empty()) throw Error(base::Kind::BadInput, "name a repository");
    if (access_.repository.starts_with('-'))
        throw Error(base::Kind::BadInput, "the name of a repository does not begin with a hyphen");
}

Standing Restic::look() const {
    if (std::string problem = password_problem(access_.password_file); !problem.empty())
        return {Standing::What::WrongKey, std::move(problem), {}};
    const sys::Outcome outcome = call(access_, {{"snapshots", "--json", "--no-lock"}, kShortPatience, kMostSnapshots});
    stop_if_stopped(access_, outcome, "a look at it");
    if (outcome.timed_out) return {Standing::What::Unreachable, "it does not answer in time", {}};
    if (outcome.exit_code != 0) return {what_failed(outcome), words_of(outcome), {}};
    try {
        return {Standing::What::Ready, {}, read_snapshots(access_, outcome)};
    } catch (const Error& error) {
        return {Standing::What::Damaged, error.message(), {}};
    }
}

std::optional<std::vector<std::string>> Restic::find_snapshot_names() const {
    const fs::path folder = access_.repository;
    std::error_code problem;
    if (!is_folder() || !password_problem(access_.password_file).empty() ||
        fs::file_size(folder / "config", problem) == 0 || problem || fs::is_empty(folder / "keys", problem) || problem)
        return std::nullopt;
    std::vector<std::string> names;
    for (fs::directory_iterator at(folder / "snapshots", problem), end; !problem && at != end; at.increment(problem)) {
        const std::string name = at->path().filename().string();
        const auto id = base::Hash::find_hex(name);
        if (!id) continue;  // what a file server puts there, which the engine leaves aside, too
        try {
            const auto bytes = sys::find_file(at->path(), kMostSnapshots);
            if (!bytes || sys::sha256(*bytes) != *id) return std::nullopt;
        } catch (const Error&) {
            return std::nullopt;  // the engine says what is wrong
        }
        names.push_back(name);
    }
    if (problem) return std::nullopt;
    return names;
}

void Restic::init() const {
    if (access_.repository.find(':') == std::string::npos) sys::make_folders(fs::path(access_.repository), 0700);
    const sys::Outcome outcome = call(access_, {{"init"}, kShortPatience});
    if (says(outcome, "config file already exists") || says(outcome, "config already exists"))
        throw Error(base::Kind::Conflict, fmt::format("{} is a repository already", access_.repository));
    if (outcome.exit_code != 0 || !look().is_ready()) fail(access_, "making the repository", outcome);
}

Made Restic::backup(const Source& source) const {
    Call asked{{"backup", "--json", "--quiet", "--host", source.host}, access_.patience, 64U << 20, true};
    // restic warns of a path that is not there, leaves it out and succeeds: so nothing starts without it.
    for (const fs::path& path : source.paths) {
        std::error_code problem;
        if (!path.is_absolute() || !fs::exists(fs::symlink_status(path, problem)))
            throw Error(base::Kind::NotFound,
                        fmt::format("{} is to be in the backup and is not there; no backup was begun", path.string()));
    }
    for (const std::string& tag : source.tags) {
        if (tag.find(',') != std::string::npos) throw Error(base::Kind::Bug, "a tag of a backup has a comma in it");
        asked.arguments.insert(asked.arguments.end(), {"--tag", tag});
    }
    for (const fs::path& each : source.excluded) asked.arguments.push_back("--exclude=" + as_pattern(each.string()));
    // No --time: restic reads it in the machine's zone; the moment is in a tag.
    asked.arguments.emplace_back("--");
    for (const fs::path& path : source.paths) asked.arguments.push_back(path.string());
    const sys::Outcome outcome = call(access_, asked);
    stop_if_stopped(access_, outcome, "the backup");
    Made made;
    for (const std::string_view line : base::split(outcome.output, '\n')) {
        if (line.find("\"summary\"") == std::string_view::npos) continue;
        const json::value value = parse(access_, line, "the backup");
        const json::object& summary = object_of(access_, value);
        made = {text_of(summary, "snapshot_id"),
                count_of(summary, "total_files_processed"),
                count_of(summary, "total_bytes_processed"),
                count_of(summary, "data_added"),
                {}};
    }
    // 3: a snapshot was made that lacks what could not be read.
    if (made.snapshot.empty() || (outcome.exit_code != 0 && outcome.exit_code != 3))
        fail(access_, "the backup", outcome);
    for (const std::string_view line : base::split(outcome.errors, '\n')) {
        const std::string_view one = base::trim(line);
        const bool is_lost = one.starts_with("{") ? one.find("\"error\"") != std::string_view::npos
                                                  : one.find("skipping") != std::string_view::npos;
        if (is_lost && made.unread.size() < kMostProblems) made.unread.push_back(base::to_valid_utf8(one));
    }
    if (outcome.exit_code == 3 && made.unread.empty()) made.unread.push_back(words_of(outcome));
    // By its whole name, and only when it is really there: in a folder, a file that hashes to its name, which costs no
    // key's derivation; what restic leaves out it has said above.
    if (is_folder())
        for (const auto& each : fs::directory_iterator(fs::path(access_.repository) / "snapshots")) {
            const std::string name = each.path().filename().string();
            if (!name.starts_with(made.snapshot)) continue;
            const auto bytes = sys::find_file(each.path(), kMostSnapshots);
            if (!bytes || sys::sha256(*bytes).hex() != name) break;
            made.snapshot = name;
            return made;
        }
    // Elsewhere with every path, too.
    for (const Snapshot& each : list_snapshots()) {
        if (!each.id.starts_with(made.snapshot)) continue;
        for (const fs::path& path : source.paths)
            if (std::find(each.paths.begin(), each.paths.end(), path.string()) == each.paths.end())
                made.unread.push_back(fmt::format("{} is not in the snapshot", path.string()));
        made.snapshot = each.id;
        return made;
    }
    throw Error(base::Kind::Damaged, fmt::format("{}: the engine says that it made snapshot {}, and it is not there",
                                                 access_.repository, made.snapshot));
}

std::vector<Snapshot> Restic::list_snapshots() const {
    return read_snapshots(access_,
                          call_or_fail(access_, {{"snapshots", "--json", "--no-lock"}, kShortPatience, kMostSnapshots},
                                       "the list of snapshots"));
}

std::vector<Node> Restic::list_files(std::string_view snapshot, std::string_view path, std::size_t most) const {
    Call asked{{"ls", "--json", "--no-lock", std::string(snapshot)}, access_.patience, kMostListing};
    if (!path.empty()) asked.arguments.insert(asked.arguments.end(), {"--recursive", std::string(path)});
    const sys::Outcome outcome = call_or_fail(access_, asked, "the list of files");
    std::vector<Node> all;
    for (const std::string_view line : base::split(outcome.output, '\n')) {
        if (base::trim(line).empty()) continue;
        const json::value value = parse(access_, line, "the list of files");
        const json::object& one = object_of(access_, value);
        if (text_of(one, "struct_type") != "node") continue;
        if (all.size() == most)
            throw Error(base::Kind::Damaged,
                        fmt::format("{}: the snapshot holds more than {} files", access_.repository, most));
        all.push_back({text_of(one, "path"), text_of(one, "type") == "file", count_of(one, "size")});
    }
    return all;
}

std::string Restic::dump(std::string_view snapshot, std::string_view path, std::size_t limit) const {
    const sys::Outcome outcome =
        call(access_, {{"dump", "--no-lock", std::string(snapshot), std::string(path)}, access_.patience, limit});
    stop_if_stopped(access_, outcome, "reading a file");
    if (says(outcome, "not found in snapshot"))
        throw Error(base::Kind::NotFound, fmt::format("{}: snapshot {} has no {}", access_.repository, snapshot, path));
    if (outcome.exit_code != 0) fail(access_, fmt::format("reading {}", path), outcome);
    if (outcome.was_cut)
        throw Error(base::Kind::Damaged,
                    fmt::format("{}: {} is larger than {} bytes", access_.repository, path, limit));
    return outcome.output;
}

void Restic::restore(std::string_view snapshot, const fs::path& target, Proof proof,
                     std::span<const std::string> includes) const {
    Call asked{{"restore", "--no-lock", "--target", target.string()}, access_.restore_patience, kMostText, true};
    if (proof == Proof::Engine) asked.arguments.emplace_back("--verify");
    for (const std::string& each : includes)
        asked.arguments.insert(asked.arguments.end(), {"--include", as_pattern(each)});
    asked.arguments.emplace_back(snapshot);
    const sys::Outcome outcome = call(access_, asked);
    stop_if_stopped(access_, outcome, "the restore");
    if (outcome.exit_code != 0 || says(outcome, "There were ") || says(outcome, "ignoring error")) {
        if (what_failed(outcome) == Standing::What::WrongKey || outcome.timed_out)
            fail(access_, "the restore", outcome);
        throw Error(base::Kind::Damaged, fmt::format("{}: not everything could be restored: {}", access_.repository,
                                                     first_ignored(outcome).value_or(words_of(outcome))));
    }
}

Check Restic::check(std::optional<Part> part) const {
    Call asked{{"check"}, access_.patience, kMostText, true};
    if (part && part->of <= 1) asked.arguments.emplace_back("--read-data");
    if (part && part->of > 1)
        asked.arguments.push_back(fmt::format("--read-data-subset={}/{}", part->number, part->of));
    const sys::Outcome outcome = call(access_, asked);
    stop_if_stopped(access_, outcome, "the check");
    if (says(outcome, "unable to create lock") || says(outcome, "repository is already locked"))
        fail(access_, "the check", outcome);  // nothing was looked at
    Check check;
    // The status alone says too little (a byte that is flipped in the data is exit 0 without --read-data), so the
    // words count as well.
    const bool is_read =
        !part || outcome.output.find(part->of <= 1 ? "read all data" : "read group") != std::string::npos;
    check.is_whole = outcome.exit_code == 0 && !outcome.timed_out && is_read &&
                     outcome.output.find("no errors were found") != std::string::npos;
    if (check.is_whole) return check;
    for (const std::string& stream : {outcome.errors, outcome.output})
        for (const std::string_view each : base::split(stream, '\n')) {
            const std::string_view one = base::trim(each);
            const bool tells =
                one.find("error") != std::string_view::npos || one.find("does not") != std::string_view::npos ||
                one.find("Fatal") != std::string_view::npos || one.find("invalid") != std::string_view::npos ||
                one.find("not found") != std::string_view::npos || one.find("missing") != std::string_view::npos;
            if (tells && check.problems.size() < kMostProblems)
                check.problems.push_back(base::to_valid_utf8(one.substr(0, 300)));
        }
    if (outcome.timed_out) fail(access_, "the check", outcome);
    must_be_there("the check");
    if (check.problems.empty()) check.problems.push_back(words_of(outcome));
    return check;
}

std::vector<base::Hash> Restic::list_packs() const {
    if (is_folder()) {
        std::vector<base::Hash> all;
        std::error_code problem;
        for (fs::directory_iterator shelf(data_of(access_), problem), end; shelf != end; shelf.increment(problem)) {
            if (problem || !shelf->is_directory()) continue;
            for (fs::directory_iterator pack(shelf->path(), problem); pack != end; pack.increment(problem))
                if (const auto hash = base::Hash::find_hex(pack->path().filename().string())) all.push_back(*hash);
            if (problem) break;
        }
        if (problem)
            throw Error(base::Kind::Unavailable,
                        fmt::format("{}: its data cannot be listed: {}", access_.repository, problem.message()));
        return all;
    }
    const sys::Outcome outcome =
        call_or_fail(access_, {{"list", "packs", "--no-lock"}, access_.patience, 256U << 20}, "the list of data");
    std::vector<base::Hash> all;
    for (const std::string_view line : base::split(outcome.output, '\n'))
        if (const auto hash = base::Hash::find_hex(base::trim(line))) all.push_back(*hash);
    return all;
}

bool Restic::is_pack_whole(const base::Hash& pack) const {
    if (is_folder()) {
        const std::string name = pack.hex();
        const auto read = hash_of(data_of(access_) / name.substr(0, 2) / name, access_.is_stopped);
        if (!read) must_be_there("reading data back");
        return read == pack;
    }
    const sys::Outcome outcome =
        call(access_, {{"cat", "pack", pack.hex(), "--no-lock"}, access_.patience, kLargestPack});
    stop_if_stopped(access_, outcome, "reading data back");
    if (outcome.timed_out) fail(access_, "reading data back", outcome);
    const bool is_whole = outcome.exit_code == 0 && !outcome.was_cut && sys::sha256(outcome.output) == pack;
    if (!is_whole) must_be_there("reading data back");
    return is_whole;
}

void Restic::must_be_there(std::string_view act) const {
    const Standing standing = look();
    const bool is_folder = fs::is_directory(access_.repository);
    if (standing.is_ready() || standing.what == Standing::What::Damaged ||
        (is_folder && standing.what != Standing::What::WrongKey))
        return;
    throw Error(standing.what == Standing::What::WrongKey ? base::Kind::NotAllowed : base::Kind::Unavailable,
                fmt::format("{}: {} could not be made: {}", access_.repository, act, standing.problem));
}

void Restic::forget(std::span<const std::string> snapshots) const {
    if (snapshots.empty()) return;
    Call asked{{"forget", "--prune"}, access_.patience, kMostText, true};
    for (const std::string& each : snapshots) {
        if (each.size() != 64 || !base::Hash::find_hex(each)) throw Error(base::Kind::Bug, "forget needs whole names");
        asked.arguments.push_back(each);
    }
    call_or_fail(access_, asked, "pruning");
    auto left = find_snapshot_names();
    if (!left) {
        left.emplace();
        for (const Snapshot& each : list_snapshots()) left->push_back(each.id);
    }
    for (const std::string& each : *left)
        if (std::find(snapshots.begin(), snapshots.end(), each) != snapshots.end())
            throw Error(base::Kind::Damaged,
                        fmt::format("{}: snapshot {} was to go and is still there", access_.repository, each));
}

std::vector<Lock> Restic::list_locks() const {
    std::error_code problem;
    if (fs::is_empty(fs::path(access_.repository) / "locks", problem) && !problem) return {};  // a folder here
    const sys::Outcome listed =
        call_or_fail(access_, {{"list", "locks", "--no-lock"}, kShortPatience}, "the list of locks");
    std::vector<Lock> all;
    for (const std::string_view line : base::split(listed.output, '\n')) {
        const std::string id(base::trim(line));
        if (!base::Hash::find_hex(id)) continue;
        const sys::Outcome shown = call(access_, {{"cat", "lock", id, "--no-lock"}, kShortPatience});
        if (shown.exit_code != 0) continue;  // gone meanwhile
        const json::value value = parse(access_, shown.output, "a lock");
        const json::object& one = object_of(access_, value);
        const json::value* const exclusive = one.if_contains("exclusive");
        all.push_back({id, text_of(one, "hostname"), text_of(one, "username"), count_of(one, "pid"),
                       exclusive != nullptr && exclusive->is_bool() && exclusive->get_bool(),
                       read_time(access_, text_of(one, "time"))});
    }
    return all;
}

std::vector<Lock> Restic::clear_stale_locks(base::Instant now) const {
    const std::vector<Lock> locks = list_locks();
    if (locks.empty()) return {};
    std::vector<Lock> left;
    std::copy_if(locks.begin(), locks.end(), std::back_inserter(left),
                 [&](const Lock& each) { return !is_gone(each, now); });
    // `unlock` goes by age as well, which a clock that was set can make wrong: never beside an owner who may live.
    if (!left.empty()) return left;
    call_or_fail(access_, {{"unlock"}, kShortPatience}, "removing locks whose owners are gone");
    std::vector<Lock> after = list_locks();
    sys::log(sys::Level::Warning, "removed locks that a backup program left when it died",
             {{"repository", access_.repository}, {"locks", std::to_string(locks.size() - after.size())}});
    return after;
}

}  // namespace backup

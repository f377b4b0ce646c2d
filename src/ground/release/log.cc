// The log's folder: putting records there, finding and reading them. Verifying is verify.cc.
#include "ground/release/log.h"

#include <algorithm>
#include <fstream>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/release/inside/lines.h"
#include "ground/release/inside/names.h"
#include "ground/sys/files.h"
#include "ground/sys/step.h"

namespace release {

namespace fs = std::filesystem;
using base::Error;
using base::Kind;

namespace {

constexpr std::size_t kHeadLimit = 4096;
constexpr std::size_t kRecordHeadLimit = 32U << 10;
constexpr std::size_t kRecordLimit = std::size_t{1} << 30;

/// Writes whole or not at all; the temporary file lies outside the folders whose names are counted.
void put_file(const fs::path& folder, const fs::path& file, std::string_view bytes) {
    sys::make_folders(folder / "incoming");
    sys::make_folders(file.parent_path());
    sys::write_file(file, bytes, folder / "incoming");
}

void put_once(const fs::path& folder, const fs::path& file, std::string_view bytes, std::string_view what) {
    if (const auto there = sys::find_file(file, kRecordLimit)) {
        if (*there == bytes) return;
        throw Error(Kind::Conflict,
                    fmt::format("{} is in the log already, with other content: stop publishing and find "
                                "out which one is real",
                                what));
    }
    put_file(folder, file, bytes);
}

std::vector<std::int64_t> list(const fs::path& folder, std::string_view ending) {
    std::vector<std::int64_t> numbers;
    std::error_code error;
    for (const auto& file : fs::directory_iterator(folder, error))
        if (const auto number = inside::find_file_number(file.path().filename().string(), ending))
            numbers.push_back(*number);
    if (error && error != std::errc::no_such_file_or_directory)
        throw Error(Kind::Unavailable, fmt::format("{} cannot be read: {}", folder.string(), error.message()));
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

std::int64_t size_of(const fs::path& file) {
    std::error_code error;
    const auto size = fs::file_size(file, error);
    return error ? 0 : static_cast<std::int64_t>(size);
}

}  // namespace

namespace inside {

std::string file_name(std::int64_t number, std::string_view ending) {
    return fmt::format("{:08}{}", number, ending);
}

std::optional<std::int64_t> find_file_number(std::string_view name, std::string_view ending) {
    if (name.size() != 8 + ending.size() || !name.ends_with(ending)) return std::nullopt;
    const auto digits = name.substr(0, 8);
    const auto number = find_number(digits.substr(std::min<std::size_t>(digits.find_first_not_of('0'), 8)));
    if (!number || *number == 0) return std::nullopt;
    return number;
}

}  // namespace inside

fs::path Log::record_file(std::int64_t number) const {
    return folder_ / "log" / inside::file_name(number, inside::kRecordEnding);
}
fs::path Log::checkpoint_file(std::int64_t number) const {
    return folder_ / "checkpoints" / inside::file_name(number, inside::kCheckpointEnding);
}

void Log::append(std::string_view record) {
    const auto head = parse_record_head(record);
    YAKUBA_STEP("log.before_write");
    put_once(folder_, record_file(head.number), record, fmt::format("release {}", head.number));
    YAKUBA_STEP("log.after_write");
}

void Log::append_checkpoint(std::string_view checkpoint) {
    const auto head = parse_record_head(checkpoint);
    if (head.kind != RecordKind::Checkpoint) throw Error(Kind::Bug, "a record was handed in as a checkpoint");
    put_file(folder_, checkpoint_file(head.number), checkpoint);
}

void Log::put_head(std::string_view head) {
    put_file(folder_, head_file(), head);
}

std::vector<std::int64_t> Log::list_numbers() const {
    return list(folder_ / "log", inside::kRecordEnding);
}
std::vector<std::int64_t> Log::list_checkpoints() const {
    return list(folder_ / "checkpoints", inside::kCheckpointEnding);
}

std::int64_t Log::newest() const {
    const auto numbers = list_numbers();
    return numbers.empty() ? 0 : numbers.back();
}

std::string Log::read(std::int64_t number) const {
    return sys::read_file(record_file(number), kRecordLimit);
}
std::string Log::read_checkpoint(std::int64_t number) const {
    return sys::read_file(checkpoint_file(number), kRecordLimit);
}

std::optional<Head> Log::find_head(const PublicKeys& keys) const {
    const auto bytes = sys::find_file(head_file(), kHeadLimit);
    if (!bytes) return std::nullopt;
    return parse_head(*bytes, keys);
}

std::optional<std::int64_t> Log::find_number_at(base::Instant at) const {
    const auto numbers = list_numbers();
    for (auto number = numbers.rbegin(); number != numbers.rend(); ++number) {
        std::ifstream file(record_file(*number), std::ios::binary);
        std::string bytes(kRecordHeadLimit, '\0');
        file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        bytes.resize(static_cast<std::size_t>(file.gcount()));
        if (parse_record_head(bytes).at <= at) return *number;
    }
    return std::nullopt;
}

bool Log::is_checkpoint_due() const {
    constexpr std::int64_t kLeast = 1 << 20;
    const auto numbers = list_numbers();
    if (numbers.empty()) return false;
    const auto checkpoints = list_checkpoints();
    // Before the first checkpoint the first record is the whole manifest.
    const std::int64_t start = checkpoints.empty() ? numbers.front() : checkpoints.back();
    const auto manifest = size_of(checkpoints.empty() ? record_file(start) : checkpoint_file(start));
    std::int64_t since = 0;
    for (auto number = numbers.rbegin(); number != numbers.rend() && *number > start; ++number)
        since += size_of(record_file(*number));
    return since > std::max(kLeast, manifest);
}

std::string write_checkpoint(const Record& after, const base::Hash& after_hash, const Manifest& manifest,
                             base::Instant at, const sys::SigningKey& key) {
    if (manifest.summary() != Summary{after.root, after.files, after.bytes})
        throw Error(Kind::Bug,
                    fmt::format("the manifest is not that of release {}; no checkpoint was written", after.number));
    Record record = after;
    record.kind = RecordKind::Checkpoint;
    record.previous = after_hash;
    record.at = at;
    record.new_key.clear();
    record.note.clear();
    record.changes.clear();
    record.changes.reserve(manifest.size());
    manifest.each([&](const Entry& entry) {
        record.changes.push_back(Change::put(entry));
        return true;
    });
    return write_record(std::move(record), key);
}

}  // namespace release

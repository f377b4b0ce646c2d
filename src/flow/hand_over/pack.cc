#include "flow/hand_over/pack.h"

#include <fstream>

#include "ground/base/interrupted.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"
#include "press/delivery/placer.h"

namespace flow::hand_over {

namespace fs = std::filesystem;
using base::Error;
using base::Kind;

namespace {

constexpr std::string_view kUnfinished = "UNFINISHED";
constexpr std::string_view kSums = "SHA256SUMS";
constexpr std::string_view kStaging = ".staging";

/// By these a folder is known as ours, from its first moment to its last.
bool is_mark(const fs::path& name) {
    return name == kUnfinished || name == kSums || name == kStaging;
}
constexpr std::size_t kPortion = 500;  // changes placed between two looks at the progress

fs::path without_last_slash(const fs::path& path) {
    const fs::path absolute = fs::absolute(path).lexically_normal();
    return absolute.has_filename() ? absolute : absolute.parent_path();
}

base::Hash hash_file(const fs::path& file, std::int64_t& bytes) {
    std::ifstream in(file, std::ios::binary);
    sys::Hasher hasher;
    std::vector<char> buffer(std::size_t{1} << 18);
    while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0) {
        hasher.add({buffer.data(), static_cast<std::size_t>(in.gcount())});
        bytes += in.gcount();
    }
    if (in.bad() || !in.eof()) throw Error(Kind::Unavailable, fmt::format("{} cannot be read", file.string()));
    return hasher.finish();
}

/// The mark goes last, so that even this may be cut short.
void remove_unfinished(const fs::path& partial) {
    std::error_code ignored;
    for (fs::directory_iterator at(partial, ignored); at != fs::directory_iterator(); at.increment(ignored))
        if (!is_mark(at->path().filename())) fs::remove_all(at->path(), ignored);
    fs::remove_all(partial, ignored);
}

/// As sha256sum writes and reads it: a name with a backslash or a line break is marked and escaped.
std::string sum_line(const base::Hash& hash, const std::string& name) {
    std::string escaped;
    for (const char c : name)
        if (c == '\\')
            escaped += "\\\\";
        else if (c == '\n')
            escaped += "\\n";
        else if (c == '\r')
            escaped += "\\r";
        else
            escaped += c;
    return fmt::format("{}{}  {}\n", escaped == name ? "" : "\\", hash.hex(), escaped);
}

}  // namespace

Pack::Pack(const fs::path& target, const objects::Store& objects, const HandOverOptions& options)
    : target_(without_last_slash(target)), objects_(objects), options_(options) {
    if (fs::exists(target_) && (!fs::is_directory(target_) || !fs::is_empty(target_)))
        throw Error(Kind::Conflict,
                    fmt::format("{} is there already and not empty; choose another folder", target_.string()));
    const fs::path partial = target_.parent_path() / (target_.filename().string() + ".partial");
    // Killed just before the rename, it is whole and has no mark any more.
    const bool is_ours =
        fs::exists(partial / kUnfinished) || fs::exists(partial / kSums) || fs::exists(partial / kStaging);
    if (fs::exists(partial) && !is_ours && !fs::is_empty(partial))
        throw Error(Kind::Conflict, fmt::format("{} is there and is not an unfinished handover; move it away or choose "
                                                "another folder",
                                                partial.string()));
    remove_unfinished(partial);
    staging_ = partial / kStaging;
    sys::make_folders(partial, 0700);  // drafts and names of staff are in it
    partial_ = partial;
    sys::make_folders(staging_);
    sys::write_file(partial_ / kUnfinished, "This handover is being written, or was interrupted.\n", staging_,
                    sys::Durability::Later);
}

Pack::~Pack() {
    if (!is_finished_ && !partial_.empty()) remove_unfinished(partial_);
}

void Pack::put(const std::string& name, std::string_view bytes) {
    sys::make_folders((partial_ / name).parent_path());
    sys::write_file(partial_ / name, bytes, staging_, sys::Durability::Later);
}

std::unique_ptr<sys::StagedFile> Pack::open(const std::string& name) {
    sys::make_folders((partial_ / name).parent_path());
    return std::make_unique<sys::StagedFile>(partial_ / name, staging_);
}

void Pack::copy(const fs::path& from, const std::string& name) {
    std::ifstream in(from, std::ios::binary);
    const auto to = open(name);
    std::vector<char> buffer(std::size_t{1} << 18);
    while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0)
        to->write({buffer.data(), static_cast<std::size_t>(in.gcount())});
    if (in.bad() || !in.eof()) throw Error(Kind::Unavailable, fmt::format("{} cannot be read", from.string()));
    to->commit(sys::Durability::Later);
}

void Pack::place(const release::Manifest& manifest) {
    sys::make_folders(partial_ / "public");
    delivery::DocumentRoot to;
    to.root = partial_ / "public";
    to.staging = staging_;
    to.quarantine = staging_ / "quarantine";
    std::vector<release::Change> portion;
    const auto flush = [&] {
        const auto placed = delivery::place(portion, objects_, to);
        for (const delivery::Unplaced& one : placed.unplaced)
            missing.push_back(
                fmt::format("public/{}: its bytes are missing or damaged", base::to_valid_utf8(one.path)));
        for (std::size_t i = 0; i < portion.size(); ++i) step();
        portion.clear();
    };
    manifest.each([&](const release::Entry& entry) {
        if (entry.has_body()) public_.try_emplace(entry.hash.hex(), entry.path);
        portion.push_back(release::Change::put(entry));
        if (portion.size() == kPortion) flush();
        return true;
    });
    flush();
}

std::string Pack::keep(const base::Hash& hash, std::string_view whose) {
    const std::string hex = hash.hex();
    if (const auto found = public_.find(hex); found != public_.end()) return "public/" + found->second;
    const std::string name = fmt::format("files/{}/{}", hex.substr(0, 2), hex);
    if (fs::exists(partial_ / name)) return name;
    if (reported_.contains(hex)) return "";
    sys::make_folders((partial_ / name).parent_path());
    try {
        sys::StagedFile file(partial_ / name, staging_);
        objects_.copy_into(hash, file);
        file.commit(sys::Durability::Later);
        return name;
    } catch (const Error& error) {
        if (error.kind() != Kind::NotFound && error.kind() != Kind::Damaged) throw;
        reported_.insert(hex);
        missing.push_back(fmt::format("{}: {}", whose, error.message()));
        return "";
    }
}

void Pack::check_stopped() const {
    if (options_.is_stopped && options_.is_stopped())
        throw base::Interrupted("the handover was interrupted; nothing was left behind");
}

void Pack::step() {
    check_stopped();
    if (options_.progress) options_.progress(++done_, total_);
}

Totals Pack::write_sums() {
    std::vector<std::string> names;
    for (const auto& each : fs::recursive_directory_iterator(partial_))
        if (each.is_regular_file() && each.path() != partial_ / kUnfinished)
            names.push_back(each.path().lexically_relative(partial_).string());
    std::sort(names.begin(), names.end());
    Totals totals;
    const auto sums = open(std::string(kSums));
    for (const std::string& name : names) {
        sums->write(sum_line(hash_file(partial_ / name, totals.bytes), name));
        check_stopped();
    }
    sums->commit(sys::Durability::Later);
    totals.files = static_cast<std::int64_t>(names.size()) + 1;
    return totals;
}

Totals Pack::finish() {
    const Totals totals = write_sums();
    fs::remove_all(staging_);
    sys::sync_filesystem(partial_);
    fs::remove(partial_ / kUnfinished);
    if (fs::exists(target_)) fs::remove(target_);
    fs::rename(partial_, target_);
    sys::sync_folder(target_.parent_path());
    is_finished_ = true;
    return totals;
}

}  // namespace flow::hand_over

#include "flow/guard/release_view.h"

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/release/keys.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"

namespace flow {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

constexpr auto kPatience = 10s;
constexpr std::size_t kMostRead = 64;

/// The keys that the guard trusts: those that it found when it first ran.
release::PublicKeys pinned_keys(const GuardFolder& own, const fs::path& keys) {
    sys::make_folders(own.keys(), 0750);
    release::PublicKeys pinned = release::load_public_keys(own.keys());
    if (!pinned.empty()) return pinned;
    const release::PublicKeys found = release::load_public_keys(keys);
    for (const std::string& id : found.ids())
        sys::write_file(own.keys() / (id + ".pub"), sys::read_file(keys / (id + ".pub"), 4096), sys::Durability::Now,
                        0640);
    return found;
}

}  // namespace

GuardFolder guard_folder_of(const fs::path& site) {
    return {folders_of(fs::absolute(site)).run / "guard"};
}

ReleaseView::ReleaseView(const fs::path& site, const base::Clock& clock)
    : side_{folders_of(fs::absolute(site)), release::Log(folders_of(fs::absolute(site)).releases), {}},
      own_(guard_folder_of(site)),
      clock_(clock) {
    side_.keys = pinned_keys(own_, side_.folders.keys);
    learn_keys();
    follower_ = std::make_unique<release::Follower>(side_.log, side_.keys);
    progress_at_ = clock_.monotonic();
    std::int64_t placed = 0;
    try {
        if (const auto head = side_.log.find_head(follower_->keys())) placed = head->number;
    } catch (const base::Error&) {
        placed = release::kHighestNumber;  // a damaged head excuses nothing; verify reports it
    }
    for (const std::int64_t one : side_.log.list_numbers())
        if (one > placed && one <= number()) note_record(release::parse_record(side_.log.read(one)).record);
    if (number() > 0) {
        read_[number()] = follower_->record_hash();
        const auto seen = release::find_seen(own_.seen());
        if (seen && (seen->number > number() || (seen->number == number() && seen->record != follower_->record_hash())))
            throw base::Error(base::Kind::Damaged,
                              fmt::format("the release log is another than the one that was seen: it ends at release "
                                          "{}, and release {} has been public",
                                          number(), seen->number));
        release::note_seen(own_.seen(), {number(), follower_->record_hash()});
    }
}

/// The keys that releases have introduced since the guard last looked.
void ReleaseView::learn_keys() {
    const auto seen = release::find_seen(own_.seen());
    if (!seen || !fs::exists(side_.log.record_file(seen->number))) return;
    const std::string bytes = side_.log.read(seen->number);
    if (sys::sha256(bytes) != seen->record) return;  // verify says what that is
    release::Chain chain(side_.keys);
    chain.start_after(release::parse_record(bytes));
    std::vector<release::Problem> problems;
    for (const std::int64_t number : side_.log.list_numbers()) {
        if (number <= seen->number) continue;
        const auto record = chain.add(side_.log.read(number), number, problems);
        if (!record || !problems.empty()) return;
        if (record->record.kind == release::RecordKind::Rekey) keep_key(record->record.new_key);
    }
}

void ReleaseView::keep_key(std::string_view public_key) {
    const std::string id = side_.keys.add(public_key);
    sys::write_file(own_.keys() / (id + ".pub"), base::to_hex(public_key) + "\n", sys::Durability::Now, 0640);
}

void ReleaseView::note_record(const release::Record& record) {
    for (const release::Change& change : record.changes) moving_[change.path()] = record.number;
    progress_at_ = clock_.monotonic();
}

bool ReleaseView::follow(release::Follower::Look look) {
    bool is_new = false;
    while (const auto record = follower_->step(look)) {
        note_record(*record);
        if (record->kind == release::RecordKind::Rekey) keep_key(record->new_key);
        read_[record->number] = follower_->record_hash();
        if (read_.size() > kMostRead) read_.erase(read_.begin());
        is_new = true;
    }
    if (is_new) release::note_seen(own_.seen(), {number(), follower_->record_hash()});
    return is_new;
}

void ReleaseView::look_at_head() {
    std::int64_t placed = release::kHighestNumber;
    try {
        const auto head = side_.log.find_head(follower_->keys());
        placed = head ? head->number : 0;
    } catch (const base::Error&) {
        // As above.
    }
    std::erase_if(moving_, [&](const auto& one) { return one.second <= placed; });
}

bool ReleaseView::has_stalled() const {
    return !moving_.empty() && clock_.monotonic() - progress_at_ > kPatience;
}

bool ReleaseView::is_moving(const std::string& path) const {
    if (moving_.empty() || has_stalled()) return false;
    if (path == "./") return false;
    if (moving_.contains(path)) return true;
    if (path.ends_with('/')) {  // a folder that comes or goes with a file below it
        const auto below = moving_.lower_bound(path);
        if (below != moving_.end() && below->first.starts_with(path)) return true;
    }
    for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1))
        if (moving_.contains(std::string_view(path).substr(0, slash))) return true;  // a file that becomes a folder
    return false;
}

void ReleaseView::note_progress(const std::string& path) {
    if (!moving_.empty() && moving_.contains(path)) progress_at_ = clock_.monotonic();
}

bool ReleaseView::is_suspicious(const fs::path& file) const {
    const std::string name = file.filename().string();
    if (name.starts_with('.')) return false;  // a temporary name
    try {
        if (file == side_.log.head_file()) return !side_.log.find_head(follower_->keys()) && number() > 0;
    } catch (const base::Error&) {
        return true;
    }
    const std::int64_t one = std::strtoll(name.c_str(), nullptr, 10);
    if (one <= 0 || file != side_.log.record_file(one)) return true;
    if (one > number()) return false;  // following it says whether it is good
    const auto known = read_.find(one);
    if (known == read_.end()) return true;
    const auto bytes = sys::find_file(file);
    return !bytes || sys::sha256(*bytes) != known->second;
}

release::Report verify_log(const fs::path& site, release::VerifyFrom from) {
    const Folders folders = folders_of(fs::absolute(site));
    const GuardFolder own = guard_folder_of(site);
    const auto seen = release::find_seen(own.seen());  // before the log is listed: it is never ahead of it
    return release::Log(folders.releases).verify(pinned_keys(own, folders.keys), from, seen);
}

std::string ReleaseView::find_key_fault() const {
    release::PublicKeys there;
    try {
        there = release::load_public_keys(side_.folders.keys);
    } catch (const base::Error& error) {
        return error.message();
    }
    for (const std::string& id : there.ids())
        if (follower_->keys().find(id) == nullptr)
            return fmt::format("keys/{}.pub is a key that no release has introduced", id);
    for (const std::string& id : follower_->keys().ids())
        if (there.find(id) == nullptr) return fmt::format("keys/{}.pub, which signs releases, is gone", id);
    return {};
}

}  // namespace flow

// Verifying a log, and the manifest of a past release. Both begin at the first record or at a checkpoint and follow the
// chain; what is wrong is listed with the release it is about.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/release/inside/names.h"
#include "ground/release/log.h"
#include "ground/sys/files.h"

namespace release {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kHeadLimit = 4096;

/// One verification under way.
class Walk {
  public:
    Walk(const Log& log, const PublicKeys& trusted) : log_(log), chain_(trusted) {}

    /// Begins at a checkpoint; false when it cannot be relied on, the walk then being of no more use.
    bool start_at(std::int64_t number) {
        const auto found = chain_.start_at(log_.read_checkpoint(number), number, report_.problems);
        if (!found || !report_.problems.empty()) return false;
        apply(found->record);
        hashes_[number] = chain_.hash();
        return report_.problems.empty();
    }

    void add(std::int64_t number) {
        const auto before = chain_.number();
        const auto found = chain_.add(read(number), number, report_.problems);
        ++report_.records;
        if (report_.first == 0) report_.first = number;
        hashes_[number] = chain_.hash();
        if (!found) {
            tree_is_known_ = false;  // what the unreadable record changed is not known
            return;
        }
        if (found->record.kind == RecordKind::Restored)
            for (auto gap = before + 1; gap < number; ++gap) report_.gaps.push_back(gap);
        apply(found->record);
    }

    void check_checkpoint(std::int64_t number);
    void note_orphan(std::int64_t number) {
        problem(Fault::Missing, number, fmt::format("there is a checkpoint of release {}, but not its record", number));
    }
    void check_head(const std::optional<std::string>& bytes);
    void check_seen(const Seen& seen);
    void check_names();

    Report finish() {
        report_.newest = chain_.number();
        report_.newest_hash = chain_.hash();
        report_.tree = sum_;
        return std::move(report_);
    }

  private:
    /// Nothing when the file cannot be read, which the chain then reports as malformed.
    std::string read(std::int64_t number) {
        try {
            return log_.read(number);
        } catch (const base::Error& error) {
            problem(Fault::Missing, number, error.message());
            return {};
        }
    }
    void problem(Fault fault, std::int64_t number, std::string message) {
        report_.problems.push_back({fault, number, std::move(message)});
    }
    void apply(const Record& record);

    const Log& log_;
    Chain chain_;
    MemoryTree tree_;
    Summary sum_ = empty_tree();
    bool tree_is_known_ = true;
    std::map<std::int64_t, base::Hash> hashes_;  // of the records' files
    Summary said_;                               // by the newest record
    Report report_;
};

void Walk::apply(const Record& record) {
    said_ = {record.root, record.files, record.bytes};
    if (!tree_is_known_) return;
    try {
        sum_ = update_tree(tree_, sum_, record.changes);
    } catch (const base::Error& error) {
        tree_is_known_ = false;
        problem(Fault::WrongTree, record.number, fmt::format("release {}: {}", record.number, error.message()));
        return;
    }
    if (sum_ != said_)
        problem(Fault::WrongTree, record.number,
                fmt::format("release {}: its changes lead to another tree than it states", record.number));
}

void Walk::check_checkpoint(std::int64_t number) {
    const std::string bytes = log_.read_checkpoint(number);
    Chain alone(chain_.keys());
    const auto found = alone.start_at(bytes, number, report_.problems);
    if (!found) return;
    const auto wrong = [&](std::string_view why) {
        problem(Fault::WrongCheckpoint, number, fmt::format("checkpoint {}: {}", number, why));
    };
    const Record& record = found->record;
    if (record.previous != chain_.hash()) wrong("it stands for another record than the log's");
    if (record.key_id != chain_.key_id()) wrong("it is not signed by the key that was in use");
    if (Summary{record.root, record.files, record.bytes} != said_) wrong("it states another tree than its record");
    try {
        Manifest manifest;
        manifest.apply(record.changes);
        if (manifest.summary() != said_) wrong("its entries are not the tree of its record");
    } catch (const base::Error& error) {
        wrong(error.message());
    }
}

void Walk::check_head(const std::optional<std::string>& bytes) {
    const auto newest = chain_.number();
    try {
        if (!bytes) {
            if (newest > 0)
                problem(Fault::BadHead, 0, "the log has no head; start the press, which renews it each minute");
            return;
        }
        const Head head = parse_head(*bytes, chain_.keys());
        if (!chain_.site().empty() && head.site != chain_.site())
            problem(Fault::WrongSite, head.number, fmt::format("the head is of the site {}", head.site));
        if (head.number > newest)
            problem(Fault::Missing, head.number,
                    fmt::format("the log ends at release {}, but its head says {}", newest, head.number));
        const auto record = hashes_.find(head.number);
        if (record != hashes_.end() && record->second != head.record)
            problem(Fault::BadHead, head.number, fmt::format("the head names another release {}", head.number));
        if (record == hashes_.end() && head.number <= newest && head.number >= report_.first)
            problem(Fault::BadHead, head.number,
                    fmt::format("the head names release {}, which is not in the log", head.number));
    } catch (const base::Error& error) {
        problem(Fault::BadHead, 0, error.message());
    }
}

void Walk::check_seen(const Seen& seen) {
    if (seen.number > chain_.number()) {
        problem(Fault::RolledBack, seen.number,
                fmt::format("the log ends at release {}, but release {} has been seen", chain_.number(), seen.number));
        return;
    }
    const auto record = hashes_.find(seen.number);
    if (record != hashes_.end() && record->second != seen.record)
        problem(Fault::Forked, seen.number,
                fmt::format("release {} is another record than the one that was seen: two records with one "
                            "number are an emergency",
                            seen.number));
    if (record == hashes_.end() && seen.number >= report_.first && report_.first > 0)
        problem(Fault::Forked, seen.number,
                fmt::format("release {} has been seen, and is not in the log", seen.number));
}

void Walk::check_names() {
    const auto check = [&](const fs::path& folder, std::string_view ending) {
        std::error_code error;
        for (const auto& file : fs::directory_iterator(folder, error)) {
            const std::string name = file.path().filename().string();
            if (!inside::find_file_number(name, ending) || !file.is_regular_file() || file.is_symlink())
                problem(Fault::Stray, 0,
                        fmt::format("{} does not belong into the log", (folder.filename() / name).string()));
        }
    };
    check(log_.folder() / "log", inside::kRecordEnding);
    check(log_.folder() / "checkpoints", inside::kCheckpointEnding);
}

}  // namespace

Report Log::verify(const PublicKeys& trusted, VerifyFrom from, const std::optional<Seen>& seen) const {
    Walk walk(*this, trusted);
    // A press may be at work: what is written last (head, then checkpoint, then record) is looked at first.
    const std::optional<std::string> head = sys::find_file(head_file(), kHeadLimit);
    auto checkpoints = list_checkpoints();
    const auto numbers = list_numbers();
    std::int64_t start = 0;
    if (from == VerifyFrom::NewestCheckpoint && !checkpoints.empty()) {
        start = checkpoints.back();
        if (!walk.start_at(start)) return walk.finish();
        checkpoints.clear();
        // The record that the checkpoint stands for, where it is still there, must be the very one.
        if (const auto bytes = sys::find_file(record_file(start)); bytes) walk.check_seen({start, sys::sha256(*bytes)});
    }
    for (const auto number : numbers) {
        if (number <= start) continue;
        walk.add(number);
        if (std::binary_search(checkpoints.begin(), checkpoints.end(), number)) walk.check_checkpoint(number);
    }
    for (const auto number : checkpoints)
        if (!std::binary_search(numbers.begin(), numbers.end(), number)) walk.note_orphan(number);
    walk.check_head(head);
    if (seen) walk.check_seen(*seen);
    walk.check_names();
    return walk.finish();
}

Manifest Log::manifest_at(std::int64_t number, const PublicKeys& trusted) const {
    const auto numbers = list_numbers();
    if (!std::binary_search(numbers.begin(), numbers.end(), number))
        throw base::Error(base::Kind::NotFound, fmt::format("there is no release {} in {}", number, folder_.string()));
    auto starts = list_checkpoints();
    starts.erase(std::upper_bound(starts.begin(), starts.end(), number), starts.end());
    starts.insert(starts.begin(), 0);  // the last resort: from the first record
    std::vector<Problem> problems;
    // A damaged checkpoint costs time, not the release: the one before it is tried next.
    for (auto start = starts.rbegin(); start != starts.rend(); ++start) {
        problems.clear();
        Chain chain(trusted);
        Manifest manifest;
        Summary said = empty_tree();
        try {
            const auto apply = [&](const std::optional<SignedRecord>& found) {
                if (!found || !problems.empty()) throw base::Error(base::Kind::Damaged, problems.front().message);
                manifest.apply(found->record.changes);
                said = {found->record.root, found->record.files, found->record.bytes};
            };
            if (*start > 0) {
                apply(chain.start_at(read_checkpoint(*start), *start, problems));
                if (const auto record = sys::find_file(record_file(*start));
                    record && sys::sha256(*record) != chain.hash())
                    problems.push_back({Fault::WrongCheckpoint, *start,
                                        fmt::format("checkpoint {} stands for another record", *start)});
            }
            for (const auto next : numbers)
                if (next > *start && next <= number) apply(chain.add(read(next), next, problems));
            if (manifest.summary() != said)
                problems.push_back(
                    {Fault::WrongTree, number,
                     fmt::format("release {}: its changes lead to another tree than it states", number)});
            if (problems.empty()) return manifest;
        } catch (const base::Error& error) {
            if (problems.empty()) problems.push_back({Fault::WrongTree, number, error.message()});
        }
    }
    throw base::Error(base::Kind::Damaged, problems.front().message + "; restore the release log from a backup");
}

}  // namespace release

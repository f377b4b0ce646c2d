#include "watch/backup/generations.h"

#include <algorithm>
#include <set>

namespace backup {

using base::Instant;
using namespace std::chrono_literals;

namespace {

constexpr auto kSkew = 10min;
constexpr auto kExtrasStay = 24h;

/// `all`: of one kind, newest first. `months`: of so many the newest stays, however many days have one.
void judge(const std::vector<Generation>& all, int keep, int months, Instant now, Pruning& pruning) {
    if (all.empty()) return;
    if (all.front().taken_at > now + kSkew) {
        pruning.refusal = "未来の日時のバックアップがあるため、古い世代を消しません。サーバの時計を確認してください。";
        return;
    }
    std::set<base::Day> days, firsts;  // of the months
    std::vector<std::string> superseded, old;
    for (const Generation& each : all) {
        const base::Day month{each.day.year, each.day.month, 1};
        const bool is_enough = static_cast<int>(days.size()) >= keep &&
                               (static_cast<int>(firsts.size()) >= months || firsts.contains(month));
        if (is_enough && !days.contains(each.day)) {
            old.push_back(each.snapshot);
        } else if (days.contains(each.day)) {
            if (each.taken_at + kExtrasStay < all.front().taken_at) superseded.push_back(each.snapshot);
        } else if (each.is_verified) {
            days.insert(each.day);
            firsts.insert(month);
        }
    }
    if (old.empty() && superseded.empty()) return;
    if (!all.front().is_verified) {
        pruning.refusal = "最新のバックアップを読み返していないため、古い世代を消しません。";
        return;
    }
    pruning.snapshots.insert(pruning.snapshots.end(), old.begin(), old.end());
    pruning.snapshots.insert(pruning.snapshots.end(), superseded.begin(), superseded.end());
}

}  // namespace

Pruning list_prunable(std::vector<Generation> all, const Keep& keep, Instant now) {
    std::stable_sort(all.begin(), all.end(),
                     [](const Generation& a, const Generation& b) { return a.taken_at > b.taken_at; });
    Pruning pruning;
    for (const Kind kind : {Kind::Data, Kind::System}) {
        std::vector<Generation> some;
        std::copy_if(all.begin(), all.end(), std::back_inserter(some),
                     [&](const Generation& each) { return each.kind == kind; });
        if (kind == Kind::Data) judge(some, keep.data, 0, now, pruning);
        // Patches may change the system on many days of a month: they do not push out the months before.
        if (kind == Kind::System) judge(some, keep.system, keep.system, now, pruning);
    }
    return pruning;
}

int count_generations(const std::vector<Generation>& all, Kind kind) {
    std::set<base::Day> days;
    for (const Generation& each : all)
        if (each.kind == kind && each.is_verified) days.insert(each.day);
    return static_cast<int>(days.size());
}

}  // namespace backup

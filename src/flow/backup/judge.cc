// What is wrong with the backups, from the rows alone: every kind of trouble is either raised or cleared, so nothing
// that was mended stays an anomaly.
#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "flow/backup_site.h"
#include "ground/base/text.h"

namespace flow {

using backup::Outcome;
using backup::Proof;
using backup::Run;
using backup::Standing;
using signals::Severity;
using signals::Signal;

namespace {

constexpr auto kPruneWait = std::chrono::hours(26);
constexpr int kRunsCompared = 100;
constexpr double kFarSmaller = 0.5;            // of the median of those before
constexpr std::int64_t kSmallAtAll = 1 << 20;  // below which sizes say nothing

struct Judge {
    const BackupPlace& place;
    std::vector<Signal> signals;

    void say(std::string kind, const std::string& subject, bool is_wrong, Severity severity, std::string text,
             boost::json::object payload = {}) {
        Signal signal;
        signal.source = "backup";
        signal.kind = std::move(kind);
        signal.subject = subject;
        signal.state = is_wrong ? signals::State::Raise : signals::State::Clear;
        signal.severity = is_wrong ? severity : Severity::Note;
        signal.observed_at = place.clock.now();
        signal.text = std::move(text);
        if (!payload.empty()) signal.payload = boost::json::serialize(payload);
        signals.push_back(std::move(signal));
    }
};

/// The newest runs that have ended, newest first, of one kind.
std::vector<Run> list_ended(sys::Reader& db, const std::string& repository, backup::Kind kind) {
    std::vector<Run> runs = backup::list_runs(db, repository, kind, kRunsCompared);
    std::erase_if(runs, [](const Run& run) { return run.outcome == Outcome::Running; });
    return runs;
}

/// The size in the middle of the held ones of earlier days; 0: there is none.
std::int64_t median_before(const std::vector<Run>& runs, base::Day day) {
    std::vector<std::int64_t> sizes;
    for (const Run& run : runs)
        if (run.outcome == Outcome::Made && !run.gone_at && run.day < day) sizes.push_back(run.bytes);
    if (sizes.empty()) return 0;
    const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2);
    std::nth_element(sizes.begin(), middle, sizes.end());
    return *middle;
}

void judge_runs(Judge& judge, const std::string& repository, sys::Reader& db) {
    for (const backup::Kind kind : {backup::Kind::Data, backup::Kind::System}) {
        const auto some = list_ended(db, repository, kind);
        if (some.empty()) continue;
        const Run& newest = some.front();
        const std::string subject = fmt::format("{} {}", repository, backup::kind_id(kind));
        const bool has_failed = newest.outcome == Outcome::Failed || newest.outcome == Outcome::Stopped;
        judge.say("backup.failed", subject, has_failed, Severity::Serious,
                  has_failed ? fmt::format("{}への{}バックアップ（{}）が{}。{}", repository, backup::kind_name(kind),
                                           base::format_local(newest.started_at),
                                           newest.outcome == Outcome::Stopped ? "途中で止まりました" : "失敗しました",
                                           newest.problem)
                             : fmt::format("{}への{}バックアップが取れました。", repository, backup::kind_name(kind)));
        const bool is_lacking = newest.outcome == Outcome::Made && !newest.problem.empty();
        judge.say("backup.incomplete", subject, is_lacking, Severity::Warning,
                  is_lacking ? fmt::format("{}のバックアップに、読めなかったものか壊れたものがあります。{}", repository,
                                           newest.problem)
                             : fmt::format("{}のバックアップに、欠けたものはありません。", repository));
        const auto found =
            std::find_if(some.begin(), some.end(), [](const Run& run) { return run.outcome == Outcome::Made; });
        const Run* made = found == some.end() ? nullptr : &*found;
        const std::int64_t usual = made == nullptr ? 0 : median_before(some, made->day);
        const bool is_small =
            usual > kSmallAtAll && static_cast<double>(made->bytes) < static_cast<double>(usual) * kFarSmaller;
        judge.say("backup.small", subject, is_small, Severity::Serious,
                  is_small
                      ? fmt::format("{}の{}バックアップが{}バイトで、これまでの{}バイトより大幅に小さくなっています。",
                                    repository, backup::kind_name(kind), made->bytes, usual)
                      : fmt::format("{}のバックアップの大きさは、これまでと大きく変わりません。", repository));
    }
}

void judge_repository(Judge& judge, const std::string& repository, const backup::RepositoryState& state,
                      const std::vector<Run>& held, const std::vector<Run>& lost,
                      const std::vector<backup::Verification>& verifications) {
    const bool is_away =
        state.looked_at && (state.standing == Standing::What::Unreachable || state.standing == Standing::What::Missing);
    judge.say("backup.unreachable", repository, is_away, Severity::Serious,
              is_away ? fmt::format("バックアップの保存先{}を使えません。{}", repository, state.problem)
                      : fmt::format("バックアップの保存先{}を使えます。", repository));
    const bool is_locked_out = state.looked_at && state.standing == Standing::What::WrongKey;
    judge.say("backup.key", repository, is_locked_out, Severity::Serious,
              is_locked_out
                  ? fmt::format("バックアップの保存先{}の鍵が合わないか、読めません。{}", repository, state.problem)
                  : fmt::format("バックアップの保存先{}の鍵は合っています。", repository));
    const bool is_broken = state.has_damage || state.standing == Standing::What::Damaged;
    std::string what = state.problem;
    if (state.has_damage)
        for (const backup::Verification& each : verifications)
            if (each.proof == Proof::Damaged) {
                what = base::join(std::span(each.problems).first(std::min<std::size_t>(3, each.problems.size())), " ");
                break;
            }
    judge.say("backup.damaged", repository, is_broken, Severity::Serious,
              is_broken ? fmt::format("保存先{}のバックアップが壊れています。新しい保存先へ取り直してください。{}",
                                      repository, what)
                        : fmt::format("保存先{}のバックアップに、壊れたものは見つかっていません。", repository));
    // Each reading back ends with pruning: what should be gone a day later shows that it does not happen.
    const base::Instant now = judge.place.clock.now();
    const backup::Pruning pruning = find_prunable(judge.place, held);
    const bool is_stuck =
        !pruning.snapshots.empty() && state.read_at && (!state.pruned_at || *state.pruned_at + kPruneWait < now) &&
        std::all_of(held.begin(), held.end(),
                    [&](const Run& run) { return !run.verified_at || *run.verified_at + std::chrono::hours(1) < now; });
    judge.say("backup.prune", repository, is_stuck, Severity::Warning,
              is_stuck
                  ? fmt::format("保存先{}の古いバックアップ{}件を消せていません。ほかのプログラムが使っていないか、"
                                "空き容量があるかを確認してください。",
                                repository, pruning.snapshots.size())
                  : fmt::format("保存先{}の古いバックアップは、残す世代のとおりに整理されています。", repository));
    // A loss is made good by as many newer generations, read back, as the contract asks for.
    const backup::Keep keep = backup_keep(judge.place.settings);
    const auto generations = backup::generations_of(held);
    const bool is_loss = std::any_of(lost.begin(), lost.end(), [&](const Run& run) {
        return backup::count_generations(generations, run.kind) <
               (run.kind == backup::Kind::Data ? keep.data : keep.system);
    });
    judge.say("backup.lost", repository, is_loss, Severity::Serious,
              is_loss ? fmt::format("保存先{}から、当方が消していないバックアップ（{}）がなくなっています。",
                                    repository, base::format_local(lost.front().taken_at))
                      : fmt::format("保存先{}から消えたバックアップはありません。", repository));
    const bool is_ahead = !held.empty() && held.front().taken_at > now + std::chrono::minutes(10);
    judge.say("backup.clock", repository, is_ahead, Severity::Warning,
              is_ahead
                  ? fmt::format("保存先{}に未来の日時（{}）のバックアップがあります。サーバの時計を確認してください。"
                                "それまで古い世代を消しません。",
                                repository, base::format_local(held.front().taken_at))
                  : fmt::format("保存先{}のバックアップの日時は正常です。", repository));
}

/// Nobody would ever say that it is well again.
void judge_removed(Judge& judge, const std::string& repository) {
    const std::string text = fmt::format("保存先{}は、設定から外されました。", repository);
    for (const char* kind : {"backup.unreachable", "backup.key", "backup.damaged", "backup.lost", "backup.clock",
                             "backup.prune", "backup.late", "backup.drill.failed"})
        judge.say(kind, repository, false, Severity::Note, text);
    for (const char* kind : {"backup.failed", "backup.incomplete", "backup.small"})
        for (const backup::Kind of : {backup::Kind::Data, backup::Kind::System})
            judge.say(kind, fmt::format("{} {}", repository, backup::kind_id(of)), false, Severity::Note, text);
}

}  // namespace

std::optional<base::Instant> backup_late_since(const BackupPlace& place, sys::Reader& db, const std::string& repository,
                                               base::Instant now) {
    const std::string names[] = {repository};
    const auto verified = backup::find_newest_verified(db, names, now);
    const auto first = backup::find_first_start(db, repository);
    const bool is_new = !verified && (!first || now - std::chrono::hours(25) < *first);
    if (is_new) return std::nullopt;
    return backup::late_since(backup_policy(place.settings), verified, now);
}

std::vector<Signal> judge_backups(const BackupPlace& place) {
    Judge judge{place, {}};
    const base::Instant now = place.clock.now();
    place.watch.read([&](sys::Reader& db) {
        const auto& configured = place.settings.backup.repositories;
        for (const std::string& name : backup::list_repositories(db))
            if (std::find(configured.begin(), configured.end(), name) == configured.end()) judge_removed(judge, name);
        for (const std::string& repository : place.settings.backup.repositories) {
            judge_runs(judge, repository, db);
            judge_repository(judge, repository, backup::load_state(db, repository), backup::list_held(db, repository),
                             backup::list_lost(db, repository), backup::list_verifications(db, repository, 5));
            const std::string names[] = {repository};
            const auto verified = backup::find_newest_verified(db, names, now);
            const bool is_late = backup_late_since(place, db, repository, now).has_value();
            judge.say("backup.late", repository, is_late, Severity::Serious,
                      !is_late ? fmt::format("保存先{}のバックアップは、期限のうちに検証されています。", repository)
                      : !verified ? fmt::format("保存先{}に、検証済みのバックアップが1つもありません。", repository)
                                  : fmt::format("保存先{}の検証済みのバックアップが古くなっています（最新は{}）。",
                                                repository, base::format_local(*verified)));
        }
    });
    return judge.signals;
}

}  // namespace flow

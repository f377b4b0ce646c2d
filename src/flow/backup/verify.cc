// Reading back. Every file of data that has not been read since it was written is read, and one part of the older ones;
// the structure and every snapshot of ours that nobody has proved are compared with the manifest inside. Of a folder we
// read the data ourselves: a file that hashes to its name is what the engine wrote, and the engine takes three times as
// long. A check that could not be made proves nothing, and is told apart from one that found damage.
#include <algorithm>
#include <future>

#include <fmt/format.h>

#include "flow/backup/repository.h"
#include "flow/restore/point.h"
#include "ground/base/error.h"
#include "ground/base/interrupted.h"
#include "ground/sys/files.h"
#include "ground/sys/step.h"
#include "watch/guard/sweep.h"

namespace flow {

namespace fs = std::filesystem;
using backup::Proof;
using backup::Verification;
using base::Error;
using base::Kind;

namespace {

constexpr std::size_t kMostSingle = 64;  // files of data that the engine is asked for one by one; beyond, for all
constexpr std::size_t kMostProblems = 50;
constexpr backup::Kind kKinds[] = {backup::Kind::Data, backup::Kind::System};
constexpr std::size_t kMostProved = 14;  // snapshots that one verification compares
constexpr std::int64_t kMostFetched = std::int64_t{1} << 30;

std::string find_in(const std::vector<std::string>& paths) {
    const auto point = std::find_if(paths.begin(), paths.end(), [](const std::string& path) {
        return path.ends_with(fmt::format("/{}", backup::kPointFolder));
    });
    return point == paths.end() ? std::string() : *point;
}

/// More may have been added while the engine read.
std::string find_lack(const backup::Manifest& manifest, const backup::Manifest::Bytes& objects) {
    if (objects.count >= manifest.objects.count && objects.bytes >= manifest.objects.bytes) return {};
    return fmt::format("保管ファイルが{}件で、目録の{}件より少なくなっています。", objects.count,
                       manifest.objects.count);
}

backup::Manifest::Bytes count_objects(const std::vector<backup::Node>& nodes, const backup::Manifest& manifest) {
    backup::Manifest::Bytes objects;
    const std::string below = manifest.site_path + "/objects/";
    for (const backup::Node& node : nodes)
        if (node.is_file && node.path.starts_with(below)) {
            ++objects.count;
            objects.bytes += node.size;
        }
    return objects;
}

/// By the names and sizes that the engine lists. Empty: all is there. Throws Error(NotFound): no manifest at `point`.
std::string compare_names(const backup::Restic& restic, const std::string& point, const backup::Run& run) {
    const backup::Manifest manifest =
        backup::parse_manifest(restic.dump(run.snapshot, fmt::format("{}/{}", point, backup::kManifestFile)));
    const std::vector<backup::Node> nodes = restic.list_files(run.snapshot);
    std::map<std::string, std::int64_t> files;
    for (const backup::Node& node : nodes)
        if (node.is_file && node.path.starts_with(point + "/")) files[node.path.substr(point.size() + 1)] = node.size;
    for (const backup::PointFile& file : manifest.files) {
        const auto found = files.find(file.path);
        if (found == files.end()) return fmt::format("{} がありません。", file.path);
        if (found->second != file.size) return fmt::format("{} の大きさが目録と違います。", file.path);
    }
    return find_lack(manifest, count_objects(nodes, manifest));
}

/// A folder for what is secret, gone afterwards.
class Scratch {
  public:
    explicit Scratch(fs::path folder) : folder_(std::move(folder)) {
        clear();
        sys::make_folders(folder_, 0700);
    }
    ~Scratch() {
        try {
            clear();
        } catch (const std::exception&) {
            // The next reading clears it.
        }
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    const fs::path& path() const { return folder_; }
    bool has_room_for(std::int64_t bytes) const {
        std::error_code unknown;
        return fs::space(folder_, unknown).available / 2 > static_cast<std::uintmax_t>(bytes) && !unknown;
    }

  private:
    void clear() const {
        if (fs::exists(folder_)) restoring::remove_unpacked(folder_);
    }
    fs::path folder_;
};

fs::path reading_folder(const Folders& folders) {
    return folders.run / "backup" / "reading";
}

/// Byte by byte: the point is fetched, and each of its files hashed. Where nothing but objects is held beside it, the
/// engine has counted them when it made the snapshot, which nobody can change; else they are listed. Nothing when it
/// cannot be told in this way. Throws Error(Damaged) that names a file of the point which is not as it was.
std::optional<std::string> compare_bytes(const backup::Restic& restic, const fs::path& folder, const std::string& path,
                                         const backup::Run& run) {
    const Scratch scratch(folder);
    if (!scratch.has_room_for(run.bytes)) return std::nullopt;
    try {
        restic.restore(run.snapshot, scratch.path(), backup::Restic::Proof::Caller, std::span(&path, 1));
    } catch (const Error& error) {
        if (error.kind() != Kind::Damaged) throw;
        return std::nullopt;  // or this disk is: who compares the names tells which
    }
    if (!fs::exists(scratch.path() / fs::path(path).relative_path() / backup::kManifestFile)) return std::nullopt;
    const restoring::Point point = restoring::find_point(scratch.path(), path);
    restoring::check_point(point, [] {});
    const backup::Manifest& manifest = point.manifest;
    const auto own = static_cast<std::int64_t>(fs::file_size(point.folder / backup::kManifestFile));
    if (!manifest.is_all_named())
        return find_lack(manifest,
                         count_objects(restic.list_files(run.snapshot, manifest.site_path + "/objects"), manifest));
    const auto beside = static_cast<std::int64_t>(manifest.files.size()) + 1;
    return find_lack(manifest,
                     {run.files - beside, run.bytes - own - (manifest.count_bytes() - manifest.objects.bytes)});
}

class Verifying {
  public:
    Verifying(const BackupPlace& place, const VerifyWish& wish, const std::string& repository)
        : place_(place), wish_(wish) {
        done_.repository = repository;
    }

    Verification run() {
        const auto start = place_.clock.monotonic();
        const backing_up::Opened opened =
            backing_up::open(place_, done_.repository, wish_.by, backing_up::Purpose::Verify, wish_.is_stopped);
        if (!opened.standing.is_ready())
            throw Error(Kind::Unavailable, fmt::format("{}: {}", done_.repository, opened.standing.problem));
        YAKUBA_STEP("backup-verify-begun");
        backing_up::use(place_, done_.repository, opened, [&] {
            read_data(opened.restic);
            YAKUBA_STEP("backup-data-read");
            done_.is_data_whole = done_.problems.empty();
            prove_runs(opened);
        });
        done_.at = place_.clock.now();
        done_.seconds = std::chrono::duration<double>(place_.clock.monotonic() - start).count();
        done_.proof = done_.problems.empty() ? Proof::Whole : Proof::Damaged;
        note();
        YAKUBA_STEP("backup-verify-noted");
        return done_;
    }

  private:
    void read_data(const backup::Restic& restic) {
        const backing_up::ReadBack known(place_.folders, done_.repository);
        was_data_damaged_ = known.is_empty();
        packs_ = restic.list_packs();
        std::vector<base::Hash> fresh;
        std::copy_if(packs_.begin(), packs_.end(), std::back_inserter(fresh),
                     [&](const base::Hash& pack) { return !known.is_known(pack); });
        state_ = place_.watch.read([&](sys::Reader& db) { return backup::load_state(db, done_.repository); });
        const int parts = static_cast<int>(place_.settings.backup.verify_parts);
        is_all_ = wish_.is_everything || known.is_empty() || parts == 1 ||
                  (!restic.is_folder() && fresh.size() > kMostSingle);
        const backup::Part part =
            is_all_ ? backup::Part{} : backup::Part{static_cast<int>((state_.next_part - 1) % parts) + 1, parts};
        done_.part = is_all_ ? "all" : fmt::format("{}/{}", part.number, part.of);
        const backup::Check check = restic.is_folder() ? restic.check(std::nullopt) : restic.check(part);
        done_.problems = check.problems;
        if (!check.is_whole && done_.problems.empty()) done_.problems.emplace_back("検査の結果を読み取れません。");
        if (restic.is_folder()) {
            const auto is_turn = [&](const base::Hash& pack) {
                return pack.bytes[0] % static_cast<unsigned>(parts) + 1 == static_cast<unsigned>(part.number);
            };
            std::erase_if(fresh = packs_,
                          [&](const base::Hash& pack) { return !is_all_ && known.is_known(pack) && !is_turn(pack); });
        } else {
            done_.packs =
                static_cast<std::int64_t>(is_all_ ? packs_.size() : packs_.size() / static_cast<unsigned>(parts));
            if (is_all_) return;
        }
        // The thread lends itself to others; what it meets is thrown here.
        std::async(std::launch::async, [&] {
            guard::lower_priority_of_thread();
            read_packs(restic, fresh);
        }).get();
    }

    void read_packs(const backup::Restic& restic, const std::vector<base::Hash>& packs) {
        for (const base::Hash& pack : packs) {
            ++done_.packs;
            if (!restic.is_pack_whole(pack) && done_.problems.size() < kMostProblems)
                done_.problems.push_back(fmt::format("データ {} が壊れています。", pack.hex().substr(0, 16)));
        }
    }

    /// A run that was proved damaged is compared again when everything is asked for, or when the data was damaged and
    /// is mended; else it would be read at every turn, and never change.
    void prove_runs(const backing_up::Opened& opened) {
        const auto held = place_.watch.read([&](sys::Reader& db) { return backup::list_held(db, done_.repository); });
        std::size_t compared = 0;
        for (const backup::Run& run : held) {
            if (run.outcome != backup::Outcome::Made) continue;
            const bool is_asked =
                wish_.is_everything || run.proof == Proof::None || (run.proof == Proof::Damaged && was_data_damaged_);
            if (!done_
                     .is_data_whole) {  // which of them the damage touches is not known: none counts until it is mended
                done_.runs.push_back(run.id);
            } else if (is_asked && compared < kMostProved) {
                ++compared;
                std::string difference;
                try {
                    difference = find_difference(opened, run);
                } catch (const base::Interrupted&) {
                    throw;
                } catch (const Error& error) {
                    if (error.kind() == Kind::Unavailable) throw;
                    difference = error.message();
                }
                if (difference.empty()) {
                    done_.runs.push_back(run.id);
                    done_.bytes += run.bytes;
                } else {
                    done_.problems.push_back(
                        fmt::format("{}のバックアップ：{}", base::format_local(run.taken_at), difference));
                    damaged_.push_back(run.id);
                }
            }
        }
    }

    /// Of a small backup the point is fetched, in one call of the engine, whose half a second for its key weighs more
    /// there than the bytes; of a large one the names are compared. What of a snapshot is not as its manifest says.
    std::string find_difference(const backing_up::Opened& opened, const backup::Run& run) {
        const backup::Restic& restic = opened.restic;
        const auto find_path = [&](const std::vector<backup::Snapshot>& all) {
            const auto found =
                std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.id == run.snapshot; });
            return found == all.end() ? std::string() : find_in(found->paths);
        };
        // Where it was not asked: where we make it, unless the site has moved since.
        std::string path = opened.was_asked ? find_path(opened.standing.snapshots)
                                            : (place_.folders.site / backup::kPointFolder).string();
        if (restic.is_folder() && run.files > 0 && run.bytes <= kMostFetched && !path.empty())
            if (const auto said = compare_bytes(restic, reading_folder(place_.folders), path, run)) return *said;
        try {
            if (!path.empty()) return compare_names(restic, path, run);
        } catch (const Error& error) {
            if (error.kind() != Kind::NotFound || opened.was_asked) throw;
        }
        if (!opened.was_asked) path = find_path(restic.list_snapshots());
        return path.empty() ? "スナップショットに目録がありません。" : compare_names(restic, path, run);
    }

    void note() {
        place_.watch.write([&](sys::Transaction& tx) {
            if (damaged_.empty()) {
                backup::add_verification(tx, done_, wish_.by);
            } else {  // one record of what is whole and one of what is not
                Verification whole = done_;
                whole.proof = Proof::Whole;
                whole.problems.clear();
                if (!whole.runs.empty()) backup::add_verification(tx, whole, wish_.by);
                Verification damaged = done_;
                damaged.runs = damaged_;
                backup::add_verification(tx, damaged, wish_.by);
            }
            backup::RepositoryState state = backup::load_state(tx, done_.repository);
            // A damaged one of long ago does no harm once newer ones are whole.
            state.has_damage = done_.proof == Proof::Damaged || is_newest_damaged(tx);
            state.read_at = done_.at;
            if (!is_all_) ++state.next_part;
            backup::save_state(tx, state);
        });
        backing_up::ReadBack known(place_.folders, done_.repository);
        // After damage everything is read again.
        known.keep(done_.is_data_whole ? packs_ : std::vector<base::Hash>{});
    }

    bool is_newest_damaged(sys::Reader& db) const {
        const auto held = backup::list_held(db, done_.repository);
        return std::any_of(std::begin(kKinds), std::end(kKinds), [&](backup::Kind kind) {
            const auto newest = std::find_if(held.begin(), held.end(), [&](const backup::Run& run) {
                return run.kind == kind && run.outcome == backup::Outcome::Made;
            });
            return newest != held.end() && newest->proof == Proof::Damaged;
        });
    }

    const BackupPlace& place_;
    const VerifyWish& wish_;
    Verification done_;
    std::vector<base::Hash> packs_;
    std::vector<std::int64_t> damaged_;
    backup::RepositoryState state_;
    bool is_all_ = false;
    bool was_data_damaged_ = false;  ///< by the reading before, which then keeps no note of what was whole
};

}  // namespace

std::vector<Verification> verify_backups(const BackupPlace& place, const VerifyWish& wish) {
    const sys::FileLock lock = lock_backups(place.folders);
    Scratch{reading_folder(place.folders)};  // what a killed one has left
    std::vector<Verification> all;
    for (const std::string& repository : wish.repositories) {
        try {
            all.push_back(Verifying(place, wish, repository).run());
        } catch (const base::Interrupted&) {
            throw;
        } catch (const std::exception& error) {
            const auto* ours = dynamic_cast<const Error*>(&error);
            Verification failed;
            failed.repository = repository;
            failed.at = place.clock.now();
            failed.problems = {ours != nullptr ? ours->message() : error.what()};
            all.push_back(std::move(failed));
        }
    }
    return all;
}

}  // namespace flow

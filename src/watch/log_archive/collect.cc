#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "ground/base/error.h"
#include "ground/sys/files.h"
#include "watch/log_archive/inside/store.h"
#include "watch/log_archive/stamp.h"

namespace log_archive {

namespace fs = std::filesystem;
using base::Error;
using base::Instant;
using base::Kind;

namespace {

constexpr std::size_t kMostWaiting = 4U << 20;  // bytes of lines before they are written
constexpr std::chrono::minutes kNoteEvery{1};   // that a log without new lines was looked at

std::uint32_t crc_of(std::uint32_t before, std::string_view bytes) {
    return static_cast<std::uint32_t>(
        ::crc32(before, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

[[noreturn]] void fail(const fs::path& file) {
    const std::string problem = std::strerror(errno);
    throw Error(Kind::Unavailable,
                fmt::format("{}に書けません（{}）。ディスクの空きと権限を確かめてください。", file.string(), problem));
}

/// Appends at `day.bytes`, over what an interrupted turn left there. False: the file had become shorter, and goes on
/// from there; sealing finds and records that it is not whole.
bool append(const fs::path& file, Day& day, std::string_view bytes) {
    sys::make_folders(file.parent_path(), 0750);
    const bool is_new = !fs::exists(file);
    const sys::Descriptor open(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640));
    struct stat about {};
    if (!open || ::fstat(open.get(), &about) != 0) fail(file);
    const bool is_whole = about.st_size >= day.bytes;
    if (!is_whole) day.bytes = about.st_size;
    if (about.st_size > day.bytes && ::ftruncate(open.get(), static_cast<off_t>(day.bytes)) != 0) fail(file);
    auto at = static_cast<off_t>(day.bytes);
    while (!bytes.empty()) {
        const ssize_t gone = ::pwrite(open.get(), bytes.data(), bytes.size(), at);
        if (gone < 0 && errno == EINTR) continue;
        if (gone <= 0) fail(file);
        at += gone;
        bytes.remove_prefix(static_cast<std::size_t>(gone));
    }
    if (::fdatasync(open.get()) != 0) fail(file);
    if (is_new) sys::sync_folder(file.parent_path());
    day.bytes = at;
    return is_whole;
}

/// One log in one turn: its new lines, sorted into their days.
class Turn {
  public:
    Turn(const Place& place, const Series& series, int keep_days)
        : place_(place), series_(series), keep_days_(keep_days), now_(place.clock.now()) {
        place.database.read([&](sys::Reader& db) {
            if (const auto row = find_series(db, series.name)) row_ = *row, has_begun_ = true;
        });
        if (!has_begun_) row_ = {series.name, series.kind, "", now_, base::local_day(now_), std::nullopt};
        row_.kind = series.kind;
    }

    Collected run(std::size_t most) {
        Collected done{.series = series_.name};
        const Taken taken = series_.source(
            row_.position, [&](std::string_view line) { take(line); }, most);
        write();
        done.lines = lines_;
        done.is_missing = taken.is_missing;
        done.is_whole = !taken.is_more && !taken.is_missing && taken.problem.empty();
        if (!taken.is_missing || has_begun_ || series_.must_be_there) done.problem = taken.problem;
        if (!problem_.empty()) done.problem = problem_;
        is_new_ = lines_ > 0 || taken.position != row_.position || now_ - row_.collected_at >= kNoteEvery ||
                  (!has_begun_ && !taken.is_missing);
        if (taken.is_missing) is_new_ = false;
        row_.position = taken.position;
        if (done.is_whole) row_.collected_at = now_;
        return done;
    }

    bool is_new() const { return is_new_; }
    void keep(sys::Transaction& tx) const {
        if (!is_new_) return;
        keep_series(tx, row_);
        for (const auto& [day, filling] : days_)
            if (filling.is_touched) keep_day(tx, filling.day);
    }

  private:
    struct Filling {
        Day day;
        std::string waiting;
        bool is_touched = false;
    };

    Filling& of(base::Day day) {
        const auto at = days_.find(day);
        if (at != days_.end()) return at->second;
        Day fresh;
        fresh.series = series_.name;
        fresh.kind = series_.kind;
        fresh.day = day;
        return days_[day] = {place_.database.read(
                                 [&](sys::Reader& db) { return find_day(db, series_.name, day).value_or(fresh); }),
                             {},
                             false};
    }

    /// Into the day that it names, or, without a time, into that of the line before it. What comes after its day was
    /// sealed goes to today's.
    void take(std::string_view line) {
        const base::Day today = base::local_day(now_);
        const auto stamp = stamp_of(line, now_);
        base::Day wanted = stamp ? base::local_day(*stamp) : row_.last_day.value_or(today);
        if (wanted > today || wanted < today - keep_days_) wanted = today;
        if (of(wanted).day.state != State::Open) wanted = today;
        while (of(wanted).day.state != State::Open) wanted = wanted + 1;  // the clock was ahead, and is put back
        Filling& filling = of(wanted);
        Day& day = filling.day;
        const Instant at = stamp.value_or(day.tail.value_or(base::from_local({day.day})));
        day.first = std::min(day.first.value_or(at), at);
        day.last = std::max(day.last.value_or(at), at);
        day.tail = at;
        ++day.lines;
        ++lines_;
        filling.waiting += line;
        filling.waiting += '\n';
        filling.is_touched = true;
        row_.last_day = wanted;
        waiting_ += line.size() + 1;
        if (waiting_ > kMostWaiting) write();
    }

    void write() {
        for (auto& [day, filling] : days_) {
            if (filling.waiting.empty()) continue;
            const fs::path file = file_of(place_, filling.day);
            if (!append(file, filling.day, filling.waiting))
                problem_ = fmt::format("{}が短くなっています。だれかが書き換えたおそれがあります。", file.string());
            filling.day.crc = crc_of(filling.day.crc, filling.waiting);
            filling.waiting.clear();
        }
        waiting_ = 0;
    }

    const Place& place_;
    const Series& series_;
    int keep_days_;
    Instant now_;
    SeriesRow row_;
    bool has_begun_ = false, is_new_ = false;
    std::map<base::Day, Filling> days_;
    std::size_t waiting_ = 0;
    std::int64_t lines_ = 0;
    std::string problem_;
};

}  // namespace

fs::path file_of(const Place& place, const Day& day) {
    return place.folder / day.series / (base::format_day(day.day) + (day.state == State::Packed ? ".log.gz" : ".log"));
}

fs::path lock_file(const Place& place) {
    return place.folder / ".lock";
}

std::vector<Collected> collect(const Place& place, std::span<const Series> all, std::size_t most, int keep_days) {
    std::vector<Collected> done;
    std::vector<Turn> turns;
    for (const Series& series : all) {
        try {
            Turn turn(place, series, keep_days);
            done.push_back(turn.run(most));
            turns.push_back(std::move(turn));
        } catch (const Error& error) {
            done.push_back({.series = series.name, .problem = error.message()});
        }
    }
    const bool is_anything = std::any_of(turns.begin(), turns.end(), [](const Turn& turn) { return turn.is_new(); });
    if (is_anything)
        place.database.write([&](sys::Transaction& tx) {
            for (const Turn& turn : turns) turn.keep(tx);
        });
    return done;
}

}  // namespace log_archive

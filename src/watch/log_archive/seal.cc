#include <algorithm>
#include <set>

#include <boost/json.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <zlib.h>

#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"
#include "watch/log_archive/inside/store.h"
#include "watch/log_archive/packing.h"

namespace log_archive {

namespace fs = std::filesystem;
namespace json = boost::json;
using base::Instant;

namespace {

json::value time_of(const std::optional<Instant>& at) {
    if (!at) return nullptr;
    return json::value(base::format_utc(*at));
}

/// Seals, packs and removes the days of one archive.
class Sealer {
  public:
    Sealer(const Place& place, const Policy& policy, Sealed& done)
        : place_(place), policy_(policy), done_(done), now_(place.clock.now()), today_(base::local_day(now_)) {}

    void close_days(const std::string& series, const std::function<bool()>& is_stopped) {
        std::vector<Day> days;
        std::optional<SeriesRow> row;
        place_.database.read([&](sys::Reader& db) {
            row = find_series(db, series);
            days = days_of(db, series);
        });
        if (!row) return;
        // The last day that is over, and was for a little.
        const base::Day over = base::local_day(now_ - kGrace) - 1;
        std::set<base::Day> there;
        for (const Day& day : days) there.insert(day.day);
        for (base::Day day = row->began_on; day <= over; day = day + 1)
            if (!there.contains(day)) {
                Day empty;
                empty.series = series;
                empty.kind = row->kind;
                empty.day = day;
                days.push_back(empty);
            }
        for (Day& day : days) {
            if (is_stopped && is_stopped()) return;
            if (day.state == State::Open && day.day <= over) seal_one(day);
        }
    }

    void keep_days(const std::string& series, const std::function<bool()>& is_stopped) {
        for (Day& day : place_.database.read([&](sys::Reader& db) { return days_of(db, series); })) {
            if (is_stopped && is_stopped()) return;
            const auto age = base::day_number(today_) - base::day_number(day.day);
            if (day.state == State::Sealed && day.bytes > 0 && age > policy_.compress_days) pack_one(day);
            if (day.state == State::Packed) remove_plain(day);
            // Also by when it was sealed: what only says that it is old stays as long as all else.
            const auto kept =
                base::day_number(today_) - base::day_number(base::local_day(day.sealed_at.value_or(now_)));
            if ((day.state == State::Sealed || day.state == State::Packed) && age > policy_.keep_days &&
                kept >= policy_.keep_days)
                remove_one(day);
        }
    }

  private:
    void write(const Day& day, std::string_view act, json::object detail) {
        place_.database.write([&](sys::Transaction& tx) {
            keep_day(tx, day);
            ledger::append(
                tx, {now_, "service:watch", std::string(act), subject_of(day.series, day.day), json::serialize(detail)},
                ledger::kWatch);
        });
        ++done_.days;
    }

    void add_fault(const Day& day, std::string message) {
        done_.faults.push_back({day.series, day.day, "changed", std::move(message)});
    }

    void seal_one(Day& day) {
        const fs::path file = file_of(place_, day);
        std::int64_t bytes = 0, lines = 0;
        std::uint32_t crc = 0;
        sys::Hasher hasher;
        if (fs::exists(file)) {
            // What a turn wrote and could not commit is read again, into another day.
            std::error_code problem;
            if (fs::file_size(file, problem) > static_cast<std::uintmax_t>(day.bytes))
                fs::resize_file(file, static_cast<std::uintmax_t>(day.bytes), problem);
            const sys::Descriptor open(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
            if (open) ::fsync(open.get());
            Pieces pieces(file, false);
            for (std::string_view piece; !(piece = pieces.next()).empty();) {
                hasher.add(piece);
                bytes += static_cast<std::int64_t>(piece.size());
                lines += std::count(piece.begin(), piece.end(), '\n');
                crc = static_cast<std::uint32_t>(
                    ::crc32(crc, reinterpret_cast<const Bytef*>(piece.data()), static_cast<uInt>(piece.size())));
            }
        }
        const bool is_whole = bytes == day.bytes && lines == day.lines && crc == day.crc;
        if (!is_whole)
            add_fault(day, fmt::format(
                               "{}の{}は、集めたときの内容（{}行、{}バイト）ではなく、{}行、{}バイトになっています。",
                               kind_wording(day.kind), base::format_day(day.day), day.lines, day.bytes, lines, bytes));
        day.bytes = bytes;
        day.lines = lines;
        day.crc = crc;
        day.sha256 = hasher.finish();
        day.sealed_at = now_;
        day.state = State::Sealed;
        if (!is_whole) day.fault = "changed";
        json::object detail{{"kind", day.kind},
                            {"series", day.series},
                            {"day", base::format_day(day.day)},
                            {"lines", lines},
                            {"bytes", bytes},
                            {"sha256", day.sha256.hex()},
                            {"first", time_of(day.first)},
                            {"last", time_of(day.last)}};
        if (!is_whole) detail["changed_before"] = true;
        write(day, "log.sealed", std::move(detail));
    }

    void pack_one(Day& day) {
        const fs::path plain = file_of(place_, day);
        if (!fs::exists(plain)) return;  // verify says so
        Day packed = day;
        packed.state = State::Packed;
        const fs::path target = file_of(place_, packed);
        sys::StagedFile file(target, target.parent_path(), 0640);
        sys::Hasher hasher;
        Packer packer(Packer::Form::Gzip, [&](std::string_view bytes) {
            hasher.add(bytes);
            file.write(bytes);
        });
        Pieces pieces(plain, false);
        for (std::string_view piece; !(piece = pieces.next()).empty();) packer.add(piece);
        const Packed sums = packer.finish();
        if (sums.sha256 != day.sha256) {
            add_fault(day, fmt::format("{}の{}が、封印したときの内容ではありません。", kind_wording(day.kind),
                                       base::format_day(day.day)));
            return;
        }
        file.commit();
        packed.packed_bytes = static_cast<std::int64_t>(sums.packed);
        packed.packed_sha256 = hasher.finish();
        packed.crc = sums.crc;
        write(packed, "log.packed",
              {{"series", day.series},
               {"day", base::format_day(day.day)},
               {"bytes", packed.packed_bytes},
               {"sha256", packed.packed_sha256.hex()}});
        day = packed;
    }

    void remove_plain(const Day& day) {
        Day plain = day;
        plain.state = State::Sealed;
        sys::remove_file(file_of(place_, plain));
    }

    /// First the record, then the file: a file that stays behind is removed by the next call.
    void remove_one(Day& day) {
        const fs::path file = file_of(place_, day);
        day.state = State::Removed;
        day.fault.clear();
        write(day, "log.removed",
              {{"series", day.series}, {"day", base::format_day(day.day)}, {"keep_days", policy_.keep_days}});
        sys::remove_file(file);
    }

    const Place& place_;
    const Policy& policy_;
    Sealed& done_;
    Instant now_;
    base::Day today_;
};

}  // namespace

Sealed seal(const Place& place, std::span<const Collected> collected, const Policy& policy,
            const std::function<bool()>& is_stopped) {
    Sealed done;
    Sealer sealer(place, policy, done);
    for (const Collected& one : collected)
        if (one.is_whole || one.is_missing) sealer.close_days(one.series, is_stopped);
    for (const Newest& one : place.database.read([](sys::Reader& db) { return list_series(db); }))
        sealer.keep_days(one.series, is_stopped);
    return done;
}

}  // namespace log_archive

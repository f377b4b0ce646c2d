#include "watch/log_archive/export.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/interrupted.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"
#include "ground/sys/files.h"
#include "watch/log_archive/inside/index.h"
#include "watch/log_archive/inside/store.h"
#include "watch/log_archive/packing.h"
#include "watch/log_archive/stamp.h"
#include "watch/log_archive/zip.h"

namespace log_archive {

namespace fs = std::filesystem;
using base::Error;
using base::Instant;
using base::Kind;

namespace {

constexpr unsigned kMostThreads = 4;
constexpr std::size_t kLinesBetweenLooks = 4096;

/// The deflated bytes of one member, in a file of their own or inside the packed day.
struct Part {
    fs::path file;
    std::uint64_t begin = 0;
    Packed sums;
};

void stop_if_asked(const Order& order) {
    if (order.is_stopped && order.is_stopped()) throw base::Interrupted("書出しを途中で止めました。");
}

/// The day as it is now: it may have been packed since it was listed.
Day newest_of(const Place& place, const Day& day) {
    return place.database.read([&](sys::Reader& db) { return find_day(db, day.series, day.day).value_or(day); });
}

/// Takes the packed day over as it is, once its bytes are those of the record.
Part take_over(const Place& place, const Day& day) {
    const fs::path file = file_of(place, day);
    if (hash_of(file) != day.packed_sha256)
        throw Error(Kind::Damaged,
                    fmt::format("{}の{}（{}）が、封印したときの内容ではありません。バックアップから戻すか、--kindで"
                                "ほかのログだけを選んでください。",
                                kind_wording(day.kind), base::format_day(day.day), file.string()));
    Part part{file, kGzipHead, {}};
    part.sums.bytes = static_cast<std::uint64_t>(day.bytes);
    part.sums.packed = static_cast<std::uint64_t>(day.packed_bytes) - kGzipHead - kGzipTail;
    part.sums.crc = day.crc;
    part.sums.sha256 = day.sha256;
    return part;
}

/// Makes the members, several at a time.
class Maker {
  public:
    Maker(const Place& place, const Order& order, const fs::path& scratch, const std::string& secret)
        : place_(place), order_(order), scratch_(scratch), secret_(secret) {}

    void run(std::vector<Member>& members, std::vector<Part>& parts) {
        std::atomic<std::size_t> next{0};
        std::exception_ptr problem;
        std::mutex mutex;
        const auto work = [&] {
            for (std::size_t at = 0; (at = next++) < members.size();) {
                try {
                    parts[at] = make(members[at], at);
                } catch (...) {
                    const std::scoped_lock lock(mutex);
                    if (!problem) problem = std::current_exception();
                    next = members.size();
                }
            }
        };
        {
            std::vector<std::jthread> threads;
            const unsigned count = std::clamp(std::thread::hardware_concurrency(), 1U, kMostThreads);
            for (unsigned at = 1; at < count; ++at) threads.emplace_back(work);
            work();
        }
        if (problem) std::rethrow_exception(problem);
    }

    const Masked& masked() const { return masked_; }

  private:
    Part make(Member& member, std::size_t number) {
        stop_if_asked(order_);
        for (int tries = 0;; ++tries) {
            try {
                return make_once(member, number);
            } catch (const Error& error) {
                // Between the listing and the opening it was packed or removed.
                const Day now = newest_of(place_, member.day);
                if (error.kind() != Kind::NotFound || tries > 0 || now.state == member.day.state) throw;
                member.day = now;
                member.lines = 0;
            }
        }
    }

    Part make_once(Member& member, std::size_t number) {
        const Day& day = member.day;
        const bool is_inside = day.first && *day.first >= order_.from && *day.last < order_.until;
        if (is_inside && !order_.is_masked && day.state == State::Packed) {
            Part part = take_over(place_, day);
            member.lines = day.lines;
            member.is_sealed_whole = true;
            return finish(member, std::move(part));
        }
        Part part{scratch_ / std::to_string(number), 0, {}};
        if (day.bytes == 0) return finish(member, std::move(part));
        sys::StagedFile file(part.file, scratch_, 0600);
        Packer packer(Packer::Form::Deflate, [&](std::string_view bytes) { file.write(bytes); });
        Masker masker(secret_);
        std::string buffer;
        each_line_of(place_, day, [&](std::string_view line, Instant at) {
            if (++looked_ % kLinesBetweenLooks == 0) stop_if_asked(order_);
            if (at < order_.from || at >= order_.until) return true;
            ++member.lines;
            if (order_.is_masked)
                masker.mask(line, buffer);
            else
                buffer += line;
            buffer += '\n';
            if (buffer.size() > (128U << 10)) {
                packer.add(buffer);
                buffer.clear();
            }
            return true;
        });
        packer.add(buffer);
        part.sums = packer.finish();
        file.commit(sys::Durability::Later);
        member.is_sealed_whole = day.state != State::Open && part.sums.sha256 == day.sha256;
        {
            const std::scoped_lock lock(mutex_);
            masked_.add(masker.counts());
        }
        return finish(member, std::move(part));
    }

    static Part finish(Member& member, Part part) {
        member.bytes = static_cast<std::int64_t>(part.sums.bytes);
        member.sha256 = part.sums.sha256;
        if (member.lines > 0)
            member.file = fmt::format("logs/{}/{}.log", member.day.series, base::format_day(member.day.day));
        return part;
    }

    const Place& place_;
    const Order& order_;
    fs::path scratch_;
    std::string secret_;
    std::mutex mutex_;
    Masked masked_;
    std::atomic<std::size_t> looked_{0};
};

/// The ledger's own lines of the days, and of the key, as they stand there.
std::string proof_of(sys::Reader& db, const std::vector<Member>& members) {
    std::string text;
    const auto add = [&](const std::string& subject, const std::string& act) {
        ledger::Search search;
        search.stream = std::string(ledger::kWatch);
        search.subject = subject;
        search.act = act;
        search.limit = 100;
        const auto lines = ledger::find_lines(db, search);
        for (auto line = lines.rbegin(); line != lines.rend(); ++line)
            text += ledger::write_line(line->stream, {line->sequence - 1, line->previous}, line->entry) + "\n";
    };
    add("", "log.key-made");
    for (const Member& one : members)
        if (one.day.state != State::Open) add(subject_of(one.day.series, one.day.day), "log");
    return text;
}

void copy_part(const Part& part, ZipWriter& zip) {
    if (part.sums.packed == 0) return;
    Pieces pieces(part.file, false, part.begin + part.sums.packed);
    std::uint64_t skipped = 0;
    for (std::string_view piece; !(piece = pieces.next()).empty();) {
        const std::size_t skip = std::min<std::uint64_t>(part.begin - skipped, piece.size());
        skipped += skip;
        zip.add(piece.substr(skip));
    }
}

}  // namespace

void each_line_of(const Place& place, const Day& day,
                  const std::function<bool(std::string_view line, Instant at)>& take) {
    Instant at = base::from_local({day.day});
    const Instant near = at;
    Pieces pieces(file_of(place, day), day.state == State::Packed, static_cast<std::uint64_t>(day.bytes));
    each_line(pieces, [&](std::string_view line) {
        at = stamp_of(line, near).value_or(at);
        return take(line, at);
    });
}

Exported export_logs(const Place& place, const Order& order, const fs::path& file) {
    const auto start = place.clock.monotonic();
    if (order.until <= order.from) throw Error(Kind::BadInput, "期間の終わりは、始まりより後にしてください。");
    Exported made;
    made.key = base::to_hex(order.key->public_key());
    Contents contents{order, made, place.clock.now(), {}, {}};
    place.database.read([&](sys::Reader& db) {
        check_kinds(db, order.kinds);
        const Filter filter{order.kinds, order.from, order.until, true};
        for (Day& day : list_days(db, filter)) {
            if (day.state == State::Removed)
                contents.removed.push_back(std::move(day));
            else
                made.members.emplace_back().day = std::move(day);
        }
        const auto is_asked = [&](const Newest& one) {
            return order.kinds.empty() || std::any_of(order.kinds.begin(), order.kinds.end(), [&](const auto& word) {
                       return word == one.kind || word == one.series;
                   });
        };
        for (Newest& one : list_series(db))
            if (is_asked(one)) contents.newest.push_back(std::move(one));
    });
    const sys::TemporaryFolder scratch(file.parent_path());
    std::vector<Part> parts(made.members.size());
    // The secret of the words that stand for names: the same in every archive of this site.
    Maker maker(place, order, scratch.path(), sys::sha256("names\n" + order.key->seed()).hex());
    maker.run(made.members, parts);
    made.masked = maker.masked();
    for (const Member& one : made.members) {
        made.lines += one.lines;
        made.bytes += one.bytes;
    }
    sys::StagedFile out(file, file.parent_path(), 0600);
    sys::Hasher hasher;
    ZipWriter zip([&](std::string_view bytes) {
        out.write(bytes);
        hasher.add(bytes);
        made.archive_bytes += static_cast<std::int64_t>(bytes.size());
    });
    const std::string proof = place.database.read([&](sys::Reader& db) { return proof_of(db, made.members); });
    const std::vector<IndexFile> others{
        {"index.html", index_html(contents)}, {"proof/ledger.jsonl", proof}, {"verify_logs.py", order.verifier}};
    const std::string index = index_json(contents, others);
    zip.put("index.json", index, contents.made_at);
    zip.put("index.json.sig", base::to_hex(order.key->sign(index)) + "\n", contents.made_at);
    for (const IndexFile& one : others) zip.put(one.name, one.bytes, contents.made_at);
    for (std::size_t at = 0; at < parts.size(); ++at) {
        const Member& member = made.members[at];
        if (member.file.empty()) continue;
        stop_if_asked(order);
        const Packed& sums = parts[at].sums;
        zip.begin({member.file, sums.crc, sums.bytes, sums.packed, contents.made_at});
        copy_part(parts[at], zip);
    }
    zip.finish();
    out.commit();
    made.sha256 = hasher.finish();
    made.seconds = std::chrono::duration<double>(place.clock.monotonic() - start).count();
    return made;
}

}  // namespace log_archive

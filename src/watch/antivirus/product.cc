#include "watch/antivirus/product.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/files.h"
#include "ground/sys/process.h"
#include "watch/logs/follow.h"

namespace antivirus {

namespace {

constexpr std::string_view kDate = "{date}";
constexpr std::size_t kMostSaid = 1 << 20;     ///< bytes of a status file or a command's output
constexpr std::size_t kLogTail = 4 << 20;      ///< bytes of the log's end in which its newest date must stand
constexpr std::size_t kMostDetections = 1000;  ///< told at once

int month_of(std::string_view name) {
    constexpr std::string_view kNames = "janfebmaraprmayjunjulaugsepoctnovdec";
    const auto at = kNames.find(base::to_lower(name.substr(0, 3)));
    return name.size() < 3 || at == std::string_view::npos || at % 3 != 0 ? 0 : static_cast<int>(at / 3) + 1;
}

/// The time of day right behind a date, and whether it is UTC.
void read_time(const char* rest, base::LocalTime& at, bool& is_utc) {
    while (*rest == ' ' || *rest == 'T' || *rest == ',') ++rest;
    int hour = 0, minute = 0, second = 0, used = 0;
    if (std::sscanf(rest, "%2d:%2d%n", &hour, &minute, &used) != 2 || hour < 0 || hour > 23 || minute < 0 ||
        minute > 59)
        return;
    at.hour = hour;
    at.minute = minute;
    rest += used;
    if (std::sscanf(rest, ":%2d%n", &second, &used) == 1 && second >= 0 && second < 60) {
        at.second = second;
        rest += used;
    }
    while (*rest == '.' || std::isdigit(static_cast<unsigned char>(*rest)) != 0) ++rest;  // parts of a second
    is_utc = *rest == 'Z';
}

/// A date that begins at `text`.
std::optional<base::Instant> read_date(const char* text) {
    int year = 0, month = 0, day = 0, used = 0;
    char name[12] = {}, mark = 0, second_mark = 0;
    const bool is_numeric =
        (std::sscanf(text, "%4d%c%2d%c%2d%n", &year, &mark, &month, &second_mark, &day, &used) == 5 &&
         mark == second_mark && (mark == '-' || mark == '/' || mark == '.')) ||
        std::sscanf(text, "%4d年%2d月%2d日%n", &year, &month, &day, &used) == 3 ||
        (std::sscanf(text, "%4d%2d%2d%n", &year, &month, &day, &used) == 3 && used == 8);
    if (!is_numeric) {
        if (std::sscanf(text, "%2d%*[- ]%9[A-Za-z]%*[-, ]%4d%n", &day, name, &year, &used) != 3 &&
            std::sscanf(text, "%9[A-Za-z]%*[ ]%2d%*[, ]%4d%n", name, &day, &year, &used) != 3)
            return std::nullopt;
        month = month_of(name);
    }
    if (year < 2000 || year > 2200 || !base::is_day(year, month, day)) return std::nullopt;
    base::LocalTime at{{year, month, day}};
    bool is_utc = false;
    read_time(text + used, at, is_utc);
    return base::from_local(at) + std::chrono::hours(is_utc ? 9 : 0);
}

/// The last lines of a log that may be of any size: the newest date stands at its end. Throws Error(Unavailable).
std::string read_tail(const std::filesystem::path& file) {
    const sys::Descriptor log(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat about {};
    if (!log || ::fstat(log.get(), &about) != 0)
        throw base::Error(base::Kind::Unavailable, fmt::format("{}: {}", file.string(), std::strerror(errno)));
    if (!S_ISREG(about.st_mode))
        throw base::Error(base::Kind::Unavailable, fmt::format("{}はファイルではありません", file.string()));
    const off_t from = std::max<off_t>(0, about.st_size - static_cast<off_t>(kLogTail));
    std::string text(kLogTail, '\0');
    std::size_t size = 0;
    while (size < text.size()) {
        const ssize_t got = ::pread(log.get(), text.data() + size, text.size() - size, from + static_cast<off_t>(size));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0)
            throw base::Error(base::Kind::Unavailable, fmt::format("{}: {}", file.string(), std::strerror(errno)));
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
    }
    text.resize(size);
    if (from > 0) text.erase(0, std::min(text.find('\n'), text.size()));  // a line cut in two could name another day
    return text;
}

void take_dates(std::string_view text, const LinePattern& pattern, EngineState& state) {
    for (const std::string_view line : base::split(text, '\n'))
        if (const auto date = pattern.match(base::trim(line)))
            if (const auto at = parse_product_date(*date)) state.signatures_at = at;
}

}  // namespace

LinePattern::LinePattern(std::string text) {
    if (text.empty()) return;
    std::string part;
    std::vector<std::string> parts;
    std::size_t date = std::string::npos;
    bool is_in_gap = false;  // "*" and {date} side by side are one gap
    for (std::size_t at = 0; at < text.size();) {
        const bool is_date = text.compare(at, kDate.size(), kDate) == 0;
        if (!is_date && text[at] != '*') {
            part += text[at++];
            is_in_gap = false;
            continue;
        }
        if (!is_in_gap) parts.push_back(std::exchange(part, {}));
        if (is_date && date == std::string::npos) date = parts.size() - 1;
        is_in_gap = true;
        at += is_date ? kDate.size() : 1;
    }
    parts.push_back(part);
    parts_ = std::move(parts);
    date_ = std::min(date, parts_.size());
}

std::optional<std::string_view> LinePattern::match(std::string_view line) const {
    if (parts_.empty()) return std::nullopt;
    if (parts_.size() == 1) return line == parts_[0] ? std::optional<std::string_view>("") : std::nullopt;
    if (!line.starts_with(parts_.front())) return std::nullopt;
    std::size_t at = parts_.front().size();
    std::string_view date;
    for (std::size_t i = 1; i < parts_.size(); ++i) {
        const bool is_last = i + 1 == parts_.size();
        if (is_last && (!line.ends_with(parts_[i]) || line.size() - parts_[i].size() < at)) return std::nullopt;
        const std::size_t next = is_last ? line.size() - parts_[i].size() : line.find(parts_[i], at);
        if (next == std::string_view::npos) return std::nullopt;
        if (i == date_ + 1) date = line.substr(at, next - at);
        at = next + parts_[i].size();
    }
    return date;
}

std::optional<base::Instant> parse_product_date(std::string_view text) {
    const std::string all(text.substr(0, 400));
    for (std::size_t at = 0; at < all.size(); ++at) {
        const auto is_word = [&](std::size_t i) { return std::isalnum(static_cast<unsigned char>(all[i])) != 0; };
        if (!is_word(at) || (at > 0 && is_word(at - 1))) continue;
        if (const auto date = read_date(all.c_str() + at)) return date;
    }
    return std::nullopt;
}

ProductFiles product_files(const settings::Settings& settings) {
    const auto& given = settings.antivirus;
    ProductFiles files;
    if (!given.log_file.empty()) files.log_file = settings.resolve(given.log_file);
    if (!given.status_file.empty()) files.status_file = settings.resolve(given.status_file);
    files.command = given.command;
    files.detection_pattern = given.detection_pattern;
    files.date_pattern = given.date_pattern;
    files.patience = std::chrono::seconds(given.timeout_seconds);
    return files;
}

bool is_configured(const ProductFiles& files) {
    return !files.log_file.empty() || !files.status_file.empty() || !files.command.empty();
}

EngineState product_state(const ProductFiles& files) {
    EngineState state;
    const LinePattern date{files.date_pattern};
    try {
        if (!files.log_file.empty()) take_dates(read_tail(files.log_file), date, state);
        if (!files.status_file.empty()) take_dates(sys::read_file(files.status_file, kMostSaid), date, state);
        if (!files.command.empty()) {
            const sys::Outcome said = sys::run({files.command, "", {}, files.patience, kMostSaid});
            if (said.timed_out || said.exit_code != 0) {
                state.problem = said.timed_out
                                    ? "状態を表示する命令が時間内に終わりませんでした。"
                                    : fmt::format("状態を表示する命令が失敗しました（終了コード{}）。", said.exit_code);
                return state;
            }
            take_dates(said.output, date, state);
        }
        state.is_running = true;
    } catch (const base::Error& error) {
        state.problem = fmt::format("状態を読めません（{}）。", shown(error.message()));
    }
    return state;
}

std::vector<signals::Signal> read_detections(const ProductFiles& files, std::string& position, base::Instant now) {
    std::vector<signals::Signal> all;
    if (files.log_file.empty()) return all;
    const LinePattern pattern{files.detection_pattern};
    logs::Follower follower(files.log_file, position);
    const auto turn = follower.read([&](std::string_view line) {
        if (all.size() >= kMostDetections || !pattern.match(base::trim(line))) return;
        all.push_back({.source = "antivirus",
                       .kind = "antivirus.detected",
                       .subject = shown(line),
                       .severity = signals::Severity::Serious,
                       .observed_at = now,
                       .text = "ウイルス対策ソフトが検出を記録しました：" + shown(line)});
    });
    position = follower.position();
    signals::Signal log{.source = "antivirus",
                        .kind = "antivirus.log",
                        .subject = files.log_file.string(),
                        .state = turn.is_missing ? signals::State::Raise : signals::State::Clear,
                        .observed_at = now};
    log.text = turn.is_missing ? fmt::format("ウイルス対策ソフトのログ{}を読めません。", log.subject)
                               : fmt::format("ウイルス対策ソフトのログ{}を読んでいます。", log.subject);
    all.push_back(std::move(log));
    return all;
}

}  // namespace antivirus

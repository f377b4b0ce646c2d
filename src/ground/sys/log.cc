// A line is made whole and handed to the system in one write(2), so that lines of several threads and processes do not
// mix and a line before a crash is not lost in a buffer. What cannot be written is dropped: logging must not stop the
// work.
#include "ground/sys/log.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <mutex>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ground/base/text.h"
#include "ground/base/time.h"
#include "ground/sys/log_copy.h"

namespace sys {

namespace {

std::atomic<Level> g_lowest{Level::Info};
std::atomic<LogForm> g_form{LogForm::Prose};

constexpr std::array<std::string_view, 4> kNames{"debug", "info", "warning", "error"};
/// journald reads the priority from the line's start (sd-daemon(3)).
constexpr std::array<std::string_view, 4> kPriorities{"<7>", "<6>", "<4>", "<3>"};

std::mutex g_copying;
std::function<void(std::string_view)> g_copy;  // guarded by it

/// What could start a line, move a terminal's cursor or turn the direction of reading.
bool is_control(char32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069);
}

char32_t decode(std::string_view utf8) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(utf8[i]); };
    if (utf8.size() == 1) return byte(0);
    char32_t c = byte(0) & (0x7FU >> utf8.size());
    for (std::size_t i = 1; i < utf8.size(); ++i) c = c << 6 | (byte(i) & 0x3FU);
    return c;
}

/// A JSON string without its quotes; also what prose uses.
void append_escaped(std::string& line, std::string_view raw) {
    const std::string text = base::to_valid_utf8(raw);
    for (std::string_view rest = text; !rest.empty();) {
        const std::string_view one = base::first_code_points(rest, 1);
        const char32_t c = decode(one);
        if (c == U'"' || c == U'\\') {
            line += '\\';
            line += one;
        } else if (c == U'\n') {
            line += "\\n";
        } else if (is_control(c)) {
            line += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(c));
        } else {
            line += one;
        }
        rest.remove_prefix(one.size());
    }
}

bool is_plain_word(std::string_view text) {
    return !text.empty() && text.find_first_of(" =\"\\") == std::string_view::npos;
}

std::string as_json(Level level, std::string_view what, std::initializer_list<LogField> fields, base::Instant now) {
    std::string line = fmt::format(R"({{"time":"{}","level":"{}","what":")", base::format_utc(now),
                                   kNames[static_cast<std::size_t>(level)]);
    append_escaped(line, what);
    line += '"';
    for (const auto& [name, value] : fields) {
        line += ",\"";
        append_escaped(line, name);
        line += "\":\"";
        append_escaped(line, value);
        line += '"';
    }
    return line + "}\n";
}

std::string as_prose(Level level, std::string_view what, std::initializer_list<LogField> fields, base::Instant now) {
    std::string line = base::format_local(now) + " ";
    if (level != Level::Info) line += fmt::format("{}: ", kNames[static_cast<std::size_t>(level)]);
    append_escaped(line, what);
    for (const auto& [name, value] : fields) {
        line += ' ';
        append_escaped(line, name);
        line += is_plain_word(value) ? "=" : "=\"";
        append_escaped(line, value);
        if (!is_plain_word(value)) line += '"';
    }
    return line + "\n";
}

/// systemd names in JOURNAL_STREAM the device and inode that standard error had when it was the journal
/// (systemd.exec(5)).
bool is_journal() {
    const char* stream = std::getenv("JOURNAL_STREAM");
    struct stat about {};
    return stream != nullptr && ::fstat(STDERR_FILENO, &about) == 0 &&
           fmt::format("{}:{}", about.st_dev, about.st_ino) == stream;
}

}  // namespace

void start_log(Level lowest, LogForm form) {
    g_lowest = lowest;
    g_form = form;
}

void copy_log_to(std::function<void(std::string_view)> take) {
    const std::scoped_lock lock(g_copying);
    g_copy = std::move(take);
}

void log(Level level, std::string_view what, std::initializer_list<LogField> fields) {
    const bool is_shown = level >= g_lowest;
    if (!is_shown && level < Level::Info) return;
    static const bool has_journal = is_journal();
    const base::Instant now = base::SystemClock().now();
    {
        const std::scoped_lock lock(g_copying);
        if (g_copy) {
            const std::string copy = as_json(level, what, fields, now);
            g_copy(std::string_view(copy).substr(0, copy.size() - 1));
        }
    }
    if (!is_shown) return;
    std::string line = has_journal ? std::string(kPriorities[static_cast<std::size_t>(level)]) : std::string();
    line += g_form == LogForm::Json ? as_json(level, what, fields, now) : as_prose(level, what, fields, now);
    std::string_view left = line;
    while (!left.empty()) {
        const auto count = ::write(STDERR_FILENO, left.data(), left.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return;
        left.remove_prefix(static_cast<std::size_t>(count));
    }
}

}  // namespace sys

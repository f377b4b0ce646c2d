#include <charconv>
#include <cstdio>

#include <boost/json.hpp>
#include <unistd.h>

#include "door/cli/command.h"
#include "ground/base/error.h"

namespace cli {

using base::Error;
using base::Kind;

bool Invocation::has(std::string_view name) const {
    return values_.contains(std::string(name));
}

std::string Invocation::text(std::string_view name) const {
    const auto found = values_.find(std::string(name));
    return found == values_.end() || found->second.empty() ? std::string() : found->second.front();
}

std::vector<std::string> Invocation::list(std::string_view name) const {
    const auto found = values_.find(std::string(name));
    return found == values_.end() ? std::vector<std::string>() : found->second;
}

std::optional<std::int64_t> Invocation::number(std::string_view name, std::int64_t lowest, std::int64_t highest) const {
    if (!has(name)) return std::nullopt;
    const std::string given = text(name);
    std::int64_t value = 0;
    const auto [end, problem] = std::from_chars(given.data(), given.data() + given.size(), value);
    if (problem != std::errc() || end != given.data() + given.size() || value < lowest || value > highest)
        throw Error(Kind::BadInput,
                    fmt::format("{} takes a whole number from {} to {}, not \"{}\"", name, lowest, highest, given));
    return value;
}

std::optional<base::Instant> Invocation::instant(std::string_view name) const {
    if (!has(name)) return std::nullopt;
    const auto at = base::parse_instant(text(name));
    if (!at)
        throw Error(
            Kind::BadInput,
            fmt::format("{} takes a time such as \"2027-04-01 09:00\" (Japanese time), not \"{}\"", name, text(name)));
    return at;
}

void Invocation::answer(const boost::json::object& document, std::string_view prose) const {
    const std::string text = is_json_ ? boost::json::serialize(document) : std::string(prose);
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fputc('\n', stdout);
    std::fflush(stdout);
}

void Invocation::say(std::string_view prose) const {
    std::fwrite(prose.data(), 1, prose.size(), stderr);
    std::fputc('\n', stderr);
}

Progress::Progress(std::string what, const base::Clock& clock)
    : what_(std::move(what)), clock_(clock), start_(clock.monotonic()), is_terminal_(::isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
    if (is_shown_) std::fputs("\r\x1b[K", stderr);
}

void Progress::update(std::int64_t done, std::int64_t total) {
    if (!is_terminal_) return;
    const auto now = clock_.monotonic();
    if (now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    is_shown_ = true;
    const double seconds = std::chrono::duration<double>(now - start_).count();
    const double left = done > 0 ? seconds * static_cast<double>(total - done) / static_cast<double>(done) : 0;
    const std::string line = total > 0 ? fmt::format("\r\x1b[K{} {}/{}, {:.0f} s left", what_, done, total, left)
                                       : fmt::format("\r\x1b[K{} {}", what_, done);
    std::fwrite(line.data(), 1, line.size(), stderr);
    std::fflush(stderr);
}

}  // namespace cli

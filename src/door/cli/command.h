// The command line: noun verb. One file a command under commands/, all listed in commands.cc; help, completion and the
// handbook are made from the same rows. Standard output carries the answer (one JSON document with --json), standard
// error the prose.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "ground/base/time.h"

namespace cli {

/// What the process ends with (design: command line contract).
enum Exit : int { kDone = 0, kFound = 1, kFailed = 2, kInterrupted = 130 };

enum class Takes { Flag, One, Many };

struct Option {
    std::string_view name;  ///< "--to", or "SOURCE" for a positional one
    std::string_view help;
    Takes takes = Takes::One;
    bool is_required = false;
};

/// What the person typed, and where to answer.
class Invocation {
  public:
    Invocation(std::map<std::string, std::vector<std::string>> values, std::filesystem::path site, bool is_json,
               const base::Clock& clock)
        : values_(std::move(values)), site_(std::move(site)), is_json_(is_json), clock_(clock) {}

    bool has(std::string_view name) const;
    /// "" when it was not given.
    std::string text(std::string_view name) const;
    std::vector<std::string> list(std::string_view name) const;
    /// Throws Error(BadInput) when it is not a whole number in the range.
    std::optional<std::int64_t> number(std::string_view name, std::int64_t lowest, std::int64_t highest) const;
    /// Throws Error(BadInput) when it is not a time.
    std::optional<base::Instant> instant(std::string_view name) const;

    const std::filesystem::path& site() const { return site_; }
    bool is_json() const { return is_json_; }
    const base::Clock& clock() const { return clock_; }

    /// The answer: the document with --json, else `prose` (both end with a new line).
    void answer(const boost::json::object& document, std::string_view prose) const;
    /// A remark on standard error, where it never disturbs the document.
    void say(std::string_view prose) const;

  private:
    std::map<std::string, std::vector<std::string>> values_;
    std::filesystem::path site_;
    bool is_json_;
    const base::Clock& clock_;
};

struct Command {
    std::string_view noun;
    std::string_view verb;  ///< "" for a command of one word (serve, doctor)
    std::string_view summary;
    std::span<const Option> options;
    int (*run)(const Invocation& invocation);
};

std::span<const Command* const> all_commands();

/// Parses the arguments, runs the command and maps its outcome to an exit code.
int run(int argc, char** argv);

/// A progress line on standard error: rewritten in place on a terminal, silent otherwise. Shows counts and the time
/// left.
class Progress {
  public:
    Progress(std::string what, const base::Clock& clock);
    ~Progress();
    void update(std::int64_t done, std::int64_t total);

  private:
    std::string what_;
    const base::Clock& clock_;
    std::chrono::nanoseconds start_;
    std::chrono::nanoseconds last_{0};
    bool is_terminal_;
    bool is_shown_ = false;
};

/// Set when the person pressed Ctrl+C; long work looks at it between items and stops cleanly.
bool is_interrupted();
/// For work that only tells of its progress: throws base::Interrupted once the person has pressed Ctrl+C.
void stop_if_interrupted();

}  // namespace cli

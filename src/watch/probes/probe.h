// What a probe is: it looks at one thing (a server's answer, a disk, a queue) and says how that is, in a state, figures
// and a Japanese sentence. A probe judges the one reading; whether something is told is for the runner, which counts
// readings in a row. A new kind is a file in kinds/ and a row in probes.cc; what is watched by default stands in
// defaults.cc, and a settings line (plan.h) changes or adds one.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/time.h"
#include "watch/signals/signal.h"

namespace probes {

/// From well to worst.
enum class State {
    Ok,
    Absent,    ///< this machine has no such thing (no RAID, no UPS)
    Provider,  ///< a virtual machine: whoever runs the hardware looks after it
    Warning,
    NoData,  ///< it could not be looked at: never taken for "all is well"
    Failed
};
std::string_view state_id(State state);       ///< "ok", "absent", "provider", "warning", "no-data", "failed"
std::string_view state_wording(State state);  ///< 正常, 対象なし, 提供者の責務, 注意, データなし, 異常
inline bool is_well(State state) {
    return state < State::Warning;
}
std::optional<State> find_state(std::string_view id);

/// One figure of a reading: for charts and for /metrics.
struct Sample {
    std::string name;  ///< "total", "used_ratio", "received_bytes.eth0"
    double value = 0;
    std::string_view unit = "";  ///< "seconds", "bytes", "ratio", "celsius", "per_second"; "" = a number of things
};

struct Reading {
    State state = State::NoData;
    std::string text;             ///< a sentence or two: what was seen, where
    std::vector<Sample> samples;  ///< the first is the one that stands in lists
};

/// What the site tells of itself to the probes that ask for it; a function that is not set makes its probe say that it
/// has no data. They may throw and may be called from several threads.
struct Duties {
    struct Late {
        std::string name, problem;
        base::Instant due_at;
        bool was_given_up = false;
    };
    struct Backup {
        bool is_configured = false;
        std::optional<base::Instant> newest;  ///< the last one that was made and found good
        std::string problem;
    };
    struct Queue {
        std::string name, title;  ///< "mail", "お知らせメール"
        std::int64_t waiting = 0, failed = 0;
        std::optional<base::Instant> oldest;
    };
    struct Database {
        std::string engine;   ///< "SQLite", "PostgreSQL 15"
        std::string problem;  ///< what its own check found; empty: nothing
        std::uint64_t bytes = 0, log_bytes = 0;
        std::optional<double> oldest_transaction_seconds;
    };
    std::function<std::vector<Late>()> late_jobs;
    std::function<Backup()> backup;
    std::function<std::vector<Queue>()> queues;
    /// `is_thorough`: with the engine's check of its own pages.
    std::function<Database(bool is_thorough)> database;
};

/// What the kernel says of its clock.
struct KernelClock {
    bool is_synchronised = false;
    double offset_seconds = 0, largest_error_seconds = 0;
};
KernelClock read_kernel_clock();

/// The machine and the site as the probes see them; tests hand in folders with recorded files.
struct World {
    const base::Clock* clock = nullptr;
    std::filesystem::path proc = "/proc", sys = "/sys";
    std::filesystem::path memory;  ///< where a probe keeps what it must know after a restart; empty: nowhere
    bool is_only_looking = false;  ///< beside the running watch: reads what is kept, and leaves it as it is
    /// Never from the settings: whoever may change a probe on the screen shall not thereby run programs.
    std::string smartctl = "smartctl", journalctl = "journalctl", systemctl = "systemctl";
    Duties duties;
    /// Whether the public site is stopped on purpose, so that its servers answer a notice; not set: it never is.
    std::function<bool()> is_stopped;
    std::function<KernelClock()> kernel_clock = read_kernel_clock;
    /// How late the runner's own work is, in seconds; set by the runner.
    std::function<double()> lateness;
};

/// One thing that can be set, as it stands in a settings line: "warn=85".
struct Option {
    enum class Form { Text, Number };
    std::string_view name;
    std::string_view standard;  ///< "" = none
    Form form = Form::Text;
    std::string_view japanese;
};

struct Plan;

/// One probe at work. Runs of one probe never overlap, so it may keep what it saw last time.
class Probe {
  public:
    virtual ~Probe() = default;
    /// Blocks for at most about the plan's patience. What it throws becomes a reading without data.
    virtual Reading run() = 0;
};

struct Kind {
    std::string_view id;      ///< "disk": in settings, signals and the handbook; never changes
    std::string_view title;   ///< "ディスクの空き"
    std::string_view looks;   ///< what it looks at, in one line
    std::string_view target;  ///< the option that names the target; "" = this machine
    struct Rhythm {
        double every = 60;                                        ///< seconds
        double patience = 10;                                     ///< seconds
        int raise = 2;                                            ///< readings in a row until it counts as wrong
        int clear = 2;                                            ///< and as well again
        signals::Severity severity = signals::Severity::Warning;  ///< of a failure
    } rhythm;
    std::span<const Option> options;
    std::unique_ptr<Probe> (*make)(const Plan& plan, const World& world);
};

std::span<const Kind* const> all_kinds();
const Kind* find_kind(std::string_view id);

/// One probe as it is planned: a row of the office's screen.
struct Plan {
    std::string id;  ///< "http.public"
    const Kind* kind = nullptr;
    std::string title;
    bool is_on = true;
    bool is_standard = false;  ///< comes with the program
    Kind::Rhythm rhythm;
    std::string behind;  ///< the probe without which this one cannot be reached
    std::map<std::string, std::string, std::less<>> values;

    /// The option's value, or its standard. Throws Error(Bug) when the kind has none of this name.
    std::string text(std::string_view option) const;
    /// Nothing when it is empty: "no such threshold".
    std::optional<double> number(std::string_view option) const;
    /// Separated by commas.
    std::vector<std::string> list(std::string_view option) const;
    std::string target() const;
    std::chrono::milliseconds patience() const;
};

}  // namespace probes

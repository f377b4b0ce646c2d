// After the switch: do all resolvers give the new address, does the new server answer, is the old one silent? And the
// comparisons that the office asked for, in the background. A desk of the watch.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "flow/guard/raised.h"
#include "flow/site.h"
#include "watch/cutover/store.h"
#include "watch/signals/signal.h"

namespace flow {

/// Counts the requests in the old server's access log since a moment, apart from our own; reads on from where it was.
class OldLogCounter {
  public:
    OldLogCounter(std::filesystem::path file, base::Instant since) : file_(std::move(file)), since_(since) {}
    /// Nothing when the file cannot be read. A file that was put aside is read on from its successor's beginning.
    std::optional<std::int64_t> count();
    bool is_for(const std::filesystem::path& file, base::Instant since) const {
        return file == file_ && since == since_;
    }

  private:
    std::filesystem::path file_;
    base::Instant since_;
    std::int64_t offset_ = 0, count_ = 0;
    std::uint64_t inode_ = 0;
};

/// Asks the resolvers and both servers once, and keeps the look.
cutover::Look look_at_switch(const cutover::Plan& plan, OldLogCounter* log, base::Instant now);

class CutoverDesk {
  public:
    using Tell = std::function<void(std::span<const signals::Signal>)>;
    /// All must outlive it.
    CutoverDesk(sys::Database& watch, const Folders& folders, const settings::Settings& settings,
                const base::Clock& clock, Tell tell)
        : watch_(watch),
          folders_(folders),
          settings_(settings),
          clock_(clock),
          tell_(std::move(tell)),
          raised_(folders.run / "cutover.raised") {}
    /// Does what is due, and says how long to rest.
    std::chrono::milliseconds turn(const std::function<bool()>& is_stopped);

  private:
    void check(const cutover::State& state, const std::function<bool()>& is_stopped);
    void tell_of_check();
    void look(const cutover::State& state, const cutover::Plan& plan);
    void clear_what_is_over(const std::optional<cutover::Plan>& plan, bool is_watching);

    sys::Database& watch_;
    Folders folders_;
    const settings::Settings& settings_;
    const base::Clock& clock_;
    Tell tell_;
    std::unique_ptr<OldLogCounter> log_;
    std::optional<std::chrono::nanoseconds> looked_at_;
    std::optional<std::string> told_problem_;  ///< why comparing stands still, as it was told
    Raised raised_;                            ///< of looking, by this desk or the last one
};

/// What a look means, as signals: pure.
std::vector<signals::Signal> signals_of(const cutover::Look& look, const cutover::Plan& plan,
                                        base::Instant switched_at);

}  // namespace flow

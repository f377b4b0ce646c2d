// The helpdesk, watched: mail that is not fetched or was not readable, a roster with nobody on duty today or on the
// next days, questions whose time is over, questions of the emergency form that nobody takes in. A desk of the watch.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <span>
#include <string>

#include "flow/site.h"
#include "watch/signals/signal.h"

namespace flow {

class HelpdeskDesk {
  public:
    using Tell = std::function<void(std::span<const signals::Signal>)>;
    /// All must outlive it. `site` may be null, as when the office's database is away: then only the questions of the
    /// emergency form are looked at.
    HelpdeskDesk(Site* site, Folders folders, const base::Clock& clock, const settings::Settings& settings, Tell tell)
        : site_(site),
          folders_(std::move(folders)),
          clock_(clock),
          settings_(settings),
          tell_(std::move(tell)),
          begun_at_(clock.monotonic()) {}
    /// Looks, and tells what has changed and, now and then, what has not. Returns how long to rest.
    std::chrono::milliseconds turn();

  private:
    /// None while the first fetch after a start is still to come.
    std::optional<signals::Signal> judge_mail(sys::Reader& db, base::Instant now) const;
    signals::Signal judge_damaged(sys::Reader& db, base::Instant now) const;
    signals::Signal judge_roster(sys::Reader& db, base::Instant now) const;
    signals::Signal judge_questions(sys::Reader& db, base::Instant now) const;
    signals::Signal judge_spool(base::Instant now) const;

    Site* site_;
    const Folders folders_;
    const base::Clock& clock_;
    const settings::Settings& settings_;
    Tell tell_;
    const std::chrono::nanoseconds begun_at_;
    std::map<std::string, std::string> told_;
    std::chrono::nanoseconds told_at_{0};
};

}  // namespace flow

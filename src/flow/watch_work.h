// What the desk does by the clock, beside the contract's own deadlines: groups serious anomalies into incidents and
// takes them upwards when nobody does what is due; follows planned stops (start, quiet span, telling, a late end);
// drafts the report of an emergency stop; records what was handed over. A desk of the watch; what it cannot do is a
// signal.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "flow/site.h"
#include "watch/signals/signal.h"

namespace flow {

/// Something that is wrong now, kept told until it is not.
struct Wrong {
    std::string kind, subject, text;
    signals::Severity severity = signals::Severity::Warning;
};

/// When the draft of a report failed last, by subject.
using FailedDrafts = std::map<std::string, base::Instant>;
constexpr std::chrono::minutes kDraftAgain{10};
/// Notices of stops long over that are not public any more.
using DownNotices = std::set<base::PageId>;

class WorkDesk {
  public:
    using Tell = std::function<void(std::span<const signals::Signal>)>;
    /// All must outlive it. `site` may be null: then the desk cannot work, which it says.
    WorkDesk(Site* site, sys::Database& watch, const base::Clock& clock, Tell tell);
    /// Returns how long to rest.
    std::chrono::milliseconds turn();

  private:
    void follow_incidents(std::vector<Wrong>& wrong);
    void tell(const std::vector<Wrong>& wrong);

    Site* site_;
    sys::Database& watch_;
    const base::Clock& clock_;
    Tell tell_;
    struct Late {
        int level = 0;
        std::string why;
    };
    std::map<std::string, Late> late_;  ///< what the contract says of incidents, by subject
    FailedDrafts failed_drafts_;
    DownNotices down_notices_;
    std::optional<std::chrono::nanoseconds> judged_at_;
};
constexpr std::string_view kWorkSource = "desk";
constexpr std::chrono::minutes kReceiveWithin{30};  ///< then the manager has it; after twice that the lead

/// Starts what has to start, tells what was to be told and really was, keeps the quiet spans as planned. Each throws
/// nothing for one stop that is wrong: it is in `wrong`. Of a stop that is long over the notice is looked at until it
/// was seen to be down, which `down` remembers.
void follow_stops(Site& site, sys::Database& watch, DownNotices& down, std::vector<Wrong>& wrong);
/// Emergency stops of the ledger: known here, with a report drafted. A draft that failed is tried again after a while.
void follow_emergencies(Site& site, FailedDrafts& failed, std::vector<Wrong>& wrong);

}  // namespace flow

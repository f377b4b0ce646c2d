// The turns of one fingerprint: what a signal, or time alone, makes of it.
#pragma once

#include "watch/signals/inside/store.h"
#include "watch/signals/pipeline.h"

namespace signals {

/// By whom the pipeline's own turns are.
constexpr std::string_view kWatch = "service:watch";

/// "90秒", "5分", "3時間".
std::string span_text(std::chrono::milliseconds span);
/// Takes one signal, already bounded, that was not taken before.
void take_signal(sys::Transaction& tx, const Rules& rules, const Signal& signal, base::Instant now, Taken& taken);
/// One that was taken before: what holds is said again, so it is not silent.
void take_again(sys::Transaction& tx, const Rules& rules, const Signal& signal, base::Instant now);
/// What time alone does to it; true when it made a turn.
bool take_time(sys::Transaction& tx, const Rules& rules, Watched watched, base::Instant now);
/// Ends storms whose members are all well.
int end_storms(sys::Transaction& tx, base::Instant now);

/// For whom nobody is to be called, as it stands now.
struct Quiet {
    std::string by, why;
};
Quiet find_quiet(const Anomaly& anomaly, const std::vector<Anomaly>& open, const std::vector<Window>& windows,
                 const Rules& rules, base::Instant now);
/// What it was behind is over, and it has not been seen wrong since: it goes with its cause, or is told when it is
/// seen.
bool is_settling(sys::Reader& db, const Anomaly& anomaly, base::Instant now);

}  // namespace signals

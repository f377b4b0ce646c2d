// Every path of the old server asked of both servers and compared: the most visited first, at a rate that hurts
// nobody, and to be gone on with where it was cut. Results are written some at a time, so memory does not grow with the
// site.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "flow/site.h"
#include "watch/cutover/store.h"

namespace flow {

struct CheckCutoverOptions {
    cutover::Scope scope = cutover::Scope::All;
    double per_second = 10;  ///< paths, each of which asks each server once
    int parallel = 4;
    std::chrono::milliseconds patience{20'000};
    std::function<void(std::int64_t done, std::int64_t total)> progress;
    std::function<bool()> is_stopped;
};
struct CheckedCutover {
    cutover::Counts counts;
    std::string problem;  ///< why the round could not go on; "" = it is whole
    double seconds = 0;
};
/// Throws Error(Conflict) while another process compares, Error(NotFound) without a plan, base::Interrupted.
CheckedCutover check_cutover(sys::Database& watch, const Folders& folders, const CheckCutoverOptions& options,
                             const cutover::By& by, const base::Clock& clock);

}  // namespace flow

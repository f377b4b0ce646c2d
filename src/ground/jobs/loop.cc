#include "ground/jobs/loop.h"

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <mutex>

#include "ground/base/error.h"
#include "ground/sys/log.h"

namespace jobs {
namespace {

using std::chrono::milliseconds;

/// False when the token was asked to stop before the time was over.
bool rest(const std::stop_token& stop, milliseconds time) {
    std::mutex mutex;
    std::condition_variable_any nobody_calls;
    std::unique_lock lock(mutex);
    nobody_calls.wait_for(lock, stop, time, [] { return false; });
    return !stop.stop_requested();
}

void run(const std::stop_token& stop, const std::string& name, const Loop::Turn& turn) {
    int failures = 0;
    milliseconds pause{0};
    do {
        std::string problem;
        try {
            pause = turn(stop);
        } catch (const base::Error& error) {
            problem = error.message();
        } catch (const std::exception& error) {
            problem = error.what();
        } catch (...) {
            problem = "an exception of no known type";
        }
        failures = problem.empty() ? 0 : failures + 1;
        if (failures > 0) {
            pause = rest_after_failures(failures);
            sys::log(sys::Level::Error, name,
                     {{"problem", problem},
                      {"failures", std::to_string(failures)},
                      {"rest_ms", std::to_string(pause.count())}});
        }
    } while (rest(stop, pause));
}

}  // namespace

Loop::Loop(std::string name, Turn turn)
    : thread_(
          [name = std::move(name), turn = std::move(turn)](const std::stop_token& stop) { run(stop, name, turn); }) {}

milliseconds rest_after_failures(int count) {
    milliseconds wait = std::chrono::seconds(1);
    for (int i = 1; i < count && wait < std::chrono::minutes(1); ++i) wait *= 2;
    return std::min<milliseconds>(wait, std::chrono::minutes(1));
}

void StopLimit::start(milliseconds patience, int exit_code) {
    thread_ = std::jthread([patience, exit_code](const std::stop_token& stop) {
        if (!rest(stop, patience)) return;
        sys::log(sys::Level::Warning, "stopping takes too long; the next start finishes what is under way");
        std::_Exit(exit_code);
    });
}

}  // namespace jobs

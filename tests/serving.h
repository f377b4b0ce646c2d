// `yakuba serve` in the background of a journey.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <sys/types.h>

#include "program.h"

namespace tests {

/// Killed at the end if it still runs. What it logs goes to beside("errors"), what it answers to beside("answer").
class Serving {
  public:
    /// On free ports; `more` are further arguments.
    explicit Serving(const TestSite& site, const std::vector<std::string>& more = {});
    ~Serving();
    Serving(const Serving&) = delete;
    Serving& operator=(const Serving&) = delete;

    /// Its answer, as soon as it is there; fails the test after 20 s without one.
    std::string answer() const;
    void kill_now();
    /// Its exit code, or 128 + the signal that ended it.
    int stop(int signal, std::chrono::seconds patience);

  private:
    pid_t child_ = 0;
    std::filesystem::path answer_;
};

}  // namespace tests

// Programs that are run: by argument list, never by a shell; with a time limit and a limit on what they may say.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sys {

struct Command {
    std::vector<std::string> arguments;  ///< the first is the program, looked up in PATH
    std::string input;
    std::map<std::string, std::string> environment;  ///< added to this process's
    std::chrono::milliseconds patience{60'000};
    std::size_t output_limit = 16U << 20;  ///< bytes of each stream; the rest is dropped and `was_cut` set
    /// Asked all along; once true, the program gets SIGINT, and `ending` to come to a safe point before it is killed.
    std::function<bool()> is_stopped = {};
    std::chrono::milliseconds ending{30'000};
    bool dies_with_us = false;  ///< killed with the thread that runs it, however that ends
};

struct Outcome {
    int exit_code = -1;  ///< 128 + signal when it was killed
    std::string output;
    std::string errors;
    bool timed_out = false;
    bool was_stopped = false;
    bool was_cut = false;
};

/// Runs to the end or until patience is out (then the process group is killed).
/// Throws Error(Unavailable) when the program cannot be started.
Outcome run(const Command& command);

}  // namespace sys

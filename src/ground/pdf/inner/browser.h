// A headless Chromium that lives for one print: started with a profile of its own in a temporary folder, spoken to
// through its debugging pipe (descriptors 3 and 4; JSON messages that end with NUL), killed with all that it started.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "ground/sys/files.h"

namespace pdf {

class Browser {
  public:
    /// Throws Error(Unavailable) when it cannot be started. `until` bounds its whole life.
    Browser(const std::string& program, std::chrono::steady_clock::time_point until);
    ~Browser();
    Browser(const Browser&) = delete;
    Browser& operator=(const Browser&) = delete;

    /// `html` as a PDF, as the browser makes it. Throws Error(Unavailable).
    std::string print(std::string_view html, bool is_landscape);

  private:
    std::string call(std::string_view method, std::string_view parameters, std::string_view session = {});
    void send(std::string_view message);
    std::string receive();
    [[noreturn]] void fail(std::string_view what) const;

    sys::TemporaryFolder folder_;
    std::chrono::steady_clock::time_point until_;
    sys::Descriptor to_, from_;
    pid_t process_ = -1;
    std::string received_;
    std::size_t searched_ = 0;  // of received_: no NUL before it
    bool has_loaded_ = false;
    int last_call_ = 0;
};

}  // namespace pdf

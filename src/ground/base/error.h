// The one exception of the house. Expected outcomes (a refused approval, a finding) are values; what stops the work
// throws Error and is caught at an edge: the request loop, the command line, the job runner, the item loop of a sweep.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace base {

enum class Kind { BadInput, NotAllowed, NotFound, Conflict, Unavailable, Damaged, Bug };

/// The kind's name as it appears in logs and JSON: "bad-input", "not-allowed", ...
std::string_view kind_name(Kind kind);

class Error : public std::exception {
  public:
    /// `message` is fit for the person at the screen: what is wrong, where, and what to do. No secrets, no personal
    /// data.
    Error(Kind kind, std::string message) : kind_(kind), message_(std::move(message)) {}

    Kind kind() const { return kind_; }
    const std::string& message() const { return message_; }
    /// The steps that led here, innermost first, for the log.
    const std::vector<std::string>& trail() const { return trail_; }
    void add_trail(std::string step) { trail_.push_back(std::move(step)); }
    const char* what() const noexcept override { return message_.c_str(); }

  private:
    Kind kind_;
    std::string message_;
    std::vector<std::string> trail_;
};

}  // namespace base

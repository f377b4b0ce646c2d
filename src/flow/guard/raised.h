// What the guard has raised and not yet cleared, kept in a file, so that a guard that starts again can say of what the
// last one left open that it is over.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <utility>

#include "watch/signals/signal.h"

namespace flow {

class Raised {
  public:
    using Key = std::pair<std::string, std::string>;  ///< kind and subject

    /// Reads what the last run has left; a file that cannot be read is none.
    explicit Raised(std::filesystem::path file);
    /// Notes a signal that is about to be told. A file that cannot be written is logged.
    void note(const signals::Signal& signal);
    const std::set<Key>& all() const { return all_; }

  private:
    void write() const;

    std::filesystem::path file_;
    std::set<Key> all_;
};

}  // namespace flow

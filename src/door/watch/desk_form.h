// The form for questions that works without the office and without its database (A5.3): served by the watch, on an
// address of its own, for the staff network. What comes in is kept as a file and taken in when the office is there.
// Whoever floods it is held off by address and in all.
//
//     GET  /   the form, plain HTML without script
//     POST /   200 with a receipt, 422 with what is wrong, 429, 503
#pragma once

#include <memory>
#include <string>

#include "flow/site.h"

namespace door {

class DeskForm {
  public:
    DeskForm(const std::filesystem::path& site, const settings::Settings& settings, const base::Clock& clock);
    ~DeskForm();
    void start();
    std::string url() const;
    void stop();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace door

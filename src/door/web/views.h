// The office's templates: inside the program, parsed once at the start in each language, so that a mistake in one is
// found before anybody works. They are rendered in the language that the thread speaks (language.h).
#pragma once

#include <string>
#include <string_view>

#include "ground/template/template.h"

namespace web {

class Views {
  public:
    /// Throws tmpl::TemplateError when a template of the program is wrong.
    Views();
    /// A value that is missing goes to the log, or, when `shows_warnings`, is thrown as Error(Bug).
    std::string render(std::string_view name, const tmpl::Map& values) const;
    const tmpl::MapSet& set() const { return set_; }

    bool shows_warnings = false;

  private:
    tmpl::MapSet set_;
    tmpl::MapSet english_;
};

}  // namespace web

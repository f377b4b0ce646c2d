// What is wrong in a template, for the administrator who edits it: where, what, and what to do, in Japanese and
// English.
#pragma once

#include <string>
#include <string_view>

#include "ground/base/error.h"

namespace tmpl {

struct Words {
    std::string what;
    std::string remedy;
};

struct Problem {
    std::string template_name;
    int line = 0;    ///< from 1; 0 = the template as a whole
    int column = 0;  ///< from 1, in characters
    std::string id;  ///< "unquoted-attribute"; never changes
    Words japanese;
    Words english;

    /// "page:3:5: what: remedy" in English, for logs and the command line.
    std::string text() const;
    /// The same in Japanese, for the screen.
    std::string japanese_text() const;
};

/// A template that cannot be parsed, found or rendered. `message()` is the Japanese text followed by the English one.
class TemplateError : public base::Error {
  public:
    TemplateError(base::Kind kind, Problem what)
        : base::Error(kind, what.japanese_text() + "\n" + what.text()), problem(std::move(what)) {}
    Problem problem;
};

}  // namespace tmpl

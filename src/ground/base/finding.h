// What a check says about a page: a value, never an exception.
#pragma once

#include <string>

namespace base {

enum class Severity { Info, Warning, Error };

struct Finding {
    std::string rule;  ///< the check's id, "image-alt"
    std::string sc;    ///< success criterion or outside rule, "1.1.1"; may be empty
    Severity severity = Severity::Warning;
    int line = 0;    ///< from 1; 0 = the whole page
    int column = 0;  ///< from 1
    std::string message;
};

}  // namespace base

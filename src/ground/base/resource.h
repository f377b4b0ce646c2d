// A file that is inside the program (cmake/resources.cmake): templates, style sheets, scripts.
#pragma once

#include <span>
#include <string_view>

namespace base {

struct Resource {
    std::string_view name;
    std::string_view bytes;
};

}  // namespace base

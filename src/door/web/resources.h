// The files that are inside the program: the office's templates ("screens/home.html") and bundles
// ("static/office.css").
#pragma once

#include "ground/base/resource.h"

namespace web {

std::span<const base::Resource> all_resources();

}  // namespace web

// The files inside the program that this room uses: the sample contracts.
#pragma once

#include <span>

#include "ground/base/resource.h"

namespace contract {

/// By name; cmake/resources.cmake writes it.
std::span<const base::Resource> resources();

}  // namespace contract

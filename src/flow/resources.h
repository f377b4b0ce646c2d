// The files inside the program that journeys use: the demo city and the verifier that a handover carries.
#pragma once

#include <span>

#include "ground/base/resource.h"

namespace flow {

/// By name; cmake/resources.cmake writes it.
std::span<const base::Resource> resources();

}  // namespace flow

// How lists stand in this room's columns.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/finding.h"
#include "ground/base/ids.h"

namespace workflow {

/// "3,17"
std::string write_people(std::span<const base::PersonId> people);
std::vector<base::PersonId> parse_people(std::string_view text);

std::string write_findings(std::span<const base::Finding> findings);
std::vector<base::Finding> parse_findings(std::string_view json);

}  // namespace workflow

// One [[obligations]] of the contract file.
#pragma once

#include "office/contract/read/table.h"

namespace contract {

constexpr std::string_view kKinds[] = {"every", "within", "ahead", "count", "standing", "continuous"};
constexpr std::string_view kPeriods[] = {"day", "open-day", "week", "month", "quarter", "year"};

/// `contract` has its roles, clauses and calendars already.
Obligation read_obligation(Table& row, const Contract& contract);

}  // namespace contract

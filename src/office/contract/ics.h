// Due dates as an iCalendar file (RFC 5545), for the calendars that people use anyway.
#pragma once

#include "office/contract/obligations.h"

namespace contract {

/// Lines folded at 75 bytes and ended by CR LF, texts escaped. The same item has the same UID whenever it is made.
/// `made_at` is when the file is made.
std::string write_ics(const Contract& contract, std::span<const DueItem> due, base::Instant made_at);

}  // namespace contract

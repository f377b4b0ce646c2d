// What an upgrade leaves to be filled: a migration makes an empty table of what must be read out of the pages, and
// notes it; the pages are then gone through a few at a time, each few in one transaction with how far it came, so that
// it needs little memory and goes on where it was cut.
#pragma once

#include <functional>
#include <string_view>

#include "ground/sys/database.h"
#include "press/content/model.h"

namespace content {

bool is_anything_unfilled(sys::Reader& db);

/// Fills the words of the next pages. False when nothing was left to do.
bool fill_words(sys::Transaction& tx);
/// Calls `fill` for each of the next pages whose links are not known. False when nothing was left to do.
bool fill_links(sys::Transaction& tx, const std::function<void(const Page&)>& fill);

}  // namespace content

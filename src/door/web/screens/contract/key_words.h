// What an item of the contract is about, as people say it: its key is a subject of the ledger or a period.
#pragma once

#include <string>
#include <string_view>

namespace web {

/// "問合せ 5" for "question:5"; a period ("2027-04") and what is not known stay as they are.
std::string key_words(std::string_view key);

}  // namespace web

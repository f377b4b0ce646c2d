// What an item of the contract is about, as people say it: its key is a subject of the ledger or a period.
#pragma once

#include <string>
#include <string_view>

namespace web {

/// What contract::key_wording says, in the reader's language: "問合せ 5", "Questions 5" for "question:5".
std::string key_words(std::string_view key);

}  // namespace web

// The acts that the ledger knows, with their wording for screens and reports. An id never changes once a line may carry
// it.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace ledger {

struct Act {
    std::string_view id;       ///< "page.submit": the thing, then what was done to it
    std::string_view wording;  ///< Japanese: "承認依頼"
    /// What follows "佐藤さんが": "{}の承認を依頼しました", {} being the thing; empty = made from the wording.
    std::string_view sentence = {};
};

/// To add an act, add its row in acts.cc.
std::span<const Act> all_acts();
/// The wording, or the id itself for an act that this version does not know (a newer version's line).
std::string_view act_wording(std::string_view id);
/// "ページ「転入届」の承認を依頼しました" for a thing that is called so; without {} in the sentence the name is not in
/// it.
std::string act_sentence(std::string_view id, std::string_view thing);
bool is_known_act(std::string_view id);

}  // namespace ledger

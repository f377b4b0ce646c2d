// 体制図・連絡網: the contract's roles and the register of contacts as a document. Handed over, it proves
// contacts.deliver.
#pragma once

#include <string>
#include <string_view>

#include "flow/site.h"

namespace flow {

/// Makes it and returns the path of its screen. Throws Error(BadInput) while there is nobody to call, and what
/// make_document throws.
std::string make_contacts_document(Site& site, std::string_view by);

}  // namespace flow

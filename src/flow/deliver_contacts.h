// 体制図・連絡網: the contract's roles and the register of contacts as a document, and the note that it was handed in.
#pragma once

#include <string>
#include <string_view>

#include "flow/site.h"

namespace flow {

/// Makes it (contacts.deliver in the same transaction) and returns the path of its screen. Throws Error(BadInput) while
/// there is nobody to call, and what make_document throws.
std::string make_contacts_document(Site& site, std::string_view by);

}  // namespace flow

// The sample contracts that are inside the program.
#include "ground/base/error.h"
#include "office/contract/contract.h"
#include "office/contract/resources.h"

namespace contract {

std::string_view sample(std::string_view name) {
    for (const base::Resource& each : resources())
        if (each.name == name) return each.bytes;
    throw base::Error(base::Kind::NotFound, "there is no such sample contract; there are cms and portal");
}

}  // namespace contract

#include "flow/watch_registers.h"

#include "office/registers/store.h"

namespace flow {

void follow_registers(Site& site, std::vector<Wrong>& wrong) {
    const auto warnings =
        site.database->read([&](sys::Reader& db) { return registers::list_warnings(db, site.clock.now()); });
    for (const registers::Warning& one : warnings)
        wrong.push_back({"register." + one.kind, one.subject, one.text,
                         one.is_pressing ? signals::Severity::Warning : signals::Severity::Minor});
}

}  // namespace flow

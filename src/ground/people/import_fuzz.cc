// Any text is answered with rows or faults, each on a line of the text; nothing else may happen.
#include <algorithm>
#include <cstdlib>

#include "ground/ledger/store.h"
#include "ground/people/import.h"
#include "ground/people/migrations.h"
#include "ground/sys/files.h"

namespace {
struct Office {
    sys::TemporaryFolder folder;
    std::unique_ptr<sys::Database> db = sys::Database::open({"", folder.path() / "fuzz.db", false, 1, ""});
    Office() {
        std::vector<sys::Migration> all(ledger::migrations().begin(), ledger::migrations().end());
        all.insert(all.end(), people::migrations().begin(), people::migrations().end());
        sys::migrate(*db, all);
    }
};
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Office office;
    static const people::Actor who{{1}, "", true, {{people::Role::SiteAdministrator, true, {}, "", {}}}};
    const std::string_view csv(reinterpret_cast<const char*>(data), size);
    const auto plan = office.db->read([&](sys::Reader& db) { return people::plan_import(db, csv, who, {0}); });
    const int lines = 1 + static_cast<int>(std::count(csv.begin(), csv.end(), '\n'));
    for (const auto& row : plan.rows)
        if (row.line < 2 || row.line > lines || row.person.login_name.empty() || row.person.name.empty()) std::abort();
    for (const auto& fault : plan.faults)
        if (fault.line < 1 || fault.line > lines || fault.reason_ja.empty()) std::abort();
    return 0;
}

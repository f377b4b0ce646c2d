#include "flow/verify_ledger.h"

#include "ground/base/error.h"
#include "ground/sys/files.h"

namespace flow {

ledger::Report verify_ledger(Site& site, std::string_view stream) {
    std::vector<ledger::Witness> witnesses;
    for (const std::int64_t number : site.log.list_numbers()) {
        try {
            const std::string bytes = site.log.read(number);
            const release::Record record = release::parse_record_head(std::string_view(bytes).substr(0, 4096));
            const release::LedgerHead& head = stream == ledger::kWatch ? record.watch : record.office;
            witnesses.push_back({number, {head.sequence, head.hash}});
        } catch (const base::Error&) {
            continue;  // a damaged record is `guard verify`'s to report; the ledger is judged by the others
        }
    }
    return site.database->read([&](sys::Reader& db) { return ledger::verify(db, stream, std::move(witnesses)); });
}

}  // namespace flow

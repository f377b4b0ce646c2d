#include "flow/verify_ledger.h"

#include "ground/base/error.h"
#include "ground/release/chain.h"

namespace flow {

namespace {

/// Heads of the stream that releases have signed. Only a record that stands in the chain under a signature that counts
/// is a witness; what is wrong with the others goes to `problems`, because a ledger that nobody vouches for any more is
/// not to pass for a checked one.
std::vector<ledger::Witness> find_witnesses(const Site& site, std::string_view stream,
                                            std::vector<ledger::Problem>& problems) {
    const auto report = [&](std::int64_t number, std::string_view why) {
        problems.push_back(
            {ledger::Fault::BadWitness, 0, fmt::format("release {} is no witness of the ledger: {}", number, why)});
    };
    std::vector<ledger::Witness> witnesses;
    release::Chain chain(release::load_public_keys(site.folders.keys));
    for (const std::int64_t number : site.log.list_numbers()) {
        std::string bytes;
        try {
            bytes = site.log.read(number);
        } catch (const base::Error& error) {
            report(number, error.message());
            continue;
        }
        std::vector<release::Problem> faults;
        const auto record = chain.add(bytes, number, faults);
        for (const release::Problem& fault : faults) report(number, fault.message);
        if (!record || !faults.empty()) continue;
        const release::LedgerHead& head = stream == ledger::kWatch ? record->record.watch : record->record.office;
        witnesses.push_back({number, {head.sequence, head.hash}});
    }
    try {
        const auto head = site.log.find_head(chain.keys());
        if (head && (head->number > chain.number() || (head->number == chain.number() && head->record != chain.hash())))
            report(head->number, "the signed head of the log names a release that is not there");
    } catch (const base::Error& error) {
        report(chain.number(), error.message());
    }
    return witnesses;
}

}  // namespace

ledger::Report verify_ledger(Site& site, std::string_view stream) {
    std::vector<ledger::Problem> problems;
    std::vector<ledger::Witness> witnesses = find_witnesses(site, stream, problems);
    sys::Database* const database = stream == ledger::kWatch ? site.find_watch() : site.database.get();
    ledger::Report report;
    if (database != nullptr) {
        report = database->read([&](sys::Reader& db) { return ledger::verify(db, stream, std::move(witnesses)); });
    } else {
        // No watch.db is well as long as no release has signed a line of it.
        report = ledger::Chain(std::string(stream), std::move(witnesses)).finish(ledger::Head{});
    }
    report.problems.insert(report.problems.end(), problems.begin(), problems.end());
    return report;
}

}  // namespace flow

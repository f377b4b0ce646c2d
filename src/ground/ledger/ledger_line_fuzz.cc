// A line that is accepted is what write_line writes from its parts, up to the white space and number forms of the
// detail, which are kept as they stand.
#include <cstdint>
#include <cstdlib>

#include "ground/base/error.h"
#include "ground/ledger/line.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    ledger::Line line;
    try {
        line = ledger::parse_line(bytes);
    } catch (const base::Error& error) {
        if (error.kind() != base::Kind::Damaged) std::abort();
        ledger::verify_export(bytes);
        return 0;
    }
    const std::string start(bytes.substr(0, bytes.find(",\"detail\":") + 10));
    try {
        const std::string written = ledger::write_line(line.stream, {line.sequence - 1, line.previous}, line.entry);
        const auto again = ledger::parse_line(written);
        if (again.entry.by != line.entry.by || again.entry.subject != line.entry.subject) std::abort();
        // What write_line has written is its one form: written once more, it is the same.
        if (ledger::write_line(again.stream, {again.sequence - 1, again.previous}, again.entry)
                .substr(0, start.size()) != written.substr(0, start.size()))
            std::abort();
        if (again.previous != line.previous || again.sequence != line.sequence) std::abort();
    } catch (const base::Error& error) {
        if (error.kind() != base::Kind::BadInput) std::abort();  // a number that JSON cannot hold
    }
    return 0;
}

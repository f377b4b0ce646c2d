// What is read, written and read again is the same.
#include <cstdint>
#include <cstdlib>

#include "ground/base/csv.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const base::CsvTable table = base::parse_csv({reinterpret_cast<const char*>(data), size});
    std::string written;
    for (const base::CsvRecord& record : table.records) written += base::csv_line(record.cells);
    if (written.starts_with("\xEF\xBB\xBF")) return 0;  // would be taken for a byte order mark
    const base::CsvTable again = base::parse_csv(written);
    if (again.broken_line || again.records.size() != table.records.size()) std::abort();
    for (std::size_t i = 0; i < table.records.size(); ++i)
        if (again.records[i].cells != table.records[i].cells) std::abort();
    return 0;
}

// A terminal's report and a register's file, whatever was sent.
#include <cstdint>
#include <cstdlib>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "office/registers/store.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const base::Instant now{1'800'000'000'000};
    try {
        const registers::TerminalReport report = registers::read_report(bytes, now);
        if (report.terminal.empty() || report.terminal.size() > 63 || report.product.empty()) std::abort();
        if (!base::is_utf8(report.terminal) || !base::is_utf8(report.product)) std::abort();
        if (report.signatures_at > now + std::chrono::hours(24) || report.detections < 0) std::abort();
    } catch (const base::Error& error) {
        if (error.kind() != base::Kind::BadInput) std::abort();
    }
    return 0;
}

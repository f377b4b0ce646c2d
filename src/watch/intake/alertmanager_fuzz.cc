// Whatever is posted: it is refused with BadInput, or every signal of it is one that the pipeline may take.
#include <cassert>
#include <cstddef>
#include <cstdint>

#include "ground/base/error.h"
#include "watch/intake/alertmanager.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view body(reinterpret_cast<const char*>(data), size);
    const base::Instant now{1'800'000'000'000};
    try {
        const auto read = intake::read_alertmanager(body, now);
        assert(read.signals.size() + read.skipped <= intake::kMostAlerts);
        for (const auto& signal : read.signals) {
            assert(signal.source == "alertmanager" && !signal.kind.empty() && !signal.text.empty());
            assert(!signal.external_id.empty() && signal.observed_at <= now &&
                   signal.observed_at.milliseconds >= -86'400'000);
            assert(signal.state != signals::State::Info);
        }
        const auto again = intake::read_alertmanager(body, now);
        for (std::size_t i = 0; i < read.signals.size(); ++i)
            assert(again.signals[i].external_id == read.signals[i].external_id);
    } catch (const base::Error& error) {
        assert(error.kind() == base::Kind::BadInput);
    }
    return 0;
}

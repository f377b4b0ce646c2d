// Any bytes as a line of EVE: what is read is bounded text with a severity, and its signal can be written as JSON.
#include <cassert>
#include <cstddef>

#include "ground/base/text.h"
#include "watch/intrusion/eve.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto alert = intrusion::read_eve_line({reinterpret_cast<const char*>(data), size});
    if (!alert) return 0;
    assert(alert->severity >= 1 && alert->severity <= 255);
    assert(alert->signature.size() <= 1200 && alert->source.size() <= 1200);
    const signals::Signal signal = intrusion::signal_of(*alert);
    assert(base::is_utf8(signal.text) && base::is_utf8(signal.payload));
    assert(signal.external_id == intrusion::signal_of(*alert).external_id);
    return 0;
}

#include <cstdlib>

#include "ground/base/error.h"
#include "press/content/model.h"

// Whatever is read as a body is written and read again as the same body, and what cannot be read is refused, not
// crashed on.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        const content::Body body = content::parse_body(text);
        // Raw bytes that are no UTF-8 cannot come from the database; everything else goes round.
        if (!(content::parse_body(content::write_body(body)) == body)) std::abort();
    } catch (const base::Error&) {
        return 0;
    }
    return 0;
}

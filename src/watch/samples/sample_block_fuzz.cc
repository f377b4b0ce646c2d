// Whatever stands in the row: it is refused, or it is exactly what pack writes.
#include <cassert>
#include <cstddef>
#include <cstdint>

#include "ground/base/error.h"
#include "watch/samples/block.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    try {
        const auto block = samples::unpack(bytes);
        const auto again = samples::unpack(samples::pack(block));
        for (std::size_t i = 0; i < block.size(); ++i) assert(block[i].count == again[i].count);
    } catch (const base::Error& error) {
        assert(error.kind() == base::Kind::Damaged);
    }
    return 0;
}

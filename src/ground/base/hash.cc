#include "ground/base/hash.h"

#include <cstring>

#include "ground/base/text.h"

namespace base {

std::string Hash::hex() const {
    return to_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::optional<Hash> Hash::find_hex(std::string_view hex) {
    const auto raw = from_hex(hex);
    if (!raw || raw->size() != 32) return std::nullopt;
    Hash hash;
    std::memcpy(hash.bytes.data(), raw->data(), hash.bytes.size());
    return hash;
}

std::size_t HashHasher::operator()(const Hash& hash) const {
    std::size_t value = 0;
    std::memcpy(&value, hash.bytes.data(), sizeof value);
    return value;
}

}  // namespace base

#include "watch/samples/block.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "ground/base/error.h"

namespace samples {
namespace {

constexpr std::size_t kHead = 8, kEach = 14;
constexpr std::int64_t kMostCount = 65'535;

template <class Number>
void put(std::string& to, Number number) {
    for (std::size_t i = 0; i < sizeof(Number); ++i) to += static_cast<char>((number >> (8 * i)) & 0xFF);
}

template <class Number>
Number get(std::string_view from) {
    Number number = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i)
        number |= static_cast<Number>(static_cast<Number>(static_cast<unsigned char>(from[i])) << (8 * i));
    return number;
}

void put_real(std::string& to, double value) {
    constexpr double kMost = std::numeric_limits<float>::max();
    put(to, std::bit_cast<std::uint32_t>(static_cast<float>(std::clamp(value, -kMost, kMost))));
}

double get_real(std::string_view from) {
    return std::bit_cast<float>(get<std::uint32_t>(from));
}

}  // namespace

Minute joined(const Minute& a, const Minute& b) {
    if (a.count == 0) return b;
    if (b.count == 0) return a;
    const auto weight = static_cast<double>(b.count) / static_cast<double>(a.count + b.count);
    return {std::min(a.least, b.least), std::max(a.most, b.most), a.mean + (b.mean - a.mean) * weight,
            a.count + b.count};
}

std::string pack(const Block& block) {
    std::uint64_t present = 0;
    std::string body;
    for (std::size_t i = 0; i < block.size(); ++i) {
        if (block[i].count == 0) continue;
        present |= std::uint64_t{1} << i;
        put_real(body, block[i].least);
        put_real(body, block[i].most);
        put_real(body, block[i].mean);
        put(body, static_cast<std::uint16_t>(std::min(block[i].count, kMostCount)));
    }
    std::string bytes;
    put(bytes, present);
    return bytes + body;
}

Block unpack(std::string_view bytes) {
    const auto damaged = [] {
        return base::Error(base::Kind::Damaged, "an hour of samples in watch.db is damaged; restore it from a backup");
    };
    if (bytes.size() < kHead) throw damaged();
    const auto present = get<std::uint64_t>(bytes);
    bytes.remove_prefix(kHead);
    if (present >> 60 != 0 || bytes.size() != static_cast<std::size_t>(std::popcount(present)) * kEach) throw damaged();
    Block block;
    for (std::size_t i = 0; i < block.size(); ++i) {
        if ((present >> i & 1) == 0) continue;
        block[i] = {get_real(bytes), get_real(bytes.substr(4)), get_real(bytes.substr(8)),
                    get<std::uint16_t>(bytes.substr(12))};
        if (block[i].count == 0 || !std::isfinite(block[i].mean)) throw damaged();
        bytes.remove_prefix(kEach);
    }
    return block;
}

}  // namespace samples

// Any bytes as an old server's page, and as an address in one: what is read is bounded, an address of the site's own
// stays below it, and what has no figures is never masked.
#include <cassert>
#include <cstddef>
#include <cstdint>

#include "ground/base/error.h"
#include "watch/cutover/page.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    const cutover::Surroundings around{{"www.city.example"}, {2026, 11, 22}};
    std::string words = bytes;
    std::erase_if(words, [](char c) { return c >= '0' && c <= '9'; });
    assert(cutover::plain_line(words, around.today) == words);
    cutover::plain_line(bytes, around.today);
    const std::string own = cutover::plain_target("https://www.city.example/" + bytes, "/a/b.html", around);
    assert(own.starts_with("/") && !own.starts_with("//"));
    cutover::plain_target(bytes, "/a/b.html?x=1", around);
    try {
        const cutover::Sense sense = cutover::read_sense(bytes, "text/html", "/a/b.html", around);
        assert(sense == cutover::read_sense(bytes, "text/html", "/a/b.html", around));
        assert(sense.lines.size() <= size && sense.images.size() <= size);
    } catch (const base::Error&) {  // beyond the parser's limits
    }
    return 0;
}

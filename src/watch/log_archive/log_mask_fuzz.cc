// Any line: masking it ends, keeps it one line, grows it by no more than its names explain, and leaves no address of
// the marked host and no query behind.
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>

#include "watch/log_archive/mask.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string line(reinterpret_cast<const char*>(data), size);
    std::erase(line, '\n');
    log_archive::Masker masker("secret");
    std::string once, marked;
    masker.mask(line, once);
    assert(once.find('\n') == std::string::npos);
    const auto& counts = masker.counts();
    assert(once.size() <= line.size() + 40 * static_cast<std::size_t>(counts.names + counts.mails + counts.addresses +
                                                                      counts.queries));
    masker.mask("203.0.113.77 " + line, marked);
    assert(marked.starts_with("203.0.113.0 "));
    if (line.find('"') == std::string::npos && line.find('\\') == std::string::npos) {
        std::string asked;
        masker.mask("/x?SECRETWORD " + line, asked);
        assert(asked.starts_with("/x?- "));
    }
    return 0;
}

// A manifest comes out of a repository that somebody may have changed: it is refused, or it says again what it said.
#include <cstdlib>

#include "ground/base/error.h"
#include "watch/backup/manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        const std::string written = backup::write_manifest(backup::parse_manifest(text));
        if (backup::write_manifest(backup::parse_manifest(written)) != written) std::abort();
    } catch (const base::Error& error) {
        if (error.kind() != base::Kind::Damaged) std::abort();
    }
    return 0;
}

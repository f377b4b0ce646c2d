// The kept text is typed from paper: it is refused with a reason, or it is a key that writes the same lines again.
#include <cstdlib>

#include "ground/base/error.h"
#include "watch/backup/recovery_key.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        const backup::RecoveryKey key = backup::parse_recovery_key(text);
        const backup::RecoveryKey again = backup::parse_recovery_key(backup::write_recovery_key(key));
        if (again.password != key.password || again.secret != key.secret || again.site != key.site) std::abort();
    } catch (const base::Error& error) {
        if (error.kind() != base::Kind::BadInput) std::abort();
    }
    return 0;
}

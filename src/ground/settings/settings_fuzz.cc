// Settings texts: read or refused with a place; what is accepted can be edited, and the edit changes that value alone.
#include <cstdint>
#include <cstdlib>

#include "ground/base/error.h"
#include "ground/settings/settings.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view toml(reinterpret_cast<const char*>(data), size);
    const auto problems = settings::find_problems(toml);
    for (const auto& problem : problems) {
        if (problem.line < 1 || problem.column < 1 || problem.message.empty()) std::abort();
    }
    try {
        settings::parse(toml);
        if (!problems.empty()) std::abort();
    } catch (const base::Error& e) {
        if (problems.empty() || e.kind() != base::Kind::BadInput) std::abort();
        return 0;
    }
    try {
        const std::string changed = settings::edited(toml, "office.threads", settings::Integer{7});
        if (settings::parse(changed).office.threads != 7) std::abort();
        if (settings::edited(changed, "office.threads", settings::Integer{7}) != changed) std::abort();
    } catch (const base::Error&) {
    }
    return 0;
}

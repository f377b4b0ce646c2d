// Any bytes as a package list, a lock file, a parts list, a script, a page.
#include <cstdint>
#include <cstdlib>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "office/vulnerabilities/inventory.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 100'000) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto check = [](const std::vector<vulnerabilities::Component>& all) {
        for (const auto& one : all)
            if (!base::is_utf8(one.name) || !base::is_utf8(one.version) || one.name.size() > 1200) std::abort();
    };
    check(vulnerabilities::read_dpkg(text));
    for (auto* read : {vulnerabilities::read_npm_lock, vulnerabilities::read_sbom}) {
        try {
            check(read(text));
        } catch (const base::Error&) {
        }
    }
    const auto script = vulnerabilities::find_script("/js/a.js", text);
    if (script && script->name.empty()) std::abort();
    for (const auto& each : vulnerabilities::find_linked_scripts(text))
        if (each.name.empty()) std::abort();
    return 0;
}

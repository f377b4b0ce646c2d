#include "watch/guard/mounts.h"

#include <algorithm>
#include <fstream>

#include "ground/base/text.h"

namespace guard {

namespace {

/// "\040" and the like are what the kernel writes for space, tab, new line and backslash.
std::string unescape(std::string_view text) {
    const auto is_octal = [](char c) { return c >= '0' && c <= '7'; };
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 3 < text.size() && is_octal(text[i + 1]) && is_octal(text[i + 2]) &&
            is_octal(text[i + 3])) {
            plain += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
            i += 3;
        } else {
            plain += text[i];
        }
    }
    return plain;
}

}  // namespace

std::vector<std::string> parse_mounts_below(std::string_view mountinfo, std::string_view root) {
    std::string above(root);
    while (above.ends_with('/')) above.pop_back();
    above += '/';
    std::vector<std::string> found;
    for (const std::string_view line : base::split(mountinfo, '\n')) {
        const auto fields = base::split(line, ' ');
        if (fields.size() < 5) continue;
        const std::string point = unescape(fields[4]);
        if (point.size() > above.size() && point.starts_with(above)) found.push_back(point.substr(above.size()));
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

std::vector<std::string> list_mounts_below(const std::filesystem::path& root) {
    std::ifstream file("/proc/self/mountinfo", std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    std::error_code ignored;
    const auto real = std::filesystem::canonical(root, ignored);
    return parse_mounts_below(text.str(), (ignored ? root : real).string());
}

}  // namespace guard

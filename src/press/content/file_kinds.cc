#include "press/content/file_kinds.h"

#include <algorithm>
#include <iterator>

namespace content {

namespace {

constexpr std::size_t kLongestStem = 60;

constexpr FileKind kKinds[] = {
    {"png", "image/png", [](std::string_view head) { return head.starts_with("\x89PNG\r\n\x1a\n"); }},
    {"jpg", "image/jpeg", [](std::string_view head) { return head.starts_with("\xff\xd8\xff"); }},
    {"gif", "image/gif",
     [](std::string_view head) { return head.starts_with("GIF87a") || head.starts_with("GIF89a"); }},
    {"webp", "image/webp",
     [](std::string_view head) {
         return head.size() >= 12 && head.starts_with("RIFF") && head.substr(8, 4) == "WEBP";
     }},
    {"pdf", "application/pdf",
     [](std::string_view head) { return head.substr(0, kFileHead).find("%PDF-") != std::string_view::npos; }},
};

std::string letters_of(std::string_view text) {
    std::string name;
    for (const char c : text) {
        const char small = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        if ((small >= 'a' && small <= 'z') || (small >= '0' && small <= '9') || small == '_')
            name += small;
        else if (!name.empty() && name.back() != '-')
            name += '-';
    }
    while (name.ends_with('-')) name.pop_back();
    return name;
}

}  // namespace

const FileKind* find_file_kind(std::string_view head) {
    const auto found =
        std::find_if(std::begin(kKinds), std::end(kKinds), [&](const auto& each) { return each.is(head); });
    return found == std::end(kKinds) ? nullptr : &*found;
}

std::string public_file_name(std::string_view given, const FileKind& kind, std::string_view otherwise) {
    std::string name = letters_of(given.substr(0, given.rfind('.')));
    if (name.empty()) name = letters_of(otherwise);
    if (name.empty()) name = "file";
    return name.substr(0, kLongestStem) + "." + std::string(kind.ending);
}

}  // namespace content

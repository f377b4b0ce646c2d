// The kinds of files that people may send, known by their first bytes and not by their names; and the public names that
// they get.
#pragma once

#include <string>
#include <string_view>

namespace content {

struct FileKind {
    std::string_view ending;  ///< "png", without the dot
    std::string_view type;    ///< "image/png"
    bool (*is)(std::string_view head);

    bool is_picture() const { return type.starts_with("image/"); }
};

inline constexpr std::size_t kFileHead = 1024;  ///< bytes that tell the kind

/// By the first kFileHead bytes; null for what may not be sent.
const FileKind* find_file_kind(std::string_view head);

/// A name for the public tree: small letters, digits and hyphens of what the person called it ("Ｂ地図 2.PNG" gives
/// "2.png"), else of `otherwise`, else "file".
std::string public_file_name(std::string_view given, const FileKind& kind, std::string_view otherwise = {});

}  // namespace content

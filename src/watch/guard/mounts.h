// What is mounted below the document root: a mount there hides the files of the release behind others, and neither
// inode numbers nor file events tell of it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace guard {

/// Where something is mounted below `root`, as paths below it without a slash at the end, sorted.
std::vector<std::string> list_mounts_below(const std::filesystem::path& root);
/// The same of the text of /proc/self/mountinfo (proc(5)): the fifth field, with \040 for a space.
std::vector<std::string> parse_mounts_below(std::string_view mountinfo, std::string_view root);

}  // namespace guard

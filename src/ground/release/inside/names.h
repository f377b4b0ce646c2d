// The names of the log's files: eight digits and an ending.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace release::inside {

constexpr std::string_view kRecordEnding = ".release";
constexpr std::string_view kCheckpointEnding = ".checkpoint";

std::string file_name(std::int64_t number, std::string_view ending);
/// The number of a file so named; nothing for any other name.
std::optional<std::int64_t> find_file_number(std::string_view name, std::string_view ending);

}  // namespace release::inside

// What is seen of a deviation, in the words of the commands and of the evidence. The screens have each in Japanese.
#pragma once

#include <string_view>

namespace guard::seen {

constexpr std::string_view kMissing = "{} bytes are not there";
constexpr std::string_view kVanished = "vanished while the tree was read";
constexpr std::string_view kExtraFile = "{} bytes that no release knows";
constexpr std::string_view kExtraFolder = "a folder that no release knows";
constexpr std::string_view kOtherBytes = "{} bytes with hash {}, instead of {} bytes with hash {}";
constexpr std::string_view kLonger = "longer than {} bytes";
constexpr std::string_view kOwner = "{}:{} instead of {}:{}";
constexpr std::string_view kMode = "{} instead of {}";
constexpr std::string_view kNames = "{} names lead to this file";
constexpr std::string_view kLinkForFile = "a symbolic link in place of the file";
constexpr std::string_view kLink = "a symbolic link";
constexpr std::string_view kFolderForFile = "a folder in place of the file";
constexpr std::string_view kForeignType = "neither a file nor a folder";
constexpr std::string_view kMountedFile = "another file is mounted here";
constexpr std::string_view kMountedFolder = "another folder is mounted here";
constexpr std::string_view kHeld = "somebody has the file open for writing, or mapped";
constexpr std::string_view kCannotOpen = "cannot be opened: {}";
constexpr std::string_view kCannotRead = "cannot be read: {}";
constexpr std::string_view kCannotReadOn = "cannot be read to its end: {}";

}  // namespace guard::seen

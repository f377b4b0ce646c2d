// The sample log of docs/format/vectors/release, made from fixed keys and times, so that tests have it in memory and
// the stored copy can be compared with it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ground/release/log.h"
#include "ground/release/record.h"

namespace release::testing {

/// Keys from the seeds of 32 times the byte 1, and 32 times the byte 2.
sys::SigningKey first_key();
sys::SigningKey second_key();
PublicKeys trusted();  ///< the first key only

Entry page(std::string path, std::string_view body, std::string source = "revision:1");

/// The files of the sample below releases/, by name ("log/00000001.release"), and below public/.
struct Sample {
    std::vector<std::pair<std::string, std::string>> releases;
    std::vector<std::pair<std::string, std::string>> public_files;
};
Sample make_sample();
/// Writes the sample's releases into `folder`.
void place_sample(const std::filesystem::path& folder);

}  // namespace release::testing

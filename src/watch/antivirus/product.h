// The city's own antivirus product, on this machine or on the terminals: it cannot be asked to scan, but it can be
// read. Its log tells of detections; its status file or command tells how old its signatures are. What a line must look
// like is a setting, because every product and version writes its own.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/settings/settings.h"
#include "watch/antivirus/engine.h"

namespace antivirus {

/// A line with * for anything and {date} for what is wanted: "Signature date: {date}*". Matches whole lines; linear in
/// the line for every pattern without two neighbouring *, at worst pattern times line.
class LinePattern {
  public:
    explicit LinePattern(std::string text);
    bool is_empty() const { return parts_.empty(); }
    /// What stands at {date}, "" when the pattern has none; nothing when the line does not match.
    std::optional<std::string_view> match(std::string_view line) const;

  private:
    std::vector<std::string> parts_;  ///< what must follow one another; between two of them stands anything
    std::size_t date_ = 0;            ///< the part before {date}; parts_.size() when there is none
};

/// A date as products write it: "2026-11-22", "2026/11/22 04:05", "2026-11-22T04:05:06Z", "20261122", "22 Nov 2026",
/// "Nov 22 2026". Japanese time unless it says Z.
std::optional<base::Instant> parse_product_date(std::string_view text);

struct ProductFiles {
    std::filesystem::path log_file, status_file;  ///< empty: not read
    std::vector<std::string> command;             ///< empty: not run
    std::string detection_pattern, date_pattern;
    std::chrono::milliseconds patience{60'000};
};
ProductFiles product_files(const settings::Settings& settings);
bool is_configured(const ProductFiles& files);

/// How the product is, by its status file, command or log; the last date in them counts.
EngineState product_state(const ProductFiles& files);

/// The lines of its log that tell of a detection, since `position` (kept from the last call, "" at first: what is in
/// the log already is not news). A log that is not there raises "antivirus.log".
std::vector<signals::Signal> read_detections(const ProductFiles& files, std::string& position, base::Instant now);

}  // namespace antivirus

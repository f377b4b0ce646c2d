#include "office/helpdesk/spooled.h"

#include <vector>

#include <fmt/format.h>

#include "ground/base/text.h"

namespace helpdesk {

namespace {

constexpr std::string_view kHead = "yakuba-question-1";

}  // namespace

std::string write_spooled(const SpooledQuestion& asked) {
    return fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}", kHead, base::format_utc(asked.at),
                       asked.is_fault ? "fault" : "question", asked.is_urgent ? "urgent" : "", asked.name,
                       asked.address, asked.phone, asked.title, asked.text);
}

std::optional<SpooledQuestion> read_spooled(std::string_view bytes) {
    if (bytes.size() > kLargestSpooled || !base::is_utf8(bytes)) return std::nullopt;
    std::vector<std::string_view> lines;
    while (lines.size() < 8) {
        const std::size_t end = bytes.find('\n');
        if (end == std::string_view::npos) return std::nullopt;
        lines.push_back(bytes.substr(0, end));
        bytes.remove_prefix(end + 1);
    }
    const auto at = base::parse_utc(lines[1]);
    if (lines[0] != kHead || !at) return std::nullopt;
    SpooledQuestion asked;
    asked.at = *at;
    asked.is_fault = lines[2] == "fault";
    asked.is_urgent = lines[3] == "urgent";
    asked.name = lines[4];
    asked.address = lines[5];
    asked.phone = lines[6];
    asked.title = lines[7];
    asked.text = bytes;
    return asked;
}

}  // namespace helpdesk

// Questions to MyJVN. The two kinds of its feed have other names for the same things, and "hnd" narrows each of its
// three dates to the last week unless it is told not to: two ways of asking, then, each in one place.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "ground/base/time.h"

namespace advisories {

/// Whether an address of the settings is MyJVN's entry alone ("https://jvndb.jvn.jp/myjvn"), so that we put the
/// question; with "method=" in it, it is a question already and is asked as it stands.
bool is_entry(std::string_view address);

/// getVulnOverviewList of what was changed from `since` to `until`, both included. `is_json`: feed=oka.
std::string overview_question(std::string_view entry, bool is_json, base::Day since, base::Day until);
/// getAlertList, the newest fifty.
std::string alerts_question(std::string_view entry);
/// getVulnDetailInfo: as XML up to kMostDetails ids in one answer, as JSON one.
std::string detail_question(std::string_view entry, bool is_json, std::span<const std::string> ids);
constexpr std::size_t kMostDetails = 10;

}  // namespace advisories

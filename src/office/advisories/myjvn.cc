#include "office/advisories/myjvn.h"

#include <fmt/format.h>

#include "ground/base/text.h"

namespace advisories {

namespace {

std::string question(std::string_view entry, std::string_view method, bool is_json, std::string_view rest) {
    return fmt::format("{}{}method={}&feed={}{}", entry, entry.find('?') == std::string_view::npos ? "?" : "&", method,
                       is_json ? "oka" : "hnd", rest);
}

}  // namespace

bool is_entry(std::string_view address) {
    return address.find("method=") == std::string_view::npos;
}

std::string overview_question(std::string_view entry, bool is_json, base::Day since, base::Day until) {
    const auto eight = [](base::Day day) { return fmt::format("{:04}{:02}{:02}", day.year, day.month, day.day); };
    const auto three = [](std::string_view name, base::Day day) {
        return fmt::format("&{0}Y={1}&{0}M={2}&{0}D={3}", name, day.year, day.month, day.day);
    };
    return question(
        entry, "getVulnOverviewList", is_json,
        is_json ? fmt::format("&maxCountItem=50&modifiedStartDate={}&modifiedEndDate={}", eight(since), eight(until))
                : "&maxCountItem=50&rangeDatePublic=n&rangeDatePublished=n&rangeDateFirstPublished=n" +
                      three("datePublishedStart", since) + three("datePublishedEnd", until));
}

std::string alerts_question(std::string_view entry) {
    return question(entry, "getAlertList", false, "&maxCountItem=50");
}

std::string detail_question(std::string_view entry, bool is_json, std::span<const std::string> ids) {
    std::string all;
    for (const std::string& id : ids.subspan(0, std::min(ids.size(), is_json ? std::size_t{1} : kMostDetails)))
        all += (all.empty() ? "" : "+") + base::percent_encode(id);
    return question(entry, "getVulnDetailInfo", is_json, "&vulnId=" + all);
}

}  // namespace advisories

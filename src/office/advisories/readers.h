// The formats in which weaknesses are published, one file each under readers/. All take any bytes: an error page that
// came with 200, a mark of another encoding, half of a file. XML is read without external things: pugixml knows no
// entities but the five and characters' numbers.
#pragma once

#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "office/advisories/advisory.h"

namespace advisories {

constexpr std::size_t kLargestFeed = std::size_t{64} << 20;      ///< of what is read in one piece
constexpr std::size_t kLargestTracker = std::size_t{256} << 20;  ///< of Debian's, which is read in pieces
constexpr std::size_t kMostItems = 100'000;

struct Format {
    std::string_view id;    ///< "jvndb-rss", ...: in the settings
    std::string_view name;  ///< Japanese
    Reading (*read)(std::string_view bytes);
};
/// All that are read in one piece. "debian" is not among them.
std::span<const Format> all_formats();
const Format* find_format(std::string_view id);
/// By what stands in it: for files that were handed over. Null when it is none of them.
const Format* guess_format(std::string_view bytes);

Reading read_jvndb_rss(std::string_view bytes);       ///< jvndb_new.rdf, jvndb.rdf, jvndb_detail_YYYY.rdf
Reading read_jvn_rss(std::string_view bytes);         ///< jvn.rdf
Reading read_jpcert_rss(std::string_view bytes);      ///< jpcert.rdf
Reading read_ipa_rss(std::string_view bytes);         ///< alert-rss.rdf
Reading read_dsa_rss(std::string_view bytes);         ///< dsa, dsa-long
Reading read_myjvn_overview(std::string_view bytes);  ///< getVulnOverviewList, feed=hnd
Reading read_myjvn_detail(std::string_view bytes);    ///< getVulnDetailInfo, feed=hnd: VULDEF
Reading read_myjvn_json(std::string_view bytes);      ///< getVulnOverviewList, feed=oka
Reading read_myjvn_csaf(std::string_view bytes);      ///< getVulnDetailInfo, feed=oka: CSAF, one weakness
Reading read_myjvn_alerts(std::string_view bytes);    ///< getAlertList, both feeds, XML or JSON: IPA's alerts
Reading read_kev(std::string_view bytes);             ///< CISA: what is known to be used in attacks
Reading read_osv(std::string_view bytes);             ///< one entry, an array, or {"vulns": [...]}

/// The Debian security tracker's data/json, in pieces of any size: `next` gives the next one, empty at the end. Only
/// what says something of `packages` (source packages) in `release` ("bookworm") is kept; one advisory a CVE.
/// What has long been corrected comes too: the versions say whom it concerns.
Reading read_debian(const std::function<std::string_view()>& next, const std::string& release,
                    const std::set<std::string, std::less<>>& packages);

}  // namespace advisories

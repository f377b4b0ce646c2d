#include "office/advisories/readers.h"

#include <algorithm>
#include <array>

#include "ground/base/text.h"

namespace advisories {

std::span<const Format> all_formats() {
    static constexpr std::array kAll = {
        Format{"jvndb-rss", "JVN iPedia（RSS）", read_jvndb_rss},
        Format{"jvn-rss", "JVN（RSS）", read_jvn_rss},
        Format{"jpcert-rss", "JPCERT/CC（RSS）", read_jpcert_rss},
        Format{"ipa-rss", "IPA 重要なセキュリティ情報（RSS）", read_ipa_rss},
        Format{"dsa-rss", "Debianセキュリティ勧告（RSS）", read_dsa_rss},
        Format{"myjvn-overview", "MyJVN 概要（XML）", read_myjvn_overview},
        Format{"myjvn-detail", "MyJVN 詳細（XML）", read_myjvn_detail},
        Format{"myjvn-json", "MyJVN 概要（JSON）", read_myjvn_json},
        Format{"myjvn-csaf", "MyJVN 詳細（JSON）", read_myjvn_csaf},
        Format{"myjvn-alerts", "MyJVN 注意警戒情報（IPA）", read_myjvn_alerts},
        Format{"kev", "CISA 悪用が確認された脆弱性", read_kev},
        Format{"osv", "OSV（JSON）", read_osv},
    };
    return kAll;
}

const Format* find_format(std::string_view id) {
    const auto all = all_formats();
    const auto found = std::find_if(all.begin(), all.end(), [&](const Format& one) { return one.id == id; });
    return found == all.end() ? nullptr : &*found;
}

const Format* guess_format(std::string_view bytes) {
    const std::string_view head = bytes.substr(0, 256 * 1024);
    const auto has = [&](std::string_view word) { return head.find(word) != std::string_view::npos; };
    const std::string_view begin = base::trim(bytes.substr(0, 1000));
    if (begin.starts_with('{') || begin.starts_with('[') || begin.starts_with("\xEF\xBB\xBF{")) {
        if (has("\"catalogVersion\"")) return find_format("kev");
        if (has("\"tracking\"") && has("\"document\"")) return find_format("myjvn-csaf");
        if (has("getAlertList") || has("MYJVN-ALT-")) return find_format("myjvn-alerts");
        if (has("\"feed\"") || has("\"retCd\"")) return find_format("myjvn-json");
        return has("\"affected\"") || has("\"vulns\"") ? find_format("osv") : nullptr;
    }
    if (has("getAlertList") || has("MYJVN-ALT-")) return find_format("myjvn-alerts");
    if (has("VULDEF-Document")) return find_format("myjvn-detail");
    const bool is_myjvn = has("myjvn/Status") ||
                          bytes.substr(bytes.size() - std::min<std::size_t>(bytes.size(), 2000)).find("myjvn/Status") !=
                              std::string_view::npos;
    if (is_myjvn) return find_format("myjvn-overview");
    if (has("JVNDB-")) return find_format("jvndb-rss");
    if (has("<title>DSA-")) return find_format("dsa-rss");
    if (has("JVN#") || has("JVNVU#")) return find_format("jvn-rss");
    if (has("jpcert")) return find_format("jpcert-rss");
    if (has("ipa.") || has(">IPA<")) return find_format("ipa-rss");
    return nullptr;
}

}  // namespace advisories

#include "office/vulnerabilities/match.h"

#include <algorithm>

#include <fmt/format.h>

#include "ground/base/text.h"

namespace vulnerabilities {

namespace {

constexpr std::size_t kMostMatches = 200;  // of one advisory
constexpr std::size_t kShortestWord = 4;

/// "Apache HTTP Server" and "apache-http-server" are one name.
std::string name_key(std::string_view name) {
    std::string key;
    for (const char c : base::to_lower(name))
        if (c != ' ' && c != '-' && c != '_' && c != '.') key += c;
    if (key.size() > 4 && key.ends_with("js")) key.resize(key.size() - 2);  // "jquery.js", "Vue.js"
    return key;
}

bool is_word_byte(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
           c == '+';
}

/// "3.22.1 (deb)" of a product without a version: nothing to compare.
std::string shown(const Component& one) {
    return one.version.empty() ? one.name : one.name + " " + one.version;
}

}  // namespace

std::string cpe_key(std::string_view cpe) {
    cpe = base::trim(cpe);
    std::vector<std::string_view> parts = base::split(cpe, ':');
    const std::size_t first = cpe.starts_with("cpe:2.3:") ? 3 : cpe.starts_with("cpe:/") ? 2 : 0;
    if (first == 0 || parts.size() <= first + 1) return {};
    const std::string_view vendor = parts[first], product = parts[first + 1];
    if (vendor.empty() || product.empty() || product == "*") return {};
    const auto plain = [](std::string_view part) {
        std::string text = base::percent_decode(part).value_or(std::string(part));
        std::replace(text.begin(), text.end(), ' ', '_');
        return base::to_lower(text);
    };
    return plain(vendor) + ":" + plain(product);
}

Matcher::Matcher(std::span<const Component> inventory) : inventory_(inventory) {
    const auto add_source = [&](std::size_t i) {
        const auto [at, is_new] = by_source_.emplace(inventory_[i].source, i);
        // Of several that are installed, as kernels are, the newest is the one that counts.
        if (!is_new && inventory_[at->second].kind == inventory_[i].kind &&
            advisories::compare_debian(inventory_[i].source_version, inventory_[at->second].source_version) > 0)
            at->second = i;
    };
    for (const bool is_turn_of_debian : {true, false}) {  // what is installed, before what the program was built with
        for (std::size_t i = 0; i < inventory.size(); ++i)
            if (!inventory[i].gone && !inventory[i].source.empty() &&
                (inventory[i].kind == "debian") == is_turn_of_debian)
                add_source(i);
    }
    for (std::size_t i = 0; i < inventory.size(); ++i) {
        const Component& one = inventory[i];
        if (one.gone) continue;
        const bool is_debian = one.kind == "debian";
        if (!is_debian) by_name_.emplace(name_key(one.name), i);
        if (const std::string key = cpe_key(one.cpe); !key.empty()) by_cpe_.emplace(key, i);
        const std::string word = base::to_lower(is_debian ? one.source : one.name);
        if (word.size() >= kShortestWord) by_word_.emplace(word, i);
    }
}

std::set<std::string, std::less<>> Matcher::sources() const {
    std::set<std::string, std::less<>> all;
    for (const auto& [source, index] : by_source_) all.insert(source);
    return all;
}

void Matcher::find_debian(const advisories::Advisory& advisory, const advisories::Product& product,
                          std::vector<Match>& to) const {
    const auto found = by_source_.find(product.name);
    if (found == by_source_.end()) return;
    const Component& one = inventory_[found->second];
    if (advisory.source == "dsa")
        to.push_back({found->second,
                      fmt::format("{}：{}の導入を確認。修正の有無はDebianの情報で判定", advisory.id, shown(one)), false,
                      false});
    else if (product.versions.contains(one.source_version))
        to.push_back({found->second,
                      fmt::format("{}（ソース {} {}）：{}", one.name, one.source, one.source_version, product.told),
                      true, product.is_deferred});
}

void Matcher::find_named(const advisories::Product& product, std::vector<Match>& to) const {
    const auto add = [&](std::size_t index, std::string_view by) {
        const Component& one = inventory_[index];
        if (one.kind == "debian") return;  // judged by Debian alone
        if (product.ecosystem == "npm" && one.kind != "npm" && one.kind != "script") return;
        if (std::any_of(to.begin(), to.end(), [&](const Match& each) { return each.component == index; })) return;
        if (!product.versions.contains(one.version)) return;
        const bool is_sure = !product.versions.is_all && !one.version.empty();
        to.push_back({index,
                      fmt::format("{}が一致（{}）：{}", by, shown(one),
                                  !product.versions.is_understood ? product.told + "（版の範囲を読み取れません）"
                                  : product.told.empty()          ? std::string("版の指定なし")
                                                                  : product.told),
                      is_sure, false});
    };
    if (const std::string key = cpe_key(product.cpe); !key.empty()) {
        const auto [from, until] = by_cpe_.equal_range(key);
        for (auto each = from; each != until; ++each) add(each->second, "CPE");
        const auto [begin, end] = by_name_.equal_range(name_key(key.substr(key.find(':') + 1)));
        for (auto each = begin; each != end; ++each) add(each->second, "CPEの製品名");
    }
    if (const std::string key = name_key(product.name); !key.empty()) {
        const auto [from, until] = by_name_.equal_range(key);
        for (auto each = from; each != until; ++each) add(each->second, "製品名");
    }
}

void Matcher::find_in_title(const advisories::Product& product, std::vector<Match>& to) const {
    const std::string title = base::to_lower(product.name);
    for (std::size_t at = 0; at < title.size();) {
        if (!is_word_byte(title[at])) {
            ++at;
            continue;
        }
        std::size_t end = at;
        while (end < title.size() && is_word_byte(title[end])) ++end;
        const auto [from, until] = by_word_.equal_range(std::string_view(title).substr(at, end - at));
        if (from != until)
            to.push_back({from->second,
                          fmt::format("題名に「{}」があります（{}）", from->first, shown(inventory_[from->second])),
                          false, false});
        at = end;
    }
}

std::vector<Match> Matcher::find(const advisories::Advisory& advisory) const {
    std::vector<Match> all;
    if (advisory.is_withdrawn) return all;
    for (const advisories::Product& product : advisory.products) {
        if (all.size() >= kMostMatches) break;
        if (product.ecosystem == "debian")
            find_debian(advisory, product, all);
        else if (product.ecosystem == "title")
            find_in_title(product, all);
        else if (product.ecosystem.empty() || product.ecosystem == "npm")
            find_named(product, all);
    }
    return all;
}

}  // namespace vulnerabilities

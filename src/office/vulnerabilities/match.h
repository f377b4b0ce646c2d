// Which of what was published concerns what we have. Debian's packages are judged by Debian alone, by the versions of
// their sources: what the world calls critical may have been corrected here long ago. Everything else is compared by
// CPE, by name, and by the words of a title.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "office/advisories/advisory.h"
#include "office/vulnerabilities/inventory.h"

namespace vulnerabilities {

struct Match {
    std::size_t component = 0;  ///< in the inventory that was given
    std::string basis;          ///< Japanese: what was compared with what
    bool is_sure = false;       ///< by version; else a name, or versions that could not be understood
    bool is_deferred = false;   ///< Debian has decided to make no correction for now
};

class Matcher {
  public:
    /// `inventory` must outlive it.
    explicit Matcher(std::span<const Component> inventory);
    /// Nothing for what was withdrawn.
    std::vector<Match> find(const advisories::Advisory& advisory) const;
    /// The source packages, for the tracker's reader.
    std::set<std::string, std::less<>> sources() const;

  private:
    void find_debian(const advisories::Advisory& advisory, const advisories::Product& product,
                     std::vector<Match>& to) const;
    void find_named(const advisories::Product& product, std::vector<Match>& to) const;
    void find_in_title(const advisories::Product& product, std::vector<Match>& to) const;

    std::span<const Component> inventory_;
    std::map<std::string, std::size_t, std::less<>> by_source_;
    std::multimap<std::string, std::size_t, std::less<>> by_name_, by_cpe_, by_word_;
};

/// "cpe:/a:vendor:product:..." and "cpe:2.3:a:vendor:product:...": "vendor:product" in lower case; "" when it is none.
std::string cpe_key(std::string_view cpe);

}  // namespace vulnerabilities

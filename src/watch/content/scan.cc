#include "watch/content/scan.h"

#include <algorithm>
#include <map>

#include "ground/base/text.h"
#include "watch/content/patterns.h"
#include "watch/content/rules.h"

namespace content {

namespace {

constexpr std::size_t kMostOfOneRule = 20;
constexpr std::size_t kExcerpt = 120;
constexpr std::chrono::seconds kPatience{10};  ///< of the patterns, for one file

/// What stands at `at`, fit for one line on a screen.
std::string excerpt(std::string_view text, std::size_t at, std::size_t length) {
    std::string shown;
    const std::string part =
        base::to_valid_utf8(text.substr(std::min(at, text.size()), std::clamp<std::size_t>(length, 40, 400)));
    for (const char c : base::first_code_points(part, kExcerpt)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F)
            shown += c == '\n' || c == '\t' || c == '\r' ? std::string(" ") : fmt::format("\\x{:02x}", byte);
        else
            shown += c;
    }
    return std::string(base::first_code_points(shown, kExcerpt));
}

class Report {
  public:
    explicit Report(const Subject& subject) : subject_(subject) {}

    void add(std::string_view rule, signals::Severity severity, std::string_view message, std::size_t at,
             std::size_t length) {
        if (++counts_[rule] > kMostOfOneRule) return;
        Threat threat;
        threat.rule = rule;
        threat.severity = severity;
        threat.offset = subject_.offset(std::min(at, subject_.text().size()));
        if (subject_.is_text()) threat.line = line_of(at);
        if (length > 0) threat.excerpt = excerpt(subject_.text(), at, length);
        threat.message = message;
        result_.threats.push_back(std::move(threat));
    }
    Scanned finish() {
        std::stable_sort(result_.threats.begin(), result_.threats.end(),
                         [](const Threat& a, const Threat& b) { return a.offset < b.offset; });
        return std::move(result_);
    }
    Scanned& result() { return result_; }

  private:
    int line_of(std::size_t at) const {
        const std::string_view before = subject_.text().substr(0, at);
        return 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n'));
    }

    const Subject& subject_;
    Scanned result_;
    std::map<std::string_view, std::size_t> counts_;
};

}  // namespace

SiteHosts::SiteHosts(std::span<const std::string> hosts) {
    for (const std::string& host : hosts) {
        std::string name = base::to_lower(base::trim(host));
        if (name.starts_with("*.")) name.erase(0, 1);
        if (name.starts_with('.'))
            domains_.insert(name.substr(1));
        else if (!name.empty())
            exact_.insert(name);
    }
}

bool SiteHosts::contains(std::string_view host) const {
    const std::string name = base::to_lower(host);
    if (exact_.contains(name)) return true;
    for (std::string_view rest = name;;) {
        if (domains_.contains(rest)) return true;
        const auto dot = rest.find('.');
        if (dot == std::string_view::npos) return false;
        rest.remove_prefix(dot + 1);
    }
}

const Threat* Scanned::worst() const {
    const auto it = std::max_element(threats.begin(), threats.end(),
                                     [](const Threat& a, const Threat& b) { return a.severity < b.severity; });
    return it == threats.end() ? nullptr : &*it;
}

Scanned scan(std::string_view bytes, std::string_view path, const SiteHosts& hosts) {
    const bool is_cut = bytes.size() > kLargestScan;
    const Subject subject(bytes.substr(0, kLargestScan), path, hosts);
    Report report(subject);
    for (const Rule* const rule : all_rules())
        for (const Finding& one : rule->run(subject))
            report.add(rule->id, one.severity, rule->message, one.at, one.length);
    const bool is_whole = find_patterns(subject.text(), kPatience, [&](const PatternHit& hit) {
        report.add(hit.rule->id, hit.rule->severity, hit.rule->message, hit.at, hit.length);
    });
    Scanned result = report.finish();
    result.problem = subject.problem();
    if (is_cut) result.problem = "大きなファイルのため、先頭の64MBだけを確認しました。";
    if (!is_whole) result.problem = "内容の確認が時間内に終わりませんでした。";
    return result;
}

}  // namespace content

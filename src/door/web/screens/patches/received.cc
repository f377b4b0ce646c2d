#include "door/web/screens/patches/received.h"

#include <set>

#include <boost/json.hpp>

#include "ground/ledger/store.h"
#include "office/vulnerabilities/patches.h"

namespace web {

namespace {

constexpr std::string_view kAct = "packages.record", kPrefix = "package:";
constexpr int kMostLines = 1000;

ReceivedPackage package_of(const ledger::Line& line) {
    const auto detail = boost::json::parse(line.entry.detail).as_object();
    const auto text = [&](std::string_view name) {
        const auto* value = detail.if_contains(name);
        return value && value->is_string() ? std::string(value->get_string()) : std::string();
    };
    ReceivedPackage made;
    made.key = line.entry.subject.substr(std::min(kPrefix.size(), line.entry.subject.size()));
    made.name = text("version").empty() ? text("file") : text("name") + " " + text("version");
    made.from = text("from");
    made.at = line.entry.at;
    return made;
}

}  // namespace

std::vector<ReceivedPackage> list_undecided(sys::Reader& db, base::Instant now) {
    ledger::Search search;
    search.act = std::string(kAct);
    search.from = now - std::chrono::hours(24 * 400);
    search.limit = kMostLines;
    std::vector<ReceivedPackage> found;
    std::set<std::string> seen;
    for (const ledger::Line& line : ledger::find_lines(db, search)) {
        if (!seen.insert(line.entry.subject).second) continue;  // the same file was handed over again
        if (!vulnerabilities::list_patches(db, line.entry.subject, 1).empty()) continue;
        found.push_back(package_of(line));
        if (found.size() == kMostReceived) break;
    }
    return found;
}

std::optional<ReceivedPackage> find_received(sys::Reader& db, std::string_view key) {
    ledger::Search search;
    search.act = std::string(kAct);
    search.subject = std::string(kPrefix) + std::string(key);
    search.limit = 1;
    const auto lines = ledger::find_lines(db, search);
    if (lines.empty()) return std::nullopt;
    return package_of(lines.front());
}

}  // namespace web

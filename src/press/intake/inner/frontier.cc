#include "press/intake/inner/frontier.h"

#include "ground/base/error.h"
#include "ground/base/media_type.h"
#include "ground/base/text.h"
#include "ground/release/record.h"

namespace intake {

namespace {

constexpr std::size_t kMostReferrers = 10;
constexpr std::size_t kMostRefused = 1'000'000;
constexpr int kMostRepeats = 3;

void add_referrer(std::vector<std::string>& to, const std::string& from) {
    if (from.empty() || to.size() >= kMostReferrers) return;
    if (std::find(to.begin(), to.end(), from) == to.end()) to.push_back(from);
}

/// A file whatever the query says ("style.css?20240401"): servers of files do not look at it.
bool is_plain_file(const Address& address) {
    return !address.path.ends_with('/') && base::media_type(address.path) != "application/octet-stream";
}

/// "/a/b/a/b/a/b/...": relative links on an error page, or a folder that links to itself.
bool is_endless(std::string_view path) {
    std::map<std::string_view, int> counts;
    for (const std::string_view segment : base::split(path, '/'))
        if (!segment.empty() && ++counts[segment] > kMostRepeats) return true;
    return false;
}

}  // namespace

std::optional<std::string> Frontier::find_refusal(const Address& address, const std::optional<std::string>& path,
                                                  int distance) const {
    if (address.origin() != start_.origin()) return "another server";
    if (!address.path.starts_with(prefix_)) return fmt::format("outside {}{}", start_.origin(), prefix_);
    if (!path) return "a name that no file can have";
    if (const auto fault = release::find_path_fault(*path)) return fault;
    if (const auto why = find_private_name(*path)) return why;
    if (address.has_query) return "an address with a query: a program answers there, not a file";
    if (!robots_.allows(address.path)) return "robots.txt asks not to read it (--ignore-robots if the site is yours)";
    if (std::count(path->begin(), path->end(), '/') >= bounds_.depth)
        return fmt::format("folders are nested deeper than {}", bounds_.depth);
    if (is_endless(address.path)) return "the same folder again and again: an endless address";
    if (distance > link_depth_)
        return fmt::format("further than {} links from the start (takeover.link_depth)", link_depth_);
    return std::nullopt;
}

void Frontier::see(Address address, const std::string& from, int distance, Seen how) {
    if (address.has_query && is_plain_file(address)) address.has_query = false, address.query.clear();
    const auto path = public_path(address);
    if (auto refusal = find_refusal(address, path, distance)) {
        if (how != Seen::Guess) refuse(address, from, std::move(*refusal));
        return;
    }
    std::unique_ptr<Goal>& goal = goals_[*path];
    if (!goal) {
        if (static_cast<std::int64_t>(goals_.size()) > bounds_.files)
            throw base::Error(
                base::Kind::BadInput,
                fmt::format("{} holds more files than takeover.files allows ({}); raise it in yakuba.toml",
                            start_.text(), bounds_.files));
        goal = std::make_unique<Goal>();
        goal->path = *path;
        goal->distance = distance;
        goal->is_guess = true;
        goal->addresses.push_back(std::move(address));
        waiting_.push_back(goal.get());
    } else if (std::find(goal->addresses.begin(), goal->addresses.end(), address) == goal->addresses.end()) {
        goal->addresses.push_back(std::move(address));
        if (!goal->failure.empty()) {
            goal->failure.clear();
            goal->tried = goal->addresses.size() - 1;
            --finished_;
            waiting_.push_back(goal.get());
        }
    }
    if (how != Seen::Guess) goal->is_guess = false;
    if (how == Seen::Sitemap) goal->is_sitemap = true;
    add_referrer(goal->linked_from, from);
}

Goal* Frontier::take() {
    if (waiting_.empty()) return nullptr;
    Goal* goal = waiting_.front();
    waiting_.pop_front();
    return goal;
}

void Frontier::fail(Goal& goal, std::string reason) {
    if (goal.tried + 1 < goal.addresses.size()) {
        ++goal.tried;
        waiting_.push_back(&goal);
        return;
    }
    goal.failure = std::move(reason);
    ++finished_;
}

bool Frontier::go_on_at(Goal& goal, const Address& address) {
    const auto found = std::find(goal.addresses.begin(), goal.addresses.end(), address);
    if (found != goal.addresses.end() && found - goal.addresses.begin() <= static_cast<std::ptrdiff_t>(goal.tried))
        return false;
    if (found != goal.addresses.end()) goal.addresses.erase(found);
    goal.addresses.insert(goal.addresses.begin() + static_cast<std::ptrdiff_t>(++goal.tried), address);
    waiting_.push_front(&goal);
    return true;
}

const Goal* Frontier::find(const std::string& path) const {
    const auto found = goals_.find(path);
    return found == goals_.end() ? nullptr : found->second.get();
}

void Frontier::refuse(const Address& address, const std::string& from, std::string reason) {
    const std::string text = address.text().substr(0, 2000);
    const auto found = refused_.find(text);
    if (found != refused_.end()) return add_referrer(found->second.linked_from, from);
    if (refused_.size() >= kMostRefused) {
        ++unlisted_;
        return;
    }
    Refused& refused = refused_[text];
    if (address.origin() == start_.origin()) refused.path = public_path(address).value_or("");
    refused.reason = std::move(reason);
    add_referrer(refused.linked_from, from);
}

void Frontier::append_skipped(std::vector<Skipped>& to) const {
    for (const auto& [address, refused] : refused_)
        to.push_back({refused.path, refused.reason, address, refused.linked_from});
    for (const auto& [path, goal] : goals_)
        if (!goal->failure.empty() && !goal->is_guess)
            to.push_back({path, goal->failure, goal->address().text(), goal->linked_from});
    if (unlisted_ > 0)
        to.push_back({"", fmt::format("{} further addresses were passed over and are not listed", unlisted_)});
}

}  // namespace intake

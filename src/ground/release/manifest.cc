// See manifest.h.
#include "ground/release/manifest.h"

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"

namespace release {

namespace {

[[noreturn]] void fail(const std::string& path, std::string_view why) {
    throw base::Error(base::Kind::Conflict, fmt::format("release entry {}: {}", base::percent_encode(path), why));
}

}  // namespace

bool Manifest::is_folder(std::string_view path) const {
    const std::string below = std::string(path) + "/";
    const auto at = entries_.lower_bound(below);
    return at != entries_.end() && at->first.starts_with(below);
}

void Manifest::apply(std::span<const Change> changes) {
    const auto drop_look = [&](const Stored& stored) {
        const auto look = looks_.find(*stored.look);
        if (--look->second == 0) looks_.erase(look);
        bytes_ -= stored.size;
    };
    for (const Change& change : changes) {
        if (change.what != Change::What::Delete) continue;
        const auto at = entries_.find(change.path());
        if (at == entries_.end()) fail(change.path(), "it is to be deleted, but is not there");
        drop_look(at->second);
        entries_.erase(at);
    }
    for (const Change& change : changes) {
        if (change.what != Change::What::Put) continue;
        const Entry& put = change.entry;
        const auto look =
            looks_.try_emplace(Look{put.mode, put.type, put.charset, put.status, put.location, put.headers}, 0).first;
        ++look->second;
        bytes_ += put.size;
        const auto [at, is_new] = entries_.try_emplace(put.path);
        if (!is_new) drop_look(at->second);
        at->second = {put.hash, put.size, &look->first, put.source};
    }
    for (const Change& change : changes) {
        if (change.what != Change::What::Put) continue;
        const std::string& path = change.path();
        if (is_folder(path)) fail(path, "it is a folder");
        for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1))
            if (contains(std::string_view(path).substr(0, slash)))
                fail(path.substr(0, slash), "it is an entry and cannot be a folder as well");
    }
}

Entry Manifest::entry(const Entries::value_type& stored) {
    const auto& [path, rest] = stored;
    const Look& look = *rest.look;
    return {path,         rest.hash,   rest.size,     look.mode,    look.type,
            look.charset, look.status, look.location, look.headers, rest.source};
}

std::optional<Entry> Manifest::find(std::string_view path) const {
    const auto at = entries_.find(path);
    if (at == entries_.end()) return std::nullopt;
    return entry(*at);
}

void Manifest::each(std::string_view folder, const std::function<bool(const Entry&)>& take) const {
    const std::string below = folder.empty() ? std::string() : std::string(folder) + "/";
    for (auto at = entries_.lower_bound(below); at != entries_.end() && at->first.starts_with(below); ++at)
        if (!take(entry(*at))) return;
}

std::vector<Entry> Manifest::list(std::string_view folder) const {
    std::vector<Entry> entries;
    each(folder, [&](const Entry& one) {
        entries.push_back(one);
        return true;
    });
    return entries;
}

std::vector<Entry> Manifest::list_after(std::string_view path, std::size_t limit) const {
    std::vector<Entry> entries;
    for (auto at = path.empty() ? entries_.begin() : entries_.upper_bound(path);
         at != entries_.end() && entries.size() < limit; ++at)
        entries.push_back(entry(*at));
    return entries;
}

bool Manifest::holds_files(std::string_view folder) const {
    bool is_found = false;
    each(folder, [&](const Entry& one) {
        is_found = one.has_body();
        return !is_found;
    });
    return is_found;
}

/// The hash of the folder in which `at` stands, whose paths share their first `depth_bytes` bytes; leaves `at` behind
/// it.
base::Hash Manifest::hash_from(Entries::const_iterator& at, std::size_t depth_bytes) const {
    std::vector<TreeLine> lines;
    const std::string folder = at->first.substr(0, depth_bytes);
    while (at != entries_.end() && at->first.starts_with(folder)) {
        const auto slash = at->first.find('/', depth_bytes);
        const std::string name =
            at->first.substr(depth_bytes, slash == std::string::npos ? slash : slash - depth_bytes);
        if (slash == std::string::npos) {
            lines.push_back({sys::sha256(name), write_file_line(name, entry(*at))});
            ++at;
        } else {
            lines.push_back({sys::sha256(name), write_folder_line(name, hash_from(at, slash + 1))});
        }
    }
    return hash_folder(std::move(lines));
}

Summary Manifest::summary() const {
    if (entries_.empty()) return empty_tree();
    auto at = entries_.begin();
    const auto root = hash_from(at, 0);
    return {root, static_cast<std::int64_t>(entries_.size()), bytes_};
}

}  // namespace release

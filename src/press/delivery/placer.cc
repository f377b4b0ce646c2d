#include "press/delivery/placer.h"

#include <set>

#include "press/delivery/inside/public_tree.h"

namespace delivery {

using inside::is_deletion;
using release::Change;

Placement place(std::span<const Change> changes, const objects::Store& objects, const DocumentRoot& to,
                sys::Durability durability, const std::function<void(std::int64_t)>& progress) {
    inside::PublicTree tree(objects, to, durability);
    Placement placed;
    std::int64_t done = 0;
    const auto tick = [&] {
        if (progress) progress(++done);
    };
    const auto put = [&](const release::Entry& entry) {
        using What = inside::PublicTree::Put::What;
        const What what = tree.put(entry).what;
        if (what == What::Unchanged)
            ++placed.unchanged;
        else if (what == What::Written)
            ++placed.written;
        else
            placed.unplaced.push_back(
                {entry.path, what == What::Damaged ? Unplaced::Why::Damaged : Unplaced::Why::Missing});
        tick();
    };
    const auto remove = [&](const std::string& path) {
        placed.deleted += tree.remove(path) ? 1 : 0;
        tick();
    };
    // A path that stops being a file because a folder of that name comes must go before that folder's files; and a
    // folder's files before the file that takes its name.
    std::set<std::string_view> folders, files;
    for (const Change& change : changes) {
        if (is_deletion(change)) continue;
        files.insert(change.path());
        inside::each_folder(change.path(), [&](std::string_view folder) { folders.insert(folder); });
    }
    std::set<std::string_view> is_early;
    for (const Change& change : changes) {
        if (!is_deletion(change)) continue;
        bool is_in_the_way = folders.contains(change.path());
        inside::each_folder(change.path(), [&](std::string_view folder) { is_in_the_way |= files.contains(folder); });
        if (!is_in_the_way) continue;
        is_early.insert(change.path());
        remove(change.path());
    }
    for (const bool is_page_turn : {false, true})
        for (const Change& change : changes)
            if (!is_deletion(change) && inside::is_page(change.entry) == is_page_turn) put(change.entry);
    for (const Change& change : changes)
        if (is_deletion(change) && !is_early.contains(change.path())) remove(change.path());
    placed.quarantined = tree.quarantine().count();
    return placed;
}

}  // namespace delivery

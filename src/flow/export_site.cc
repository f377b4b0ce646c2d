#include "flow/export_site.h"

#include "flow/site.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"
#include "press/delivery/placer.h"

namespace flow {

namespace fs = std::filesystem;
using base::Error;
using base::Kind;

Exported export_site(const fs::path& folder, const fs::path& target, const ExportChoice& choice) {
    const PublicSide side = open_public_side(folder);
    std::int64_t number = side.log.newest();
    if (choice.release) number = *choice.release;
    if (choice.at) {
        const auto found = side.log.find_number_at(*choice.at);
        if (!found)
            throw Error(Kind::NotFound, fmt::format("nothing was public at {}", base::format_local(*choice.at)));
        number = *found;
    }
    if (number == 0) throw Error(Kind::NotFound, "nothing has been published yet; run `yakuba site publish` first");
    const fs::path absolute = fs::absolute(target).lexically_normal();
    const fs::path wanted = absolute.has_filename() ? absolute : absolute.parent_path();
    if (fs::exists(wanted) && (!fs::is_directory(wanted) || !fs::is_empty(wanted)))
        throw Error(Kind::Conflict,
                    fmt::format("{} is there already and not empty; choose another folder", wanted.string()));

    const release::Manifest manifest = side.log.manifest_at(number, side.keys);
    std::vector<release::Change> changes;
    Exported exported{number, 0, 0, {}};
    manifest.each([&](const release::Entry& entry) {
        if (!entry.has_body()) return true;
        ++exported.files;
        exported.bytes += entry.size;
        changes.push_back(release::Change::put(entry));
        return true;
    });
    const fs::path beside =
        wanted.parent_path() / fmt::format(".{}.{}", wanted.filename().string(), base::to_hex(sys::random_bytes(4)));
    sys::make_folders(beside / "tree");
    try {
        const auto objects = objects::open_folder(side.folders.objects);
        const auto placed = delivery::place(
            changes, *objects, {beside / "tree", beside / "placing", beside / "quarantine", base::Instant{}},
            sys::Durability::Later, [&](std::int64_t done) {
                if (choice.progress) choice.progress(done, static_cast<std::int64_t>(changes.size()));
            });
        for (const delivery::Unplaced& one : placed.unplaced) {
            exported.missing.push_back(one.path);
            --exported.files;
            exported.bytes -= manifest.find(one.path)->size;
        }
        sys::sync_filesystem(beside);
        if (fs::exists(wanted)) fs::remove(wanted);
        fs::rename(beside / "tree", wanted);
    } catch (...) {
        std::error_code ignored;
        fs::remove_all(beside, ignored);
        throw;
    }
    std::error_code ignored;
    fs::remove_all(beside, ignored);
    return exported;
}

}  // namespace flow

#include "flow/object_copies.h"

#include "flow/backup_objects.h"
#include "flow/watch_outside.h"
#include "ground/base/error.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"
#include "ground/sys/log.h"

namespace flow {

ObjectSources object_sources(const Folders& folders, const settings::Settings& settings, const base::Clock& clock) {
    ObjectSources sources;
    if (auto backups = backup_source(folders, settings, clock)) sources.emplace_back("backup", std::move(backups));
    for (auto& server : outside_sources(settings, clock)) sources.push_back(std::move(server));
    return sources;
}

std::optional<ObjectCopy> find_object_copy(const Folders& folders, const ObjectSources& sources, const base::Hash& hash,
                                           const release::Entry* entry, const std::function<bool()>& is_stopped) {
    const auto is_right = [&](const std::optional<std::string>& bytes) { return bytes && sys::sha256(*bytes) == hash; };
    if (entry != nullptr) try {
            auto bytes = sys::find_file(folders.document_root / entry->path, static_cast<std::size_t>(entry->size));
            if (is_right(bytes)) return ObjectCopy{"public", *std::move(bytes)};
        } catch (const base::Error&) {
            // It is larger, or no file.
        }
    for (const auto& [name, source] : sources) {
        if (is_stopped && is_stopped()) break;
        try {
            auto bytes = source(hash, entry != nullptr ? entry->path : "");
            if (is_right(bytes)) return ObjectCopy{name, *std::move(bytes)};
        } catch (const std::exception& error) {
            sys::log(sys::Level::Warning, "another copy of an object cannot be read", {{"problem", error.what()}});
        }
    }
    return std::nullopt;
}

}  // namespace flow

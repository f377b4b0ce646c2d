// Settings and keys.
#include "flow/restore/build.h"
#include "ground/base/error.h"
#include "ground/base/interrupted.h"
#include "ground/base/text.h"
#include "ground/release/keys.h"
#include "ground/settings/settings.h"
#include "ground/sys/files.h"

namespace flow::restoring {

namespace fs = std::filesystem;
using base::Error;
using base::Kind;

namespace {

constexpr std::size_t kSettingsLimit = 1U << 20;
constexpr std::size_t kKeysLimit = 64U << 20;

/// Paths below the old site directory become relative to the new one, wherever that is.
std::string without_old_place(std::string toml, const std::string& site_path) {
    for (const char quote : {'"', '\''}) {
        const std::string old = quote + site_path + "/";
        for (auto at = toml.find(old); at != std::string::npos; at = toml.find(old, at))
            toml.replace(at + 1, old.size() - 1, "");
    }
    return toml;
}

void refuse_wrong_database(const backup::Manifest& manifest, const RestoreOptions& options) {
    const bool is_postgres = manifest.engine == "postgresql";
    if (is_postgres && options.database_url.empty())
        throw Error(Kind::BadInput,
                    "this site kept its data in PostgreSQL; make an empty database and name it with "
                    "--database postgresql://...");
    if (!is_postgres && !options.database_url.empty())
        throw Error(Kind::BadInput, "this site kept its data in its own folder (SQLite); leave out --database");
}

}  // namespace

void Build::between() const {
    if (options.is_stopped && options.is_stopped())
        throw base::Interrupted("the restore was stopped; nothing is left of it");
}

void place_settings(Build& build) {
    const backup::Manifest& manifest = build.point.manifest;
    refuse_wrong_database(manifest, build.options);
    const Folders& to = build.folders;
    sys::make_folders(to.site);
    for (const fs::path& each : {to.objects, to.variants, to.quarantine, to.run, to.keys})
        sys::make_folders(each, 0750);
    for (const fs::path& each : {to.document_root, to.others}) sys::make_folders(each);
    sys::make_folders(to.stopped, 0711);

    std::string toml =
        without_old_place(sys::read_file(build.point.folder / "yakuba.toml", kSettingsLimit), manifest.site_path);
    if (!build.options.database_url.empty()) {
        toml = settings::edited(toml, "database.url", build.options.database_url);
        if (!build.options.database_schema.empty())
            toml = settings::edited(toml, "database.schema", build.options.database_schema);
    }
    const settings::Settings settings = settings::parse(toml);  // what this program does not understand is said now
    sys::write_file(to.site / "yakuba.toml", toml, sys::Durability::Later, 0640);
    if (const auto mark = sys::find_file(build.point.folder / "demo", 4096))
        sys::write_file(to.site / "demo", *mark, sys::Durability::Later);

    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(build.point.folder / "keys", ignored))  // public ones
        fs::copy_file(entry.path(), to.keys / entry.path().filename());
    if (!build.options.keys_from.empty()) {
        backup::write_keys(backup::read_keys(build.options.keys_from, {}), to.keys);
        build.result.has_keys = fs::exists(to.keys / "press.key");
    }
    if (build.options.key) {
        const std::string sealed = sys::read_file(build.point.folder / backup::kSealedKeys, kKeysLimit);
        backup::write_keys(backup::open_keys(sealed, *build.options.key), to.keys);
        build.result.has_keys = fs::exists(to.keys / "press.key");
        if (!build.result.has_keys) throw Error(Kind::Damaged, "this backup holds no press key; restore another one");
        // That of the repositories is in no backup: it opens them all.
        if (const fs::path file(settings.backup.password_file); !file.is_absolute() && !fs::exists(to.site / file)) {
            sys::make_folders((to.site / file).parent_path(), 0750);
            sys::write_file(to.site / file, build.options.key->password + "\n", sys::Durability::Later, 0600);
        }
    }
    if (manifest.release > 0 && release::load_public_keys(to.keys).empty())
        throw Error(Kind::BadInput,
                    "without a public key of the press nothing of this backup can be proved; name the recovery key "
                    "with --key FILE");
}

}  // namespace flow::restoring

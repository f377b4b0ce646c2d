// A site directory, opened: its settings, database, objects, release log and folders in one place, wired for the flows.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>

#include "ground/base/time.h"
#include "ground/ledger/line.h"
#include "ground/objects/store.h"
#include "ground/release/log.h"
#include "ground/settings/settings.h"
#include "ground/sys/database.h"
#include "press/render/sight.h"

namespace flow {

/// Where things live (design: "Where things live").
struct Folders {
    std::filesystem::path site, document_root, objects, variants, releases, keys, others, quarantine, run, stopped;
};
Folders folders_of(const std::filesystem::path& site);

class Site {
  public:
    /// Opens the site, bringing its schema up to date. Throws Error(NotFound) when `folder` is no site directory.
    static std::unique_ptr<Site> open(const std::filesystem::path& folder, const base::Clock& clock);

    Folders folders;
    settings::Settings settings;
    const base::Clock& clock;
    std::unique_ptr<sys::Database> database;
    std::unique_ptr<objects::Store> objects;
    release::Log log;
    /// Shared by the press's threads and the previews: what was parsed once stays.
    std::shared_ptr<render::TemplateCache> templates = std::make_shared<render::TemplateCache>();

    /// Where this machine notes the highest release that it has seen, apart from the log itself.
    std::filesystem::path seen_file() const { return folders.run / "seen"; }

    /// watch.db, made on the first call: signals, samples, calls, and the watch's own stream of the ledger.
    sys::Database& watch();
    /// Nothing while there is none. Throws what open_watch throws.
    sys::Database* find_watch();

  private:
    Site(Folders at, settings::Settings read, const base::Clock& time);
    std::mutex watch_opening_;
    std::unique_ptr<sys::Database> watch_;
};

/// The watch's database, always SQLite: it is on the machine that watches, whatever has become of the office's.
std::unique_ptr<sys::Database> open_watch(const Folders& folders);
/// The end of the watch's stream, for a release to sign; empty while there is no watch. A watch.db that cannot be read
/// is logged and never stops a publication: what was signed before still finds a cut.
ledger::Head find_watch_head(Site& site);

/// What is opened when the database may be gone: the tree, the log and the public keys are enough to guard a site.
struct PublicSide {
    Folders folders;
    release::Log log;
    release::PublicKeys keys;
};
PublicSide open_public_side(const std::filesystem::path& folder);

struct NewSite {
    std::filesystem::path folder;
    std::string name = "サンプル市";
    std::string database_url;  ///< "" = SQLite in the folder
    std::string database_schema;
};

/// The first account, by which all others are made. The password is told this once and has to be changed at the first
/// sign-in.
struct FirstAdministrator {
    std::string login_name;
    std::string password;
};

/// Makes a site directory: folders, keys, settings, and a database with a first site administrator in it. The settings
/// file comes last, so that an interrupted call leaves nothing that passes for a site. Throws Error(Conflict) when the
/// folder holds something already.
FirstAdministrator init_site(const NewSite& made, const base::Clock& clock);

}  // namespace flow

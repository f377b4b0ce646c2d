#include "flow/site.h"

#include "flow/inbound_links.h"
#include "flow/others.h"
#include "flow/schema.h"
#include "flow/upgrade_site.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/jobs/migrations.h"
#include "ground/ledger/store.h"
#include "ground/mail/outbox.h"
#include "ground/people/accounts.h"
#include "ground/people/migrations.h"
#include "ground/people/passwords.h"
#include "ground/people/second_factor.h"
#include "ground/release/keys.h"
#include "ground/release/store.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"
#include "ground/sys/log.h"
#include "ground/tickets/tickets.h"
#include "office/billing/store.h"
#include "office/documents/store.h"
#include "office/helpdesk/migrations.h"
#include "office/incidents/incident.h"
#include "office/notify/store.h"
#include "office/records/store.h"
#include "office/registers/store.h"
#include "office/stops/stop.h"
#include "office/training/store.h"
#include "office/visits/store.h"
#include "office/vulnerabilities/store.h"
#include "press/content/store.h"
#include "press/frames/store.h"
#include "press/intake/store.h"
#include "press/publish/queue.h"
#include "press/render/theme.h"
#include "press/workflow/store.h"
#include "watch/backup/requests.h"
#include "watch/backup/store.h"
#include "watch/cutover/store.h"
#include "watch/log_archive/requests.h"
#include "watch/samples/samples.h"
#include "watch/signals/anomaly.h"
#include "watch/telling/calls.h"

namespace flow {

namespace fs = std::filesystem;
using base::Error;
using base::Kind;

namespace {

std::vector<sys::Migration> joined(std::initializer_list<std::span<const sys::Migration>> parts) {
    std::vector<sys::Migration> all;
    for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
}

std::unique_ptr<sys::Database> open_database(const Folders& folders, const settings::Settings& settings) {
    return sys::Database::open({.url = settings.database.url,
                                .file = folders.site / "yakuba.db",
                                .is_durable = true,
                                .readers = static_cast<int>(settings.database.readers),
                                .schema = settings.database.schema});
}

}  // namespace

std::vector<sys::Migration> office_migrations() {
    return joined(
        {ledger::migrations(),    people::migrations(),         release::migrations(),   content::migrations(),
         intake::migrations(),    publish::migrations(),        tickets::migrations(),   workflow::migrations(),
         jobs::migrations(),      mail::migrations(),           notify::migrations(),    frames::migrations(),
         training::migrations(),  registers::migrations(),      visits::migrations(),    records::migrations(),
         documents::migrations(), billing::migrations(),        incidents::migrations(), stops::migrations(),
         helpdesk::migrations(),  vulnerabilities::migrations()});
}

std::vector<sys::Migration> watch_migrations() {
    return joined({ledger::migrations(), signals::migrations(), samples::migrations(), telling::migrations(),
                   cutover::migrations(), backup::migrations(), backup::request_migrations(), log_archive::migrations(),
                   log_archive::request_migrations()});
}

Folders folders_of(const fs::path& site) {
    return {site,          site / "public", site / "objects",    site / "variants", site / "releases",
            site / "keys", site / "others", site / "quarantine", site / "run",      site / "stopped"};
}

Site::Site(Folders at, settings::Settings read, const base::Clock& time)
    : folders(std::move(at)),
      settings(std::move(read)),
      clock(time),
      database(open_database(folders, settings)),
      objects(objects::open_folder(folders.objects)),
      log(folders.releases) {}

std::unique_ptr<Site> Site::open(const fs::path& folder, const base::Clock& clock) {
    const fs::path file = folder / "yakuba.toml";
    if (!fs::exists(file))
        throw Error(Kind::NotFound, fmt::format("{} is not a site directory (it has no yakuba.toml); make one with "
                                                "`yakuba site init DIR`, or name yours with --site",
                                                folder.string()));
    const Folders folders = folders_of(fs::absolute(folder));
    need_no_upgrade(folders.site);
    if (const settings::Settings settings = settings::load(file);
        settings.database.url.empty() && !fs::exists(folders.site / "yakuba.db"))
        throw Error(Kind::Unavailable,
                    fmt::format("{} is missing: without it there are no pages and no people. Bring it "
                                "back from a backup; what is public stays public meanwhile",
                                (folders.site / "yakuba.db").string()));
    auto site = std::unique_ptr<Site>(new Site(folders, settings::load(file), clock));
    check_areas(site->settings);
    sys::migrate(*site->database, office_migrations());
    fill_what_is_new(*site->database);
    return site;
}

std::unique_ptr<sys::Database> open_watch(const Folders& folders) {
    auto database = sys::Database::open({.file = folders.site / "watch.db", .is_durable = true, .readers = 2});
    sys::migrate(*database, watch_migrations());
    return database;
}

sys::Database& Site::watch() {
    const std::lock_guard lock(watch_opening_);
    if (!watch_) watch_ = open_watch(folders);
    return *watch_;
}

sys::Database* Site::find_watch() {
    if (!fs::exists(folders.site / "watch.db")) return nullptr;
    return &watch();
}

ledger::Head find_watch_head(Site& site) {
    try {
        sys::Database* const watch = site.find_watch();
        if (watch == nullptr) return {};
        return watch->read([](sys::Reader& db) { return ledger::load_head(db, ledger::kWatch); });
    } catch (const Error& error) {
        sys::log(sys::Level::Error, "the watch's ledger is not signed by this release", {{"problem", error.message()}});
        return {};
    }
}

PublicSide open_public_side(const fs::path& folder) {
    const Folders folders = folders_of(fs::absolute(folder));
    if (!fs::exists(folders.releases))
        throw Error(
            Kind::NotFound,
            fmt::format("{} is not a site directory (it has no releases); name yours with --site", folder.string()));
    return {folders, release::Log(folders.releases), release::load_public_keys(folders.keys)};
}

FirstAdministrator init_site(const NewSite& made, const base::Clock& clock) {
    const fs::path folder = fs::absolute(made.folder);
    if (fs::exists(folder) && (!fs::is_directory(folder) || !fs::is_empty(folder)))
        throw Error(Kind::Conflict,
                    fmt::format("{} is there already and not empty; choose another folder", folder.string()));
    const Folders folders = folders_of(folder);
    sys::make_folders(folder);
    for (const fs::path& each : {folders.objects, folders.variants, folders.quarantine, folders.run})
        sys::make_folders(each, 0750);
    for (const fs::path& each : {folders.document_root, folders.releases, folders.others}) sys::make_folders(each);
    sys::make_folders(folders.keys, 0750);
    sys::make_folders(folders.stopped, 0711);
    release::make_press_key(folders.keys);
    people::load_office_key(folders.keys / "office.key");

    const std::string id = "site-" + base::to_hex(sys::random_bytes(4));
    std::vector<std::pair<std::string_view, settings::Value>> values{{"site.id", id}, {"site.name", made.name}};
    if (!made.database_url.empty()) values.emplace_back("database.url", made.database_url);
    if (!made.database_schema.empty()) values.emplace_back("database.schema", made.database_schema);
    const std::string text = settings::initial_file(values);
    const settings::Settings settings = settings::parse(text);
    const auto database = open_database(folders, settings);
    sys::migrate(*database, office_migrations());
    FirstAdministrator administrator{"admin", people::make_password()};
    const std::string password_hash = people::hash_new_password(administrator.password);
    database->write([&](sys::Transaction& tx) {
        ledger::append(tx, {clock.now(), "system:cli", "site.init", "site:" + id, "{}"});
        render::install_theme(tx, clock.now());
        const people::By by{{}, clock.now(), "system:site-init"};
        people::Person person;
        person.login_name = administrator.login_name;
        person.name = "サイト管理者";
        person.must_change_password = true;
        people::add_grant(
            tx, {{}, people::add_person(tx, person, password_hash, by), people::Role::SiteAdministrator, {}, {}}, by);
    });
    sys::write_file(folder / "yakuba.toml", text, sys::Durability::Now, 0640);
    return administrator;
}

}  // namespace flow

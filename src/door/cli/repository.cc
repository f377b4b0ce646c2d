#include "door/cli/repository.h"

#include "flow/backup_site.h"
#include "ground/base/error.h"
#include "ground/base/text.h"

namespace cli {

namespace fs = std::filesystem;
using base::Error;
using base::Kind;

namespace {

constexpr std::size_t kKeyLimit = 65536;

bool is_name_of(const settings::Settings& settings, const std::string& asked) {
    const auto& all = settings.backup.repositories;
    const auto number = std::strtoll(asked.c_str(), nullptr, 10);
    return std::find(all.begin(), all.end(), asked) != all.end() ||
           (std::to_string(number) == asked && number >= 1 && number <= static_cast<std::int64_t>(all.size()));
}

/// The first of the settings, but for folders that are not there: on a new machine the first one may be lost with the
/// old.
std::string first_there(const Invocation& invocation, const settings::Settings& settings,
                        const flow::Folders& folders) {
    const auto& all = settings.backup.repositories;
    for (const std::string& each : all) {
        const fs::path folder = flow::backup_access(settings, folders, each).repository;
        if (folder.is_absolute() && !fs::exists(folder / "config")) continue;
        if (each != all.front()) invocation.say(fmt::format("{} is not there; looking in {}", all.front(), each));
        return each;
    }
    return all.front();
}

}  // namespace

RepositoryChoice::RepositoryChoice(const Invocation& invocation) {
    const std::string asked = invocation.text("--repository");
    if (invocation.has("--key")) key_ = backup::parse_recovery_key(sys::read_file(invocation.text("--key"), kKeyLimit));
    backup::Access access;
    const fs::path file = invocation.site() / "yakuba.toml";
    std::optional<settings::Settings> settings;
    if (fs::exists(file)) settings = settings::load(file);
    if (settings && (asked.empty() || is_name_of(*settings, asked))) {
        const flow::Folders folders = flow::folders_of(fs::absolute(invocation.site()));
        if (settings->backup.repositories.empty())
            throw Error(Kind::NotFound, "settings: backup.repositories is empty; name one with --repository");
        access = flow::backup_access(
            *settings, folders,
            asked.empty() ? first_there(invocation, *settings, folders) : flow::find_repository(*settings, asked));
        site_ = settings->site.id;
    } else if (asked.empty()) {
        throw Error(Kind::BadInput,
                    "there is no site here; name where the backups are with --repository, and the "
                    "recovery key with --key FILE");
    } else {
        access.repository =
            asked.find(':') == std::string::npos ? fs::absolute(asked).lexically_normal().string() : asked;
    }
    if (key_) site_ = key_->site;
    if (invocation.has("--password-file")) access.password_file = invocation.text("--password-file");
    if (invocation.has("--environment-file"))
        access.environment = backup::read_environment_file(invocation.text("--environment-file"));
    if (key_ && !invocation.has("--password-file") && !fs::exists(access.password_file)) {
        secrets_.emplace();
        access.password_file = secrets_->path() / "password";
        sys::write_file(access.password_file, key_->password, sys::Durability::Later, 0600);
    }
    if (access.password_file.empty())
        throw Error(Kind::BadInput,
                    "name the recovery key with --key FILE, or the repository's password with "
                    "--password-file FILE");
    if (!fs::exists(access.password_file))
        throw Error(
            Kind::NotFound,
            fmt::format("the key of the repositories, {}, is not there: `yakuba backup key --out FILE` makes it "
                        "for a site that has no backups yet; where there are backups, name the recovery key "
                        "with --key FILE or the password with --password-file FILE",
                        access.password_file.string()));
    access.is_stopped = is_interrupted;
    restic_.emplace(std::move(access));
}

backup::Snapshot RepositoryChoice::choose(const Invocation& invocation) const {
    return flow::choose_snapshot(flow::list_restorable(*restic_, site_), wanted(invocation));
}

flow::Wanted RepositoryChoice::wanted(const Invocation& invocation) const {
    flow::Wanted wanted{invocation.text("--snapshot"), invocation.instant("--at"), {}};
    const flow::Folders folders = flow::folders_of(fs::absolute(invocation.site()));
    if (!wanted.snapshot.empty() || !fs::exists(folders.site / "watch.db")) return wanted;
    try {
        wanted.unfit = flow::list_unfit(*flow::open_watch(folders));
    } catch (const std::exception& error) {
        invocation.say(fmt::format("what is known of the backups cannot be asked: {}", error.what()));
    }
    return wanted;
}

std::unique_ptr<flow::Site> find_living_site(const Invocation& invocation) {
    if (!fs::exists(invocation.site() / "yakuba.toml")) return nullptr;
    try {
        return flow::Site::open(invocation.site(), invocation.clock());
    } catch (const Error& error) {
        invocation.say(fmt::format("the site that is here cannot be asked: {}", error.message()));
        return nullptr;
    }
}

}  // namespace cli

// The key to the backups: made once, written to a file that leaves the server, and checked now and then. What is kept
// holds the repositories' password and the private half of the recovery key; the site has the password and the public
// half alone.
#include <boost/json.hpp>
#include <sys/stat.h>

#include "door/cli/backup.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"
#include "watch/backup/recovery_key.h"

namespace cli {

namespace fs = std::filesystem;
using base::Error;
using base::Kind;

namespace {

void record(const BackupSite& site, const Invocation& invocation, const boost::json::object& detail) {
    site.watch->write([&](sys::Transaction& tx) {
        ledger::append(tx,
                       {invocation.clock().now(), site.by, "backup.key", "site:" + site.settings.site.id,
                        boost::json::serialize(detail)},
                       ledger::kWatch);
    });
}

std::string password_of(const fs::path& file) {
    return std::string(base::trim(sys::find_file(file, 4096).value_or("")));
}

/// Does the kept text still open what is there?
int check(const Invocation& invocation, const BackupSite& site) {
    const backup::RecoveryKey key = backup::parse_recovery_key(sys::read_file(invocation.text("--check"), 64U << 10));
    std::vector<std::string> problems;
    if (key.site != site.settings.site.id)
        problems.push_back(
            fmt::format("it is the key of the site {}, and this is {}", key.site, site.settings.site.id));
    if (key.public_text() != site.settings.backup.recovery_key)
        problems.emplace_back("keys in new backups are sealed to another recovery key (settings: backup.recovery_key)");
    // With the kept password itself, not with the one that lies on this server.
    const sys::TemporaryFolder scratch;
    const fs::path file = scratch.path() / "password";
    sys::write_file(file, key.password + "\n", sys::Durability::Later, 0600);
    for (const std::string& repository : site.settings.backup.repositories) {
        backup::Access access = flow::backup_access(site.settings, site.folders, repository);
        access.password_file = file;
        const backup::Standing standing = backup::Restic(access).look();
        if (standing.what != backup::Standing::What::Missing && !standing.is_ready())
            problems.push_back(fmt::format("{}: {}", repository, standing.problem));
    }
    boost::json::array list;
    std::string prose;
    for (const std::string& each : problems) {
        list.emplace_back(each);
        prose += each + "\n";
    }
    record(site, invocation, {{"checked", true}, {"fits", problems.empty()}});
    invocation.answer(
        {{"fits", problems.empty()}, {"problems", std::move(list)}},
        problems.empty() ? "the kept key fits: it opens the repositories and the keys in new backups" : prose);
    return problems.empty() ? kDone : kFound;
}

int run(const Invocation& invocation) {
    const BackupSite site(invocation);
    if (invocation.has("--check")) return check(invocation, site);
    if (!site.settings.backup.recovery_key.empty() && !invocation.has("--renew"))
        throw Error(Kind::Conflict,
                    "a recovery key is set already; `backup key --check FILE` checks the kept one, and --renew makes "
                    "another (keep the old one as long as there are backups from before)");
    const std::string out = invocation.text("--out");
    if (!out.empty() && fs::exists(out))
        throw Error(Kind::Conflict, fmt::format("{} is there already; name a new file", out));
    const fs::path password_file = site.settings.resolve(site.settings.backup.password_file);
    const backup::RecoveryKey key = backup::make_recovery_key(site.settings.site.id, password_of(password_file));
    const std::string text = backup::write_recovery_key(key);
    // What is kept comes first: a key that nobody has must never be in use.
    if (!out.empty()) sys::write_file(out, text, sys::Durability::Now, 0600);
    if (password_of(password_file).empty())
        sys::write_file(password_file, key.password + "\n", sys::Durability::Now, 0600);
    const fs::path settings_file = site.folders.site / "yakuba.toml";
    struct stat status {};
    if (::stat(settings_file.c_str(), &status) != 0)
        throw Error(Kind::Unavailable, fmt::format("{} cannot be read", settings_file.string()));
    sys::write_file(settings_file,
                    settings::edited(sys::read_file(settings_file, 1 << 20), "backup.recovery_key", key.public_text()),
                    sys::Durability::Now, status.st_mode & 0777);
    record(site, invocation, {{"recovery_key", key.public_text()}});
    boost::json::object document{{"recovery_key", key.public_text()}, {"file", nullptr}};
    if (out.empty())
        document["text"] = text;
    else
        document["file"] = out;
    invocation.answer(document, out.empty() ? text : fmt::format("written to {}; take it off this server", out));
    invocation.say("restart `yakuba serve`, so that backups begin");
    return kDone;
}

constexpr Option kOptions[] = {
    {"--out", "Write what is to be kept to this new file instead of showing it"},
    {"--check", "Prove that this kept file still opens the backups"},
    {"--renew", "Make another recovery key although one is set", Takes::Flag},
};

}  // namespace

extern const Command backup_key{"backup", "key", "Make the key to the backups, to be kept outside, or check it",
                                kOptions, run};

}  // namespace cli

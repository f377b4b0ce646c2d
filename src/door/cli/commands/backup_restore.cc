#include <boost/json.hpp>

#include "door/cli/act_as.h"
#include "door/cli/repository.h"
#include "flow/preview_restore.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"
#include "ground/release/log.h"
#include "ground/sys/log.h"

namespace cli {

namespace {

namespace json = boost::json;

json::object as_json(const backup::LastEdit& edit) {
    return {{"at", base::format_utc(edit.at)}, {"person", edit.person}, {"path", edit.path}, {"title", edit.title}};
}

int preview(const Invocation& invocation, const RepositoryChoice& choice) {
    const auto site = find_living_site(invocation);
    const flow::RestorePreview shown = flow::preview_restore(choice.restic(), choice.choose(invocation), site.get());
    json::array acts;
    std::string prose = shown.sentence();
    for (const flow::LostAct& each : shown.newest) {
        acts.push_back(json::object{
            {"at", base::format_utc(each.at)}, {"person", each.person}, {"act", each.act}, {"path", each.path}});
        prose += fmt::format("\n  {}  {}  {}  {}", base::format_local(each.at), each.person, each.act, each.path);
    }
    json::object document{{"snapshot", shown.snapshot.id},
                          {"taken_at", base::format_utc(shown.manifest.taken_at)},
                          {"release", shown.manifest.release},
                          {"has_site", shown.has_site},
                          {"lost_acts", shown.lost_acts},
                          {"lost_releases", shown.lost_releases},
                          {"acts", std::move(acts)}};
    if (shown.manifest.last_edit) document["last_edit"] = as_json(*shown.manifest.last_edit);
    invocation.answer(document, prose);
    return kDone;
}

/// The site that is there keeps a record of it too, and knows the highest release number.
void tell_living_site(const Invocation& invocation, const flow::Restored& restored) {
    const auto site = find_living_site(invocation);
    if (!site) return;
    const people::By by = by_shell(invocation);
    site->database->write([&](sys::Transaction& tx) {
        ledger::append(
            tx, {by.at, by.text(), "backup.restore", "site:" + site->settings.site.id, flow::figures_of(restored)});
    });
}

int run(const Invocation& invocation) {
    const RepositoryChoice choice(invocation);
    if (invocation.has("--preview")) return preview(invocation, choice);
    if (!invocation.has("--to"))
        throw base::Error(base::Kind::BadInput, "name the folder to restore to with --to DIR (or look with --preview)");
    flow::RestoreOptions options;
    options.to = invocation.text("--to");
    options.database_url = invocation.text("--database");
    options.database_schema = invocation.text("--schema");
    options.key = choice.key();
    options.highest_seen = invocation.number("--highest-seen", 1, release::kHighestNumber - 1).value_or(0);
    if (const flow::Folders folders = flow::folders_of(invocation.site()); std::filesystem::exists(folders.releases))
        options.highest_seen = std::max(options.highest_seen, release::Log(folders.releases).newest());
    if (std::filesystem::exists(invocation.site() / "yakuba.toml"))
        options.locked = std::filesystem::absolute(invocation.site());
    options.by = by_shell(invocation).text();
    options.is_stopped = is_interrupted;
    options.progress = [&](std::string_view phase) { invocation.say(fmt::format("{} ...", phase)); };
    const flow::Restored restored =
        flow::restore_site(choice.restic(), choice.wanted(invocation), choice.site(), options, invocation.clock());
    tell_living_site(invocation, restored);
    for (const std::string& path : restored.missing)
        invocation.say(fmt::format("{} is missing or damaged in this backup; look for it in another one",
                                   base::to_valid_utf8(path)));
    if (!restored.has_keys)
        invocation.say(
            "restored without the recovery key (--key FILE): what is public can be served, nothing can be published");
    json::object document = json::parse(flow::figures_of(restored)).as_object();
    document["folder"] = restored.folder.string();
    std::string last_edit;
    if (const auto& edit = restored.last_edit) {
        document["last_edit"] = as_json(*edit);
        last_edit = fmt::format("\nthe last edit that is there: {}, {}, {} ({})", base::format_local(edit->at),
                                edit->person, edit->title, edit->path);
    }
    invocation.answer(document,
                      fmt::format("{} is the site as of {}: release {}, {} public files, {} rows in {} tables, {} "
                                  "objects; {:.1f} s; up to {} s before this restore may be lost{}",
                                  restored.folder.string(), base::format_local(restored.taken_at), restored.release,
                                  restored.files, restored.rows, restored.tables, restored.objects, restored.seconds,
                                  restored.loss.count() / 1000, last_edit));
    return restored.missing.empty() ? kDone : kFound;
}

constexpr Option kOptions[] = {
    {"--to", "The folder that becomes the site; it must be empty or not there"},
    {"--preview", "Only say what it holds and what would be lost", Takes::Flag},
    kSnapshotOption,
    kAtOption,
    kRepositoryOption,
    kKeyOption,
    kPasswordOption,
    kEnvironmentOption,
    kDatabaseOption,
    {"--schema", "The schema in that database; otherwise as it was"},
    {"--highest-seen", "The highest release number that an edge server or a visitor has seen, if the log is lost"},
};

}  // namespace

extern const Command backup_restore{"backup", "restore", "Make a whole site of a backup, in a folder of its own",
                                    kOptions, run};

}  // namespace cli

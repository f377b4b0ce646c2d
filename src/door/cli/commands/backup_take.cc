// Single pages and files out of a backup.
#include <boost/json.hpp>

#include "door/cli/page.h"
#include "door/cli/repository.h"
#include "flow/restore_page.h"
#include "ground/base/error.h"
#include "ground/base/text.h"

namespace cli {

namespace {

namespace json = boost::json;
using What = flow::PageBack::What;

flow::OpenedBackup open_backup(const Invocation& invocation, const RepositoryChoice& choice) {
    flow::RestoreOptions options;
    options.database_url = invocation.text("--database");
    options.key = choice.key();
    options.is_stopped = is_interrupted;
    return flow::OpenedBackup(choice.restic(), choice.choose(invocation), options, invocation.clock());
}

std::string_view prose_of(What what) {
    switch (what) {
        case What::Drafted:
            return "a draft with the words of the backup";
        case What::Made:
            return "made anew, as a draft";
        case What::Same:
            return "says the same today";
        case What::Refused:
            break;
    }
    return "left as it is";
}

int run_pages(const Invocation& invocation) {
    if (invocation.list("PATH").empty() == !invocation.has("--department"))
        throw base::Error(base::Kind::BadInput, "name pages by their paths, or a department with --department CODE");
    const auto today = flow::Site::open(invocation.site(), invocation.clock());
    const flow::Doer doer = sign_in_as(invocation, *today);
    const RepositoryChoice choice(invocation);
    flow::OpenedBackup then = open_backup(invocation, choice);
    const flow::Version version = invocation.has("--public") ? flow::Version::Public : flow::Version::Latest;
    std::vector<flow::PageBack> all;
    for (const std::string& path : invocation.list("PATH"))
        all.push_back(flow::restore_page(*today, then, path, version, doer));
    if (invocation.has("--department"))
        all = flow::restore_department(*today, then, invocation.text("--department"), version, doer);

    json::array pages;
    std::string prose;
    bool is_all_well = true;
    for (const flow::PageBack& each : all) {
        is_all_well &= each.what != What::Refused;
        pages.push_back(json::object{{"path", each.path},
                                     {"what", flow::what_id(each.what)},
                                     {"page", each.page.value},
                                     {"revision", each.revision.value},
                                     {"replaced", each.replaced},
                                     {"is_newer_today", each.is_newer_today},
                                     {"message", each.message}});
        prose += fmt::format("{}{}: {}", prose.empty() ? "" : "\n", each.path, prose_of(each.what));
        if (each.what == What::Drafted && each.is_newer_today)
            prose += fmt::format("; version {} of {} is newer than the backup and stays in the history", each.replaced,
                                 base::format_local(each.replaced_at));
        if (!each.message.empty()) prose += " (" + each.message + ")";
    }
    if (all.empty()) prose = "the department had no such page then";
    invocation.answer({{"taken_at", base::format_utc(then.manifest().taken_at)}, {"pages", std::move(pages)}}, prose);
    return is_all_well ? kDone : kFound;
}

int run_file(const Invocation& invocation) {
    const auto today = find_living_site(invocation);
    const RepositoryChoice choice(invocation);
    flow::OpenedBackup then = open_backup(invocation, choice);
    const std::string path = base::percent_decode(invocation.text("PATH")).value_or(invocation.text("PATH"));
    const flow::FileBack file = flow::restore_file(today.get(), then, path);
    const std::filesystem::path to = invocation.text("--to");
    if (std::filesystem::exists(std::filesystem::symlink_status(to)))
        throw base::Error(base::Kind::Conflict, fmt::format("{} is there already; choose another name", to.string()));
    sys::write_file(to, file.bytes);
    invocation.answer(
        {{"path", base::percent_encode(file.path)},
         {"hash", file.hash.hex()},
         {"bytes", file.bytes.size()},
         {"mended_object", file.mended_object}},
        fmt::format("{} of {} is in {}{}", base::to_valid_utf8(file.path), base::format_local(then.manifest().taken_at),
                    to.string(), file.mended_object ? "; the site's own copy was damaged and is whole again" : ""));
    return kDone;
}

constexpr Option kPageOptions[] = {
    {"PATH", "Paths of pages as they were then: kurashi/gomi.html", Takes::Many},
    {"--department", "All pages of the department with this code"},
    {"--public", "What visitors saw then, without drafts", Takes::Flag},
    kAsOption,
    kSnapshotOption,
    kAtOption,
    kRepositoryOption,
    kKeyOption,
    kPasswordOption,
    kEnvironmentOption,
    kDatabaseOption,
};
constexpr Option kFileOptions[] = {
    {"PATH", "The public path: kurashi/map.pdf", Takes::One, true},
    {"--to", "The file to write", Takes::One, true},
    kSnapshotOption,
    kAtOption,
    kRepositoryOption,
    kKeyOption,
    kPasswordOption,
    kEnvironmentOption,
    kDatabaseOption,
};

}  // namespace

extern const Command backup_restore_page{
    "backup", "restore-page", "Bring pages of a backup back as drafts; nothing is published", kPageOptions, run_pages};
extern const Command backup_restore_file{"backup", "restore-file", "Take one public file out of a backup", kFileOptions,
                                         run_file};

}  // namespace cli

// A copy of the site from last night's backup, to try corrections on, and its tests; with --patch the result is the
// record without which the correction is not let into production. Exit 1 when a test is not passed.
#include <boost/json.hpp>

#include "door/cli/act_as.h"
#include "door/cli/repository.h"
#include "flow/make_staging.h"
#include "ground/base/error.h"

namespace cli {

namespace {

namespace json = boost::json;

int run(const Invocation& invocation) {
    const std::filesystem::path folder = invocation.text("DIR");
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const auto patch = invocation.number("--patch", 1, 1LL << 60);
    if (patch && !invocation.has("--test"))
        throw base::Error(base::Kind::BadInput, "--patch records the result of --test; give both");
    if (patch)
        site->database->read([&](sys::Reader& db) { vulnerabilities::load_patch(db, *patch); });  // before the work
    const std::string by = by_shell(invocation).text();
    json::object document{{"folder", folder.string()}};
    std::string prose;
    const bool is_new = !std::filesystem::exists(folder) || std::filesystem::is_empty(folder);
    if (!is_new && !invocation.has("--test"))
        throw base::Error(
            base::Kind::Conflict,
            fmt::format(
                "{} holds something already; nothing was changed. Name an empty folder for a copy of the newest "
                "backup, or test a staging site that is there with --test",
                folder.string()));
    if (is_new) {
        const RepositoryChoice choice(invocation);
        const backup::Snapshot chosen = flow::choose_snapshot(
            flow::list_restorable(choice.restic(), site->settings.site.id), choice.wanted(invocation));
        flow::StagingOptions options;
        options.to = folder;
        options.database_url = invocation.text("--database");
        options.key = choice.key();
        options.by = by;
        options.is_stopped = is_interrupted;
        options.progress = [&](std::string_view phase) { invocation.say(fmt::format("{} ...", phase)); };
        const flow::BackupPlace place{site->folders, site->settings, invocation.clock(), site->watch(), YAKUBA_VERSION};
        const flow::Restored restored = flow::make_staging(place, choice.restic(), chosen, options);
        document["restored"] = json::parse(flow::figures_of(restored));
        prose +=
            fmt::format("{} is a staging site, as of {}; apply the correction there, then run this again with --test\n",
                        folder.string(), base::format_local(restored.taken_at));
    }
    bool is_good = true;
    if (invocation.has("--test")) {
        json::array tests;
        const auto done = flow::test_staging(folder, invocation.text("--program"), invocation.clock(), is_interrupted);
        for (const auto& one : done) {
            is_good = is_good && one.is_good;
            tests.push_back({{"name", one.name}, {"good", one.is_good}, {"result", one.result}});
            prose += fmt::format("{}  {}：{}\n", one.is_good ? "○" : "×", one.name, one.result);
        }
        document["tests"] = std::move(tests);
        document["good"] = is_good;
        if (patch) {
            site->database->write([&](sys::Transaction& tx) {
                vulnerabilities::note_test(tx, *patch, folder.string(), done,
                                           vulnerabilities::load_patch(tx, *patch).change,
                                           {by, invocation.clock().now()});
            });
            prose += fmt::format("recorded for patch {}\n", *patch);
        }
    }
    if (!prose.empty()) prose.pop_back();
    invocation.answer(document, prose);
    return is_good ? kDone : kFound;
}

constexpr Option kOptions[] = {
    {"DIR", "The folder: empty or not there, to be made; else a staging site that is there", Takes::One, true},
    {"--test", "Run the test list on it", Takes::Flag},
    {"--patch", "Record the result for this correction"},
    {"--program", "The program to test with, when it is itself what is new"},
    kSnapshotOption,
    kAtOption,
    kRepositoryOption,
    kKeyOption,
    kPasswordOption,
    kEnvironmentOption,
    kDatabaseOption,
};

}  // namespace

extern const Command site_staging{
    "site", "staging", "Make a copy of the site from a backup to try corrections on, and test it", kOptions, run};

}  // namespace cli

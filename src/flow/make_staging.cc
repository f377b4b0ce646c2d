#include "flow/make_staging.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "flow/drill/rehearse.h"
#include "ground/base/error.h"
#include "ground/base/interrupted.h"
#include "ground/ledger/store.h"

namespace flow {

namespace fs = std::filesystem;
using base::Error;
using base::Kind;
using vulnerabilities::TestItem;

namespace {

fs::path mark_of(const Folders& folders) {
    return folders.run / "staging";
}

}  // namespace

bool is_staging(const Folders& folders) {
    return fs::exists(mark_of(folders));
}

Restored make_staging(const BackupPlace& place, const backup::Restic& repository, const backup::Snapshot& snapshot,
                      const StagingOptions& options) {
    RestoreOptions restoring;
    restoring.to = options.to;
    restoring.key = options.key;
    if (!options.key) restoring.keys_from = place.folders.keys;
    restoring.by = options.by;
    restoring.is_stopped = options.is_stopped;
    restoring.progress = options.progress;
    restoring.database_url = options.database_url;
    restoring.locked = place.folders.site;
    const Restored restored =
        restore_site(repository, {snapshot.id, {}}, place.settings.site.id, restoring, place.clock);
    drill::quieten(restored.folder);
    const Folders folders = folders_of(restored.folder);
    sys::make_folders(folders.run);
    sys::write_file(mark_of(folders), snapshot.id + "\n");
    place.watch.write([&](sys::Transaction& tx) {
        ledger::append(tx,
                       {place.clock.now(), options.by, "staging.make", "site:" + place.settings.site.id,
                        boost::json::serialize(boost::json::object{{"snapshot", snapshot.id},
                                                                   {"taken_at", base::format_utc(restored.taken_at)},
                                                                   {"release", restored.release},
                                                                   {"missing", restored.unexpected}})},
                       ledger::kWatch);
    });
    return restored;
}

std::vector<TestItem> test_staging(const fs::path& folder, const fs::path& program, const base::Clock& clock,
                                   const std::function<bool()>& is_stopped) {
    const Folders folders = folders_of(fs::absolute(folder));
    if (!is_staging(folders))
        throw Error(Kind::NotAllowed,
                    fmt::format("{} is no staging site; make one with `yakuba site staging DIR`", folder.string()));
    const fs::path tested = program.empty() ? fs::read_symlink("/proc/self/exe") : program;
    const auto between = [&] {
        if (is_stopped && is_stopped()) throw base::Interrupted("the tests were stopped");
    };
    std::vector<TestItem> tests;
    bool goes_on = true;
    const auto test = [&](std::string name, const std::function<std::string()>& work) {
        between();
        if (!goes_on) {
            tests.push_back({std::move(name), false, "前の項目が不合格のため、試験していません。"});
            return;
        }
        const auto begin = clock.monotonic();
        try {
            const std::string said = work();
            const double seconds = std::chrono::duration<double>(clock.monotonic() - begin).count();
            tests.push_back({std::move(name), true, fmt::format("{}（{:.1f}秒）", said, seconds)});
        } catch (const base::Interrupted&) {
            throw;
        } catch (const std::exception& error) {
            tests.push_back({std::move(name), false, error.what()});
            goes_on = false;
        }
    };
    std::unique_ptr<drill::Served> office, open_side, press;
    std::unique_ptr<Site> site;
    drill::Accounts accounts;
    sys::HttpClient client;
    test("公開サイトと管理画面が起動する", [&] {
        open_side = std::make_unique<drill::Served>(tested, folders.site, "public");
        office = std::make_unique<drill::Served>(tested, folders.site, "office");
        site = Site::open(folders.site, clock);
        return std::string("起動しました");
    });
    test("ログインできる", [&] {
        accounts = drill::make_accounts(*site);
        drill::sign_in(client, office->url("office"), accounts);
        return std::string("ログインしました");
    });
    test("すべての公開ページが、公開記録のとおりに表示される", [&] {
        Drilled result;
        drill::compare_pages(*site, client, open_side->url("public"), result, between);
        if (result.differing > 0)
            throw Error(Kind::Damaged, fmt::format("{}件が違います：{}", result.differing, result.differences.front()));
        return fmt::format("{}件を確かめました", result.pages);
    });
    test("ページを作り、承認し、公開できる", [&] {
        press = std::make_unique<drill::Served>(tested, folders.site, "press");
        drill::publish_a_page(*site, client, open_side->url("public"), accounts, between);
        return std::string("公開しました");
    });
    return tests;
}

}  // namespace flow

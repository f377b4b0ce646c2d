#include "flow/hand_over_site.h"

#include <boost/json.hpp>

#include "flow/hand_over/parts.h"
#include "flow/resources.h"
#include "flow/site.h"
#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "ground/release/store.h"
#include "press/content/store.h"

namespace flow {

namespace fs = std::filesystem;
using base::Error;
using base::Kind;
using hand_over::Counts;
using hand_over::Pack;

namespace {

/// The newest release that the snapshot knows and whose record is in the log: between the two, a publication is under
/// way.
std::int64_t handed_release(sys::Reader& db, const release::Log& log) {
    const auto newest = release::find_newest(db);
    std::int64_t number = 0;
    for (const std::int64_t one : log.list_numbers())
        if (newest && one <= newest->number) number = std::max(number, one);
    if (number == 0) throw Error(Kind::NotFound, "nothing has been published yet; run `yakuba site publish` first");
    return number;
}

/// The records up to `number`, the head when it is of that release, the public keys, and what verifies them.
void write_releases(Pack& pack, const Site& site, const release::PublicKeys& keys, std::int64_t number,
                    Counts& counts) {
    const auto below = [&](const fs::path& file) {
        return (fs::path("releases") / file.lexically_relative(site.log.folder())).string();
    };
    for (const std::int64_t one : site.log.list_numbers()) {
        if (one > number) continue;
        pack.copy(site.log.record_file(one), below(site.log.record_file(one)));
        ++counts["releases"];
        pack.check_stopped();
    }
    for (const std::int64_t one : site.log.list_checkpoints())
        if (one <= number) pack.copy(site.log.checkpoint_file(one), below(site.log.checkpoint_file(one)));
    const std::string head = sys::find_file(site.log.head_file()).value_or("");
    if (const auto read = site.log.find_head(keys); read && read->number == number)
        pack.put(below(site.log.head_file()), head);
    for (const auto& each : fs::directory_iterator(site.folders.keys))
        if (each.path().extension() == ".pub") pack.copy(each.path(), "keys/" + each.path().filename().string());
    for (const base::Resource& each : resources())
        if (each.name == "tools/verify_release.py") pack.put(std::string(each.name), each.bytes);
}

void write_ledger(Pack& pack, sys::Reader& db, std::string_view stream, Counts& counts) {
    if (ledger::load_head(db, stream).sequence == 0) return;
    const auto file = pack.open(fmt::format("ledger/{}.jsonl", stream));
    ledger::export_lines(db, stream, 1, 0, [&](std::string_view line) {
        file->write(line);
        if (++counts["ledger"] % 1000 == 0) pack.check_stopped();
    });
    file->commit(sys::Durability::Later);
}

/// What the watch has recorded; an empty table where there is no watch.
void write_watch(Pack& pack, Site& site, Counts& counts) {
    sys::Database* const watch = site.find_watch();
    if (watch == nullptr) return;
    watch->read([&](sys::Reader& db) {
        for (const sys::Extract& extract : hand_over::watch_extracts())
            counts[std::string(extract.table)] = hand_over::write_table(pack, db, extract);
        write_ledger(pack, db, ledger::kWatch, counts);
    });
}

void write_summary(Pack& pack, const Site& site, const HandedOver& handed) {
    boost::json::object counts;
    for (const auto& [name, count] : handed.counts) counts[name] = count;
    boost::json::array missing;
    for (const std::string& one : handed.missing) missing.emplace_back(one);
    pack.put("handover.json",
             boost::json::serialize(boost::json::object{{"format", "yakuba-handover 1"},
                                                        {"site", site.settings.site.id},
                                                        {"name", site.settings.site.name},
                                                        {"url", site.settings.site.url},
                                                        {"made_at", base::format_utc(site.clock.now())},
                                                        {"release", handed.release},
                                                        {"counts", counts},
                                                        {"missing", missing}}) +
                 "\n");
}

}  // namespace

HandedOver hand_over_site(Site& site, const fs::path& target, const HandOverOptions& options) {
    const auto start = site.clock.monotonic();
    const release::PublicKeys keys = release::load_public_keys(site.folders.keys);
    Pack pack(target, *site.objects, options);
    HandedOver handed;
    site.database->read([&](sys::Reader& db) {
        handed.release = handed_release(db, site.log);
        const release::Manifest manifest = site.log.manifest_at(handed.release, keys);
        pack.expect(content::count_pages(db) + static_cast<std::int64_t>(manifest.size()));
        pack.place(manifest);
        handed.counts["public"] = static_cast<std::int64_t>(manifest.size());
        hand_over::write_redirects(pack, manifest, handed.counts);
        write_releases(pack, site, keys, handed.release, handed.counts);
        hand_over::write_pages(pack, db, handed.counts);
        hand_over::write_templates(pack, db, handed.counts);
        for (const sys::Extract& extract : hand_over::all_extracts())
            handed.counts[std::string(extract.table)] = hand_over::write_table(pack, db, extract);
        write_ledger(pack, db, ledger::kOffice, handed.counts);
    });
    write_watch(pack, site, handed.counts);
    hand_over::write_settings(pack, site);
    hand_over::write_others(pack, site, handed.counts);
    hand_over::write_readme(pack, site, handed.release, handed.counts);
    handed.missing = pack.missing;
    write_summary(pack, site, handed);
    const hand_over::Totals totals = pack.finish();
    handed.files = totals.files;
    handed.bytes = totals.bytes;
    handed.seconds = std::chrono::duration<double>(site.clock.monotonic() - start).count();
    return handed;
}

std::map<std::string, std::string> tables_not_handed_over() {
    const std::string as_files = "written as files", derived = "derived from what is handed over",
                      passing = "passing state of the running program", secret = "secret";
    return {{"page", as_files},
            {"revision", as_files},
            {"page_region", as_files},
            {"template", as_files},
            {"template_revision", as_files},
            {"ledger_line", as_files},
            {"ledger_head", as_files},
            {"live_page", derived},
            {"listing", derived},
            {"claimed_path", derived},
            {"page_link", derived},
            {"page_words", derived},
            {"page_words_config", derived},  // SQLite keeps a text index in tables of its own
            {"page_words_content", derived},
            {"page_words_data", derived},
            {"page_words_docsize", derived},
            {"page_words_idx", derived},
            {"unfilled", passing},
            {"desk_fetch", passing},
            {"wanted_path", derived},
            {"source", derived},
            {"output", derived},
            {"dependency", derived},
            {"release_tree_line", derived},
            {"release_tree_node", derived},
            {"release_owed", passing},
            {"publish_note", derived},
            {"dirty_key", passing},
            {"unplaced_path", passing},
            {"stuck", passing},
            {"editing", passing},
            {"job", passing},
            {"mail_outbox", passing},
            {"notice", passing},
            {"advisory_feed", passing},
            {"inventory_taken", passing},
            {"notice_choice", passing},
            {"notice_place", passing},
            {"ticket", passing},
            {"watched", passing},
            {"log_series", passing},
            {"watch_clock", passing},
            {"seen_release", passing},
            {"watch_round", passing},
            {"backup_repository", passing},
            {"sample_minutes", passing},
            {"sign_in_throttle", passing},
            {"schema_migration", passing},
            {"person_session", secret},
            {"second_factor", secret},
            {"recovery_code", secret}};
}

}  // namespace flow

// A point, as a backup's engine hands it back, becomes a whole site; or, when a single byte of it is wrong, nothing at
// all, with the name of what is wrong.
#include "flow/restore_site.h"

#include <fstream>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "flow/restore/scratch_database.h"
#include "flow/switch_site.h"
#include "flow/testing/composed_town.h"
#include "flow/verify_site.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"
#include "ground/release/keys.h"
#include "ground/release/store.h"
#include "ground/sys/crypto.h"
#include "ground/sys/database_copy.h"
#include "ground/sys/process.h"
#include "watch/backup/manifest.h"

namespace flow::testing {

namespace {

namespace fs = std::filesystem;

std::map<std::string, std::string> tree_of(const fs::path& root) {
    std::map<std::string, std::string> tree;
    for (const auto& entry : fs::recursive_directory_iterator(root))
        if (entry.is_regular_file())
            tree[entry.path().lexically_relative(root).string()] = sys::sha256(sys::read_file(entry.path())).hex();
    return tree;
}

class RestoreSite : public ComposedTown, public ::testing::TestWithParam<std::string> {
  protected:
    RestoreSite() : ComposedTown(GetParam()) {
        for (int i = 0; i < 5; ++i)
            put_page(fmt::format("kurashi/p{}.html", i), "article", fmt::format("題{}", i), "<p>本文</p>",
                     {attachment(fmt::format("kurashi/p{}.pdf", i), fmt::format("%PDF {}", i))});
        publish();
        put_page("b.html", "article", "二");
        publish();
        draft_ = attachment("d.pdf", "of a draft").hash;  // an object that no release needs
        key_ = backup::make_recovery_key(site->settings.site.id);
    }
    ~RestoreSite() override {
        if (!database_.empty()) write_outside("DROP DATABASE " + database_ + " WITH (FORCE)");
    }

    bool is_postgres() const { return GetParam() == "postgres"; }
    fs::path unpacked() const { return place_.path() / "unpacked"; }
    fs::path unpacked_site() const { return unpacked() / site->folders.site.relative_path(); }
    fs::path point() const { return unpacked_site() / backup::kPointFolder; }
    fs::path target() const { return place_.path() / "restored"; }

    /// What the engine would hand back of a backup that was made now.
    void make_point() {
        fs::remove_all(unpacked());
        fs::create_directories(point());
        backup::Manifest manifest;
        manifest.program = "test";
        manifest.site = site->settings.site.id;
        manifest.site_name = site->settings.site.name;
        manifest.site_path = site->folders.site.string();
        manifest.taken_at = clock.now();
        manifest.engine = is_postgres() ? "postgresql" : "sqlite";
        manifest.database = is_postgres() ? "database.dump" : "yakuba.db";
        const auto digest = [&](sys::Reader& db, const std::string& name) {
            for (const sys::TableDigest& table : sys::digest_tables(db))
                manifest.tables.push_back({name, table.name, table.rows, table.hash});
        };
        read([&](sys::Reader& db) {
            digest(db, "yakuba");
            const auto newest = release::find_newest(db).value();
            manifest.release = newest.number;
            manifest.release_hash = newest.record_hash;
            manifest.office = ledger::load_head(db, ledger::kOffice);
            if (is_postgres())
                sys::dump_postgres(
                    db, {site->settings.database.url, site->settings.database.schema, point() / "database.dump"});
        });
        if (!is_postgres()) sys::copy_sqlite(site->folders.site / "yakuba.db", point() / "yakuba.db");
        fs::copy(site->folders.releases, point() / "releases", fs::copy_options::recursive);
        fs::copy_file(site->folders.run / "seen", point() / "releases/seen");
        fs::copy_file(site->folders.site / "yakuba.toml", point() / "yakuba.toml");
        const std::string public_key = backup::parse_public_key(key_.public_text());
        sys::write_file(point() / "keys.sealed",
                        backup::seal_keys(backup::read_keys(site->folders.keys, {}), public_key));
        fs::create_directories(point() / "keys");
        for (const auto& entry : fs::directory_iterator(site->folders.keys))
            if (entry.path().extension() == ".pub")
                fs::copy_file(entry.path(), point() / "keys" / entry.path().filename());
        fs::copy(site->folders.objects, unpacked_site() / "objects", fs::copy_options::recursive);
        for (const auto& entry : fs::recursive_directory_iterator(site->folders.objects))
            if (entry.is_regular_file()) {
                ++manifest.objects.count;
                manifest.objects.bytes += static_cast<std::int64_t>(entry.file_size());
            }
        fs::create_directories(unpacked_site() / "others/gikai");
        std::ofstream(unpacked_site() / "others/gikai/a.html") << "議会";
        for (const auto& [path, hash] : tree_of(point()))
            manifest.files.push_back(
                {path, static_cast<std::int64_t>(fs::file_size(point() / path)), base::Hash::find_hex(hash).value()});
        sys::write_file(point() / backup::kManifestFile, backup::write_manifest(manifest));
    }

    void write_outside(const std::string& sql) {
        const sys::Outcome outcome = sys::run(
            {{"psql", "--no-psqlrc", "--quiet", "--dbname=" + sys::testing::postgres_url(), "--command=" + sql}});
        ASSERT_EQ(outcome.exit_code, 0) << outcome.errors;
    }

    RestoreOptions options() {
        RestoreOptions wanted;
        wanted.to = target();
        wanted.key = key_;
        if (is_postgres()) {
            if (database_.empty()) {
                database_ = "restore_" + base::to_hex(sys::random_bytes(4));
                write_outside("CREATE DATABASE " + database_);
                const std::string url = sys::testing::postgres_url();
                const auto query = url.find('?');
                const auto slash = url.rfind('/', query);
                url_ = url.substr(0, slash + 1) + database_ + (query == std::string::npos ? "" : url.substr(query));
            }
            wanted.database_url = url_;
        }
        return wanted;
    }
    Restored restored(const RestoreOptions& wanted) { return restore_unpacked(unpacked(), wanted, clock); }
    /// "" when it was restored, which it must not be.
    std::string refusal(base::Kind kind = base::Kind::Damaged) {
        try {
            restored(options());
        } catch (const base::Error& error) {
            EXPECT_EQ(error.kind(), kind) << error.message();
            EXPECT_FALSE(fs::exists(target())) << "a half-done restore is visible";
            return error.message();
        }
        fs::remove_all(target());
        return "";
    }

    sys::TemporaryFolder place_;
    backup::RecoveryKey key_;
    base::Hash draft_;
    std::string database_, url_;
};

TEST_P(RestoreSite, BringsBackEveryRowEveryObjectAndEveryPublicPage) {
    make_point();
    const Restored result = restored(options());
    EXPECT_EQ(result.release, 2);
    EXPECT_EQ(result.next_release, 3);
    EXPECT_TRUE(result.has_keys);
    EXPECT_GT(result.rows, 50);
    EXPECT_TRUE(result.missing.empty());
    EXPECT_EQ(tree_of(target() / "public"), tree_of(site->folders.document_root));
    auto keys = tree_of(target() / "keys");
    keys.erase("backup.password");  // it comes out of the recovery key
    EXPECT_EQ(sys::read_file(target() / "keys/backup.password"), key_.password + "\n");
    EXPECT_EQ(keys, tree_of(site->folders.keys));
    EXPECT_EQ(sys::read_file(target() / "others/gikai/a.html"), "議会");
    EXPECT_TRUE(verify_site(target(), {}, base::SystemClock()).is_well());
    for (const auto& entry : fs::directory_iterator(place_.path()))
        EXPECT_TRUE(entry.path() == target() || entry.path() == unpacked()) << entry.path() << " is left over";

    const auto back = Site::open(target(), clock);
    EXPECT_EQ(back->objects->load(draft_), "of a draft");
    const auto lines = back->database->read([](sys::Reader& db) {
        ledger::Search search;
        search.act = "backup.restore";
        return ledger::find_lines(db, search);
    });
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_NE(lines[0].entry.detail.find("\"release\":2"), std::string::npos) << lines[0].entry.detail;
}

TEST_P(RestoreSite, NoReleaseNumberIsEverUsedTwice) {
    make_point();
    put_page("later.html", "article", "後");
    publish();  // release 3, which the backup does not know
    RestoreOptions wanted = options();
    wanted.highest_seen = 7;  // an edge server has seen this
    EXPECT_EQ(restored(wanted).next_release, 8);
    const auto back = Site::open(target(), clock);
    publish_site(*back, {});
    const auto newest = back->database->read([](sys::Reader& db) { return release::find_newest(db); }).value();
    EXPECT_EQ(newest.number, 8);
    EXPECT_EQ(newest.kind, release::RecordKind::Restored);
    EXPECT_TRUE(verify_site(target(), {}, base::SystemClock()).is_well());
}

TEST_P(RestoreSite, WithoutTheRecoveryKeyIsReadableAndPublishesNothing) {
    make_point();
    RestoreOptions wanted = options();
    wanted.key.reset();
    EXPECT_FALSE(restored(wanted).has_keys);
    EXPECT_TRUE(verify_site(target(), {}, base::SystemClock()).is_well());
    const auto back = Site::open(target(), clock);
    EXPECT_THROW(Press::find(*back), base::Error);
}

TEST_P(RestoreSite, AWrongKeyAndAFullFolderAreRefused) {
    make_point();
    const backup::RecoveryKey right = key_;
    key_ = backup::make_recovery_key(site->settings.site.id);
    EXPECT_NE(refusal(base::Kind::NotAllowed), "");
    key_ = right;
    fs::create_directories(target());
    std::ofstream(target() / "mine") << "!";
    EXPECT_THROW(restored(options()), base::Error);
    EXPECT_EQ(sys::read_file(target() / "mine"), "!");
}

TEST_P(RestoreSite, EveryDamageIsFoundAndNamed) {
    struct Way {
        const char* name;
        std::function<void(const fs::path&, const fs::path& another)> damage;
    };
    const Way kWays[] = {
        {"flip",
         [](const fs::path& file, const fs::path&) {
             std::string bytes = sys::read_file(file);
             bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
             std::ofstream(file, std::ios::binary) << bytes;
         }},
        {"truncate", [](const fs::path& file, const fs::path&) { fs::resize_file(file, fs::file_size(file) - 1); }},
        {"zero",
         [](const fs::path& file, const fs::path&) {
             std::ofstream(file, std::ios::binary) << std::string(fs::file_size(file), '\0');
         }},
        {"delete", [](const fs::path& file, const fs::path&) { fs::remove(file); }},
        {"duplicate", [](const fs::path& file, const fs::path&) { fs::copy_file(file, file.string() + ".2"); }},
        {"swap",
         [](const fs::path& file, const fs::path& another) {
             const std::string bytes = sys::read_file(another);
             std::ofstream(file, std::ios::binary) << bytes;
         }},
    };
    make_point();
    std::vector<fs::path> kinds{point() / backup::kManifestFile, point() / "releases/log/00000002.release",
                                point() / "releases/head",       point() / "releases/seen",
                                point() / "yakuba.toml",         point() / "keys.sealed"};
    if (is_postgres()) kinds.clear();  // what else there is does not depend on the engine
    kinds.push_back(point() / (is_postgres() ? "database.dump" : "yakuba.db"));
    const fs::path kept = place_.path() / "kept";
    fs::rename(unpacked(), kept);
    for (const fs::path& file : kinds)
        for (const Way& way : kWays) {
            SCOPED_TRACE(fmt::format("{} of {}", way.name, file.filename().string()));
            fs::remove_all(unpacked());
            fs::copy(kept, unpacked(), fs::copy_options::recursive);
            way.damage(file, point() / (file.filename() == "seen" ? "releases/head" : "releases/seen"));
            const bool is_gone = std::string(way.name) == "delete" && file.filename() == backup::kManifestFile;
            const std::string said = refusal(is_gone ? base::Kind::NotFound : base::Kind::Damaged);
            const bool names_it = said.find(file.filename().string()) != std::string::npos;
            // The manifest is what all else is held against: where it is wrong, something else is named.
            const bool is_measure = file.filename() == backup::kManifestFile && !said.empty();
            EXPECT_TRUE(names_it || is_measure) << said;
        }
}

TEST_P(RestoreSite, AnObjectThatIsNotWholeIsNamedAndAllElseComesBack) {
    make_point();
    const auto object = [&](const std::string& hash) { return unpacked_site() / "objects" / hash.substr(0, 2) / hash; };
    const std::string placed = sys::sha256("%PDF 3").hex();
    sys::write_file(object(placed), "rotten");
    sys::write_file(object(draft_.hex()), "rotten");
    fs::remove(object(sys::sha256("%PDF 4").hex()));
    const Restored result = restored(options());
    const std::vector<std::string> kExpected{"objects/" + draft_.hex().substr(0, 2) + "/" + draft_.hex(),
                                             "kurashi/p3.pdf", "kurashi/p4.pdf"};
    for (const std::string& path : kExpected)
        EXPECT_EQ(std::count(result.missing.begin(), result.missing.end(), path), 1) << path;
    EXPECT_EQ(result.unexpected, 4) << "and that there is one file too few";
    EXPECT_FALSE(fs::exists(target() / "public/kurashi/p3.pdf"));
    EXPECT_EQ(sys::read_file(target() / "public/kurashi/p2.pdf"), "%PDF 2");
    auto pages = tree_of(site->folders.document_root);
    pages.erase("kurashi/p3.pdf");
    pages.erase("kurashi/p4.pdf");
    EXPECT_EQ(tree_of(target() / "public"), pages);
}

/// The manifest can be forged only by who has the repository's key; what it says is held against the data all the same.
TEST_P(RestoreSite, AManifestThatSaysOtherFiguresIsRefused) {
    make_point();
    const std::string text = sys::read_file(point() / backup::kManifestFile);
    const backup::Manifest right = backup::parse_manifest(text);
    const fs::path kept = place_.path() / "kept";
    fs::rename(unpacked(), kept);
    const std::vector<std::pair<std::string, std::function<void(backup::Manifest&)>>> lies{
        {"rows", [](auto& m) { ++m.tables.front().rows; }},
        {"hold what", [](auto& m) { m.tables.back().hash = sys::sha256("x"); }},
        {"not in the manifest", [](auto& m) { m.tables.pop_back(); }},
        {"missing",
         [](auto& m) {
             m.tables.push_back({"yakuba", "nothing", 0, {}});
         }},
        {"release", [](auto& m) { ++m.release; }},
        {"ledger", [](auto& m) { ++m.office.sequence; }},
    };
    for (const auto& [word, lie] : lies) {
        SCOPED_TRACE(word);
        fs::remove_all(unpacked());
        fs::copy(kept, unpacked(), fs::copy_options::recursive);
        backup::Manifest told = right;
        lie(told);
        sys::write_file(point() / backup::kManifestFile, backup::write_manifest(told));
        const std::string said = refusal();
        EXPECT_NE(said.find(word), std::string::npos) << said;
    }
}

TEST_P(RestoreSite, ChangesPlacesWithTheSiteThatIsThereAndBack) {
    make_point();
    restored(options());
    put_page("later.html", "article", "後");
    publish();
    const fs::path there = site->folders.site;
    const auto before = tree_of(there / "public"), coming = tree_of(target() / "public");
    fs::create_directories(there / "backups");
    {
        const auto served = hold_serving(there, "all");
        ASSERT_TRUE(served);
        EXPECT_THROW(switch_site(there, target(), "system:cli", clock), base::Error);
    }
    {
        const auto alone = hold_alone(there);
        EXPECT_THROW(hold_serving(there, "all", std::chrono::milliseconds(0)), base::Error)
            << "also under a name that is not yet taken";
        EXPECT_THROW(hold_serving(there, "watch", std::chrono::milliseconds(0)), base::Error);
    }
    site.reset();
    const Switched switched = switch_site(there, target(), "system:cli", clock);
    EXPECT_EQ(switched.release, 2);
    EXPECT_EQ(switched.next_release, 4) << "release 3 was public";
    EXPECT_EQ(tree_of(there / "public"), coming);
    EXPECT_EQ(tree_of(target() / "public"), before);
    EXPECT_TRUE(fs::exists(there / "backups")) << "the repository stays with the site's path";
    EXPECT_FALSE(fs::exists(target() / "backups"));
    publish_site(*Site::open(there, clock), {});
    const Switched back = switch_back(there, "system:cli", clock);
    EXPECT_EQ(back.release, 3);
    EXPECT_EQ(back.next_release, 5);
    EXPECT_EQ(tree_of(there / "public"), before);
    EXPECT_TRUE(fs::exists(there / "backups"));
    EXPECT_FALSE(finish_switch(there, clock)) << "nothing is left to do";
    site = Site::open(there, clock);
    publish();
    EXPECT_EQ(site->log.newest(), 5);
    EXPECT_TRUE(verify_site(there, {}, base::SystemClock()).is_well());
}

TEST_P(RestoreSite, AForgottenNoteDropsNoTablesOfAnother) {
    if (!is_postgres()) GTEST_SKIP() << "SQLite is in the site's own folder";
    make_point();
    restored(options());
    fs::remove_all(target());
    const std::string schema = site->settings.database.schema;
    const fs::path workshop = place_.path() / ".restored.restoring";
    for (const char* id : {"", "\n0123456789abcdef0123456789abcdef"}) {
        make_point();
        fs::create_directories(workshop);
        sys::write_file(workshop / "postgresql", url_ + "\n" + (schema.empty() ? "public" : schema) + id);
        EXPECT_NE(refusal(base::Kind::Conflict).find("holds tables already"), std::string::npos);
    }
}

TEST(ChooseSnapshot, PassesOverWhatIsKnownToBeDamagedAndGoesByTheMomentOfTheData) {
    const auto made = [](std::string id, std::int64_t taken) {
        return backup::Snapshot{id, {taken + 5000}, "site", {}, {fmt::format("taken={}", taken)}};
    };
    const std::vector<backup::Snapshot> all{made("aa", 1'000'000), made("bb", 2'000'000), made("cc", 3'000'000)};
    EXPECT_EQ(choose_snapshot(all, {}).id, "cc");
    EXPECT_EQ(choose_snapshot(all, {"", {}, {"cc"}}).id, "bb");
    EXPECT_EQ(choose_snapshot(all, {"", base::Instant{2'000'000}, {}}).id, "bb")
        << "taken then, written a little later";
    EXPECT_EQ(choose_snapshot(all, {"", base::Instant{2'000'000}, {"bb"}}).id, "aa");
    EXPECT_EQ(choose_snapshot(all, {"cc", {}, {"cc"}}).id, "cc") << "who names it may have it";
    EXPECT_THROW(choose_snapshot(all, {"", {}, {"aa", "bb", "cc"}}), base::Error);
    EXPECT_THROW(choose_snapshot(all, {"", base::Instant{999'999}, {}}), base::Error);
}

INSTANTIATE_TEST_SUITE_P(Engines, RestoreSite, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

TEST(ScratchDatabase, IsOneOfItsOwnAndClearsWhatTheDeadHaveLeft) {
    settings::Settings settings;
    settings.database.url = sys::testing::postgres_url();
    settings.site.id = "a-site-with-a-long-name-of-its-own";
    const auto count = [&](const std::string& like) {
        const sys::Outcome outcome = sys::run(
            {{"psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--dbname=" + settings.database.url,
              "--command=SELECT count(*) FROM pg_database WHERE datname ~ '" + like + "'"}});
        return std::strtol(outcome.output.c_str(), nullptr, 10);
    };
    const std::string start = "yakuba_scratchtest_a_site_with_a_long_n_";
    using Life = restoring::ScratchDatabase::Life;
    // Killed in the middle: one that was still being filled, and one that had become a site's.
    std::string half, whole;
    for (const bool is_kept : {false, true}) {
        int said[2];
        ASSERT_EQ(::pipe(said), 0);
        const pid_t child = ::fork();
        if (child == 0) try {
                restoring::ScratchDatabase one(settings, "scratchtest", Life::UntilKept);
                if (is_kept) one.keep();
                ::_exit(::write(said[1], one.name().data(), one.name().size()) > 0 ? 0 : 1);
            } catch (...) {
                ::_exit(1);
            }
        ::close(said[1]);
        std::string& name = is_kept ? whole : half;
        name.resize(100);
        name.resize(static_cast<std::size_t>(std::max<ssize_t>(0, ::read(said[0], name.data(), name.size()))));
        ::close(said[0]);
        ::waitpid(child, nullptr, 0);
        ASSERT_EQ(count("^" + name + "$"), 1) << name;
    }
    // Killed before it could be marked; and one of another machine that has this one's name, as a clone may have.
    const std::string unmarked = start + "0123456789ab_unmarked", other_machine = start + "ba9876543210";
    const auto run_sql = [&](const std::string& sql) {
        return sys::run({{"psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align",
                          "--dbname=" + settings.database.url, "--command=" + sql}})
            .output;
    };
    run_sql("CREATE DATABASE \"" + unmarked + "\"");
    run_sql("CREATE DATABASE \"" + other_machine + "\"");
    const std::string own =
        run_sql("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '" + half + "'");
    const auto slash = own.find('/');
    ASSERT_NE(slash, std::string::npos) << own;
    run_sql("COMMENT ON DATABASE \"" + other_machine + "\" IS '" + own.substr(0, slash) + "/0000000000000000" +
            std::string(base::trim(own.substr(slash + 17))) + "'");
    // Made by an older version, which wrote no machine, before this start of the machine.
    const std::string older = start + "5a5a5a5a5a5a";
    run_sql("CREATE DATABASE \"" + older + "\"");
    run_sql("COMMENT ON DATABASE \"" + older + "\" IS '" + own.substr(0, slash) + " another-boot 1 1'");
    restoring::clear_scratch_databases(settings, "scratchtest", [&](std::string_view name) { return name == half; });
    EXPECT_EQ(count("^" + unmarked + "$"), 0);
    EXPECT_EQ(count("^" + older + "$"), 0);
    EXPECT_EQ(count("^" + other_machine + "$"), 1);
    run_sql("DROP DATABASE \"" + other_machine + "\"");
    EXPECT_EQ(count("^" + half + "$"), 1) << "a site is named that uses it";
    {
        const restoring::ScratchDatabase one(settings, "scratchtest"), other(settings, "scratchtest");
        EXPECT_NE(one.url(), other.url());
        EXPECT_EQ(count("^" + half + "$"), 0);
        EXPECT_EQ(count("^" + whole + "$"), 1);
        EXPECT_EQ(count("^" + start), 3) << "the living stay";
    }
    EXPECT_EQ(count("^" + start), 1);
    run_sql("DROP DATABASE \"" + whole + "\"");
}

}  // namespace

}  // namespace flow::testing

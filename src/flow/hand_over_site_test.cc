#include "flow/hand_over_site.h"

#include <fstream>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "flow/export_site.h"
#include "flow/hand_over/parts.h"
#include "flow/testing/composed_town.h"
#include "ground/base/csv.h"
#include "ground/base/error.h"
#include "ground/people/sessions.h"
#include "ground/sys/process.h"
#include "press/content/redirects.h"
#include "press/workflow/store.h"

namespace flow {

namespace {

namespace fs = std::filesystem;

std::map<std::string, std::string> files_below(const fs::path& root) {
    std::map<std::string, std::string> files;
    for (const auto& each : fs::recursive_directory_iterator(root))
        if (each.is_regular_file()) files[each.path().lexically_relative(root).string()] = sys::read_file(each.path());
    return files;
}

/// A town with something of each kind, published.
class HandOver : public ::testing::TestWithParam<std::string> {
  protected:
    void SetUp() override {
        attachment_ = town_.attachment("kurashi/form.pdf", "%PDF-1.7 the form");
        page_ = town_.put_page("kurashi/gomi.html", "article", "ごみの出し方", "<p>月曜日</p>", {attachment_});
        town_.put_page("index.html", "article", "トップページ");
        town_.change_page(page_, [](content::Body& body) { body.parts["body"] = "<p>火曜日</p>"; });
        original_ = town_.taken_over("old/page.html", "<p>元の文</p>");
        town_.publish();
        // A draft that nobody has published, and what must not leave.
        town_.edit(original_.id, "<p>公開前の下書き</p>", town_.author);
        town_.write([&](sys::Transaction& tx) {
            people::set_password(tx, town_.author.person, kPasswordHash, false, town_.by());
            content::put_redirect(tx, {"old/gone.html", 301, "/kurashi/gomi.html", town_.clock.now()});
            tx.execute("INSERT INTO second_factor (person_id, secret, last_step) VALUES ($1, $2, 0)",
                       {town_.author.person.value, sys::Blob{kFactorSecret}});
            tx.execute("INSERT INTO recovery_code (person_id, hash) VALUES ($1, $2)",
                       {town_.author.person.value, kCodeHash});
            tx.execute(
                "INSERT INTO person_session (id, person_id, stage, made_at, seen_at, proved_at, ends_at, address, "
                "agent)"
                " VALUES ($1, $2, 'open', 1, 1, 1, 1, '', '')",
                {kSessionId, town_.author.person.value});
        });
        town_.site->settings.mail.password = kMailPassword;
        town_.site->settings.targets.push_back({"edge", "sftp://deploy:hunter2-edge@edge.example/"});
    }
    fs::path target() const { return folder_.path() / "handover"; }
    std::int64_t rows(std::string_view table) {
        return town_.read(
            [&](sys::Reader& db) { return db.find(fmt::format("SELECT count(*) FROM {}", table))->integer(0); });
    }

    const std::string kPasswordHash = "$argon2id$v=19$m=1,t=1,p=1$c2VjcmV0LXNhbHQ$never-to-leave";
    const std::string kFactorSecret = "TOTPSECRETNEVERTOLEAVE";
    const std::string kCodeHash = "recovery-code-hash-never-to-leave";
    const std::string kSessionId = "session-id-never-to-leave";
    const std::string kMailPassword = "hunter2-mail";

    testing::ComposedTown town_{GetParam()};
    sys::TemporaryFolder folder_;
    content::Attachment attachment_;
    base::PageId page_;
    content::Page original_;
};

TEST_P(HandOver, CountsWhatTheDatabaseHolds) {
    const HandedOver handed = hand_over_site(*town_.site, target());
    EXPECT_TRUE(handed.missing.empty());
    EXPECT_EQ(handed.counts.at("pages"), rows("page"));
    EXPECT_EQ(handed.counts.at("revisions"), rows("revision"));
    EXPECT_EQ(handed.counts.at("ledger"), rows("ledger_line"));
    EXPECT_EQ(handed.counts.at("template_revisions"), rows("template_revision"));
    EXPECT_EQ(handed.counts.at("releases"), rows("release"));
    for (const sys::Extract& extract : hand_over::all_extracts()) {
        SCOPED_TRACE(extract.table);
        const auto table = base::parse_csv(sys::read_file(target() / fmt::format("tables/{}.csv", extract.table)));
        EXPECT_FALSE(table.broken_line);
        EXPECT_EQ(static_cast<std::int64_t>(table.records.size()) - 1, rows(extract.table));
        EXPECT_EQ(handed.counts.at(std::string(extract.table)), rows(extract.table));
    }
    EXPECT_EQ(handed.files, static_cast<std::int64_t>(files_below(target()).size()));
}

TEST_P(HandOver, EveryTableIsHandedOverOrLeftOutForAReason) {
    std::set<std::string> tables;
    town_.read([&](sys::Reader& db) {
        const std::string_view names =
            db.engine() == sys::Engine::Sqlite
                ? "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                : "SELECT CAST(table_name AS TEXT) FROM information_schema.tables "
                  "WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'";
        for (const sys::Row& row : db.query(names)) tables.insert(row.text(0));
    });
    std::set<std::string> known;
    for (const auto& [table, reason] : tables_not_handed_over()) known.insert(table);
    for (const sys::Extract& extract : hand_over::all_extracts())
        EXPECT_TRUE(known.insert(std::string(extract.table)).second) << extract.table << " is named twice";
    for (const std::string& table : tables)
        EXPECT_TRUE(known.contains(table))
            << "name the table " << table << " in its room's extracts.cc, or in tables_not_handed_over()";
}

TEST_P(HandOver, HoldsThePublicTreeByteForByte) {
    hand_over_site(*town_.site, target());
    export_site(town_.site->folders.site, folder_.path() / "export", {});
    EXPECT_EQ(files_below(target() / "public"), files_below(folder_.path() / "export"));
}

TEST_P(HandOver, HoldsEveryRevisionWithItsFiles) {
    hand_over_site(*town_.site, target());
    const auto page =
        boost::json::parse(sys::read_file(target() / fmt::format("pages/000/{:06}.json", page_.value))).as_object();
    EXPECT_EQ(page.at("path"), "kurashi/gomi.html");
    const auto& revisions = page.at("revisions").as_array();
    ASSERT_EQ(revisions.size(), 2U);
    EXPECT_EQ(revisions[0].at("parts").at("body"), "<p>月曜日</p>");
    EXPECT_EQ(revisions[1].at("parts").at("body"), "<p>火曜日</p>");
    EXPECT_EQ(revisions[1].at("number"), 2);
    const auto& attached = revisions[0].at("attachments").at(0);
    EXPECT_EQ(attached.at("sha256").as_string(), attachment_.hash.hex());
    EXPECT_EQ(sys::read_file(target() / attached.at("file").as_string().c_str()), "%PDF-1.7 the form");

    const auto old =
        boost::json::parse(sys::read_file(target() / fmt::format("pages/000/{:06}.json", original_.id.value)))
            .as_object();
    EXPECT_EQ(sys::sha256(sys::read_file(target() / old.at("document").at("file").as_string().c_str())).hex(),
              original_.document.hex());
    EXPECT_NE(boost::json::serialize(old).find("公開前の下書き"), std::string::npos);
    EXPECT_EQ(old.at("regions").at(0).at("name"), "main");
}

TEST_P(HandOver, NoSecretIsAnywhereInIt) {
    hand_over_site(*town_.site, target());
    for (const auto& [name, bytes] : files_below(target()))
        for (const std::string& secret : {kPasswordHash, std::string("$argon2"), kFactorSecret, kCodeHash, kSessionId,
                                          kMailPassword, std::string("hunter2")})
            EXPECT_EQ(bytes.find(secret), std::string::npos) << secret << " is in " << name;
    for (const auto& each : fs::recursive_directory_iterator(target())) EXPECT_NE(each.path().extension(), ".key");
}

TEST_P(HandOver, IsVerifiedWithoutThisProgram) {
    hand_over_site(*town_.site, target());
    const auto inside = [&](const std::string& command) {
        return sys::run({{"/bin/sh", "-c", fmt::format("cd '{}' && {}", target().string(), command)}});
    };
    const sys::Outcome sums = inside("sha256sum --quiet --check SHA256SUMS");
    EXPECT_EQ(sums.exit_code, 0) << sums.output << sums.errors;
    const sys::Outcome verified = inside("python3 tools/verify_release.py releases keys public");
    EXPECT_EQ(verified.exit_code, 0) << verified.output << verified.errors;
    std::ofstream(target() / "public/index.html", std::ios::app) << "<!-- changed -->";
    EXPECT_NE(inside("sha256sum --quiet --check SHA256SUMS").exit_code, 0);
    EXPECT_EQ(inside("python3 tools/verify_release.py releases keys public").exit_code, 1);
}

TEST_P(HandOver, StoppedInTheMiddleLeavesNothing) {
    int asked = 0;
    EXPECT_THROW(hand_over_site(*town_.site, target(), {{}, [&] { return ++asked > 5; }}), base::Error);
    EXPECT_TRUE(fs::is_empty(folder_.path()));
    EXPECT_GT(asked, 5);
}

TEST_P(HandOver, RefusesAFolderThatHoldsSomething) {
    fs::create_directory(target());
    std::ofstream(target() / "mine.txt") << "keep";
    EXPECT_THROW(hand_over_site(*town_.site, target()), base::Error);
    EXPECT_EQ(sys::read_file(target() / "mine.txt"), "keep");

    const fs::path other = folder_.path() / "other";
    fs::create_directory(folder_.path() / "other.partial");
    std::ofstream(folder_.path() / "other.partial" / "mine.txt") << "keep";
    EXPECT_THROW(hand_over_site(*town_.site, other), base::Error);
    EXPECT_TRUE(fs::exists(folder_.path() / "other.partial" / "mine.txt"));
}

TEST_P(HandOver, BeginsAgainWhereAKilledOneLeftItsFolder) {
    fs::create_directory(folder_.path() / "handover.partial");
    std::ofstream(folder_.path() / "handover.partial" / "UNFINISHED") << "";
    std::ofstream(folder_.path() / "handover.partial" / "half.json") << "{";
    EXPECT_TRUE(hand_over_site(*town_.site, target()).missing.empty());
    EXPECT_FALSE(fs::exists(target() / "half.json"));
    // One that was killed just before its rename has no mark any more.
    fs::rename(target(), folder_.path() / "handover.partial");
    EXPECT_TRUE(hand_over_site(*town_.site, target()).missing.empty());
    EXPECT_FALSE(fs::exists(target() / "UNFINISHED"));
    EXPECT_FALSE(fs::exists(folder_.path() / "handover.partial"));
}

TEST_P(HandOver, ALostFileIsListedAndTheRestHandedOver) {
    town_.change_page(page_, [](content::Body& body) { body.attachments.clear(); });
    town_.publish();
    const std::string hex = attachment_.hash.hex();
    ASSERT_TRUE(fs::remove(town_.site->folders.objects / hex.substr(0, 2) / hex));
    const HandedOver handed = hand_over_site(*town_.site, target());
    ASSERT_EQ(handed.missing.size(), 1U);
    EXPECT_NE(handed.missing.front().find("form.pdf"), std::string::npos) << handed.missing.front();
    EXPECT_EQ(handed.counts.at("pages"), rows("page"));
}

INSTANTIATE_TEST_SUITE_P(Engines, HandOver, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

}  // namespace

}  // namespace flow

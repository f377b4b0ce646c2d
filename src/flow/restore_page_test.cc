// Pages out of a real repository into today's site: as drafts, with today's words kept.
#include "flow/restore_page.h"

#include <gtest/gtest.h>

#include "flow/backup_objects.h"
#include "flow/backup_site.h"
#include "flow/testing/composed_town.h"
#include "flow/upkeep.h"
#include "ground/release/store.h"
#include "ground/sys/crypto.h"

namespace flow::testing {

namespace {

class RestorePage : public ::testing::Test, public ComposedTown {
  protected:
    RestorePage() : ComposedTown("sqlite") {
        page_ = put_page("kurashi/gomi.html", "article", "ごみ", "<p>月曜日</p>",
                         {attachment("kurashi/gomi.pdf", "%PDF of then")});
        other_ = put_page("kurashi/suido.html", "article", "水道", "<p>水</p>");
        set_section("kurashi/", [&](content::Section& section) { section.department = ka; });
        put_page("elsewhere/a.html", "article", "別", "<p>別</p>");
        publish();
        EXPECT_TRUE(write(other_, "<p>水の下書き</p>"));
        const backup::RecoveryKey key = backup::make_recovery_key(site->settings.site.id);
        settings_ = site->settings;
        settings_.backup.repositories = {(place_.path() / "repository").string()};
        settings_.backup.password_file = (place_.path() / "password").string();
        settings_.backup.recovery_key = key.public_text();
        sys::write_file(settings_.backup.password_file, key.password + "\n", sys::Durability::Later, 0600);
        BackupWish wish;
        wish.due_at = clock.now();
        wish.repositories = settings_.backup.repositories;
        const BackupDone done = back_up({site->folders, settings_, clock, site->watch(), "test"}, wish);
        EXPECT_TRUE(done.is_well()) << done.runs.front().problem;
        clock.set(clock.now() + std::chrono::hours(3));
        restic_.emplace(backup_access(settings_, site->folders, settings_.backup.repositories.front()));
        then_.emplace(*restic_, list_restorable(*restic_).back(), RestoreOptions{}, clock);
    }

    /// Saves by hand, from how the page stands now.
    Outcome write(base::PageId page, const std::string& html, Saving saving = Saving::ByHand) {
        const Outcome opened = look_at(*site, page);
        Save save;
        save.page = page;
        save.body = asked_body(opened);
        save.body.parts["body"] = html;
        save.based_on = opened.revision;
        save.version = opened.version();
        save.saving = saving;
        return save_draft(*site, save, author);
    }
    content::Body body_of(base::RevisionId revision) {
        return read([&](sys::Reader& db) { return content::load_revision(db, revision).body; });
    }
    content::Page now(base::PageId page) {
        return read([&](sys::Reader& db) { return content::load_page(db, page); });
    }

    sys::TemporaryFolder place_;
    settings::Settings settings_;
    base::PageId page_, other_;
    std::optional<backup::Restic> restic_;
    std::optional<OpenedBackup> then_;
};

TEST_F(RestorePage, ComesBackAsADraftAndNothingIsLostOrPublished) {
    ASSERT_TRUE(write(page_, "<p>火曜日</p>"));
    const base::RevisionId mine = now(page_).latest;
    const std::int64_t before = site->log.newest();
    const PageBack back = restore_page(*site, *then_, "kurashi/gomi.html", Version::Latest, author);
    EXPECT_EQ(back.what, PageBack::What::Drafted) << back.message;
    EXPECT_TRUE(back.is_newer_today);
    EXPECT_EQ(back.page, page_);
    EXPECT_EQ(now(page_).latest, back.revision);
    EXPECT_NE(body_of(back.revision).parts.at("body").find("月曜日"), std::string::npos);
    EXPECT_NE(body_of(mine).parts.at("body").find("火曜日"), std::string::npos) << "today's words stay in the history";
    publish();
    EXPECT_EQ(site->log.newest(), before) << "a draft is not public";
    // A second time there is nothing to do.
    EXPECT_EQ(restore_page(*site, *then_, "kurashi/gomi.html", Version::Latest, author).what, PageBack::What::Same);
}

TEST_F(RestorePage, GivesTheGuardTheVeryObjectsThatAreDamagedHere) {
    const ObjectSource source = backup_source(site->folders, settings_, clock);
    const std::string pdf = "%PDF of then";
    EXPECT_EQ(source(sys::sha256(pdf), ""), pdf);
    EXPECT_EQ(source(sys::sha256("never kept"), ""), std::nullopt);
    EXPECT_EQ(source(sys::sha256(pdf), ""), pdf) << "one that is not there says nothing of the others";
    // The nightly reading of all objects finds what nobody asks for, and takes it from there.
    const std::string name = sys::sha256(pdf).hex();
    const auto object = site->folders.objects / name.substr(0, 2) / name;
    sys::write_file(object, "damaged");
    UpkeepMeans means;
    means.sources = {{"backup", source}};
    for (int day = 0; day < 28; ++day) scrub_objects(*site, base::local_day(clock.now()) + day, means);
    EXPECT_EQ(sys::read_file(object), pdf);
    settings_.backup.repositories = {(place_.path() / "nowhere").string()};
    const ObjectSource away = backup_source(site->folders, settings_, clock);
    EXPECT_EQ(away(sys::sha256(pdf), ""), std::nullopt);
    settings_.backup.recovery_key.clear();
    EXPECT_FALSE(backup_source(site->folders, settings_, clock)) << "no backup is set up";
}

TEST_F(RestorePage, KeepsAnUnfinishedDraftOfTodayAsAVersion) {
    const Outcome saved = write(page_, "<p>書きかけ</p>", Saving::Autosave);
    ASSERT_TRUE(saved);
    const PageBack back = restore_page(*site, *then_, "kurashi/gomi.html", Version::Latest, author);
    ASSERT_EQ(back.what, PageBack::What::Drafted) << back.message;
    EXPECT_NE(body_of(saved.revision).parts.at("body").find("書きかけ"), std::string::npos);
    EXPECT_NE(back.revision, saved.revision);
}

TEST_F(RestorePage, IsFoundWhereItHasMovedTo) {
    const Outcome opened = look_at(*site, page_);
    const Outcome moved = move_page(*site, page_, opened.version(), "kurashi/gomi/index.html", admin);
    ASSERT_TRUE(moved) << moved.refusal->en;
    ASSERT_TRUE(write(page_, "<p>火曜日</p>"));
    const PageBack back = restore_page(*site, *then_, "kurashi/gomi.html", Version::Public, author);
    EXPECT_EQ(back.what, PageBack::What::Drafted) << back.message;
    EXPECT_EQ(back.path, "kurashi/gomi/index.html");
    EXPECT_FALSE(back.message.empty()) << "it says where it was";
}

TEST_F(RestorePage, NeedsTheRightToEditAndAPageThatWasThere) {
    ASSERT_TRUE(write(page_, "<p>火曜日</p>"));
    const base::RevisionId before = now(page_).latest;
    const PageBack refused = restore_page(*site, *then_, "kurashi/gomi.html", Version::Latest, stranger);
    EXPECT_EQ(refused.what, PageBack::What::Refused);
    EXPECT_FALSE(refused.message.empty());
    EXPECT_EQ(now(page_).latest, before);
    EXPECT_THROW(restore_page(*site, *then_, "never.html", Version::Latest, author), base::Error);
}

TEST_F(RestorePage, ADepartmentComesBackPageByPage) {
    ASSERT_TRUE(write(page_, "<p>火曜日</p>"));
    const std::vector<PageBack> all = restore_department(*site, *then_, "11", Version::Public, author);
    std::map<std::string, PageBack::What> what;
    for (const PageBack& each : all) what[each.path] = each.what;
    EXPECT_EQ(what.at("kurashi/gomi.html"), PageBack::What::Drafted);
    EXPECT_EQ(what.at("kurashi/suido.html"), PageBack::What::Drafted) << "what was public, in the place of a draft";
    EXPECT_EQ(all.size(), 2U) << "pages of others stay alone";
    EXPECT_THROW(restore_department(*site, *then_, "99", Version::Public, author), base::Error);
}

TEST_F(RestorePage, AFileComesBackAndMendsTheDamagedObject) {
    const auto entry = read([](sys::Reader& db) { return release::find_entry(db, "kurashi/gomi.pdf"); }).value();
    const std::string name = entry.hash.hex();
    std::filesystem::resize_file(site->folders.objects / name.substr(0, 2) / name, 2);
    const FileBack file = restore_file(site.get(), *then_, "kurashi/gomi.pdf");
    EXPECT_EQ(file.bytes, "%PDF of then");
    EXPECT_TRUE(file.mended_object);
    EXPECT_EQ(site->objects->load(entry.hash), "%PDF of then");
    EXPECT_FALSE(restore_file(site.get(), *then_, "kurashi/gomi.pdf").mended_object);
    EXPECT_THROW(restore_file(site.get(), *then_, "nothing.pdf"), base::Error);
}

}  // namespace

}  // namespace flow::testing

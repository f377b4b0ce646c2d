// The press and the placer when something is wrong under them: objects that are gone, paths that are taken, an old
// database, an old key, a guard that looks while a release is being placed.
#include "flow/publish_site.h"

#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "flow/export_site.h"
#include "flow/keep_nginx_config.h"
#include "flow/nginx_office.h"
#include "flow/testing/composed_town.h"
#include "flow/verify_site.h"
#include "ground/release/keys.h"
#include "ground/release/store.h"
#include "ground/sys/process.h"
#include "press/content/redirects.h"
#include "press/publish/queue.h"
#include "press/publish/unplaced.h"

namespace flow::testing {

namespace {

namespace fs = std::filesystem;

class PublishSite : public ComposedTown, public ::testing::TestWithParam<std::string> {
  protected:
    PublishSite() : ComposedTown(GetParam()) {}

    fs::path object_of(const base::Hash& hash) const {
        const std::string name = hash.hex();
        return site->folders.objects / name.substr(0, 2) / name;
    }
    std::vector<publish::UnplacedPath> unplaced() {
        return read([](sys::Reader& db) { return publish::list_unplaced_paths(db, 10); });
    }
    std::vector<publish::FailedSource> failed() {
        return read([](sys::Reader& db) { return publish::list_failed_sources(db, 10); });
    }
    std::int64_t newest() {
        return read([](sys::Reader& db) { return release::find_newest(db); }).value().number;
    }
    Verified verified() { return verify_site(site->folders.site, {}, base::SystemClock()); }
};

TEST_P(PublishSite, ADamagedObjectCostsItsPathOnlyAndIsPlacedWhenItIsBack) {
    put_page("a.html", "article", "一", "", {attachment("files/a.pdf", "the first")});
    publish();
    // The file of the next release is sealed, and its object goes before it is placed.
    const auto second = put_page("b.html", "article", "二", "", {attachment("files/b.pdf", "the second")});
    const fs::path object = object_of(sys::sha256("the second"));
    {
        const sys::FileWatcher watcher([&](const sys::FileEvent& event) {
            if (event.what == sys::FileEvent::What::Rename && event.to.extension() == ".release") fs::remove(object);
        });
        const Published published = publish();
        EXPECT_EQ(published.unplaced, 1);
    }
    EXPECT_NE(file("b.html").find("二"), std::string::npos) << "the rest is public";
    EXPECT_EQ(file("files/b.pdf"), "");
    ASSERT_EQ(unplaced().size(), 1U);
    EXPECT_EQ(unplaced()[0].path, "files/b.pdf");
    EXPECT_NE(unplaced()[0].problem.find("missing"), std::string::npos);
    ASSERT_EQ(verified().tree.deviations.size(), 1U) << "the guard says so too";

    change_page(second, [](content::Body& body) { body.title = "二（改）"; });
    EXPECT_EQ(publish().unplaced, 1) << "publishing goes on";
    EXPECT_NE(file("b.html").find("（改）"), std::string::npos);

    site->objects->put("the second");
    EXPECT_EQ(publish().unplaced, 0);
    EXPECT_EQ(file("files/b.pdf"), "the second");
    EXPECT_TRUE(unplaced().empty());
    EXPECT_TRUE(verified().is_well());
}

TEST_P(PublishSite, WhatWaitsForAPathGoesPublicWhenThePathIsFree) {
    const auto first = put_page("a.html", "article", "一", "", {attachment("files/x.pdf", "of the first")});
    publish();
    put_page("b.html", "article", "二", "", {attachment("files/x.pdf", "of the second")});
    put_page("files/x.pdf/c.html", "article", "三");
    publish();
    EXPECT_EQ(failed().size(), 2U);
    EXPECT_FALSE(is_public("b.html"));
    change_page(first, [](content::Body& body) { body.attachments.clear(); });
    publish();
    EXPECT_TRUE(is_public("b.html")) << "nobody had to touch it";
    EXPECT_EQ(file("files/x.pdf"), "of the second");
    ASSERT_EQ(failed().size(), 1U) << "a folder cannot have a file's name";
    EXPECT_EQ(verify_deviations(), 0U);
}

TEST_P(PublishSite, AnActWhileItIsRenderedIsNoConflict) {
    const auto first = put_page("a.html", "article", "一", "", {attachment("files/x.pdf", "of the first")});
    publish();
    put_page("b.html", "article", "二", "", {attachment("files/x.pdf", "of the second")});
    bool has_acted = false;
    PublishOptions options;
    options.progress = [&](std::int64_t, std::int64_t) {
        if (!std::exchange(has_acted, true)) change_page(first, [](content::Body& body) { body.attachments.clear(); });
    };
    const Published published = publish_site(*site, options);
    EXPECT_TRUE(has_acted);
    EXPECT_EQ(published.failed, 0) << "the path is free by now";
    EXPECT_TRUE(failed().empty());
    EXPECT_EQ(file("files/x.pdf"), "of the second");
}

TEST_P(PublishSite, AFullRenderingTriesWhatHasNeverComeOut) {
    put_page("a.html", "no-such-template", "一");
    publish();
    ASSERT_EQ(failed().size(), 1U);
    EXPECT_EQ(failed()[0].attempts, 1);
    write([&](sys::Transaction& tx) { publish::mark_dirty(tx, "all", clock.now()); });
    publish();
    EXPECT_EQ(failed()[0].attempts, 2);
}

TEST_P(PublishSite, ANewKeyTakesOverAndTheOldOneSignsNoMore) {
    put_page("a.html", "article", "一");
    publish();
    const auto old_key = release::load_press_key(site->folders.keys);
    {
        const auto press = Press::find(*site);
        EXPECT_EQ(press->rekey("system:test"), 2);
        EXPECT_NE(release::load_press_key(site->folders.keys).public_key(), old_key.public_key());
        put_page("b.html", "article", "二");
        EXPECT_EQ(press->publish({}).release, 3) << "the same press goes on with the new key";
    }
    put_page("c.html", "article", "三");
    EXPECT_EQ(publish().release, 4);
    EXPECT_TRUE(verified().is_well());
    EXPECT_EQ(site->log.verify(release::load_public_keys(site->folders.keys)).problems,
              std::vector<release::Problem>{});
    const sys::Outcome independent =
        sys::run({{YAKUBA_SOURCE_DIR "/tools/verify_release.py", site->folders.releases.string(),
                   site->folders.keys.string(), site->folders.document_root.string()}});
    EXPECT_EQ(independent.exit_code, 0) << independent.output << independent.errors;

    // Whoever has the old key can sign, and the public key is still among the trusted ones.
    release::Record forged = release::parse_record(site->log.read(4)).record;
    forged.number = 5;
    forged.previous = sys::sha256(site->log.read(4));
    forged.changes = {release::Change::remove("c.html")};
    site->log.append(release::write_record(forged, old_key));
    const PublicSide side = open_public_side(site->folders.site);
    EXPECT_THROW(place_release(side, *site->objects, 5), base::Error);
    EXPECT_NE(file("c.html"), "");
}

TEST_P(PublishSite, ARekeyThatIsCutShortIsFinishedByTheNextPress) {
    put_page("a.html", "article", "一");
    publish();
    for (const char* ending : {".release", "head"}) {
        SCOPED_TRACE(ending);
        EXPECT_THROW(
            {
                const sys::FileWatcher watcher([&](const sys::FileEvent& event) {
                    if (event.what == sys::FileEvent::What::Rename && event.to.string().ends_with(ending))
                        throw std::runtime_error("the disk failed");
                });
                Press::find(*site)->rekey("system:test");
            },
            std::runtime_error);
        put_page(fmt::format("{}.html", ending[0] == 'h' ? "c" : "b"), "article", "後");
        publish();
        EXPECT_TRUE(verified().is_well());
        EXPECT_FALSE(fs::exists(site->folders.keys / "next.key"));
    }
}

TEST_P(PublishSite, NothingIsPublishedFromADatabaseOlderThanTheLog) {
    put_page("a.html", "article", "一");
    publish();
    put_page("b.html", "article", "二");
    publish();
    const auto head = sys::read_file(site->log.head_file());
    write([&](sys::Transaction& tx) { tx.execute("DELETE FROM release WHERE number = 2"); });  // as a restored one
    put_page("c.html", "article", "三");
    try {
        publish();
        FAIL() << "a second release 2 was made";
    } catch (const base::Error& error) {
        EXPECT_EQ(error.kind(), base::Kind::Damaged);
        EXPECT_NE(error.message().find("older database"), std::string::npos) << error.message();
    }
    EXPECT_EQ(newest(), 1);
    EXPECT_EQ(sys::read_file(site->log.head_file()), head) << "the head does not go back";
    EXPECT_TRUE(verified().is_well());
}

TEST_P(PublishSite, ADatabaseFromABackupBeginsWithARestoredRecordAboveAllThatWasSeen) {
    put_page("a.html", "article", "一");
    publish();
    write([&](sys::Transaction& tx) { release::note_owed(tx, {5, clock.now(), "backup of yesterday"}); });
    put_page("b.html", "article", "二");
    publish();
    EXPECT_EQ(newest(), 6) << "1, then 5 for the restore, then 6";
    const release::Record restored = release::parse_record(site->log.read(5)).record;
    EXPECT_EQ(restored.kind, release::RecordKind::Restored);
    EXPECT_EQ(restored.note, "backup of yesterday");
    EXPECT_TRUE(restored.changes.empty());
    EXPECT_FALSE(read([](sys::Reader& db) { return release::find_owed(db); })) << "it is owed once";
    const release::Report report = site->log.verify(release::load_public_keys(site->folders.keys));
    EXPECT_TRUE(report.is_whole());
    EXPECT_EQ(report.gaps, (std::vector<std::int64_t>{2, 3, 4}));
    EXPECT_TRUE(verified().is_well());
    EXPECT_EQ(acts("release:5"), std::vector<std::string>{"release.restore"});
}

TEST_P(PublishSite, TheGuardRaisesNoFalseAlarmWhileReleasesAreBeingPlaced) {
    const auto changed = put_page("kurashi/a.html", "article", "一", "", {attachment("kurashi/a.pdf", "0")});
    put_page("other.html", "article", "他");
    publish();
    std::atomic<bool> is_done{false};
    std::atomic<int> looks{0};
    std::vector<std::string> alarms;
    std::thread guard([&] {
        while (!is_done) {
            const Verified seen = verified();
            ++looks;
            for (const auto& one : seen.tree.deviations)
                alarms.push_back(fmt::format("{} {} {}", one.path, guard::deviance_name(one.kind), one.detail));
            for (const auto& one : seen.log_problems) alarms.push_back(one.message);
        }
    });
    for (int i = 1; i <= 200; ++i) {
        change_page(changed, [&](content::Body& body) {
            body.title = fmt::format("第{}版", i);
            body.attachments.clear();  // a folder that comes and goes, too
            if (i % 3 != 0) body.attachments = {attachment(fmt::format("kurashi/{}/a.pdf", i % 3), std::to_string(i))};
        });
        publish();
    }
    is_done = true;
    guard.join();
    EXPECT_EQ(newest(), 201);
    EXPECT_GT(looks, 10);
    EXPECT_EQ(alarms, std::vector<std::string>{});
    std::ofstream(site->folders.document_root / "other.html") << "defaced";
    EXPECT_EQ(verified().tree.deviations.size(), 1U) << "and the real one is seen";
}

TEST_P(PublishSite, AReleaseThatIsNeverPlacedIsADeviationAfterAll) {
    put_page("a.html", "article", "一");
    publish();
    put_page("b.html", "article", "二");
    EXPECT_THROW(
        {
            const sys::FileWatcher watcher([&](const sys::FileEvent& event) {
                if (event.what == sys::FileEvent::What::Rename && event.to.filename() == "b.html")
                    throw std::runtime_error("the disk failed");
            });
            publish();
        },
        std::runtime_error);
    if (GetParam() == "sqlite") {  // it takes ten seconds of patience
        const auto deviations = verified().tree.deviations;
        ASSERT_EQ(deviations.size(), 1U);
        EXPECT_EQ(deviations[0].kind, guard::Deviance::Missing);
    }
    publish();
    EXPECT_TRUE(verified().is_well());
}

TEST_P(PublishSite, AnExportCountsFilesNotRedirectsAndSaysWhatIsMissing) {
    put_page("a.html", "article", "一", "", {attachment("a.pdf", "the attachment")});
    publish();
    const auto files = static_cast<std::int64_t>(public_paths().size());
    sys::TemporaryFolder work;
    EXPECT_EQ(export_site(site->folders.site, work.path() / "whole", {}).files, files);
    sys::remove_file(object_of(sys::sha256("the attachment")));
    const Exported rest = export_site(site->folders.site, work.path() / "rest", {});
    EXPECT_EQ(rest.files, files - 1);
    EXPECT_EQ(rest.missing, std::vector<std::string>{"a.pdf"});
    EXPECT_TRUE(fs::exists(work.path() / "rest/a.html"));
}

TEST(NginxOffice, EndsTlsBeforeTheScreensAndSaysWhatLacks) {
    settings::Settings settings;
    settings.folder = "/srv/site";
    const auto refusal = [&](const std::string& address) -> std::string {
        try {
            nginx_office_config(settings, address);
            return "";
        } catch (const base::Error& error) {
            return error.message();
        }
    };
    EXPECT_NE(refusal("80; include /etc/passwd").find("--office"), std::string::npos);
    EXPECT_NE(refusal("192.0.2.10").find("office.tls_certificate"), std::string::npos);
    settings.office.tls_certificate = "keys/office.pem";
    settings.office.tls_key = "keys/office.key";
    EXPECT_NE(refusal("192.0.2.10").find("office.base_url"), std::string::npos);
    settings.office.base_url = "https://office.city.example.jp/";
    EXPECT_NE(refusal("192.0.2.10").find("office.trusted_proxies"), std::string::npos);
    settings.office.trusted_proxies = {"127.0.0.1"};
    const std::string text = nginx_office_config(settings, "192.0.2.10");
    for (const std::string_view line :
         {"listen 192.0.2.10:443 ssl", "listen 192.0.2.10:8082 ssl", "proxy_pass http://127.0.0.1:8080;",
          "proxy_pass http://127.0.0.1:8082;", "server_name \"office.city.example.jp\";",
          "ssl_certificate \"/srv/site/keys/office.pem\";"})
        EXPECT_NE(text.find(line), std::string::npos) << line << text;
    EXPECT_EQ(text.find("8090"), std::string::npos) << "trainees have no address yet";
    settings.training.url = "http://kenshu.city.example.jp/";
    EXPECT_NE(refusal("192.0.2.10").find("training.url"), std::string::npos);
    settings.training.url = "https://kenshu.city.example.jp/";
    EXPECT_NE(refusal("192.0.2.10").find("training.public_url"), std::string::npos);
    settings.training.public_url = "https://kenshu.city.example.jp/";
    EXPECT_NE(refusal("192.0.2.10").find("the same address"), std::string::npos);
    settings.training.public_url = "https://kenshu.city.example.jp:8091/";
    const std::string both = nginx_office_config(settings, "192.0.2.10");
    EXPECT_EQ(both.substr(0, text.size()), text) << "the office's servers stay as they are";
    for (const std::string_view server :
         {"listen 192.0.2.10:443 ssl http2;\n    server_name \"kenshu.city.example.jp\";",
          "listen 192.0.2.10:8092 ssl http2;\n    server_name \"kenshu.city.example.jp\";",
          "listen 192.0.2.10:8091 ssl http2;\n    server_name \"kenshu.city.example.jp\";"})
        EXPECT_NE(both.find(server), std::string::npos) << server << both;
    for (const std::string_view upstream :
         {"http://127.0.0.1:8090;", "http://127.0.0.1:8092;", "http://127.0.0.1:8091;"})
        EXPECT_NE(both.find(upstream, text.size()), std::string::npos) << upstream;
    settings.training.url = "https://[2001:DB8:0::10]/";
    EXPECT_NE(nginx_office_config(settings, "192.0.2.10").find("server_name \"[2001:db8::10]\";"), std::string::npos)
        << "a browser sends the short form, and the office's name is answered on the same port";
    settings.training.url = "https://[office]/";
    EXPECT_NE(refusal("192.0.2.10").find("training.url"), std::string::npos);
    settings.training.url = "https://kenshu.city.example.jp/";
    settings.office.tls_key = "keys/a$b";
    EXPECT_NE(refusal("192.0.2.10").find("office.tls_key"), std::string::npos);
}

TEST_P(PublishSite, TheFileForNginxFollowsTheRedirects) {
    put_page("a.html", "article", "一");
    publish();
    NginxConfigKeeper without(*site);
    EXPECT_FALSE(without.work());
    sys::TemporaryFolder conf;
    const fs::path file = conf.path() / "yakuba.conf";
    site->settings.public_site.nginx_config = file.string();
    NginxConfigKeeper keeper(*site);
    EXPECT_TRUE(keeper.work());
    EXPECT_FALSE(keeper.work());
    put_page("b.html", "article", "二");
    publish();
    EXPECT_FALSE(keeper.work()) << "an ordinary page changes nothing";
    content::Redirect redirect;
    redirect.path = "old.html";
    redirect.location = "/b.html";
    write([&](sys::Transaction& tx) {
        content::put_redirect(tx, redirect);
        publish::mark_dirty(tx, "redirect:old.html", clock.now());
    });
    publish();
    EXPECT_TRUE(keeper.work());
    EXPECT_NE(sys::read_file(file).find("/old.html"), std::string::npos);
    EXPECT_FALSE(NginxConfigKeeper(*site).work()) << "a new process finds it as it should be";
}

INSTANTIATE_TEST_SUITE_P(Engines, PublishSite, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

}  // namespace

}  // namespace flow::testing

#include "press/content/store.h"

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/sys/crypto.h"
#include "ground/sys/testing/databases.h"
#include "press/content/live.h"
#include "press/content/unfilled.h"
#include "press/content/words.h"

namespace content {

namespace {

using base::Error;
using base::Kind;

constexpr base::Instant kNow{1'790'000'000'000};

class ContentStore : public ::testing::TestWithParam<std::string> {
  protected:
    sys::testing::TestDatabase store_;
    std::unique_ptr<sys::Database> db_ = store_.open_empty(GetParam());

    void SetUp() override { sys::migrate(*db_, migrations()); }

    static NewPage composed(const std::string& path, const std::string& title = "題") {
        NewPage made;
        made.path = path;
        made.body.title = title;
        made.body.template_name = "article";
        made.author = {7};
        made.made_at = kNow;
        return made;
    }
    Page add(const std::string& path, const std::string& title = "題") {
        return db_->write([&](sys::Transaction& tx) { return add_page(tx, composed(path, title)); });
    }
    Page load(base::PageId id) {
        return db_->read([&](sys::Reader& db) { return load_page(db, id); });
    }
    template <class Work>
    Kind refusal(const Work& work) {
        try {
            db_->write([&](sys::Transaction& tx) { work(tx); });
        } catch (const Error& error) {
            return error.kind();
        }
        ADD_FAILURE() << "nothing was refused";
        return Kind::Bug;
    }
};

Body body(const std::string& title) {
    Body made;
    made.title = title;
    return made;
}

}  // namespace

TEST_P(ContentStore, MakesSectionsWithTheirParents) {
    const base::SectionId deep = db_->write([](sys::Transaction& tx) { return ensure_section(tx, "kurashi/gomi/"); });
    EXPECT_EQ(db_->write([](sys::Transaction& tx) { return ensure_section(tx, "kurashi/gomi/"); }), deep);
    db_->read([&](sys::Reader& db) {
        const auto root = find_section(db, "");
        const auto kurashi = find_section(db, "kurashi/");
        ASSERT_TRUE(root && kurashi);
        EXPECT_EQ(root->parent, base::SectionId{});
        EXPECT_EQ(kurashi->parent, root->id);
        EXPECT_EQ(find_section(db, deep)->parent, kurashi->id);
        EXPECT_EQ(find_section(db, deep)->title, "gomi");
        EXPECT_EQ(list_sections(db, kurashi->id).size(), 1U);
        EXPECT_FALSE(find_section(db, "kurashi"));
    });
}

TEST_P(ContentStore, RefusesAChangeOfASectionThatSomebodyElseHasChanged) {
    const base::SectionId id = db_->write([](sys::Transaction& tx) { return ensure_section(tx, "kurashi/"); });
    Section section = *db_->read([&](sys::Reader& db) { return find_section(db, id); });
    section.title = "くらし";
    section.archive = Archive::ByMonth;
    section.has_feed = true;
    section.department = {3};
    db_->write([&](sys::Transaction& tx) { change_section(tx, section); });
    const Section changed = *db_->read([&](sys::Reader& db) { return find_section(db, id); });
    EXPECT_EQ(changed.title, "くらし");
    EXPECT_EQ(changed.archive, Archive::ByMonth);
    EXPECT_TRUE(changed.has_feed);
    EXPECT_EQ(changed.department, base::DepartmentId{3});
    EXPECT_EQ(changed.version, section.version + 1);
    EXPECT_EQ(refusal([&](sys::Transaction& tx) { change_section(tx, section); }), Kind::Conflict);
}

TEST_P(ContentStore, AddsAPageWithItsFirstRevisionNotLive) {
    const Page page = add("kurashi/gomi.html", "ごみの出し方");
    const Page loaded = load(page.id);
    EXPECT_EQ(loaded.latest, page.latest);
    EXPECT_EQ(loaded.version, page.version);
    EXPECT_FALSE(loaded.live);
    EXPECT_EQ(loaded.title, "ごみの出し方");
    db_->read([&](sys::Reader& db) {
        const Revision first = load_revision(db, page.latest);
        EXPECT_EQ(first.number, 1);
        EXPECT_EQ(first.author, base::PersonId{7});
        EXPECT_EQ(first.hash, revision_hash(page.path, page.document, first.body));
        EXPECT_EQ(find_page(db, "kurashi/gomi.html")->id, page.id);
        EXPECT_EQ(count_pages(db), 1);
    });
}

TEST_P(ContentStore, GivesAPathToOneOwner) {
    add("a.html");
    EXPECT_EQ(refusal([](sys::Transaction& tx) { add_page(tx, composed("a.html")); }), Kind::Conflict);
    EXPECT_EQ(refusal([](sys::Transaction& tx) {
                  put_asset(tx, {"a.html", {}, 1, "text/html", "", kNow});
              }),
              Kind::Conflict);
    db_->write([](sys::Transaction& tx) { put_asset(tx, {"b.css", sys::sha256("b"), 1, "text/css", "", kNow}); });
    EXPECT_EQ(refusal([](sys::Transaction& tx) { add_page(tx, composed("b.css")); }), Kind::Conflict);
    const Page other = add("c.html");
    EXPECT_EQ(refusal([&](sys::Transaction& tx) { move_page(tx, other.id, "a.html", kNow); }), Kind::Conflict);
    EXPECT_EQ(refusal([&](sys::Transaction& tx) { move_page(tx, other.id, "b.css", kNow); }), Kind::Conflict);
    db_->write([&](sys::Transaction& tx) { move_page(tx, other.id, "new/c.html", kNow); });
    db_->read([&](sys::Reader& db) {
        EXPECT_FALSE(find_page(db, "c.html"));
        EXPECT_EQ(find_page(db, "new/c.html")->section, find_section(db, "new/")->id);
    });
}

TEST_P(ContentStore, RefusesARevisionThatIsNotBasedOnTheLatest) {
    const Page page = add("a.html");
    const Revision second = db_->write([&](sys::Transaction& tx) {
        return add_revision(tx, {page.id, body("二"), {1}, kNow, page.latest, ""});
    });
    EXPECT_EQ(second.number, 2);
    EXPECT_EQ(refusal([&](sys::Transaction& tx) {
                  add_revision(tx, {page.id, body("三"), {2}, kNow, page.latest, ""});
              }),
              Kind::Conflict);
    EXPECT_EQ(refusal([&](sys::Transaction& tx) {
                  add_revision(tx, {page.id, body("三"), {2}, kNow, {}, ""});
              }),
              Kind::Conflict);
    EXPECT_EQ(refusal([&](sys::Transaction& tx) {
                  add_revision(tx, {{999}, body("x"), {2}, kNow, {}, ""});
              }),
              Kind::NotFound);
    EXPECT_EQ(load(page.id).latest, second.id);
    EXPECT_EQ(load(page.id).title, "二");
}

TEST_P(ContentStore, ReplacesOnlyTheLatestRevisionAndOnlyWhileItIsNotLive) {
    const Page page = add("a.html");
    const Revision replaced =
        db_->write([&](sys::Transaction& tx) { return replace_revision(tx, page.latest, body("改"), kNow); });
    EXPECT_EQ(replaced.id, page.latest);
    EXPECT_EQ(replaced.number, 1);
    db_->read([&](sys::Reader& db) {
        const Revision stored = load_revision(db, page.latest);
        EXPECT_EQ(stored.body.title, "改");
        EXPECT_EQ(stored.hash, replaced.hash);
        EXPECT_EQ(stored.hash, revision_hash("a.html", {}, body("改")));
        EXPECT_EQ(load_page(db, page.id).title, "改");
        EXPECT_EQ(load_page(db, page.id).version, page.version + 1);
    });
    db_->write([&](sys::Transaction& tx) { set_live(tx, page.id, page.latest, kNow); });
    EXPECT_EQ(refusal([&](sys::Transaction& tx) { replace_revision(tx, page.latest, body("x"), kNow); }),
              Kind::Conflict);
    db_->write([&](sys::Transaction& tx) { add_revision(tx, {page.id, body("二"), {1}, kNow, page.latest, ""}); });
    EXPECT_EQ(refusal([&](sys::Transaction& tx) { replace_revision(tx, page.latest, body("x"), kNow); }),
              Kind::Conflict);
    EXPECT_EQ(refusal([&](sys::Transaction& tx) { replace_revision(tx, {999}, body("x"), kNow); }), Kind::NotFound);
}

TEST_P(ContentStore, NeverUsesARevisionsNumberAgain) {
    const Page page = add("a.html");
    const auto save = [&](const std::string& title, base::RevisionId on) {
        return db_->write([&](sys::Transaction& tx) {
            return add_revision(tx, {page.id, body(title), {1}, kNow, on, "メモ"});
        });
    };
    const Revision second = save("二", page.latest);
    db_->write([&](sys::Transaction& tx) { set_latest(tx, page.id, page.latest, kNow); });
    const Revision third = save("三", page.latest);
    EXPECT_EQ(third.number, 3);
    db_->read([&](sys::Reader& db) {
        const auto all = list_revisions(db, page.id, 10);
        ASSERT_EQ(all.size(), 3U);
        EXPECT_EQ(all[0].id, third.id);
        EXPECT_EQ(all[1].id, second.id);
        EXPECT_EQ(all[0].body.title, "三");
        EXPECT_TRUE(all[0].body.parts.empty());
        EXPECT_EQ(all[0].note, "メモ");
        EXPECT_EQ(list_revisions(db, page.id, 2).size(), 2U);
    });
    const Page other = add("b.html");
    EXPECT_EQ(refusal([&](sys::Transaction& tx) { set_latest(tx, other.id, third.id, kNow); }), Kind::Bug);
}

TEST_P(ContentStore, KeepsALivePageWhileItsNextRevisionIsWritten) {
    const Page page = add("kurashi/a.html");
    db_->write([&](sys::Transaction& tx) { set_live(tx, page.id, page.latest, kNow); });
    db_->write([&](sys::Transaction& tx) { add_revision(tx, {page.id, body("次"), {1}, kNow, page.latest, ""}); });
    EXPECT_EQ(load(page.id).live, page.latest);
    EXPECT_NE(load(page.id).latest, page.latest);
    db_->read([&](sys::Reader& db) { EXPECT_TRUE(find_live(db, page.id)); });
    db_->write([&](sys::Transaction& tx) { set_live(tx, page.id, {}, kNow); });
    db_->read([&](sys::Reader& db) { EXPECT_FALSE(find_live(db, page.id)); });
    EXPECT_EQ(refusal([&](sys::Transaction& tx) { set_live(tx, {999}, {}, kNow); }), Kind::NotFound);
}

TEST_P(ContentStore, KeepsEveryWordOfABody) {
    NewPage made = composed("a.html");
    made.body.description = "説明\n\"引用\" \\ 𠮷野家 \x01";
    made.body.parts = {{"main", "<p>本文</p>"}, {"", "空の名前"}, {"z", std::string(200'000, 'x')}};
    made.body.categories = {"life", "event"};
    made.body.attachments = {{"a/申請書.pdf", sys::sha256("pdf"), 3, "application/pdf", "申請書"}};
    const Page page = db_->write([&](sys::Transaction& tx) { return add_page(tx, made); });
    const Revision loaded = db_->read([&](sys::Reader& db) { return load_revision(db, page.latest); });
    EXPECT_EQ(loaded.body, made.body);
    EXPECT_EQ(parse_body(write_body(made.body)), made.body);
    Body changed = made.body;
    changed.attachments[0].hash = sys::sha256("another pdf");
    EXPECT_NE(revision_hash(page.path, page.document, changed), loaded.hash) << "an approval covers attachments";
    EXPECT_NE(revision_hash("b.html", page.document, made.body), loaded.hash);
    EXPECT_NE(revision_hash(page.path, sys::sha256("original"), made.body), loaded.hash);
    EXPECT_THROW(parse_body("{"), Error);
}

TEST_P(ContentStore, KeepsRegionsInOrderAndReplacesThemAll) {
    const Page page = add("a.html");
    const std::vector<Region> regions{{"main", 200, 900, "main"}, {"header", 10, 100, "header"}};
    db_->write([&](sys::Transaction& tx) { set_regions(tx, page.id, regions); });
    db_->read([&](sys::Reader& db) {
        const auto stored = list_regions(db, page.id);
        ASSERT_EQ(stored.size(), 2U);
        EXPECT_EQ(stored[0].name, "header");
        EXPECT_EQ(stored[1].end, 900);
        EXPECT_EQ(stored[1].context, "main");
    });
    db_->write([&](sys::Transaction& tx) { set_regions(tx, page.id, {}); });
    db_->read([&](sys::Reader& db) { EXPECT_TRUE(list_regions(db, page.id).empty()); });
}

TEST_P(ContentStore, GivesAnAssetNewBytesAtItsPath) {
    const auto put = [&](const std::string& bytes) {
        return db_->write([&](sys::Transaction& tx) {
            return put_asset(
                tx, {"img/a.png", sys::sha256(bytes), static_cast<std::int64_t>(bytes.size()), "image/png", "", kNow});
        });
    };
    const Asset first = put("one");
    const Asset second = put("second");
    EXPECT_EQ(first.id, second.id);
    EXPECT_EQ(second.version, first.version + 1);
    db_->read([&](sys::Reader& db) {
        EXPECT_EQ(find_asset(db, "img/a.png")->hash, sys::sha256("second"));
        EXPECT_EQ(find_asset(db, first.id)->size, 6);
        EXPECT_EQ(count_assets(db), 1);
    });
    EXPECT_TRUE(db_->write([&](sys::Transaction& tx) { return remove_asset(tx, first.id); }));
    EXPECT_FALSE(db_->write([&](sys::Transaction& tx) { return remove_asset(tx, first.id); }));
}

TEST_P(ContentStore, FindsPagesByTheWordsThatTheyHaveNow) {
    const auto found = [&](std::string_view words) {
        PageFilter filter;
        filter.words = words;
        std::string paths;
        db_->read([&](sys::Reader& db) {
            for (const Page& page : list_pages(db, filter).pages) {
                paths += page.path + " ";
                EXPECT_TRUE(has_words(page.title, page.path, words)) << words;
            }
        });
        return paths;
    };
    const Page page = add("kurashi/gomi.html", "ごみの出し方");
    add("kurashi/%E7%A8%8E.html", "");
    EXPECT_EQ(found("ゴミ"), "kurashi/gomi.html ");
    EXPECT_EQ(found("方"), "kurashi/gomi.html ");
    EXPECT_EQ(found("出し方 KURASHI"), "kurashi/gomi.html ");
    EXPECT_EQ(found("税"), "kurashi/%E7%A8%8E.html ");
    EXPECT_EQ(found("kurashi/%E7%A8"), "");
    EXPECT_EQ(found("方k"), "") << "title and path are two texts";
    EXPECT_FALSE(has_words(page.title, page.path, "方k"));
    EXPECT_FALSE(has_words(page.title, page.path, "・"));
    EXPECT_TRUE(has_words(page.title, page.path, " "));

    const Revision second = db_->write([&](sys::Transaction& tx) {
        return add_revision(tx, {page.id, composed("", "家庭ごみ").body, {7}, kNow, page.latest, ""});
    });
    EXPECT_EQ(found("出し方"), "");
    EXPECT_EQ(found("家庭"), "kurashi/gomi.html ");
    db_->write([&](sys::Transaction& tx) { replace_revision(tx, second.id, composed("", "資源").body, kNow); });
    EXPECT_EQ(found("家庭"), "");
    EXPECT_EQ(found("資"), "kurashi/gomi.html ");
    db_->write([&](sys::Transaction& tx) { set_latest(tx, page.id, page.latest, kNow); });
    EXPECT_EQ(found("出し方"), "kurashi/gomi.html ");
    db_->write([&](sys::Transaction& tx) { move_page(tx, page.id, "kankyo/gomi.html", kNow); });
    EXPECT_EQ(found("kurashi ごみ"), "");
    EXPECT_EQ(found("kankyo ごみ"), "kankyo/gomi.html ");
}

TEST_P(ContentStore, NotesThatAnOlderSitesPagesAreToBeRead) {
    EXPECT_FALSE(db_->read(is_anything_unfilled)) << "a new site has nothing to fill";
    const auto older = store_.open_empty(GetParam());
    sys::migrate(*older, migrations().first(4));
    older->write([](sys::Transaction& tx) {
        tx.execute("INSERT INTO section (path, title) VALUES ('', 'トップ')");
        for (int i = 0; i < 450; ++i)
            tx.execute(
                "INSERT INTO page (path, section_id, kind, title, encoding, language, document_hash, made_at, "
                "changed_at) VALUES ($1, 1, 'composed', 'ごみ', 'utf-8', 'ja', '', 1, 1)",
                {fmt::format("p{}.html", i)});
    });
    sys::migrate(*older, migrations());
    EXPECT_TRUE(older->read(is_anything_unfilled));
    int turns = 0;
    while (older->write(fill_words)) ++turns;
    EXPECT_EQ(turns, 4) << "three handfuls and the end";
    int seen = 0;
    while (older->write([&](sys::Transaction& tx) { return fill_links(tx, [&](const Page&) { ++seen; }); })) {
    }
    EXPECT_EQ(seen, 450);
    EXPECT_FALSE(older->read(is_anything_unfilled));
    PageFilter filter;
    filter.words = "ゴミ";
    filter.limit = 500;
    EXPECT_EQ(older->read([&](sys::Reader& db) { return list_pages(db, filter).pages.size(); }), 450U);
}

INSTANTIATE_TEST_SUITE_P(Engines, ContentStore, ::testing::ValuesIn(sys::testing::engines()),
                         sys::testing::engine_name);

}  // namespace content

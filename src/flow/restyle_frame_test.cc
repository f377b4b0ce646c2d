#include "flow/restyle_frame.h"

#include <gtest/gtest.h>

#include "flow/find_frames.h"
#include "flow/notify.h"
#include "flow/preview_page.h"
#include "flow/testing/composed_town.h"
#include "ground/base/error.h"
#include "ground/html/encoding.h"
#include "office/notify/store.h"
#include "press/publish/queue.h"
#include "press/publish/receipt.h"

namespace flow {

namespace {

using base::Kind;

class RestyleFrame : public ::testing::TestWithParam<std::string>, public flow::testing::ComposedTown {
  protected:
    RestyleFrame() : ComposedTown(GetParam()) {
        second_ = add_administrator("kanri2");
        for (int i = 0; i < kPages; ++i) take_in(i);
        group_ = find_frames(*site, "person:1").groups.at(0);
        accept_frame(*site, group_.id, group_.version, "#text", "person:1");
        take_in(kPages);  // it is in no group
        publish();
    }
    static constexpr int kPages = 12;
    static constexpr const char* kWhy = "スマートフォンで読めるように";

    static std::string path(int i) { return fmt::format("old/p{}.html", i); }
    /// In Shift_JIS, with markup that no page of ours may have.
    static std::string document(int i) {
        const std::string utf8 = fmt::format(
            "<html><head><title>第{0}号</title></head>\r\n<body bgcolor=white><div id=head>見本市</div>\r\n"
            "<div id=text><h1>第{0}号</h1><p><font color=red>{1}番</font>の手続きは{2}日までに<a "
            "href=\"../b.html\">窓口"
            "</a>で済ませてください。</p><script>alert({0})</script></div>\r\n<div "
            "id=foot>見本市役所</div></body></html>\r\n",
            i, i * 7 + 3, i + 1);
        return html::encode(utf8, html::Encoding::ShiftJis);
    }
    void take_in(int i) {
        const auto stored = site->objects->put(document(i));
        write([&](sys::Transaction& tx) {
            content::NewPage made;
            made.path = path(i);
            made.kind = content::PageKind::TakenOver;
            made.department = ka;
            made.encoding = html::encoding_name(html::Encoding::ShiftJis);
            made.document = stored.hash;
            made.body.title = fmt::format("第{}号", i);
            made.made_at = clock.now();
            const content::Page page = content::add_page(tx, made);
            content::set_live(tx, page.id, page.latest, clock.now());
            publish::mark_dirty(tx, fmt::format("page:{}", page.id.value), clock.now());
        });
    }
    content::Page page(int i) {
        return *read([&](sys::Reader& db) { return content::find_page(db, path(i)); });
    }
    frames::RestyleId ask() {
        return ask_restyle(*site, group_.id, "article", plan_restyle(*site, group_.id, "article").hash, kWhy, admin);
    }
    base::Hash asked_hash(frames::RestyleId id) {
        return read([&](sys::Reader& db) { return load_restyle(db, id); }).hash;
    }
    template <class Act>
    static Kind kind_of(const Act& act) {
        try {
            act();
        } catch (const base::Error& error) {
            return error.kind();
        }
        return Kind::Bug;
    }

    Doer second_;
    frames::StoredGroup group_;
};

TEST_P(RestyleFrame, ChangesAllPagesInOneReleaseAndBringsBackEveryByteInAnother) {
    EXPECT_FALSE(is_public("theme/site.css"));
    EXPECT_TRUE(preview_file(*site, {}, "theme/site.css")) << "a preview has its style sheet before any page needs it";
    EXPECT_FALSE(preview_file(*site, {}, "theme/article"));
    put_page("news/a.html", "article", "もとからの記事");
    publish();
    const auto others = file("news/a.html");
    write([&](sys::Transaction& tx) {
        auto regions = content::list_regions(tx, page(2).id);
        const auto at = static_cast<std::int64_t>(document(2).find("<div id=foot>") + 13);
        regions.push_back({"foot", at, at, regions[0].context});
        content::set_regions(tx, page(2).id, regions);
    });
    const RestylePlan plan = plan_restyle(*site, group_.id, "article");
    ASSERT_EQ(plan.pages.size(), std::size_t{kPages});
    EXPECT_TRUE(plan.left_out.empty());
    EXPECT_EQ(plan.pages[2].removed.back(), "編集範囲「foot」")
        << "only one region becomes the body: the other is named";
    EXPECT_NE(preview_restyled(*site, plan.pages[3]).find("日までに"), std::string::npos);
    const auto id = ask();
    EXPECT_EQ(publish().written, 0) << "asking changes nothing";

    const std::int64_t receipt = approve_restyle(*site, id, plan.hash, second_);
    const Published changed = publish();
    for (int i = 0; i < kPages; ++i) {
        const std::string now = file(path(i));
        EXPECT_EQ(flow::testing::find_page_faults(now), std::vector<std::string>{}) << path(i);
        EXPECT_NE(now.find(fmt::format("{}番", i * 7 + 3)), std::string::npos);
        EXPECT_EQ(now.find("alert("), std::string::npos);
        EXPECT_EQ(now.find("見本市</div>"), std::string::npos) << "the old frame is gone";
        EXPECT_EQ(entry(path(i)).charset, "utf-8");
        EXPECT_EQ(page(i).title, fmt::format("第{}号", i));
    }
    const auto done = read([&](sys::Reader& db) { return *publish::find_receipt(db, receipt); });
    EXPECT_EQ(done.release, changed.release);
    EXPECT_NE(done.reason.find("「記事」"), std::string::npos) << done.reason;
    EXPECT_EQ(file("news/a.html"), others);
    EXPECT_EQ(file(path(kPages)), document(kPages));

    const TakenBack back = take_back_restyle(*site, id, "利用者から読みにくいと連絡があったため", admin);
    EXPECT_EQ(back.pages, kPages);
    publish();
    for (int i = 0; i < kPages; ++i) {
        EXPECT_EQ(file(path(i)), document(i));
        EXPECT_EQ(page(i).kind, content::PageKind::TakenOver);
        EXPECT_NE(entry(path(i)).charset, "utf-8");
    }
    EXPECT_EQ(acts(fmt::format("frame:{}", group_.id.value)),
              (std::vector<std::string>{"frame.accept", "frame.restyle-submit", "frame.restyle-approve",
                                        "frame.restyle-take-back"}));
}

TEST_P(RestyleFrame, LeavesTheSitesNameToThePageTypeAndHasOneMainHeading) {
    const auto retitle = [&](int i, const std::string& title) {
        write([&](sys::Transaction& tx) {
            const content::Page page = *content::find_page(tx, path(i));
            content::Body body = content::load_revision(tx, page.live).body;
            body.title = title;
            const auto made = content::add_revision(tx, {page.id, body, admin.person, clock.now(), page.latest, ""});
            content::set_live(tx, page.id, made.id, clock.now());
        });
    };
    for (int i = 0; i < kPages; ++i) retitle(i, i == 7 ? "別の題" : fmt::format("第{}号｜見本市", i));
    const RestylePlan plan = plan_restyle(*site, group_.id, "article");
    ASSERT_EQ(plan.pages.size(), std::size_t{kPages});
    EXPECT_EQ(plan.pages[3].body.title, "第3号");
    EXPECT_EQ(plan.pages[7].body.title, "別の題");
    for (const int i : {3, 7}) {
        const std::string shown = preview_restyled(*site, page(i).id, "article");
        EXPECT_EQ(flow::testing::find_page_faults(shown), std::vector<std::string>{}) << shown;
        EXPECT_EQ(shown, preview_restyled(*site, plan.pages[static_cast<std::size_t>(i)]));
    }
    EXPECT_NE(plan.pages[7].body.parts.at("body").find("<h2>第7号</h2>"), std::string::npos)
        << plan.pages[7].body.parts.at("body");
}

TEST_P(RestyleFrame, PutsEachRegionIntoTheFieldThatWasChosenForIt) {
    for (const int i : {2, 5})
        write([&](sys::Transaction& tx) {
            auto regions = content::list_regions(tx, page(i).id);
            const auto foot = static_cast<std::int64_t>(document(i).find("<div id=foot>") + 13);
            regions.push_back({"foot", foot, foot + 10, "div"});
            if (i == 5) regions[0].name = "text";
            content::set_regions(tx, page(i).id, regions);
        });
    const auto plan_with = [&](const frames::Mapping& mapping, const char* type = "procedure") {
        return plan_restyle(*site, group_.id, type, mapping);
    };
    const RestylePlan first = plan_with({});
    EXPECT_EQ(first.mapping(), (frames::Mapping{{"main", "body"}, {"foot", ""}, {"text", ""}}));
    ASSERT_EQ(first.left_out.size(), 1U);
    EXPECT_EQ(first.left_out[0].path, path(5));
    EXPECT_NE(first.left_out[0].reason.find("text、foot"), std::string::npos) << first.left_out[0].reason;
    EXPECT_EQ(kind_of([&] { plan_with({{"main", "side"}}); }), Kind::BadInput);
    EXPECT_EQ(kind_of([&] { plan_with({{"main", "who"}}, "article"); }), Kind::BadInput) << "another type's field";
    EXPECT_EQ(kind_of([&] { plan_with({{"head", "body"}}); }), Kind::BadInput);

    const frames::Mapping odd{{"左&右=%", "notes"}, {"b c", ""}};
    EXPECT_EQ(frames::read_mapping(frames::mapping_text(odd)), odd);
    EXPECT_TRUE(frames::read_mapping("").empty());

    const frames::Mapping chosen{{"text", "who"}, {"foot", "notes"}};
    const RestylePlan plan = plan_with(chosen);
    EXPECT_TRUE(plan.left_out.empty());
    EXPECT_EQ(plan.pages.size(), std::size_t{kPages});
    EXPECT_NE(plan.hash, first.hash);
    const RestylePlan joined = plan_with({{"text", "body"}, {"foot", "body"}});
    const std::string& both = joined.pages[5].body.parts.at("body");
    EXPECT_LT(both.find("日までに"), both.find("見本市役所")) << both;

    const auto id = ask_restyle(*site, group_.id, "procedure", plan.hash, kWhy, admin, chosen);
    EXPECT_EQ(read([&](sys::Reader& db) { return load_restyle(db, id); }).mapping, plan.mapping());
    approve_restyle(*site, id, plan.hash, second_);
    publish();
    for (const int i : {2, 5}) {
        const auto parts = read([&](sys::Reader& db) { return content::load_revision(db, page(i).live); }).body.parts;
        EXPECT_EQ(parts.size(), 2U);
        EXPECT_NE(parts.at(i == 2 ? "body" : "who").find("日までに"), std::string::npos);
        EXPECT_EQ(parts.at("notes"), "見本市役所");
        EXPECT_EQ(flow::testing::find_page_faults(file(path(i))), std::vector<std::string>{});
        EXPECT_NE(file(path(i)).find("見本市役所"), std::string::npos);
        EXPECT_EQ(preview_restyled(*site, plan.pages[static_cast<std::size_t>(i)]), file(path(i)));
    }
    take_back_restyle(*site, id, "欄を選び直すため", admin);
    publish();
    for (int i = 0; i < kPages; ++i) EXPECT_EQ(file(path(i)), document(i));
    EXPECT_EQ(preview_restyled(*site, page(5).id, "procedure", plan.mapping()), preview_restyled(*site, plan.pages[5]));
}

TEST_P(RestyleFrame, IsApprovedByASecondAdministratorWhoSawExactlyThis) {
    EXPECT_EQ(kind_of([&] { ask_restyle(*site, group_.id, "article", {}, kWhy, admin); }), Kind::Conflict);
    const auto hash = plan_restyle(*site, group_.id, "article").hash;
    EXPECT_EQ(kind_of([&] { ask_restyle(*site, group_.id, "article", hash, kWhy, author); }), Kind::NotAllowed);
    EXPECT_EQ(kind_of([&] { ask_restyle(*site, group_.id, "article", hash, " ", admin); }), Kind::BadInput);
    const auto id = ask();
    const auto waiting = read([&](sys::Reader& db) { return frames::list_waiting_restyles(db); });
    ASSERT_EQ(waiting.size(), 1U);
    EXPECT_EQ(waiting[0].id, id);
    EXPECT_EQ(waiting[0].note, kWhy);
    EXPECT_EQ(kind_of([&] { ask(); }), Kind::Conflict) << "one request waits already";
    EXPECT_EQ(kind_of([&] { approve_restyle(*site, id, hash, admin); }), Kind::NotAllowed);
    EXPECT_EQ(kind_of([&] { approve_restyle(*site, id, hash, chief); }), Kind::NotAllowed);
    EXPECT_EQ(kind_of([&] { approve_restyle(*site, id, {}, second_); }), Kind::Conflict);
    edit(page(3).id, "<p>書きかけ</p>", author);
    EXPECT_EQ(kind_of([&] { approve_restyle(*site, id, hash, second_); }), Kind::Conflict) << "a page is in work now";
    return_restyle(*site, id, "第3号を直してから", second_);
    EXPECT_EQ(kind_of([&] { approve_restyle(*site, id, hash, second_); }), Kind::Conflict);
    EXPECT_EQ(publish().written, 0);
    EXPECT_TRUE(read([&](sys::Reader& db) { return frames::list_waiting_restyles(db); }).empty());

    const auto plan = plan_restyle(*site, group_.id, "article");
    ASSERT_EQ(plan.left_out.size(), 1U);
    EXPECT_EQ(plan.left_out[0].path, path(3));
    const auto again = ask();
    approve_restyle(*site, again, asked_hash(again), second_);
    publish();
    EXPECT_EQ(file(path(3)), document(3));
    EXPECT_NE(file(path(4)), document(4));
}

TEST_P(RestyleFrame, TellsTheOtherAdministratorsThatOneWaits) {
    site->settings.mail.smtp_url = "smtp://127.0.0.1:1";
    site->settings.mail.from = "yakuba@city.example";
    for (const Doer& each : {admin, second_, chief})
        write([&](sys::Transaction& tx) {
            people::Person person = people::load_person(tx, each.person);
            person.mail = person.login_name + "@city.example";
            people::change_person(tx, person, by());
        });
    gather_notices(*site);  // from here on
    const auto id = ask();
    EXPECT_GE(gather_notices(*site), 1);
    const auto waiting = [&](const Doer& doer) {
        return read([&](sys::Reader& db) { return notify::list_waiting(db, doer.person); });
    };
    EXPECT_TRUE(waiting(admin).empty()) << "who asked knows";
    EXPECT_TRUE(waiting(chief).empty());
    const auto told = waiting(second_);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_NE(told[0].title.find(fmt::format("枠{}のページの型", group_.id.value)), std::string::npos) << told[0].title;
    EXPECT_EQ(told[0].path, fmt::format("/frames/{}/type/{}", group_.id.value, id.value)) << "where it is looked at";
}

TEST_P(RestyleFrame, LeavesPagesThatWereEditedSinceAsTheyAre) {
    const auto id = ask();
    approve_restyle(*site, id, asked_hash(id), second_);
    Save save = save_of(look_at(*site, page(5).id), "");
    save.body.parts = {{"body", "<p>後から直しました。</p>"}};
    EXPECT_TRUE(save_draft(*site, save, author));
    EXPECT_EQ(kind_of([&] { take_back_restyle(*site, id, " ", second_); }), Kind::BadInput);
    EXPECT_EQ(kind_of([&] { take_back_restyle(*site, id, "理由", author); }), Kind::NotAllowed);
    const TakenBack back = take_back_restyle(*site, id, "理由", second_);
    EXPECT_EQ(back.left_out, std::vector<std::string>{path(5)});
    publish();
    EXPECT_EQ(file(path(4)), document(4));
    EXPECT_NE(file(path(5)), document(5));
    EXPECT_EQ(kind_of([&] { take_back_restyle(*site, id, "理由", second_); }), Kind::Conflict) << "once";
}

TEST_P(RestyleFrame, KeepsTheHistoryOfEachPageReadable) {
    const base::RevisionId first = page(2).live;
    const auto id = ask();
    approve_restyle(*site, id, asked_hash(id), second_);
    EXPECT_EQ(preview_revision(*site, page(2).id, first).bytes, document(2));
    // One page alone goes back by a restored revision; what is public stays composed until that is approved.
    const Outcome restored = restore(*site, page(2).id, first, look_at(*site, page(2).id).version(), author);
    ASSERT_TRUE(restored) << restored.refusal->ja;
    EXPECT_EQ(page(2).kind, content::PageKind::TakenOver);
    publish();
    EXPECT_EQ(entry(path(2)).charset, "utf-8");
    EXPECT_EQ(preview_revision(*site, page(2).id, restored.revision).bytes, document(2));
}

INSTANTIATE_TEST_SUITE_P(Engines, RestyleFrame, ::testing::ValuesIn(sys::testing::engines()),
                         sys::testing::engine_name);

}  // namespace

}  // namespace flow

#include "flow/frame_parts.h"

#include <gtest/gtest.h>

#include "flow/change_template.h"
#include "flow/find_frames.h"
#include "flow/preview_page.h"
#include "flow/testing/composed_town.h"
#include "ground/base/error.h"
#include "ground/html/encoding.h"
#include "ground/ledger/store.h"
#include "press/frames/places.h"

namespace flow {

namespace {

class FrameParts : public ::testing::TestWithParam<std::string>, public flow::testing::ComposedTown {
  protected:
    FrameParts() : ComposedTown(GetParam()) {
        second_ = add_administrator("kanri2");
        for (int i = 0; i < 12; ++i) take_in(i);
        publish();
        group_ = find_frames(*site, "person:1").groups.at(0);
        accept_frame(*site, group_.id, group_.version, "", "person:1");
    }

    /// In Shift_JIS; the last page has another footer.
    static std::string document(int i) {
        const std::string words = fmt::format("{}番の手続きは{}日までに窓口で済ませてください。手数料は{}円です。",
                                              i * 7 + 3, i + 1, i * 50 + 100);
        const std::string utf8 = fmt::format(
            "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; "
            "charset=Shift_JIS\"><title>第{0}号</title></head>\r\n"
            "<body><div id=head>見本市<br>代表電話 0123-45-6789</div>\r\n<div "
            "id=text><h1>第{0}号</h1><p>{1}</p></div>\r\n"
            "<div id=foot>見本市役所{2}</div></body></html>\r\n",
            i, words, i == 11 ? "（旧）" : "");
        return html::encode(utf8, html::Encoding::ShiftJis);
    }
    void take_in(int i) {
        const auto stored = site->objects->put(document(i));
        write([&](sys::Transaction& tx) {
            content::NewPage made;
            made.path = fmt::format("old/p{}.html", i);
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
    frames::PartId part(std::string_view selector) {
        for (const auto& one : read([&](sys::Reader& db) { return frames::list_parts(db, group_.id); }))
            if (one.selector == selector) return one.id;
        ADD_FAILURE() << "no part " << selector;
        return {};
    }
    std::int64_t of_part(frames::PartId part) {
        const auto found = read([&](sys::Reader& db) { return content::find_template(db, frames::shared_name(part)); });
        return found ? found->version : 0;
    }
    content::Template of(const std::string& name) {
        return *read([&](sys::Reader& db) { return content::find_template(db, name); });
    }
    /// Drafted and submitted by one administrator, approved by the other.
    void change(const std::string& name, const std::string& source) {
        save_template(*site, of(name).id, of(name).version, source, "", admin);
        submit_template(*site, of(name).id, of(name).version, admin);
        const auto asked = read([&](sys::Reader& db) { return *content::find_template_revision(db, of(name).latest); });
        approve_template(*site, of(name).id, of(name).version, asked.hash, second_);
    }

    Doer second_;
    frames::StoredGroup group_;
};

TEST_P(FrameParts, AreChangedOnAllPagesByOneApprovalAndComeBackByAnother) {
    const SharedPart shared = share_frame_part(*site, part("#foot"), admin);
    EXPECT_EQ(shared.pages, 11);
    EXPECT_EQ(shared.left_out, std::vector<std::string>{"old/p11.html"}) << "it says something else";
    EXPECT_EQ(acts("template:" + shared.name), std::vector<std::string>{"frame.share"});
    publish();
    for (int i = 0; i < 12; ++i)
        EXPECT_EQ(file(fmt::format("old/p{}.html", i)), document(i)) << "sharing changes no byte";
    EXPECT_EQ(find_affected(*site, of(shared.name)).pages, 11);

    change(shared.name, "見本市役所　総務課");
    const Published changed = publish();
    EXPECT_EQ(changed.written, 11);
    const std::string before = html::encode("見本市役所</div>", html::Encoding::ShiftJis);
    const std::string after = html::encode("見本市役所　総務課</div>", html::Encoding::ShiftJis);
    for (int i = 0; i < 11; ++i) {
        std::string expected = document(i);
        expected.replace(expected.find(before), before.size(), after);
        EXPECT_EQ(file(fmt::format("old/p{}.html", i)), expected);
    }
    EXPECT_EQ(file("old/p11.html"), document(11));

    change(shared.name, "見本市役所");
    EXPECT_EQ(publish().written, 11);
    for (int i = 0; i < 12; ++i) EXPECT_EQ(file(fmt::format("old/p{}.html", i)), document(i));
}

TEST_P(FrameParts, NeedASecondAdministratorAndAnAcceptedFrame) {
    const auto kind_of = [&](const auto& act) {
        try {
            act();
        } catch (const base::Error& error) {
            return error.kind();
        }
        return base::Kind::Bug;
    };
    EXPECT_EQ(kind_of([&] { share_frame_part(*site, part("#foot"), author); }), base::Kind::NotAllowed);
    const SharedPart shared = share_frame_part(*site, part("#foot"), admin);
    EXPECT_EQ(kind_of([&] { share_frame_part(*site, part("#foot"), admin); }), base::Kind::BadInput)
        << "its places are taken";
    save_template(*site, of(shared.name).id, of(shared.name).version, "新しい文", "", admin);
    submit_template(*site, of(shared.name).id, of(shared.name).version, admin);
    const auto asked =
        read([&](sys::Reader& db) { return *content::find_template_revision(db, of(shared.name).latest); });
    EXPECT_EQ(kind_of([&] { approve_template(*site, of(shared.name).id, of(shared.name).version, asked.hash, admin); }),
              base::Kind::NotAllowed);
}

TEST_P(FrameParts, GoBackByOneActOfOneAdministrator) {
    const SharedPart shared = share_frame_part(*site, part("#foot"), admin);
    publish();
    EXPECT_THROW(take_back_frame_part(*site, part("#foot"), of_part(part("#foot")), "理由", admin), base::Error)
        << "nothing was before";
    change(shared.name, "見本市役所　総務課");
    change(shared.name, "見本市役所　企画課");
    publish();
    const std::string newest = file("old/p3.html");
    EXPECT_THROW(take_back_frame_part(*site, part("#foot"), of_part(part("#foot")), "理由", author), base::Error);
    EXPECT_THROW(take_back_frame_part(*site, part("#foot"), of_part(part("#foot")), " ", admin), base::Error);
    try {
        take_back_frame_part(*site, part("#foot"), of_part(part("#foot")) - 1, "理由", admin);
        ADD_FAILURE() << "made from what was there before";
    } catch (const base::Error& error) {
        EXPECT_EQ(error.kind(), base::Kind::Conflict);
    }
    EXPECT_EQ(publish().written, 0);

    take_back_frame_part(*site, part("#foot"), of_part(part("#foot")), "課名の誤り", admin);
    EXPECT_EQ(publish().written, 11);
    EXPECT_NE(file("old/p3.html").find(html::encode("総務課", html::Encoding::ShiftJis)), std::string::npos);
    EXPECT_NE(file("old/p3.html"), newest);
    take_back_frame_part(*site, part("#foot"), of_part(part("#foot")), "はじめに戻す", admin);
    EXPECT_EQ(publish().written, 11);
    for (int i = 0; i < 12; ++i) EXPECT_EQ(file(fmt::format("old/p{}.html", i)), document(i));
    EXPECT_EQ(acts("template:" + shared.name).back(), "frame.part-take-back");
    change(shared.name, "見本市役所　総務課");
    EXPECT_EQ(publish().written, 11) << "and it goes on from there";
}

TEST_P(FrameParts, AreNotCoveredByALaterRegion) {
    const SharedPart shared = share_frame_part(*site, part("#foot"), admin);
    const auto now = read([&](sys::Reader& db) { return load_frame(db, group_.id); });
    const RegionOutcome outcome = accept_frame(*site, now.id, now.version, "body", "person:1");
    ASSERT_EQ(outcome.refused.size(), 11U);
    EXPECT_NE(outcome.refused[0].reason.find(shared.name), std::string::npos) << outcome.refused[0].reason;
    EXPECT_EQ(outcome.matched, 1) << "the page that says something else there";
}

TEST_P(FrameParts, StandBesideAnEditedRegion) {
    const SharedPart shared = share_frame_part(*site, part("#head"), admin);
    const auto page = *read([&](sys::Reader& db) { return content::find_page(db, "old/p3.html"); });
    change(shared.name, "見本市<br>代表電話 0120-00-0000");
    const Outcome draft = edit(page.id, "<h1>第3号</h1><p>変わりました。</p>", author);
    const std::string shown =
        html::decode(preview_revision(*site, page.id, draft.revision).bytes, html::Encoding::ShiftJis).utf8;
    EXPECT_NE(shown.find("0120-00-0000"), std::string::npos);
    EXPECT_NE(shown.find("変わりました。"), std::string::npos);
    EXPECT_NE(preview_template(*site, of(shared.name), "<b>試し</b>", page.id).find("<b>試し</b>"), std::string::npos);
}

/// Pages in three folders whose menu leads to the same places, each written as its folder needs it.
class PartsOfFolders : public ::testing::TestWithParam<std::string>, public flow::testing::ComposedTown {
  protected:
    PartsOfFolders() : ComposedTown(GetParam()) {
        second_ = add_administrator("kanri2");
        for (int i = 0; i < 18; ++i) take_in(i);
        publish();
        group_ = find_frames(*site, "person:1").groups.at(0);
        accept_frame(*site, group_.id, group_.version, "#text", "person:1");
    }
    static std::string folder(int i) { return i % 3 == 0 ? "" : i % 3 == 1 ? "kurashi/" : "kurashi/gomi/"; }
    static std::string path(int i) { return fmt::format("{}p{}.html", folder(i), i); }
    /// The menu, with `more` after its first link; page 4 spells an address in another way, page 7 leads elsewhere.
    static std::string document(int i, std::string_view more) {
        const std::string up = i % 3 == 0 ? "" : i % 3 == 1 ? "../" : "../../";
        const std::string home = i % 3 == 0 ? "kurashi/index.html" : i % 3 == 1 ? "index.html" : "../index.html";
        return html::encode(
            fmt::format(
                "<html><head><title>第{0}号</title></head>\r\n<body><div id=menu><img src={1}img/logo.gif "
                "alt=市章><a href=\"{2}\">くらし</a>{3}<a href='/shisei/'>市政</a></div>\r\n<div id=text><h1>第{0}"
                "号</h1><p>{4}番の手続きは{0}日までに窓口で済ませてください。</p></div></body></html>\r\n",
                i, up,
                i == 4   ? "../kurashi/index.html"
                : i == 7 ? "other.html"
                         : home,
                more, i * 7 + 3),
            html::Encoding::EucJp);
    }
    void take_in(int i) {
        const auto stored = site->objects->put(document(i, ""));
        write([&](sys::Transaction& tx) {
            content::NewPage made;
            made.path = path(i);
            made.kind = content::PageKind::TakenOver;
            made.department = ka;
            made.encoding = html::encoding_name(html::Encoding::EucJp);
            made.document = stored.hash;
            made.body.title = fmt::format("第{}号", i);
            made.made_at = clock.now();
            const content::Page page = content::add_page(tx, made);
            content::set_live(tx, page.id, page.latest, clock.now());
            publish::mark_dirty(tx, fmt::format("page:{}", page.id.value), clock.now());
        });
    }
    content::Template of(const std::string& name) {
        return *read([&](sys::Reader& db) { return content::find_template(db, name); });
    }

    Doer second_;
    frames::StoredGroup group_;
};

TEST_P(PartsOfFolders, AreOnePartAndEachPageGetsTheLinksOfItsOwnFolder) {
    frames::PartId menu;
    for (const auto& one : read([&](sys::Reader& db) { return frames::list_parts(db, group_.id); }))
        if (one.selector == "#menu") menu = one.id;
    ASSERT_TRUE(menu);
    const SharedPart shared = share_frame_part(*site, menu, admin);
    EXPECT_EQ(shared.pages, 17);
    EXPECT_EQ(shared.left_out, std::vector<std::string>{path(7)}) << "it leads elsewhere";
    publish();
    for (int i = 0; i < 18; ++i) EXPECT_EQ(file(path(i)), document(i, "")) << "sharing changes no byte";

    std::string source =
        read([&](sys::Reader& db) { return content::find_template_revision(db, of(shared.name).live)->source; });
    EXPECT_NE(source.find("\"kurashi/index.html\""), std::string::npos) << "as the top folder writes it: " << source;
    source.insert(source.find("<a href='/shisei/'"), "<a href=\"kurashi/gomi/new.html\">分別</a>");
    save_template(*site, of(shared.name).id, of(shared.name).version, source, "", admin);
    const base::PageId deep = read([&](sys::Reader& db) { return content::find_page(db, path(2)); })->id;
    EXPECT_NE(preview_template(*site, of(shared.name), source, deep).find("<a href=\"new.html\">"), std::string::npos)
        << "the preview too";
    submit_template(*site, of(shared.name).id, of(shared.name).version, admin);
    const auto asked =
        read([&](sys::Reader& db) { return *content::find_template_revision(db, of(shared.name).latest); });
    approve_template(*site, of(shared.name).id, of(shared.name).version, asked.hash, second_);
    EXPECT_EQ(publish().written, 17);
    for (int i = 0; i < 18; ++i) {
        SCOPED_TRACE(path(i));
        const std::string address = i % 3 == 0 ? "kurashi/gomi/new.html" : i % 3 == 1 ? "gomi/new.html" : "new.html";
        EXPECT_EQ(file(path(i)), document(i, i == 7 ? "" : fmt::format("<a href=\"{}\">分別</a>", address)));
    }
    take_back_frame_part(*site, menu, of(shared.name).version, "はじめに戻す", admin);
    publish();
    for (int i = 0; i < 18; ++i) EXPECT_EQ(file(path(i)), document(i, ""));
}

INSTANTIATE_TEST_SUITE_P(Engines, PartsOfFolders, ::testing::ValuesIn(sys::testing::engines()),
                         sys::testing::engine_name);

INSTANTIATE_TEST_SUITE_P(Engines, FrameParts, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

}  // namespace

}  // namespace flow

// New pages in the frame of a taken-over one, in its own folder and in others.
#include "flow/copy_frame.h"

#include <gtest/gtest.h>

#include "flow/change_template.h"
#include "flow/find_frames.h"
#include "flow/frame_parts.h"
#include "flow/preview_page.h"
#include "flow/testing/composed_town.h"
#include "ground/base/error.h"
#include "ground/html/encoding.h"

namespace flow {

namespace {

class CopyFrame : public ::testing::TestWithParam<std::string>, public flow::testing::ComposedTown {
  protected:
    CopyFrame() : ComposedTown(GetParam()) {
        second_ = add_administrator("kanri2");
        for (int i = 0; i < 12; ++i) take_in(fmt::format("kurashi/gomi/p{}.html", i), i);
        publish();
        group_ = find_frames(*site, "person:1").groups.at(0);
        accept_frame(*site, group_.id, group_.version, "#text", "person:1");
    }

    /// In Shift_JIS; links as a page in kurashi/gomi/ writes them, or as `link` says.
    static std::string document(
        int i, std::string_view title, std::string_view text,
        const std::function<std::string(std::string)>& link = [](std::string address) { return address; }) {
        const std::string words = fmt::format("{}番は{}日までです。", i * 7 + 3, i + 1);
        const std::string utf8 = fmt::format(
            "<HTML><head><title>{}</title><link rel=stylesheet href=\"{}\"></head>\r\n<body background={}>"
            "<div id=head><a href='{}'>表示</a>｜<a href=\"/top.html\">能</a></div>\r\n<div id=text>{}"
            "</div>\r\n<div id=foot style=\"background:url({})\">見本市役所<a href=\"{}\">ごみ</a></div>"
            "</body></HTML>\r\n",
            title, link("../../css/site.css"), link("img/bg.gif"), link("../index.html?x=1&amp;y"),
            text.empty() ? "<h1>" + std::string(title) + "</h1><p>" + words + "</p>" : std::string(text),
            link("img/foot.gif"), link("./"));
        return html::encode(utf8, html::Encoding::ShiftJis);
    }
    static std::string title(int i) { return fmt::format("第{}号｜見本市", i); }
    void take_in(const std::string& path, int i) {
        const auto stored = site->objects->put(document(i, title(i), ""));
        write([&](sys::Transaction& tx) {
            content::NewPage made;
            made.path = path;
            made.kind = content::PageKind::TakenOver;
            made.department = ka;
            made.encoding = html::encoding_name(html::Encoding::ShiftJis);
            made.document = stored.hash;
            made.body.title = title(i);
            made.made_at = clock.now();
            const content::Page page = content::add_page(tx, made);
            content::set_live(tx, page.id, page.latest, clock.now());
            publish::mark_dirty(tx, fmt::format("page:{}", page.id.value), clock.now());
        });
    }
    content::Page page(const std::string& path) {
        return *read([&](sys::Reader& db) { return content::find_page(db, path); });
    }
    /// Made like p3 and published.
    base::PageId make(const std::string& path, const std::string& name, const std::string& html) {
        const Outcome made = create_page(*site,
                                         {.path = path,
                                          .body = {.title = name, .parts = {{"main", html}}},
                                          .department = ka,
                                          .like = page("kurashi/gomi/p3.html").id},
                                         admin);
        EXPECT_TRUE(made) << made.refusal->ja;
        write([&](sys::Transaction& tx) {
            content::set_live(tx, made.page.id, made.page.latest, clock.now());
            publish::mark_dirty(tx, fmt::format("page:{}", made.page.id.value), clock.now());
        });
        publish();
        return made.page.id;
    }
    void change_foot(const std::string& source) {
        frames::PartId foot;
        for (const auto& one : read([&](sys::Reader& db) { return frames::list_parts(db, group_.id); }))
            if (one.selector == "#foot") foot = one.id;
        const std::string name = frames::shared_name(foot);
        if (!read([&](sys::Reader& db) { return frames::is_shared(db, name); })) share_frame_part(*site, foot, admin);
        const auto of = [&] { return *read([&](sys::Reader& db) { return content::find_template(db, name); }); };
        save_template(*site, of().id, of().version, source, "", admin);
        submit_template(*site, of().id, of().version, admin);
        const auto asked = read([&](sys::Reader& db) { return *content::find_template_revision(db, of().latest); });
        approve_template(*site, of().id, of().version, asked.hash, second_);
        publish();
    }

    Doer second_;
    frames::StoredGroup group_;
};

TEST_P(CopyFrame, GivesTheNewPageItsTitleAndLinksThatLeadWhereTheyLed) {
    struct Case {
        const char* path;
        std::map<std::string, std::string> links;
    };
    const Case cases[] = {{"kurashi/gomi/same.html", {}},
                          {"kurashi/gomi/2027/deep.html",
                           {{"../../css/site.css", "../../../css/site.css"},
                            {"img/bg.gif", "../img/bg.gif"},
                            {"../index.html?x=1&amp;y", "../../index.html?x=1&amp;y"},
                            {"img/foot.gif", "../img/foot.gif"},
                            {"./", "../"}}},
                          {"top.html",
                           {{"../../css/site.css", "css/site.css"},
                            {"img/bg.gif", "kurashi/gomi/img/bg.gif"},
                            {"../index.html?x=1&amp;y", "kurashi/index.html?x=1&amp;y"},
                            {"img/foot.gif", "kurashi/gomi/img/foot.gif"},
                            {"./", "kurashi/gomi/"}}},
                          {"shisei/side.html",
                           {{"../../css/site.css", "../css/site.css"},
                            {"img/bg.gif", "../kurashi/gomi/img/bg.gif"},
                            {"../index.html?x=1&amp;y", "../kurashi/index.html?x=1&amp;y"},
                            {"img/foot.gif", "../kurashi/gomi/img/foot.gif"},
                            {"./", "../kurashi/gomi/"}}}};
    for (const Case& one : cases) {
        SCOPED_TRACE(one.path);
        make(one.path, "粗大ごみ <予約> 髙木", "<p>新しい本文</p>");
        const std::string expected =
            document(3, "粗大ごみ &lt;予約&gt; 髙木", "<p>新しい本文</p>", [&](std::string address) {
                const auto moved = one.links.find(address);
                return moved == one.links.end() ? address : moved->second;
            });
        EXPECT_EQ(html::decode(file(one.path), html::Encoding::ShiftJis).utf8,
                  html::decode(expected, html::Encoding::ShiftJis).utf8);
        EXPECT_EQ(file(one.path), expected) << "in the page's own encoding";
        EXPECT_NE(entry(one.path).charset, "utf-8");
    }
    EXPECT_EQ(file("kurashi/gomi/p3.html"), document(3, title(3), "")) << "the page that it was made like stays";
}

TEST_P(CopyFrame, LetsTheTitleFollowALaterChange) {
    const base::PageId id = make("kurashi/gomi/new.html", "はじめの題", "<p>本文</p>");
    Save save = save_of(look_at(*site, id), "<p>本文</p>");
    save.body.title = "次の題";
    const Outcome saved = save_draft(*site, save, author);
    ASSERT_TRUE(saved) << saved.refusal->ja;
    const std::string shown =
        html::decode(preview_revision(*site, id, saved.revision).bytes, html::Encoding::ShiftJis).utf8;
    EXPECT_NE(shown.find("<title>次の題</title>"), std::string::npos) << shown;
}

TEST_P(CopyFrame, BelongsToTheGroupAndToItsSharedParts) {
    change_foot("市役所<a href=\"kurashi/gomi/\">ごみ</a>");
    const base::PageId id = make("shisei/side.html", "新しい", "<p>本文</p>");
    EXPECT_EQ(read([&](sys::Reader& db) { return frames::find_group_of(db, id); }), group_.id);
    const auto foot_of = [&](const std::string& path) {
        const std::string shown = html::decode(file(path), html::Encoding::ShiftJis).utf8;
        const std::size_t at = shown.find("市役所");
        return shown.substr(at, shown.find("</div>", at) - at);
    };
    EXPECT_EQ(foot_of("shisei/side.html"), "市役所<a href=\"../kurashi/gomi/\">ごみ</a>");
    change_foot("市役所　総務課<a href=\"shisei/a.html\">市政</a>");
    EXPECT_EQ(foot_of("shisei/side.html"), "市役所　総務課<a href=\"a.html\">市政</a>");
    EXPECT_EQ(foot_of("kurashi/gomi/p3.html"), "市役所　総務課<a href=\"../../shisei/a.html\">市政</a>");
}

INSTANTIATE_TEST_SUITE_P(Engines, CopyFrame, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

}  // namespace

}  // namespace flow

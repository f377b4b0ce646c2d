#include <gtest/gtest.h>

#include "flow/edit_page.h"
#include "flow/testing/town.h"
#include "ground/ledger/store.h"

namespace flow {

namespace {

using flow::testing::consent;
using workflow::Live;
using workflow::State;

class SavePage : public ::testing::TestWithParam<std::string>, public flow::testing::Town {
  protected:
    SavePage() : Town(GetParam()) {}
};

TEST_P(SavePage, AStaleSaveIsToldBothVersions) {
    const content::Page page = taken_over("kurashi/gomi.html");
    const Outcome opened = look_at(*site, page.id);
    const Outcome first = edit(page.id, "<p>先</p>", author);
    try {
        save_draft(*site, save_of(opened, "<p>後</p>"), other_author);
        FAIL() << "it was overwritten unseen";
    } catch (const Stale& stale) {
        EXPECT_EQ(stale.kind(), base::Kind::Conflict);
        EXPECT_EQ(stale.based_on, opened.revision);
        EXPECT_EQ(stale.latest, first.revision);
        EXPECT_EQ(stale.current_version, first.version());
    }
    EXPECT_THROW(submit(*site, page.id, opened.version(), {}, author), Stale);
    const Outcome asked = submit(*site, page.id, first.version(), {}, author);
    EXPECT_THROW(take_back(*site, page.id, first.version(), author), Stale);
    EXPECT_TRUE(take_back(*site, page.id, asked.version(), author));
}

TEST_P(SavePage, AutosavesReplaceOnlyTheOwnUnaskedAutosave) {
    const content::Page page = taken_over("kurashi/gomi.html");
    const auto autosave = [&](std::string html, const Doer& doer) {
        Save save = save_of(look_at(*site, page.id), std::move(html));
        save.saving = Saving::Autosave;
        return save_draft(*site, save, doer);
    };
    const Outcome first = autosave("<p>一</p>", author);
    EXPECT_NE(first.revision, page.live);
    const Outcome second = autosave("<p>二</p>", author);
    EXPECT_EQ(second.revision, first.revision);
    EXPECT_NE(second.hash, first.hash);
    EXPECT_GT(second.version(), first.version());
    EXPECT_EQ(autosave("<p>二</p>", author).version(), second.version()) << "nothing to keep";
    const Outcome by_hand = edit(page.id, "<p>三</p>", author);
    EXPECT_EQ(by_hand.revision, first.revision) << "the end of the row";
    const Outcome after = autosave("<p>四</p>", author);
    EXPECT_NE(after.revision, first.revision) << "what was saved by hand stays in the history";
    const Outcome others = autosave("<p>五</p>", other_author);
    EXPECT_NE(others.revision, after.revision);
    Outcome at = submit(*site, page.id, others.version(), {}, other_author);
    at = return_page(*site, page.id, at.version(), "直して", chief);
    const Outcome again = autosave("<p>六</p>", other_author);
    EXPECT_NE(again.revision, others.revision) << "the approver has seen that one";
    EXPECT_EQ(again.standing.state, State::Returned);
}

TEST_P(SavePage, MarkupIsCleanedAndLegacyMarkupIsNotLostUnseen) {
    const content::Page page = taken_over("kurashi/gomi.html", "<p><font color=\"red\">注意</font>本文</p>");
    const Outcome cleaned =
        edit(page.id, "<p><font color=\"red\">注意</font>本文</p><script>alert(1)</script><p onclick=\"x()\">次</p>",
             author);
    ASSERT_TRUE(cleaned);
    EXPECT_EQ(cleaned.removed.size(), 2U);
    const std::string kept = asked_body(cleaned).parts.at("main");
    EXPECT_EQ(kept.find("script"), std::string::npos);
    EXPECT_EQ(kept.find("onclick"), std::string::npos);
    EXPECT_NE(kept.find("<font color=\"red\">"), std::string::npos);
    Save losing = save_of(look_at(*site, page.id), "<p>注意本文</p><p>次</p>");
    try {
        save_draft(*site, losing, author);
        FAIL() << "the font element went without a word";
    } catch (const LostMarkup& lost) {
        ASSERT_FALSE(lost.losses.empty());
        EXPECT_NE(lost.losses[0].find("font"), std::string::npos) << lost.losses[0];
    }
    losing.accepts_losses = true;
    EXPECT_TRUE(save_draft(*site, losing, author));
    Save wrong = save_of(look_at(*site, page.id), "<p>x</p>");
    wrong.body.parts["sidebar"] = "<p>y</p>";
    EXPECT_THROW(save_draft(*site, wrong, author), base::Error) << "no such region";
    Save untitled = save_of(look_at(*site, page.id), "<p>x</p>");
    untitled.body.title = " ";
    EXPECT_THROW(save_draft(*site, untitled, author), base::Error);
}

TEST_P(SavePage, AttachmentsMustBeThereAndTakeNobodysPath) {
    const content::Page page = taken_over("kurashi/gomi.html"), other = taken_over("kurashi/other.html");
    Save save = save_of(look_at(*site, page.id), "<p>添付</p>");
    save.body.attachments = {attachment("kurashi/gomi.pdf")};
    save.body.attachments[0].size += 1;
    EXPECT_THROW(save_draft(*site, save, author), base::Error) << "not the bytes that we have";
    save.body.attachments = {attachment("kurashi/gomi.pdf"), attachment("kurashi/gomi.pdf")};
    EXPECT_THROW(save_draft(*site, save, author), base::Error) << "twice";
    save.body.attachments = {attachment("kurashi/gomi.pdf")};
    Outcome at = save_draft(*site, save, author);
    at = submit(*site, page.id, at.version(), {}, author);
    ASSERT_TRUE(approve(*site, consent(at), chief));
    save = save_of(look_at(*site, other.id), "<p>同じ名前</p>");
    save.body.attachments = {attachment("kurashi/gomi.pdf")};
    at = save_draft(*site, save, author);
    const Outcome refused = submit(*site, other.id, at.version(), {}, author);
    ASSERT_FALSE(refused) << "the author hears of it, not the approver";
    EXPECT_NE(refused.refusal->ja.find("kurashi/gomi.pdf"), std::string::npos);
    EXPECT_THROW(create_page(*site, {.path = "kurashi/gomi.pdf", .body = {.title = "題"}}, author), base::Error);
}

TEST_P(SavePage, PagesAreMadeWhereThePersonMay) {
    const Outcome made =
        create_page(*site, {.path = "kurashi/new.html", .body = {.title = "新しい"}, .department = ka}, author);
    ASSERT_TRUE(made) << made.refusal->ja;
    EXPECT_EQ(made.standing.state, State::Draft);
    EXPECT_FALSE(made.page.live);
    EXPECT_EQ(workflow::live_of(made.page, made.standing), Live::Never);
    EXPECT_FALSE(
        create_page(*site, {.path = "kurashi/x.html", .body = {.title = "題"}, .department = elsewhere}, author));
    EXPECT_FALSE(read([](sys::Reader& db) { return content::find_page(db, "kurashi/x.html"); }));
    EXPECT_THROW(create_page(*site, {.path = "kurashi/new.html", .body = {.title = "題"}, .department = ka}, author),
                 base::Error)
        << "the path is taken";
    for (const char* bad : {"", "kurashi/", "/a.html", "../a.html", "a//b.html", "a.php", "ゴミ.html", "a%2fb.html"})
        EXPECT_THROW(create_page(*site, {.path = bad, .body = {.title = "題"}, .department = ka}, author), base::Error)
            << bad;
    const content::Page frame = taken_over("kurashi/frame.html");
    const Outcome like = create_page(
        *site,
        {.path = "kurashi/like.html", .body = {.title = "枠", .parts = {{"main", "<p>中身</p>"}}}, .like = frame.id},
        admin);
    ASSERT_TRUE(like) << like.refusal->ja;
    EXPECT_EQ(like.page.document, frame.document) << "in the same folder no byte of the frame changes";
    EXPECT_EQ(read([&](sys::Reader& db) { return content::list_regions(db, like.page.id).size(); }), 1U);
}

TEST_P(SavePage, ADiscardedDraftLeavesTheLivePageAndTheHistory) {
    const content::Page page = taken_over("kurashi/gomi.html");
    const Outcome draft = edit(page.id, "<p>捨てる</p>", author);
    const Outcome gone = discard(*site, page.id, draft.version(), author);
    ASSERT_TRUE(gone);
    EXPECT_EQ(gone.revision, page.live);
    EXPECT_EQ(gone.standing.state, State::None);
    EXPECT_EQ(read([&](sys::Reader& db) { return content::list_revisions(db, page.id, 9).size(); }), 2U);
    const Outcome next = edit(page.id, "<p>次</p>", author);
    EXPECT_EQ(read([&](sys::Reader& db) { return content::load_revision(db, next.revision).number; }), 3);
}

TEST_P(SavePage, TheLedgerNamesTheSystemUserOfTheCommandLine) {
    const content::Page page = taken_over("kurashi/gomi.html");
    Doer shell = author;
    shell.via = "cli:sato";
    edit(page.id, "<p>一</p>", shell);
    const auto lines = read([&](sys::Reader& db) {
        return ledger::find_lines(db, {.subject = fmt::format("page:{}", page.id.value), .limit = 1});
    });
    EXPECT_EQ(lines.at(0).entry.by, fmt::format("person:{}", author.person.value));
    EXPECT_NE(lines.at(0).entry.detail.find(R"("via":"cli:sato")"), std::string::npos) << lines.at(0).entry.detail;
}

INSTANTIATE_TEST_SUITE_P(Engines, SavePage, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

}  // namespace

}  // namespace flow

#include "flow/find_frames.h"

#include <gtest/gtest.h>

#include "flow/testing/town.h"
#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "press/frames/testing/town_pages.h"

namespace flow {

namespace {

using base::Error;
using base::Kind;

class FindFrames : public ::testing::TestWithParam<std::string>, public flow::testing::Town {
  protected:
    FindFrames() : Town(GetParam()) {}

    /// Pages as a takeover leaves them: live, without regions.
    std::vector<base::PageId> take_in(frames::testing::Layout layout, std::size_t count, const std::string& folder) {
        std::vector<base::PageId> ids;
        std::vector<base::Hash> documents;
        for (const std::string& page : frames::testing::pages(layout, count, 1, frames::testing::Marked::No))
            documents.push_back(site->objects->put(page).hash);
        write([&](sys::Transaction& tx) {
            ids.clear();
            for (std::size_t i = 0; i < count; ++i) {
                content::NewPage made;
                made.path = fmt::format("{}p{}.html", folder, i);
                made.kind = content::PageKind::TakenOver;
                made.department = ka;
                made.document = documents[i];
                made.body.title = fmt::format("題{}", i);
                made.made_at = clock.now();
                const content::Page page = content::add_page(tx, made);
                content::set_live(tx, page.id, page.latest, clock.now());
                ids.push_back(page.id);
            }
        });
        return ids;
    }
    std::vector<content::Region> regions(base::PageId page) {
        return read([&](sys::Reader& db) { return content::list_regions(db, page); });
    }
    std::vector<std::string> acts(std::string act) {
        ledger::Search search;
        search.act = std::move(act);
        search.limit = 100;
        std::vector<std::string> subjects;
        for (const ledger::Line& line : read([&](sys::Reader& db) { return ledger::find_lines(db, search); }))
            subjects.push_back(line.entry.subject);
        return subjects;
    }
};

TEST_P(FindFrames, ProposesGroupsAndAcceptingOneMakesItsPagesEditable) {
    const auto pages = take_in(frames::testing::Layout::Contents, 30, "kurashi/");
    const auto others = take_in(frames::testing::Layout::Main, 20, "shisei/");
    const auto groups = find_frames(*site, "person:1").groups;
    ASSERT_GE(groups.size(), 2U);
    EXPECT_EQ(groups[0].selector, "div.contents");
    EXPECT_EQ(groups[1].selector, "main");
    EXPECT_TRUE(regions(pages[0]).empty()) << "a proposal changes no page";
    EXPECT_EQ(acts("frame.find").size(), 1U);

    const RegionOutcome outcome = accept_frame(*site, groups[0].id, groups[0].version, "", "person:1");
    EXPECT_EQ(outcome.matched, groups[0].pages);
    EXPECT_TRUE(outcome.refused.empty());
    ASSERT_EQ(regions(pages[0]).size(), 1U);
    EXPECT_EQ(regions(pages[0])[0].name, "main");
    EXPECT_TRUE(regions(others[0]).empty());
    EXPECT_EQ(acts("frame.accept"), std::vector<std::string>{fmt::format("frame:{}", groups[0].id.value)});

    // The page is edited there, and every other byte stays.
    const Outcome edited = edit(pages[0], "<p>新しい文</p>", author);
    EXPECT_FALSE(edited.refusal);
}

TEST_P(FindFrames, KeepsWhatWasAcceptedWhenComparedAnew) {
    take_in(frames::testing::Layout::Contents, 30, "kurashi/");
    take_in(frames::testing::Layout::Main, 20, "shisei/");
    const auto first = find_frames(*site, "person:1").groups;
    accept_frame(*site, first[0].id, first[0].version, "", "person:1");
    const auto second = find_frames(*site, "person:1").groups;
    const auto kept =
        std::find_if(second.begin(), second.end(), [&](const auto& one) { return one.id == first[0].id; });
    ASSERT_NE(kept, second.end());
    EXPECT_EQ(kept->state, frames::GroupState::Accepted);
    std::int64_t pages = 0;
    for (const frames::StoredGroup& group : second) pages += group.pages;
    EXPECT_EQ(pages, 50) << "each page in one group";
}

TEST_P(FindFrames, LetsPagesThatCameLaterJoinTheAcceptedGroupTheyBelongTo) {
    const auto early = take_in(frames::testing::Layout::Contents, 30, "kurashi/");
    take_in(frames::testing::Layout::Main, 20, "shisei/");
    const auto first = find_frames(*site, "person:1").groups;
    ASSERT_EQ(first[0].selector, "div.contents");
    accept_frame(*site, first[0].id, first[0].version, "div.cols", "person:1");
    const auto accepted = read([&](sys::Reader& db) { return load_frame(db, first[0].id); });
    const auto before = regions(early[3]);
    edit(early[4], "<p>もう直した</p>", author);

    const auto late = take_in(frames::testing::Layout::Contents, 6, "kosodate/");
    const auto others = take_in(frames::testing::Layout::Table, 12, "gikai/");
    const Comparison again = find_frames(*site, "person:1");
    EXPECT_EQ(again.joined, 6);
    for (const base::PageId page : late) {
        EXPECT_EQ(read([&](sys::Reader& db) { return frames::find_group_of(db, page); }), accepted.id);
        ASSERT_EQ(regions(page).size(), 1U) << "editable at once, in the region that the administrator chose";
    }
    for (const base::PageId page : others) {
        EXPECT_NE(read([&](sys::Reader& db) { return frames::find_group_of(db, page); }), accepted.id);
        EXPECT_TRUE(regions(page).empty());
    }
    const auto now = read([&](sys::Reader& db) { return load_frame(db, accepted.id); });
    EXPECT_EQ(now.pages, accepted.pages + 6);
    EXPECT_EQ(now.covered, accepted.covered + 6);
    EXPECT_EQ(now.selector, "div.cols");
    EXPECT_EQ(now.version, accepted.version);
    EXPECT_EQ(regions(early[3])[0].begin, before[0].begin) << "what was accepted is not disturbed";
    EXPECT_EQ(acts("frame.join"), std::vector<std::string>{fmt::format("frame:{}", accepted.id.value)});
    EXPECT_EQ(find_frames(*site, "person:1").joined, 0);
}

TEST_P(FindFrames, TakesACorrectionBeforeAndAfterAcceptance) {
    const auto pages = take_in(frames::testing::Layout::Contents, 20, "kurashi/");
    const auto groups = find_frames(*site, "person:1").groups;
    accept_frame(*site, groups[0].id, groups[0].version, "", "person:1");
    const auto before = regions(pages[0])[0];
    edit(pages[1], "<p>もう直した</p>", author);
    const auto accepted = read([&](sys::Reader& db) { return load_frame(db, groups[0].id); });
    const RegionOutcome outcome = accept_frame(*site, accepted.id, accepted.version, "div.cols", "person:1");
    EXPECT_LT(regions(pages[0])[0].begin, before.begin);
    ASSERT_EQ(outcome.refused.size(), 1U) << "what was edited keeps its region";
    EXPECT_EQ(outcome.refused[0].path, "kurashi/p1.html");
    EXPECT_EQ(read([&](sys::Reader& db) { return load_frame(db, accepted.id); }).covered, groups[0].pages - 1);
}

TEST_P(FindFrames, RefusesAnOldVersionAndAPoorSelector) {
    const auto pages = take_in(frames::testing::Layout::Contents, 20, "kurashi/");
    const auto groups = find_frames(*site, "person:1").groups;
    accept_frame(*site, groups[0].id, groups[0].version, "", "person:1");
    const auto kind_of = [&](std::int64_t version, const std::string& selector) {
        try {
            accept_frame(*site, groups[0].id, version, selector, "person:1");
        } catch (const Error& error) {
            return error.kind();
        }
        return Kind::Bug;
    };
    const auto before = regions(pages[0]);
    EXPECT_EQ(kind_of(groups[0].version, "div.cols"), Kind::Conflict);
    EXPECT_EQ(regions(pages[0])[0].begin, before[0].begin) << "nothing of it is kept";
    EXPECT_EQ(kind_of(groups[0].version + 1, "div["), Kind::BadInput);
}

TEST_P(FindFrames, MeansTheFolderItselfWhenTheSlashIsMissing) {
    take_in(frames::testing::Layout::Contents, 3, "kurashi/");
    take_in(frames::testing::Layout::Contents, 2, "kurashi2/");
    RegionWish wish;
    wish.path = "kurashi";
    wish.is_section = true;
    wish.selector = "div.contents";
    EXPECT_EQ(set_region(*site, wish).matched, 3);
    EXPECT_EQ(acts("site.region").size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Engines, FindFrames, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

}  // namespace

}  // namespace flow

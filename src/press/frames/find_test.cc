#include <random>

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/html/select.h"
#include "press/frames/frames.h"
#include "press/frames/testing/town_pages.h"

namespace frames {

namespace {

Found find_in(const std::vector<std::string>& pages, unsigned threads = 2) {
    return find({pages.size(),
                 [&](std::size_t i) { return html::Document::parse(pages[i], html::Encoding::Utf8); },
                 {},
                 threads});
}

std::string region_text(const html::Document& page, const std::string& selector) {
    const html::NodeId node = html::Selector(selector).first(page);
    return node == html::kNoNode ? "(nothing)" : page.plain_text_of(node);
}

const Group& group_of(const Found& found, std::size_t page) {
    return found.groups.at(static_cast<std::size_t>(found.group_of.at(page)));
}

TEST(FindFrames, ProposesTheRightRegionInEachLayoutOfMunicipalSites) {
    for (const testing::Layout layout : testing::kLayouts) {
        SCOPED_TRACE(testing::layout_name(layout));
        const std::vector<std::string> pages = testing::pages(layout, 120, 1, testing::Marked::No);
        const std::vector<std::string> marked = testing::pages(layout, 120, 1, testing::Marked::Yes);
        const Found found = find_in(pages);
        std::size_t right = 0;
        for (std::size_t i = 0; i < pages.size(); ++i) {
            const html::Document page = html::Document::parse(pages[i], html::Encoding::Utf8);
            const html::Document truth = html::Document::parse(marked[i], html::Encoding::Utf8);
            right += region_text(page, group_of(found, i).selector) == region_text(truth, "#right");
        }
        EXPECT_GE(right * 100, pages.size() * 95)
            << right << " of " << pages.size() << ": " << found.groups[0].selector;
    }
}

TEST(FindFrames, ParsesAPageOnceWhereThereIsRoomAndFindsTheSameWithoutIt) {
    for (const testing::Layout layout : testing::kLayouts) {
        SCOPED_TRACE(testing::layout_name(layout));
        const std::vector<std::string> pages = testing::pages(layout, 120, 1, testing::Marked::No);
        std::atomic<std::size_t> parsed = 0;
        Task task{pages.size(),
                  [&](std::size_t i) {
                      ++parsed;
                      return html::Document::parse(pages[i], html::Encoding::Utf8);
                  },
                  {},
                  2};
        const Found roomy = find(task);
        EXPECT_LT(parsed, 2 * pages.size());
        for (const std::size_t room : {std::size_t{0}, std::size_t{100'000}}) {
            task.room = room;
            parsed = 0;
            const Found tight = find(task);
            EXPECT_GT(parsed, 2 * pages.size());
            EXPECT_EQ(tight.groups, roomy.groups);
            EXPECT_EQ(tight.group_of, roomy.group_of);
            EXPECT_EQ(tight.is_covered, roomy.is_covered);
        }
    }
}

TEST(FindFrames, KeepsTwoLayoutsOfOneSiteApart) {
    std::vector<std::string> pages = testing::pages(testing::Layout::Contents, 60, 1, testing::Marked::No);
    const std::vector<std::string> others = testing::pages(testing::Layout::Main, 40, 2, testing::Marked::No);
    pages.insert(pages.end(), others.begin(), others.end());
    const Found found = find_in(pages);
    EXPECT_EQ(group_of(found, 0).selector, "div.contents");
    EXPECT_EQ(group_of(found, 99).selector, "main");
    EXPECT_GE(found.groups[0].covered, 57);
    EXPECT_GE(found.groups[1].covered, 38);
}

TEST(FindFrames, NamesThePartsThatRepeat) {
    const Found found = find_in(testing::pages(testing::Layout::Contents, 48, 1, testing::Marked::No));
    const auto find_part = [&](std::string_view selector) {
        for (const Part& part : found.groups.at(0).parts)
            if (part.selector == selector) return part;
        return Part{};
    };
    EXPECT_EQ(find_part("#header").kind, "header");
    EXPECT_EQ(find_part("#header").same, find_part("#header").looked_at);
    EXPECT_EQ(find_part("#footer").kind, "footer");
    EXPECT_EQ(find_part("div.gnavi").kind, "navigation");
    EXPECT_LT(find_part("div.topicpath").same, 5) << "breadcrumbs differ";
}

TEST(FindFrames, DoesNotGoIntoTheLongestChapterOfAPage) {
    std::vector<std::string> pages;
    for (int i = 0; i < 30; ++i) {
        const std::string words = fmt::format("{0}番の話は長い。{0}回も読み返すほど長く、{0}日はかかる。", i * 37 + 5);
        std::string chapter;
        for (int n = 0; n < 20; ++n) chapter += fmt::format("<p>{}の{}</p>", n, words);
        pages.push_back(
            fmt::format("<body><div class=\"top\">見本市の広報</div><div class=\"all\"><h1>第{}話</h1><div "
                        "class=\"chapter\">{}</div></div><p>終わり</p></body>",
                        i, chapter));
    }
    EXPECT_EQ(find_in(pages).groups.at(0).selector, "div.all");
}

TEST(FindFrames, WorksForPagesWithHardlyAWord) {
    std::vector<std::string> pages;
    for (int i = 0; i < 40; ++i)
        pages.push_back(fmt::format(
            "<body><div id=\"top\">見本市</div><div id=\"text\"><h1>お知らせ 第{}号</h1><p>本文です。</p></div>"
            "<div id=\"end\">見本市役所</div></body>",
            i));
    const Found found = find_in(pages);
    EXPECT_EQ(found.groups.at(0).selector, "#text");
    EXPECT_EQ(found.groups.at(0).covered, 40);
}

TEST(FindFrames, ProposesNothingForFramesetsAndUnreadablePages) {
    std::vector<std::string> pages = testing::pages(testing::Layout::Main, 20, 1, testing::Marked::No);
    pages.push_back(
        "<html><frameset cols=\"20%,80%\"><frame src=\"menu.html\"><frame src=\"p1.html\"></frameset></html>");
    pages.push_back("");
    const Found found = find({pages.size(),
                              [&](std::size_t i) {
                                  if (pages[i].empty()) throw base::Error(base::Kind::BadInput, "too deep");
                                  return html::Document::parse(pages[i], html::Encoding::Utf8);
                              },
                              {},
                              1});
    EXPECT_EQ(group_of(found, 20).selector, "");
    EXPECT_EQ(found.is_covered[20], 0);
    EXPECT_EQ(found.group_of[21], kUnread);
}

TEST(FindFrames, HasAnAnswerForNoPageAndForOne) {
    EXPECT_TRUE(find_in({}).groups.empty());
    const Found one =
        find_in({"<body><main><h1>ようこそ</h1><p>見本市のページです。窓口の案内と催しのお知らせを載せています。</p></"
                 "main></body>"});
    ASSERT_EQ(one.groups.size(), 1U);
    EXPECT_EQ(one.groups[0].pages, 1);
}

/// Trees of random elements, sometimes with a common frame.
std::string random_page(std::mt19937& dice) {
    static constexpr const char* kTags[] = {"div", "p",  "table", "tr", "td", "center", "font",
                                            "ul",  "li", "a",     "h2", "b",  "section"};
    std::string page = "<body>";
    std::vector<std::string> open;
    for (int i = 0; i < 60; ++i) {
        const std::string tag = kTags[dice() % std::size(kTags)];
        switch (dice() % 4) {
            case 0:
                page += fmt::format("<{} class=\"c{}\">", tag, dice() % 5);
                open.push_back(tag);
                break;
            case 1:
                if (open.empty()) break;
                page += "</" + open.back() + ">";
                open.pop_back();
                break;
            case 2:
                page += fmt::format("<{} id=\"i{}\">", tag, dice() % 40);
                break;
            default:
                page += fmt::format("文{}", dice() % 200);
        }
    }
    return page;
}

TEST(FindFrames, HoldsItsPromisesOnRandomPages) {
    std::mt19937 dice(4);
    for (int round = 0; round < 60; ++round) {
        SCOPED_TRACE(round);
        std::vector<std::string> pages;
        for (std::size_t i = 0; i < 2 + dice() % 25; ++i) pages.push_back(random_page(dice));
        const Found found = find_in(pages, 1);
        const Found again = find_in(pages, 3);
        EXPECT_EQ(found.groups, again.groups) << "the threads must not show";
        EXPECT_EQ(found.group_of, again.group_of);
        std::vector<std::int64_t> members(found.groups.size()), covered(found.groups.size());
        for (std::size_t i = 0; i < pages.size(); ++i) {
            const Group& group = group_of(found, i);
            ++members[static_cast<std::size_t>(found.group_of[i])];
            if (found.is_covered[i] == 0) continue;
            ++covered[static_cast<std::size_t>(found.group_of[i])];
            const html::Document page = html::Document::parse(pages[i], html::Encoding::Utf8);
            EXPECT_NE(html::Selector(group.selector).first(page), html::kNoNode) << group.selector;
        }
        for (std::size_t g = 0; g < found.groups.size(); ++g) {
            EXPECT_EQ(found.groups[g].pages, members[g]);
            EXPECT_EQ(found.groups[g].covered, covered[g]);
            EXPECT_LE(found.groups[g].pages, found.groups[g > 0 ? g - 1 : 0].pages);
        }
    }
}

}  // namespace

}  // namespace frames

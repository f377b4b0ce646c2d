#include "office/training/course.h"

#include <gtest/gtest.h>

namespace training {
namespace {

std::vector<bool> author(std::vector<std::string> pages, bool submitted = false) {
    Work work;
    work.pages = std::move(pages);
    work.has_submitted = submitted;
    return mark(Course::Author, work);
}

TEST(Mark, SeesEachPartOfAnAuthorsPage) {
    using Marks = std::vector<bool>;
    EXPECT_EQ(author({}), (Marks{false, false, false, false, false}));
    EXPECT_EQ(author({"<p>文</p>"}), (Marks{true, false, false, false, false}));
    EXPECT_EQ(author({"<h2>案内</h2>"}), (Marks{true, true, false, false, false}));
    EXPECT_EQ(author({"<img src=\"/a/b.jpg\" alt=\"市役所の正面\">"}), (Marks{true, false, true, false, false}));
    EXPECT_EQ(author({"<table><tr><th>日</th><td>1</td></tr></table>"}), (Marks{true, false, false, true, false}));
    EXPECT_EQ(
        author({"<h3>a</h3><img src=\"x.png\" alt=\"図\"><table><tr><th>a</th></tr><tr><td>b</td></tr></table>"}, true),
        (Marks{true, true, true, true, true}));
}

TEST(Mark, IsNotFooledByAnEmptyHeadingAFileNameOrATableWithoutCells) {
    for (const char* page :
         {"<h2> </h2>", "<img src=\"/a/bird.jpg\" alt=\"bird\">", "<img src=\"/a/bird.jpg\" alt=\"bird.jpg\">",
          "<img src=\"/a/bird.jpg\" alt=\"\">", "<img alt=\"鳥\">", "<table><tr><th>a</th></tr></table>",
          "<table><tr><td>a</td></tr></table>", "<table><tr><th></th><td>a</td></tr></table>"}) {
        SCOPED_TRACE(page);
        EXPECT_EQ(author({page}), (std::vector<bool>{true, false, false, false, false}));
    }
}

TEST(Mark, TakesTheFullestPageAndSurvivesAnyDepth) {
    EXPECT_EQ(author({"<p>a</p>", "<h2>b</h2>", "<p>c</p>"})[1], true);
    std::string deep;
    for (int i = 0; i < 5000; ++i) deep += "<div>";
    EXPECT_EQ(author({deep}), (std::vector<bool>{true, false, false, false, false}));
}

TEST(Mark, WantsThePartCorrectedAndAskedFor) {
    Work work;
    EXPECT_EQ(mark(Course::Administrator, work), (std::vector<bool>{false, false}));
    work.part = faulty_part();
    work.has_asked = true;
    EXPECT_EQ(mark(Course::Administrator, work), (std::vector<bool>{false, false})) << "asked for, but still wrong";
    work.part.replace(work.part.find(kWrongPhone), kWrongPhone.size(), kRightPhone);
    EXPECT_EQ(mark(Course::Administrator, work), (std::vector<bool>{true, true}));
    work.has_asked = false;
    EXPECT_EQ(mark(Course::Administrator, work), (std::vector<bool>{true, false}));
}

TEST(Mark, HasAFlagForEachExercise) {
    for (const Course course : kCourses) EXPECT_EQ(mark(course, {}).size(), exercises_of(course).size());
}

}  // namespace
}  // namespace training

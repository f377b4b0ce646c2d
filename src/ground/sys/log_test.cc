#include "ground/sys/log.h"

#include <thread>

#include <gtest/gtest.h>

#include "ground/base/text.h"
#include "ground/sys/log_copy.h"

namespace sys {
namespace {

template <class Work>
std::string logged(Level lowest, LogForm form, const Work& work) {
    start_log(lowest, form);
    ::testing::internal::CaptureStderr();
    work();
    start_log(Level::Info, LogForm::Prose);
    return ::testing::internal::GetCapturedStderr();
}

/// Without the time at its start.
std::string after_time(const std::string& line) {
    return line.substr(std::string("2026-11-22 09:53 ").size());
}

TEST(Log, IsProseForAPerson) {
    const auto line = logged(Level::Info, LogForm::Prose, [] {
        log(Level::Info, "release placed", {{"number", "7"}, {"site", "Mori City"}, {"note", ""}});
    });
    EXPECT_EQ(after_time(line), "release placed number=7 site=\"Mori City\" note=\"\"\n");
    EXPECT_EQ(after_time(logged(Level::Info, LogForm::Prose, [] { log(Level::Error, "disk full"); })),
              "error: disk full\n");
}

TEST(Log, IsOneJsonObjectALineForAService) {
    const auto line = logged(Level::Info, LogForm::Json, [] { log(Level::Warning, "late", {{"job", "夜間"}}); });
    EXPECT_TRUE(line.starts_with("{\"time\":\"2")) << line;
    EXPECT_NE(line.find("Z\",\"level\":\"warning\",\"what\":\"late\",\"job\":\"夜間\"}\n"), std::string::npos) << line;
}

TEST(Log, CannotBeForgedFromInside) {
    const std::string hostile = "a\nb\r\t\x1b[31m\x7f\"\\ \xC2\x85 \xE2\x80\xA8 \xE2\x80\xAE \xFF";
    for (const auto form : {LogForm::Prose, LogForm::Json}) {
        const auto line = logged(Level::Info, form, [&] { log(Level::Info, "seen", {{"value", hostile}}); });
        EXPECT_NE(line.find("value"), std::string::npos);
        EXPECT_NE(line.find(R"(a\nb\u000d\u0009\u001b[31m\u007f\"\\ \u0085 \u2028 \u202e )"
                            "\xEF\xBF\xBD\""),
                  std::string::npos)
            << line;
        EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
        EXPECT_TRUE(base::is_utf8(line));
    }
}

TEST(Log, LeavesOutWhatIsBelowItsLevel) {
    const auto lines = logged(Level::Warning, LogForm::Prose, [] {
        log(Level::Debug, "one");
        log(Level::Info, "two");
        log(Level::Warning, "three");
        log(Level::Error, "four");
    });
    EXPECT_EQ(lines.find("one"), std::string::npos);
    EXPECT_EQ(lines.find("two"), std::string::npos);
    EXPECT_NE(lines.find("warning: three"), std::string::npos);
    EXPECT_NE(lines.find("error: four"), std::string::npos);
}

TEST(Log, IsKeptFromInfoOnWhateverIsShown) {
    std::string kept;
    copy_log_to([&](std::string_view line) { kept += line; });
    const auto shown = logged(Level::Error, LogForm::Prose, [] {
        log(Level::Debug, "one");
        log(Level::Info, "two");
        log(Level::Error, "three");
    });
    copy_log_to(nullptr);
    EXPECT_EQ(shown.find("two"), std::string::npos);
    EXPECT_NE(shown.find("three"), std::string::npos);
    EXPECT_EQ(kept.find("one"), std::string::npos);
    EXPECT_NE(kept.find("two"), std::string::npos);
    EXPECT_NE(kept.find("three"), std::string::npos);
}

TEST(Log, DoesNotMixTheLinesOfThreads) {
    const auto lines = logged(Level::Info, LogForm::Json, [] {
        std::vector<std::thread> threads;
        for (int i = 0; i < 8; ++i)
            threads.emplace_back([] {
                for (int k = 0; k < 50; ++k) log(Level::Info, "x", {{"filler", std::string(300, 'f')}});
            });
        for (std::thread& thread : threads) thread.join();
    });
    int count = 0;
    for (const auto line : base::split(base::trim(lines), '\n')) {
        EXPECT_TRUE(line.starts_with("{\"time\"") && line.ends_with("f\"}")) << line;
        ++count;
    }
    EXPECT_EQ(count, 400);
}

}  // namespace
}  // namespace sys

#include "office/helpdesk/clocks.h"

#include <gtest/gtest.h>

namespace helpdesk {
namespace {

using base::Instant;
using std::chrono::hours;
using std::chrono::minutes;

Instant at(std::string_view text) {
    return base::parse_instant(text).value();
}

Question received(std::string_view text) {
    Question question;
    question.received_at = at(text);
    return question;
}

TEST(HelpdeskClocks, CountTheHelpdesksHoursOverHolidaysAndTheYearsEnd) {
    const calendar::OfficeCalendar office;  // 8:30 to 17:30
    struct Case {
        std::string_view from;
        int hours;
        std::string_view due;
    };
    for (const Case& each :
         {Case{"2026-09-18 17:00", 4, "2026-09-24 12:00"}, Case{"2026-12-28 16:30", 2, "2027-01-04 09:30"},
          Case{"2026-05-02 10:00", 1, "2026-05-07 09:30"}}) {
        SCOPED_TRACE(each.from);
        Limits limits;
        limits.first = hours(each.hours);
        const Question question = received(each.from);
        EXPECT_EQ(clocks_of(question, office, limits, question.received_at).due, at(each.due));
        EXPECT_EQ(clocks_of(question, office, limits, question.received_at).remaining, hours(each.hours));
        EXPECT_FALSE(clocks_of(question, office, limits, at(each.due)).is_late()) << "on the minute is in time";
        const Clocks late = clocks_of(question, office, limits, at(each.due) + minutes(90));
        EXPECT_EQ(late.lateness, minutes(90));
        EXPECT_EQ(late.remaining, minutes(0));
    }
}

TEST(HelpdeskClocks, StartWithTheNextOpeningForWhatCameAtHalfPastFive) {
    const Question question = received("2026-11-20 17:30");  // a Friday before a long weekend
    EXPECT_EQ(clocks_of(question, {}, {}, question.received_at).first_due, at("2026-11-24 16:30"));
}

TEST(HelpdeskClocks, CountWhatIsUrgentOnTheWallClock) {
    Question question = received("2026-12-31 23:30");
    question.is_urgent = true;
    const Clocks clocks = clocks_of(question, {}, {}, at("2026-12-31 23:50"));
    EXPECT_EQ(clocks.due, at("2027-01-01 00:30"));
    EXPECT_EQ(clocks.remaining, minutes(40));
    EXPECT_TRUE(clocks_of(question, {}, {}, at("2027-01-01 00:31")).is_late());
}

TEST(HelpdeskClocks, StandStillWhileTheAskerIsAsked) {
    Question question = received("2026-11-24 09:30");
    Limits limits;
    limits.solution = hours(9);
    question.answered_at = at("2026-11-24 10:30");
    EXPECT_EQ(clocks_of(question, {}, limits, at("2026-11-24 10:30")).due, at("2026-11-25 09:30"));
    question.state = State::Waiting;
    question.waiting_since = at("2026-11-24 16:30");
    const Clocks waiting = clocks_of(question, {}, limits, at("2026-11-26 09:30"));
    EXPECT_FALSE(waiting.is_running);
    EXPECT_FALSE(waiting.is_late());
    EXPECT_EQ(waited_since(question, {}, at("2026-11-26 09:30")), (1 + 9 + 1) * 60);
    question.waited_minutes = waited_since(question, {}, at("2026-11-26 09:30"));
    question.waiting_since.reset();
    question.state = State::Open;
    EXPECT_EQ(clocks_of(question, {}, limits, at("2026-11-26 09:30")).due, at("2026-11-26 11:30"));
}

TEST(HelpdeskClocks, AreOverWhenItIsClosed) {
    Question question = received("2026-11-24 09:30");
    question.state = State::Closed;
    EXPECT_FALSE(clocks_of(question, {}, {}, at("2027-11-24 09:30")).is_late());
}

}  // namespace
}  // namespace helpdesk

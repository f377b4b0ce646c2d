#include "flow/set_absence.h"

#include <gtest/gtest.h>

#include "flow/testing/town.h"

namespace flow {

namespace {

using flow::testing::consent;
using flow::testing::people_of;

class SetAbsence : public ::testing::TestWithParam<std::string>, public flow::testing::Town {
  protected:
    SetAbsence() : Town(GetParam()) {}
    const base::Day today_ = base::local_day(clock.now());
    people::Absence absence(const Doer& who, const Doer& deputy, int from = 0, int until = 3) const {
        return {{}, who.person, deputy.person, today_ + from, today_ + until, "研修のため"};
    }
};

}  // namespace

TEST_P(SetAbsence, BringsWhatWaitsToTheDeputyAtOnceAndBack) {
    const content::Page page = taken_over("kurashi/a.html");
    const Outcome asked = submitted(page.id, "<p>新しい文</p>", author);
    ASSERT_TRUE(asked);
    EXPECT_EQ(people_of(list_asked(*site, page.id)), (std::vector{chief.person, chief2.person}));
    const people::AbsenceId id = set_absence(*site, absence(chief, other_author), chief);
    EXPECT_EQ(people_of(list_asked(*site, page.id)), (std::vector{other_author.person, chief.person, chief2.person}));
    EXPECT_EQ(waiting_for(*site, other_author.person).to_approve, 1);
    end_absence(*site, id, chief);
    EXPECT_EQ(waiting_for(*site, other_author.person).to_approve, 0);
    EXPECT_FALSE(approve(*site, consent(asked), other_author));
    set_absence(*site, absence(chief, other_author), chief);
    const Outcome done = approve(*site, consent(asked), other_author);
    ASSERT_TRUE(done) << done.refusal->ja;
    const auto said = read([&](sys::Reader& db) { return workflow::list_approvals(db, page.id, 1).at(0); });
    EXPECT_EQ(said.on_behalf_of, chief.person);
}

TEST_P(SetAbsence, IsOnesOwnMatterOrTheAdministrators) {
    EXPECT_THROW(set_absence(*site, absence(chief, stranger), stranger), base::Error) << "a right taken, not given";
    const people::AbsenceId id = set_absence(*site, absence(chief, chief2), admin);
    EXPECT_THROW(end_absence(*site, id, stranger), base::Error);
    EXPECT_NO_THROW(end_absence(*site, id, chief));
    EXPECT_THROW(end_absence(*site, id, chief), base::Error) << "once";
}

TEST_P(SetAbsence, RefusesDaysAndDeputiesThatMakeNoSense) {
    EXPECT_THROW(set_absence(*site, absence(chief, chief), chief), base::Error);
    EXPECT_THROW(set_absence(*site, absence(chief, chief2, 3, 1), chief), base::Error);
    EXPECT_THROW(set_absence(*site, absence(chief, chief2, -5, -1), chief), base::Error);
    set_absence(*site, absence(chief, chief2, 0, 3), chief);
    EXPECT_THROW(set_absence(*site, absence(chief, chief2, 3, 5), chief), base::Error) << "on one of the days already";
    EXPECT_NO_THROW(set_absence(*site, absence(chief, chief2, 4, 5), chief));
    EXPECT_NO_THROW(set_absence(*site, absence(chief, author, 3, 5), chief)) << "a second deputy";
}

INSTANTIATE_TEST_SUITE_P(Engines, SetAbsence, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

}  // namespace flow

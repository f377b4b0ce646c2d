#include "watch/signals/signal.h"

#include <gtest/gtest.h>

namespace signals {
namespace {

TEST(Fingerprint, KnowsTheSameThingAgainWhateverIsSaidOfIt) {
    Signal first{.source = "probe", .kind = "disk.space", .subject = "/srv", .text = "残り 5 % です。"};
    Signal later = first;
    later.state = State::Clear;
    later.severity = Severity::Serious;
    later.external_id = "7";
    later.text = "空きが戻りました。";
    EXPECT_EQ(fingerprint(first), fingerprint(later));
}

TEST(Fingerprint, KeepsNeighbouringWordsApart) {
    const Signal a{.source = "probe", .kind = "disk", .subject = "a1:b", .rule = ""};
    const Signal b{.source = "probe", .kind = "disk", .subject = "a", .rule = "1:b"};
    EXPECT_NE(fingerprint(a), fingerprint(b));
}

TEST(SignalWords, GoToAndFro) {
    for (const auto state : {State::Raise, State::Clear, State::Info}) EXPECT_EQ(find_state(state_id(state)), state);
    for (int i = 0; i <= 4; ++i)
        EXPECT_EQ(find_severity(severity_id(static_cast<Severity>(i))), static_cast<Severity>(i));
    EXPECT_FALSE(find_severity("critical"));
    EXPECT_EQ(severity_wording(Severity::Emergency), "緊急");
}

}  // namespace
}  // namespace signals

// What people decide: to have it in hand, to act or not, a note, the end. Each is recorded with who, when and why.

#include <boost/json.hpp>

#include "door/cli/anomaly.h"
#include "ground/base/error.h"
#include "watch/telling/calls.h"

namespace cli {

namespace {

template <class Act>
int act(const Invocation& invocation, Act work, std::string_view done) {
    const auto watch = open_watch(invocation);
    const signals::AnomalyId id = anomaly_of(invocation);
    const signals::By by = watch_by(invocation, people::Act::IncidentHandle);
    const signals::Anomaly after = watch->write([&](sys::Transaction& tx) {
        work(tx, id, by);
        return signals::load_anomaly(tx, id);
    });
    invocation.answer(as_json(after), fmt::format("anomaly {}: {}", id.value, done));
    return kDone;
}

int answer(const Invocation& invocation) {
    signals::Answer given;
    const auto decision = signals::find_decision(invocation.text("--act"));
    if (!decision || *decision == signals::Decision::None)
        throw base::Error(base::Kind::BadInput, "--act is now, later or not");
    given.decision = *decision;
    given.who = invocation.text("--who");
    given.why = invocation.text("--why");
    given.due_at = invocation.instant("--due");
    return act(
        invocation,
        [&](sys::Transaction& tx, signals::AnomalyId id, const signals::By& by) {
            signals::answer(tx, id, given, by);
            if (invocation.has("--note")) signals::add_note(tx, id, invocation.text("--note"), by);
        },
        "the answer is recorded");
}

int acknowledge(const Invocation& invocation) {
    return act(
        invocation,
        [](sys::Transaction& tx, signals::AnomalyId id, const signals::By& by) {
            signals::load_anomaly(tx, id);
            const auto call = telling::find_call_of(tx, id);
            if (!call || !telling::acknowledge(tx, *call, by)) signals::acknowledge(tx, id, by);
        },
        "acknowledged; nobody else is called");
}

int close(const Invocation& invocation) {
    return act(
        invocation,
        [&](sys::Transaction& tx, signals::AnomalyId id, const signals::By& by) {
            signals::close(tx, id, invocation.text("--note"), by);
        },
        "closed");
}

constexpr Option kNumber{"NUMBER", "The anomaly's number", Takes::One, true};
constexpr Option kAcknowledge[] = {kNumber, kActingOption};
constexpr Option kClose[] = {kNumber, {"--note", "What came of it"}, kActingOption};
constexpr Option kAnswer[] = {
    kNumber,
    {"--act", "now, later or not", Takes::One, true},
    {"--who", "Who acts; not with --act not"},
    {"--why", "The reason", Takes::One, true},
    {"--due", "With --act later: until when"},
    {"--note", "A note for the timeline"},
    kActingOption,
};

}  // namespace

extern const Command anomaly_ack{"anomaly", "ack", "Have an anomaly in hand: the calling ends", kAcknowledge,
                                 acknowledge};
extern const Command anomaly_answer{"anomaly", "answer", "Record whether to act on an anomaly, who, and why", kAnswer,
                                    answer};
extern const Command anomaly_close{"anomaly", "close", "Close an anomaly that is over and answered", kClose, close};

}  // namespace cli

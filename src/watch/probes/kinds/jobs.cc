// Jobs of the timetable that are late or have failed.
#include "ground/base/text.h"
#include "watch/probes/kinds/kind.h"

namespace probes {

namespace {

class Jobs final : public Probe {
  public:
    Jobs(const Plan&, const World& world) : world_(world) {}

    Reading run() override {
        const auto late = asked(world_.duties.late_jobs)();
        Reading reading;
        double oldest = 0;
        std::vector<std::string> names;
        State state = State::Ok;
        for (const Duties::Late& one : late) {
            oldest = std::max(oldest, seconds_between(one.due_at, world_.clock->now()));
            state = std::max(state, one.was_given_up ? State::Failed : State::Warning);
            if (names.size() < 5) names.push_back(one.name);
        }
        reading.samples = {{"late", static_cast<double>(late.size())}, {"oldest", oldest, "seconds"}};
        add(reading, state,
            late.empty() ? "予定された処理は、すべて時間どおりです。"
                         : fmt::format("予定された処理が{}件、遅れているか失敗しています（{}）。", late.size(),
                                       base::join(names, "、")));
        return reading;
    }

  private:
    const World& world_;
};

}  // namespace

extern const Kind jobs{"jobs", "予定された処理", "遅れや失敗のある処理", "", {60, 10, 1, 1}, {}, make<Jobs>};

}  // namespace probes

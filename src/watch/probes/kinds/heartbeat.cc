// Whether the watch itself keeps up. The sign of life to somebody outside is the watch desk's (watch.heartbeat_url).
#include "watch/probes/kinds/kind.h"

namespace probes {

namespace {

class Heartbeat final : public Probe {
  public:
    Heartbeat(const Plan& plan, const World& world) : world_(world), judge_(judge_of(plan)) {}

    Reading run() override {
        const double late = world_.lateness ? world_.lateness() : 0;
        Reading reading;
        reading.samples = {{"lateness", late, "seconds"}};
        add(reading, judge_.judge(late), fmt::format("監視は動いています（遅れ{:.1f}秒）。", late));
        return reading;
    }

  private:
    const World& world_;
    Judge judge_;
};

constexpr Option kOptions[] = {
    {"warn", "5", Option::Form::Number, "注意とする監視の遅れ（秒）"},
    {"fail", "30", Option::Form::Number, "異常とする監視の遅れ（秒）"},
    margin_option(""),
};

}  // namespace

extern const Kind heartbeat{
    "heartbeat", "監視の稼働",   "監視そのものの遅れ", "", {10, 5, 2, 2, signals::Severity::Serious},
    kOptions,    make<Heartbeat>};

}  // namespace probes

// Whether the machine's clock follows a time server, and how far it may be off (adjtimex). Records, deadlines and
// certificates all hang on it.
#include <cmath>

#include <sys/timex.h>

#include "watch/probes/kinds/kind.h"

namespace probes {

KernelClock read_kernel_clock() {
    timex state{};
    const int answer = ::adjtimex(&state);
    const double unit = (state.status & STA_NANO) != 0 ? 1e-9 : 1e-6;
    return {answer != TIME_ERROR && answer >= 0 && (state.status & STA_UNSYNC) == 0,
            static_cast<double>(state.offset) * unit, static_cast<double>(state.maxerror) * 1e-6};
}

namespace {

class ClockSync final : public Probe {
  public:
    ClockSync(const Plan& plan, const World& world)
        : world_(world), judge_(judge_of(plan)), error_(plan.number("error_warn"), std::nullopt, 0) {}

    Reading run() override {
        const KernelClock clock = world_.kernel_clock();
        Reading reading;
        reading.samples = {{"offset", clock.offset_seconds, "seconds"},
                           {"largest_error", clock.largest_error_seconds, "seconds"}};
        if (!clock.is_synchronised)
            add(reading, State::Warning, "サーバの時計が、時刻サーバと同期していません。");
        else if (error_.judge(clock.largest_error_seconds) != State::Ok)
            add(reading, State::Warning,
                fmt::format("時計の誤差が、最大で{:.1f}秒あるかもしれません。", clock.largest_error_seconds));
        const State state = judge_.judge(std::abs(clock.offset_seconds));
        if (!is_well(state)) add(reading, state, fmt::format("時計が{:.3f}秒ずれています。", clock.offset_seconds));
        if (reading.text.empty())
            add(reading, State::Ok, fmt::format("時計は同期しています（ずれ{:.3f}秒）。", clock.offset_seconds));
        return reading;
    }

  private:
    const World& world_;
    Judge judge_, error_;
};

constexpr Option kOptions[] = {{"warn", "0.5", Option::Form::Number, "注意とするずれ（秒）"},
                               {"fail", "5", Option::Form::Number, "異常とするずれ（秒）"},
                               margin_option(""),
                               {"error_warn", "10", Option::Form::Number, "注意とする、ありうる最大の誤差（秒）"}};

}  // namespace

extern const Kind clock_sync{"clock",  "時計の同期",   "時刻サーバとの同期とずれ", "", {60, 5, 5, 2},
                             kOptions, make<ClockSync>};

}  // namespace probes

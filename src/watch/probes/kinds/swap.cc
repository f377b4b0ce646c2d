// How much of the swap space is used.
#include "watch/probes/kinds/kind.h"

namespace probes {

namespace {

class Swap final : public Probe {
  public:
    Swap(const Plan& plan, const World& world) : world_(world), judge_(judge_of(plan)) {}

    Reading run() override {
        const std::string text = load_text(world_.proc / "meminfo");
        const double total = meminfo_bytes(text, "SwapTotal:"), free = meminfo_bytes(text, "SwapFree:");
        if (total <= 0) return {State::Absent, "スワップ領域はありません。", {}};
        const double used = 100 * (1 - free / total);
        Reading reading;
        reading.samples = {{"used", used, "percent"}};
        add(reading, judge_.judge(used),
            fmt::format("スワップ領域は{}のうち{:.0f}%を使用中です。", size_wording(total), used));
        return reading;
    }

  private:
    const World& world_;
    Judge judge_;
};

constexpr Option kOptions[] = {{"warn", "60", Option::Form::Number, "注意とする使用率（%）"},
                               {"fail", "95", Option::Form::Number, "異常とする使用率（%）"},
                               margin_option("5")};

}  // namespace

extern const Kind swap{"swap", "スワップ", "スワップ領域の使用率", "", {60, 5, 3, 2}, kOptions, make<Swap>};

}  // namespace probes

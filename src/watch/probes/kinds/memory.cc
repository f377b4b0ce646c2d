// Memory, judged by what the kernel says could be had without swapping (MemAvailable): what is not "free" is mostly
// cache.
#include "watch/probes/kinds/kind.h"

namespace probes {

namespace {

class Memory final : public Probe {
  public:
    Memory(const Plan& plan, const World& world) : world_(world), judge_(judge_of(plan)) {}

    Reading run() override {
        const std::string text = load_text(world_.proc / "meminfo");
        const double total = meminfo_bytes(text, "MemTotal:"), available = meminfo_bytes(text, "MemAvailable:");
        const double used = total > 0 ? 100 * (1 - available / total) : 0;
        Reading reading;
        reading.samples = {{"used", used, "percent"}, {"available_bytes", available, "bytes"}};
        add(reading, judge_.judge(used),
            fmt::format("メモリは{:.0f}%を使用中で、あと{}使えます。", used, size_wording(available)));
        return reading;
    }

  private:
    const World& world_;
    Judge judge_;
};

constexpr Option kOptions[] = {{"warn", "90", Option::Form::Number, "注意とする使用率（%）"},
                               {"fail", "97", Option::Form::Number, "異常とする使用率（%）"},
                               margin_option("3")};

}  // namespace

extern const Kind memory{"memory", "メモリ", "すぐに使えるメモリの残り", "", {30, 5, 3, 2}, kOptions, make<Memory>};

}  // namespace probes

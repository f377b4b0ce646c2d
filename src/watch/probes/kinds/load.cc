// How many tasks want to run, for each processor.
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "watch/probes/kinds/kind.h"

namespace probes {

namespace {

class Load final : public Probe {
  public:
    Load(const Plan& plan, const World& world) : world_(world), judge_(judge_of(plan)) {}

    Reading run() override {
        const std::string text = load_text(world_.proc / "loadavg");
        const auto words = words_of(text);
        int processors = 0;
        const std::string stat = load_text(world_.proc / "stat");
        for (const std::string_view line : base::split(stat, '\n'))
            processors += line.starts_with("cpu") && line.size() > 3 && line[3] != ' ';
        if (words.size() < 3 || processors == 0) throw base::Error(base::Kind::Damaged, "/proc/loadavg を読めません");
        const double five = leading_number(words[1]).value_or(0) / processors;
        Reading reading;
        reading.samples = {{"per_processor", five}, {"load1", leading_number(words[0]).value_or(0)}};
        add(reading, judge_.judge(five),
            fmt::format("実行を待つ処理は、5分平均でCPU1個あたり{:.1f}件です（CPUは{}個）。", five, processors));
        return reading;
    }

  private:
    const World& world_;
    Judge judge_;
};

constexpr Option kOptions[] = {{"warn", "3", Option::Form::Number, "注意とするCPU1個あたりの数（5分平均）"},
                               {"fail", "10", Option::Form::Number, "異常とするCPU1個あたりの数（5分平均）"},
                               margin_option("0.5")};

}  // namespace

extern const Kind load{"load",   "負荷",    "実行を待つ処理の数（5分平均、CPU1個あたり）", "", {60, 5, 3, 2},
                       kOptions, make<Load>};

}  // namespace probes

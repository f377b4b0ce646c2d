// How busy the processors were since the last look; at the first look since the start of the machine.
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "watch/probes/kinds/kind.h"

namespace probes {

namespace {

struct Times {
    double all = 0, idle = 0, waiting = 0, stolen = 0;
};

Times read_times(const std::string& stat) {
    const auto words = words_of(base::split(stat, '\n')[0]);
    if (words.size() < 9 || words[0] != "cpu") throw base::Error(base::Kind::Damaged, "/proc/stat を読めません");
    Times times;
    for (std::size_t field = 1; field <= 8; ++field) {  // guest times are within user times
        const double value = leading_number(words[field]).value_or(0);
        times.all += value;
        if (field == 4 || field == 5) times.idle += value;
        if (field == 5) times.waiting = value;
        if (field == 8) times.stolen = value;
    }
    return times;
}

class Cpu final : public Probe {
  public:
    Cpu(const Plan& plan, const World& world) : world_(world), judge_(judge_of(plan)) {}

    Reading run() override {
        const Times now = read_times(load_text(world_.proc / "stat"));
        const double all = now.all - before_.all;
        if (all <= 0) return {State::NoData, "前回からカーネルの計測値が進んでいません。", {}};
        const auto share = [&](double Times::*part) { return 100 * (now.*part - before_.*part) / all; };
        const double busy = 100 - share(&Times::idle);
        Reading reading;
        reading.samples = {{"used", busy, "percent"},
                           {"waiting", share(&Times::waiting), "percent"},
                           {"stolen", share(&Times::stolen), "percent"}};
        add(reading, judge_.judge(busy), fmt::format("CPU使用率は{:.0f}%です。", busy));
        before_ = now;
        return reading;
    }

  private:
    const World& world_;
    Judge judge_;
    Times before_;
};

constexpr Option kOptions[] = {{"warn", "90", Option::Form::Number, "注意とする使用率（%）"},
                               {"fail", "", Option::Form::Number, "異常とする使用率（%）"},
                               margin_option("5")};

}  // namespace

extern const Kind cpu{"cpu",    "CPU",    "CPUの使用率、入出力待ち、仮想基盤に取られた時間", "", {30, 5, 6, 3},
                      kOptions, make<Cpu>};

}  // namespace probes

// Pressure stall information: the share of the last minute in which work stood still for want of processor, memory or
// disk (Documentation/accounting/psi.rst). Says what load and use do not: whether anybody had to wait.
#include "ground/base/text.h"
#include "watch/probes/kinds/kind.h"

namespace probes {

namespace {

struct Resource {
    std::string_view name, line, title, warn, fail;
};
constexpr Resource kResources[] = {{"cpu", "some", "CPU", "cpu_warn", ""},
                                   {"memory", "full", "メモリ", "memory_warn", "memory_fail"},
                                   {"io", "full", "ディスク", "io_warn", ""}};

std::optional<double> average_of_minute(std::string_view text, std::string_view wanted) {
    for (const std::string_view line : base::split(text, '\n')) {
        if (!line.starts_with(wanted)) continue;
        if (const auto at = line.find("avg60="); at != std::string_view::npos)
            return leading_number(line.substr(at + 6));
    }
    return std::nullopt;
}

class Pressure final : public Probe {
  public:
    Pressure(const Plan& plan, const World& world) : world_(world) {
        for (const Resource& one : kResources)
            judges_.emplace_back(plan.number(one.warn), one.fail.empty() ? std::nullopt : plan.number(one.fail), 3.0);
    }

    Reading run() override {
        Reading reading;
        for (std::size_t number = 0; number < std::size(kResources); ++number) {
            const Resource& one = kResources[number];
            const auto text = find_text(world_.proc / "pressure" / one.name);
            const auto share = text ? average_of_minute(*text, one.line) : std::nullopt;
            if (!share) continue;
            reading.samples.push_back({std::string(one.name), *share, "percent"});
            const State state = judges_[number].judge(*share);
            add(reading, state,
                is_well(state)
                    ? ""
                    : fmt::format("直近1分の{:.0f}%の間、{}の空き待ちで処理が止まりました。", *share, one.title));
        }
        if (reading.samples.empty())
            return {State::Absent, "このカーネルは、資源の空き待ち（PSI）を測っていません。", {}};
        if (reading.text.empty()) add(reading, State::Ok, "資源の空き待ちで処理が止まった時間は、わずかです。");
        return reading;
    }

  private:
    const World& world_;
    std::vector<Judge> judges_;
};

constexpr Option kOptions[] = {
    {"cpu_warn", "80", Option::Form::Number, "CPU待ちを注意とする割合（%）"},
    {"memory_warn", "10", Option::Form::Number, "メモリ待ちを注意とする割合（%）"},
    {"memory_fail", "40", Option::Form::Number, "メモリ待ちを異常とする割合（%）"},
    {"io_warn", "50", Option::Form::Number, "ディスク待ちを注意とする割合（%）"},
};

}  // namespace

extern const Kind pressure{
    "pressure", "資源の空き待ち", "CPU・メモリ・ディスクの空き待ちで止まった時間（PSI）", "", {60, 5, 3, 2},
    kOptions,   make<Pressure>};

}  // namespace probes

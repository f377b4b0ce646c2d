// Temperatures, against the limits that the parts themselves name, else those of the settings.
#include <algorithm>
#include <map>

#include "ground/base/text.h"
#include "watch/probes/kinds/kind.h"

namespace probes {

namespace {

class Temperature final : public Probe {
  public:
    Temperature(const Plan& plan, const World& world) : plan_(plan), world_(world) {}

    Reading run() override {
        Reading reading;
        double hottest = -300;
        State worst = State::Ok;
        std::string where;
        for (const auto& chip : list_folder(world_.sys / "class/hwmon", "hwmon"))
            for (const auto& file : list_folder(chip, "temp")) {
                const std::string name = file.filename().string();
                const auto input = name.ends_with("_input") ? find_number(file) : std::nullopt;
                if (!input) continue;
                const std::string sensor = name.substr(0, name.size() - 6);
                const auto limit = [&](const char* suffix, const char* option) -> std::optional<double> {
                    const auto own = find_number(chip / (sensor + suffix));
                    if (own && *own > 0 && *own < 150'000) return static_cast<double>(*own) / 1000;
                    return plan_.number(option);
                };
                const double celsius = static_cast<double>(*input) / 1000;
                const std::string place =
                    fmt::format("{} {}", base::trim(find_text(chip / "name").value_or("")),
                                base::trim(find_text(chip / (sensor + "_label")).value_or(sensor)));
                auto [at, is_new] = judges_.try_emplace(file.string(), limit("_max", "warn"), limit("_crit", "fail"),
                                                        plan_.number("margin").value_or(0));
                const State state = at->second.judge(celsius);
                if (state > worst || (state == worst && celsius > hottest))
                    where = fmt::format("{}が{:.0f}度", place, celsius);
                worst = std::max(worst, state);
                hottest = std::max(hottest, celsius);
            }
        if (where.empty()) return no_hardware(plan_, world_, "温度計");
        reading.samples = {{"hottest", hottest, "celsius"}};
        add(reading, worst, fmt::format("最も高いのは{}です。", where));
        return reading;
    }

  private:
    const Plan& plan_;
    const World& world_;
    std::map<std::string, Judge> judges_;
};

constexpr Option kOptions[] = {
    {"warn", "85", Option::Form::Number, "注意とする温度（度）。部品が上限を示すときはそれによる"},
    {"fail", "95", Option::Form::Number, "異常とする温度（度）。部品が上限を示すときはそれによる"},
    margin_option("3"),
    kNoticeOption};

}  // namespace

extern const Kind temperature{
    "temperature", "温度",           "部品の温度（hwmon）", "", {60, 5, 2, 2, signals::Severity::Serious},
    kOptions,      make<Temperature>};

}  // namespace probes

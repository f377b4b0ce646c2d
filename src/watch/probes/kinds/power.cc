// Whether the machine runs on mains or on a battery, and for how long that will do.
#include <algorithm>

#include "ground/base/text.h"
#include "watch/probes/kinds/kind.h"

namespace probes {

namespace {

class Power final : public Probe {
  public:
    Power(const Plan& plan, const World& world) : plan_(plan), world_(world), judge_(judge_of(plan, Judge::Bad::Low)) {}

    Reading run() override {
        Reading reading;
        bool has_mains = false, is_on_mains = false, is_discharging = false;
        std::optional<double> charge;
        for (const auto& supply : list_folder(world_.sys / "class/power_supply")) {
            const std::string type(base::trim(find_text(supply / "type").value_or("")));
            if (type == "Mains" || type == "USB") {
                has_mains = true;
                is_on_mains = is_on_mains || find_number(supply / "online") == 1;
            } else if (type == "UPS" || type == "Battery") {
                is_discharging =
                    is_discharging || base::trim(find_text(supply / "status").value_or("")) == "Discharging";
                if (const auto capacity = find_number(supply / "capacity"))
                    charge = std::min(charge.value_or(100), static_cast<double>(*capacity));
            }
        }
        if (!has_mains && !charge && !is_discharging) return no_hardware(plan_, world_, "無停電電源装置");
        if (charge) reading.samples.push_back({"charge", *charge, "percent"});
        if (is_discharging || (has_mains && !is_on_mains)) {
            add(reading, State::Warning, "商用電源が切れ、電池で動いています。");
            if (charge) add(reading, judge_.judge(*charge), fmt::format("電池の残りは{:.0f}%です。", *charge));
        } else {
            add(reading, State::Ok,
                charge ? fmt::format("商用電源で動いています（電池{:.0f}%）。", *charge) : "商用電源で動いています。");
        }
        return reading;
    }

  private:
    const Plan& plan_;
    const World& world_;
    Judge judge_;
};

constexpr Option kOptions[] = {{"warn", "80", Option::Form::Number, "電池で動くとき、注意とする残り（%）"},
                               {"fail", "50", Option::Form::Number, "電池で動くとき、異常とする残り（%）"},
                               margin_option("5"),
                               kNoticeOption};

}  // namespace

extern const Kind power{
    "power",  "電源",     "停電、無停電電源装置の残り", "", {10, 5, 2, 2, signals::Severity::Serious},
    kOptions, make<Power>};

}  // namespace probes

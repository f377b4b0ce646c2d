// Until when a domain name is paid for. Registries answer no program reliably, so the date stands in the settings, and
// this counts the days.
#include "watch/probes/kinds/kind.h"

namespace probes {

namespace {

class Domain final : public Probe {
  public:
    Domain(const Plan& plan, const World& world) : plan_(plan), world_(world) {}

    Reading run() override {
        const std::string name = plan_.text("name");
        const auto day = base::parse_day(plan_.text("expires"));
        if (!day)
            return {State::NoData, fmt::format("{} の期限（expires）を 2027-03-31 の形で設定してください。", name), {}};
        const auto left = base::day_number(*day) - base::day_number(base::local_day(world_.clock->now()));
        const auto days = static_cast<double>(left);
        // A day counts, with no margin; a new date in the settings makes a new probe.
        const State state = Judge(plan_.number("warn"), plan_.number("fail"), 0, Judge::Bad::Low).judge(days);
        return {state,
                left < 0
                    ? fmt::format("ドメイン {} は {} に期限が切れました。", name, base::format_day(*day))
                    : fmt::format("ドメイン {} の期限は {} で、あと{}日です。", name, base::format_day(*day), left),
                {{"left", days * 86'400, "seconds"}}};
    }

  private:
    const Plan& plan_;
    const World& world_;
};

constexpr Option kOptions[] = {{"name", "", Option::Form::Text, "ドメイン名"},
                               {"expires", "", Option::Form::Text, "期限の日（2027-03-31 の形）"},
                               {"warn", "60", Option::Form::Number, "注意とする残り日数"},
                               {"fail", "14", Option::Form::Number, "異常とする残り日数"}};

}  // namespace

extern const Kind domain{
    "domain", "ドメインの期限", "設定した期限までの日数", "name", {3600, 5, 1, 1, signals::Severity::Serious},
    kOptions, make<Domain>};

}  // namespace probes

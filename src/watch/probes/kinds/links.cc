// Network links: one that was up and has gone, and errors that the card counts.
#include <map>
#include <numeric>
#include <set>

#include "ground/base/text.h"
#include "watch/probes/kinds/kind.h"

namespace probes {

namespace {

class Links final : public Probe {
  public:
    Links(const Plan& plan, const World& world) : world_(world), judge_(judge_of(plan)) {}

    Reading run() override {
        Reading reading;
        double errors = 0;
        std::string down;
        int up = 0;
        std::set<std::string> there;
        for (const auto& folder : list_folder(world_.sys / "class/net")) {
            const std::string name = folder.filename().string();
            const auto state = find_text(folder / "operstate");
            if (name == "lo" || !state || name.starts_with("veth")) continue;  // those of containers come and go
            there.insert(name);
            if (base::trim(*state) == "up") {
                was_up_.insert(name);
                ++up;
            } else if (was_up_.contains(name)) {
                down += (down.empty() ? "" : "、") + name;
            }
            double counted = 0;
            for (const char* counter : {"rx_errors", "tx_errors", "collisions", "tx_carrier_errors"})
                counted += static_cast<double>(find_number(folder / "statistics" / counter).value_or(0));
            if (counted_.contains(name)) errors += std::max(0.0, counted - counted_[name]);
            counted_[name] = counted;
        }
        for (const std::string& name : was_up_)
            if (!there.contains(name)) down += (down.empty() ? "" : "、") + name;
        if (there.empty() && was_up_.empty()) return {State::Absent, "ネットワークの口がありません。", {}};
        reading.samples = {{"errors", errors}, {"up", static_cast<double>(up)}};
        if (!down.empty()) add(reading, State::Failed, fmt::format("{} のリンクが切れました。", down));
        const State state = judge_.judge(errors);
        if (!is_well(state)) add(reading, state, fmt::format("通信の誤りが、前回から{:.0f}件ありました。", errors));
        if (reading.text.empty()) add(reading, State::Ok, "リンクの切断や通信の誤りはありません。");
        return reading;
    }

  private:
    const World& world_;
    Judge judge_;
    std::map<std::string, double> counted_;
    std::set<std::string> was_up_;
};

constexpr Option kOptions[] = {{"warn", "10", Option::Form::Number, "注意とする誤りの数（1回の間隔あたり）"},
                               {"fail", "1000", Option::Form::Number, "異常とする誤りの数（1回の間隔あたり）"},
                               margin_option("")};

}  // namespace

extern const Kind links{"links",
                        "ネットワークのリンク",
                        "リンクの切断、送受信の誤り",
                        "",
                        {10, 5, 2, 2, signals::Severity::Serious},
                        kOptions,
                        make<Links>};

}  // namespace probes

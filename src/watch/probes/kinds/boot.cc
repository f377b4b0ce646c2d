// Whether the machine is up, and whether it was started anew since the last look. A start that nobody has planned is
// told once: the warning stands for a while and goes by itself.
#include "ground/base/text.h"
#include "watch/probes/kinds/kind.h"

namespace probes {

namespace {

class Boot final : public Probe {
  public:
    Boot(const Plan& plan, const World& world) : plan_(plan), world_(world) {}

    Reading run() override {
        const std::string id(base::trim(load_text(world_.proc / "sys/kernel/random/boot_id")));
        const double uptime = leading_number(load_text(world_.proc / "uptime")).value_or(0);
        const base::Instant now = world_.clock->now();
        const std::string known = recall(plan_, world_);
        const auto words = words_of(known);  // the boot id, and when it was first seen (0: there was none before)
        double seen_at = words.size() == 2 ? leading_number(words[1]).value_or(0) : 0;
        if (words.empty() || words[0] != id) {
            seen_at = words.empty() ? 0 : static_cast<double>(now.milliseconds);
            remember(plan_, world_, fmt::format("{} {:.0f}", id, seen_at));
        }
        const double since = (static_cast<double>(now.milliseconds) - seen_at) / 1000;
        const bool is_fresh = seen_at > 0 && since < plan_.number("hold").value_or(600);
        Reading reading;
        reading.samples = {{"uptime", uptime, "seconds"}};
        add(reading, is_fresh ? State::Warning : State::Ok,
            fmt::format("{}起動してから{}です。", is_fresh ? "サーバが再起動しました。" : "", span_wording(uptime)));
        return reading;
    }

  private:
    const Plan& plan_;
    const World& world_;
};

constexpr Option kOptions[] = {{"hold", "600", Option::Form::Number, "再起動を知らせ続ける時間（秒）"}};

}  // namespace

extern const Kind boot{"boot", "サーバの稼働", "サーバの稼働時間と再起動", "", {30, 5, 1, 1}, kOptions, make<Boot>};

}  // namespace probes

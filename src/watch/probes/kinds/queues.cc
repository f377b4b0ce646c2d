// What waits to be done: how much, and for how long.
#include <map>

#include "watch/probes/kinds/kind.h"

namespace probes {

namespace {

class Queues final : public Probe {
  public:
    Queues(const Plan& plan, const World& world) : plan_(plan), world_(world) {}

    Reading run() override {
        Reading reading;
        for (const Duties::Queue& queue : asked(world_.duties.queues)()) {
            const double age = queue.oldest ? seconds_between(*queue.oldest, world_.clock->now()) : 0;
            reading.samples.push_back({"waiting." + queue.name, static_cast<double>(queue.waiting)});
            reading.samples.push_back({"oldest." + queue.name, age, "seconds"});
            auto [at, is_new] = judges_.try_emplace(queue.name, judge_of(plan_));
            const State state = at->second.judge(age / 60);
            if (!is_well(state))
                add(reading, state,
                    fmt::format("{}が{}件、長くて{}待っています。", queue.title, queue.waiting, span_wording(age)));
            if (static_cast<double>(queue.waiting) > plan_.number("most").value_or(1e9))
                add(reading, State::Warning, fmt::format("{}が{}件たまっています。", queue.title, queue.waiting));
            if (queue.failed > 0)
                add(reading, State::Warning, fmt::format("{}のうち{}件が失敗しました。", queue.title, queue.failed));
        }
        if (reading.text.empty()) add(reading, State::Ok, "処理待ちは滞っていません。");
        return reading;
    }

  private:
    const Plan& plan_;
    const World& world_;
    std::map<std::string, Judge> judges_;
};

constexpr Option kOptions[] = {{"warn", "10", Option::Form::Number, "注意とする、最も長い待ち（分）"},
                               {"fail", "60", Option::Form::Number, "異常とする、最も長い待ち（分）"},
                               margin_option(""),
                               {"most", "1000", Option::Form::Number, "注意とする件数"}};

}  // namespace

extern const Kind queues{"queues", "処理待ち",  "メール・公開・掲載処理の待ち件数と待ち時間", "", {30, 10, 2, 2},
                         kOptions, make<Queues>};

}  // namespace probes

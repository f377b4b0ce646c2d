// Bytes and packets of each network interface since the last look (the first time: since the machine was started), and
// how much of the line's speed that is, where the driver tells it.
#include <map>

#include "ground/base/text.h"
#include "watch/probes/kinds/kind.h"

namespace probes {

namespace {

struct Counters {
    double received = 0, sent = 0;
};

/// By interface, without the loopback.
std::map<std::string, Counters> read_counters(const std::string& text) {
    std::map<std::string, Counters> all;
    for (const std::string_view line : base::split(text, '\n')) {
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        const std::string name(base::trim(line.substr(0, colon)));
        const auto fields = words_of(line.substr(colon + 1));
        if (name == "lo" || fields.size() < 16) continue;
        all[name] = {leading_number(fields[0]).value_or(0), leading_number(fields[8]).value_or(0)};
    }
    return all;
}

class Traffic final : public Probe {
  public:
    Traffic(const Plan& plan, const World& world) : plan_(plan), world_(world) {}

    Reading run() override {
        const auto now = read_counters(load_text(world_.proc / "net/dev"));
        const double moment = std::chrono::duration<double>(world_.clock->monotonic()).count();
        const bool is_first = before_.empty();
        const double seconds =
            is_first ? leading_number(load_text(world_.proc / "uptime")).value_or(0) : moment - moment_;
        Reading reading;
        if (now.empty()) return {State::Absent, "ネットワークの口がありません。", {}};
        if (seconds <= 0) return {State::NoData, "前回から時間がたっていません。", {}};
        for (const auto& [name, counters] : now) {
            const Counters old = before_.contains(name) ? before_[name] : Counters{};
            // A counter that went back was begun anew with its interface.
            const double received = std::max(0.0, counters.received - old.received) / seconds;
            const double sent = std::max(0.0, counters.sent - old.sent) / seconds;
            reading.samples.push_back({"received." + name, received, "bytes_per_second"});
            reading.samples.push_back({"sent." + name, sent, "bytes_per_second"});
            add(reading, judge(name, std::max(received, sent)),
                fmt::format("{}：受信 毎秒{}、送信 毎秒{}。", name, size_wording(received), size_wording(sent)));
        }
        before_ = now;
        moment_ = moment;
        return reading;
    }

  private:
    State judge(const std::string& name, double bytes) {
        const auto speed = find_number(world_.sys / "class/net" / name / "speed");  // Mbit/s; -1 or an error: unknown
        auto limit = plan_.number("limit_mbps");
        if (!limit && speed && *speed > 0) limit = static_cast<double>(*speed);
        if (!limit || *limit <= 0) return State::Ok;
        auto [at, is_new] = judges_.try_emplace(name, judge_of(plan_));
        return at->second.judge(100 * bytes * 8 / (*limit * 1e6));
    }

    const Plan& plan_;
    const World& world_;
    std::map<std::string, Counters> before_;
    std::map<std::string, Judge> judges_;
    double moment_ = 0;
};

constexpr Option kOptions[] = {
    {"limit_mbps", "", Option::Form::Number, "回線の速さ（Mbps）。空なら機器が示す速さ"},
    {"warn", "80", Option::Form::Number, "注意とする回線の使用率（%）"},
    {"fail", "", Option::Form::Number, "異常とする回線の使用率（%）"},
    margin_option("5"),
};

}  // namespace

extern const Kind traffic{"traffic", "ネットワークの通信量", "ネットワークの口ごとの受信量と送信量", "", {30, 5, 4, 2},
                          kOptions,  make<Traffic>};

}  // namespace probes

// Whether the database answers, how big it and its log are, and, once a day, what it finds wrong in itself.
#include "ground/base/error.h"
#include "watch/probes/kinds/kind.h"

namespace probes {

namespace {

class DatabaseHealth final : public Probe {
  public:
    DatabaseHealth(const Plan& plan, const World& world)
        : plan_(plan),
          world_(world),
          size_(plan.number("size_gb"), std::nullopt, 0),
          log_(plan.number("log_mb"), std::nullopt, 0),
          transaction_(judge_of(plan)) {}

    Reading run() override {
        const auto& ask = asked(world_.duties.database);
        const double now = std::chrono::duration<double>(world_.clock->monotonic()).count();
        const bool is_thorough = now - checked_ >= plan_.number("check_hours").value_or(24) * 3600;
        const auto start = std::chrono::steady_clock::now();
        Duties::Database health;
        try {
            health = ask(is_thorough);
        } catch (const base::Error& error) {
            return {State::Failed, fmt::format("データベースを使えません（{}）。", error.message()), {}};
        }
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        if (is_thorough) {
            checked_ = now;
            damage_ = health.problem;
        }
        Reading reading;
        reading.samples = {{"bytes", static_cast<double>(health.bytes), "bytes"},
                           {"log_bytes", static_cast<double>(health.log_bytes), "bytes"},
                           {"time", seconds, "seconds"}};
        if (!damage_.empty()) add(reading, State::Failed, fmt::format("データベースが壊れています（{}）。", damage_));
        const auto bytes = static_cast<double>(health.bytes), log_bytes = static_cast<double>(health.log_bytes);
        if (size_.judge(bytes / 1e9) != State::Ok)
            add(reading, State::Warning, fmt::format("データベースの大きさが{}になりました。", size_wording(bytes)));
        if (log_.judge(log_bytes / 1e6) != State::Ok)
            add(reading, State::Warning,
                fmt::format("書き込みログ（WAL）が{}に増えています。", size_wording(log_bytes)));
        if (health.oldest_transaction_seconds) {
            reading.samples.push_back({"oldest_transaction", *health.oldest_transaction_seconds, "seconds"});
            const State state = transaction_.judge(*health.oldest_transaction_seconds);
            if (!is_well(state))
                add(reading, state,
                    fmt::format("{}続いている取引があります。", span_wording(*health.oldest_transaction_seconds)));
        }
        if (reading.text.empty())
            add(reading, State::Ok,
                fmt::format("{}は正常です（{}、応答{:.0f}ミリ秒）。", health.engine, size_wording(bytes),
                            seconds * 1000));
        return reading;
    }

  private:
    const Plan& plan_;
    const World& world_;
    Judge size_, log_, transaction_;
    double checked_ = -1e18;
    std::string damage_;
};

constexpr Option kOptions[] = {
    {"size_gb", "50", Option::Form::Number, "注意とする大きさ（GB）"},
    {"log_mb", "1000", Option::Form::Number, "注意とする書き込みログ（WAL）の大きさ（MB）"},
    {"warn", "600", Option::Form::Number, "注意とする、最も長い取引（秒、PostgreSQL）"},
    {"fail", "", Option::Form::Number, "異常とする、最も長い取引（秒、PostgreSQL）"},
    margin_option(""),
    {"check_hours", "24", Option::Form::Number, "中身の検査（quick_check）の間隔（時間）"},
};

}  // namespace

extern const Kind database{"database",
                           "データベース",
                           "接続、大きさ、書き込みログ、中身の検査",
                           "",
                           {30, 60, 2, 2, signals::Severity::Serious},
                           kOptions,
                           make<DatabaseHealth>};

}  // namespace probes

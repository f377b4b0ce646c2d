// How old the last good backup is. A site without any is not well either: whoever backs it up by other means switches
// this probe off, which is recorded.
#include "watch/probes/kinds/kind.h"

namespace probes {

namespace {

class BackupAge final : public Probe {
  public:
    BackupAge(const Plan& plan, const World& world) : world_(world), judge_(judge_of(plan)) {}

    Reading run() override {
        if (!world_.duties.backup) return {State::Absent, "バックアップは、この役割では扱いません。", {}};
        const Duties::Backup backup = world_.duties.backup();
        if (!backup.is_configured)
            return {State::Warning,
                    "バックアップが設定されていません。バックアップの画面の案内に沿って設定してください。"
                    "ほかの仕組みで取っているときは、この項目を「監視しない」にしてください。",
                    {}};
        if (!backup.newest)
            return {State::Failed, fmt::format("バックアップが一度も取れていません。{}", backup.problem), {}};
        const double age = seconds_between(*backup.newest, world_.clock->now());
        Reading reading;
        reading.samples = {{"age", age, "seconds"}};
        add(reading, judge_.judge(age / 3600),
            fmt::format("最後のバックアップは{}前（{}）です。", span_wording(age), base::format_local(*backup.newest)));
        if (!backup.problem.empty()) add(reading, State::Warning, backup.problem);
        return reading;
    }

  private:
    const World& world_;
    Judge judge_;
};

constexpr Option kOptions[] = {{"warn", "26", Option::Form::Number, "注意とする、最後のバックアップからの時間"},
                               {"fail", "50", Option::Form::Number, "異常とする、最後のバックアップからの時間"},
                               margin_option("")};

}  // namespace

extern const Kind backup{"backup",
                         "バックアップの新しさ",
                         "最後に取れたバックアップからの時間",
                         "",
                         {600, 30, 1, 1, signals::Severity::Serious},
                         kOptions,
                         make<BackupAge>};

}  // namespace probes

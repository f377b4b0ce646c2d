// Whether a port takes a connection.
#include "ground/sys/dial.h"
#include "watch/probes/kinds/kind.h"

namespace probes {

namespace {

class Tcp final : public Probe {
  public:
    Tcp(const Plan& plan, const World&) : plan_(plan), judge_(judge_of(plan)) {}

    Reading run() override {
        const std::string target = plan_.text("target");
        const sys::Dialled dialled = sys::dial(sys::read_target(target, ""), sys::Deadline(plan_.patience()));
        Reading reading;
        reading.samples = {{"connect", dialled.seconds, "seconds"}};
        switch (dialled.step) {
            case sys::Step::Name:
                add(reading, State::Failed,
                    fmt::format("{} の名前を引けません（{}）。", target, reason_wording(dialled.problem)));
                break;
            case sys::Step::Connect:
                add(reading, State::Failed,
                    fmt::format("{} に接続できません（{}）。", target, reason_wording(dialled.problem)));
                break;
            case sys::Step::Timeout:
                add(reading, State::Failed, fmt::format("{} が時間内に答えません。", target));
                break;
            case sys::Step::Done:
                add(reading, judge_.judge(dialled.seconds),
                    fmt::format("{} に{:.0f}ミリ秒で接続できました。", target, dialled.seconds * 1000));
        }
        return reading;
    }

  private:
    const Plan& plan_;
    Judge judge_;
};

constexpr Option kOptions[] = {{"target", "", Option::Form::Text, "調べる先（host:port）"},
                               {"warn", "1", Option::Form::Number, "注意とする接続時間（秒）"},
                               {"fail", "", Option::Form::Number, "異常とする接続時間（秒）"},
                               margin_option("")};

}  // namespace

extern const Kind tcp{
    "tcp",    "ポートへの接続", "TCPで接続できるか、かかった時間", "target", {10, 5, 2, 2, signals::Severity::Serious},
    kOptions, make<Tcp>};

}  // namespace probes

// Whether the watch itself keeps up; and a sign of life to somebody outside, who calls people when it no longer comes.
#include "ground/sys/http_client.h"
#include "watch/probes/kinds/kind.h"

namespace probes {

namespace {

class Heartbeat final : public Probe {
  public:
    Heartbeat(const Plan& plan, const World& world) : plan_(plan), world_(world), judge_(judge_of(plan, 0)) {}

    Reading run() override {
        const double late = world_.lateness ? world_.lateness() : 0;
        Reading reading;
        reading.samples = {{"lateness", late, "seconds"}};
        add(reading, judge_.judge(late), fmt::format("監視は動いています（遅れ{:.1f}秒）。", late));
        const std::string url = plan_.text("url");
        if (url.empty() || world_.is_only_looking) return reading;
        // Whoever listens there calls people when this no longer comes: what a dead watch cannot do itself.
        sys::FetchOptions options;
        options.patience = options.connect_patience = plan_.patience();
        const sys::Fetched fetched = sys::HttpClient().try_fetch(url, options);
        if (fetched.has_failed() || fetched.status >= 400)
            add(reading, State::Warning,
                fmt::format("外の見張り {} に生存を伝えられません（{}）。", url,
                            fetched.has_failed() ? fetched.message : fmt::format("状態{}", fetched.status)));
        return reading;
    }

  private:
    const Plan& plan_;
    const World& world_;
    Judge judge_;
};

constexpr Option kOptions[] = {
    {"url", "", Option::Form::Text, "生存を伝える外の見張りのアドレス。空なら伝えない"},
    {"warn", "5", Option::Form::Number, "注意とする監視の遅れ（秒）"},
    {"fail", "30", Option::Form::Number, "異常とする監視の遅れ（秒）"},
};

}  // namespace

extern const Kind heartbeat{"heartbeat",
                            "監視の稼働",
                            "監視そのものの遅れ、外の見張りへの合図",
                            "",
                            {10, 5, 2, 2, signals::Severity::Serious},
                            kOptions,
                            make<Heartbeat>};

}  // namespace probes

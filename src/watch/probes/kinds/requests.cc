// Traffic of a site by its access log: requests, bytes, answers by class, and the share of server errors. The notice of
// a site that is stopped on purpose (503) is what it shall answer, and no error; all else is judged then, too.
#include <utility>

#include "watch/logs/access_line.h"
#include "watch/logs/follow.h"
#include "watch/probes/kinds/kind.h"

namespace probes {

namespace {

constexpr double kFewest = 20;  ///< below, a share says nothing

class Requests final : public Probe {
  public:
    Requests(const Plan& plan, const World& world)
        : plan_(plan),
          world_(world),
          rate_(plan.number("most_per_second"), std::nullopt, 0),
          errors_(judge_of(plan)),
          follower_(plan.text("file"), recall(plan, world)) {}

    Reading run() override {
        // The log may tell of the last moments of a stop that is over.
        const bool is_stopped = world_.is_stopped && world_.is_stopped();
        const bool has_notices = std::exchange(was_stopped_, is_stopped) || is_stopped;
        double requests = 0, bytes = 0, errors = 0, missing = 0, notices = 0;
        const auto turn = follower_.read([&](std::string_view line) {
            const auto access = logs::read_access_line(line);
            if (!access) return;
            ++requests;
            bytes += static_cast<double>(access->bytes);
            const bool is_notice = has_notices && access->status == 503;
            notices += is_notice;
            errors += access->status >= 500 && !is_notice;
            missing += access->status == 404;
        });
        // A server that has not yet answered anybody may have no log yet; one that had a log has lost it.
        if (turn.is_missing && (turn.problem != ENOENT || !recall(plan_, world_).empty()))
            return {State::NoData, fmt::format("{} を読めません。", plan_.text("file")), {}};
        if (!turn.is_missing) remember(plan_, world_, follower_.position());
        const double now = std::chrono::duration<double>(world_.clock->monotonic()).count();
        const double seconds = last_ > 0 && now > last_ ? now - last_ : plan_.rhythm.every;
        last_ = now;
        const double share = requests >= kFewest ? 100 * errors / requests : 0;
        Reading reading;
        reading.samples = {{"requests", requests / seconds, "per_second"},
                           {"sent", bytes / seconds, "bytes_per_second"},
                           {"server_errors", errors / seconds, "per_second"},
                           {"not_found", missing / seconds, "per_second"},
                           {"stop_notices", notices / seconds, "per_second"}};
        add(reading, errors_.judge(share),
            fmt::format("毎秒{:.1f}件、{}を送りました。サーバの誤りは{:.0f}件です。", requests / seconds,
                        size_wording(bytes / seconds), errors));
        if (has_notices)
            reading.text +=
                fmt::format("公開サイトの停止中のお知らせ（503）を{:.0f}件返しました。誤りには数えません。", notices);
        if (rate_.judge(requests / seconds) != State::Ok)
            add(reading, State::Warning, "アクセスが上限を超えて多くなっています。");
        return reading;
    }

  private:
    const Plan& plan_;
    const World& world_;
    Judge rate_, errors_;
    logs::Follower follower_;
    double last_ = 0;
    bool was_stopped_ = false;
};

constexpr Option kOptions[] = {
    {"file", "", Option::Form::Text, "アクセスログ（combined形式）"},
    {"warn", "5", Option::Form::Number, "注意とするサーバの誤り（5xx）の割合（%）"},
    {"fail", "30", Option::Form::Number, "異常とするサーバの誤り（5xx）の割合（%）"},
    margin_option("1"),
    {"most_per_second", "", Option::Form::Number, "注意とする毎秒の件数"},
};

}  // namespace

extern const Kind requests{"requests",
                           "サイトの通信量",
                           "アクセスログによる件数、送信量、誤りの割合",
                           "file",
                           {10, 5, 3, 2, signals::Severity::Serious},
                           kOptions,
                           make<Requests>};

}  // namespace probes

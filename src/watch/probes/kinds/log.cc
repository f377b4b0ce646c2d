// Words in a log file that mean trouble, counted for each look. What one look may tell is bounded, however many lines
// come; where the reading stopped is kept, so that a restart neither repeats nor loses lines.
#include "ground/base/text.h"
#include "watch/logs/follow.h"
#include "watch/probes/kinds/kind.h"

namespace probes {

namespace {

/// The first of the words that stands in the line; null when none does.
const std::string* find_any(const std::string& line, const std::vector<std::string>& words) {
    for (const std::string& word : words)
        if (line.find(word) != std::string::npos) return &word;
    return nullptr;
}

std::vector<std::string> lower(std::vector<std::string> words) {
    for (std::string& word : words) word = base::to_lower(word);
    return words;
}

class Log final : public Probe {
  public:
    Log(const Plan& plan, const World& world)
        : plan_(plan),
          world_(world),
          judge_(judge_of(plan)),
          lines_(plan.number("burst"), std::nullopt, 0),
          words_(lower(plan.list("words"))),
          except_(lower(plan.list("except"))),
          follower_(plan.text("file"), recall(plan, world)) {}

    Reading run() override {
        std::uint64_t hits = 0;
        const std::string* first = nullptr;  // the line itself may hold what no screen should show
        const auto turn = follower_.read([&](std::string_view line) {
            const std::string small = base::to_lower(line);
            const std::string* const word = find_any(small, words_);
            if (word == nullptr || find_any(small, except_) != nullptr) return;
            if (hits++ == 0) first = word;
        });
        if (turn.is_missing) return {State::NoData, fmt::format("{} を読めません。", plan_.text("file")), {}};
        remember(plan_, world_, follower_.position());
        Reading reading;
        reading.samples = {{"hits", static_cast<double>(hits)}, {"lines", static_cast<double>(turn.lines)}};
        add(reading, judge_.judge(static_cast<double>(hits)),
            hits == 0
                ? fmt::format("{} に、注意する言葉はありません。", plan_.text("file"))
                : fmt::format("{} に、注意する言葉が{}件ありました。初めは「{}」。", plan_.text("file"), hits, *first));
        const bool is_burst = lines_.judge(static_cast<double>(turn.lines)) != State::Ok || turn.is_more;
        if (is_burst) add(reading, State::Warning, fmt::format("1回の間隔で{}行も書かれました。", turn.lines));
        return reading;
    }

  private:
    const Plan& plan_;
    const World& world_;
    Judge judge_, lines_;
    std::vector<std::string> words_, except_;
    logs::Follower follower_;
};

constexpr Option kOptions[] = {
    {"file", "", Option::Form::Text, "調べるファイル"},
    {"words", "error,fatal,panic,out of memory", Option::Form::Text,
     "注意する言葉（コンマ区切り、大文字小文字は問わない）"},
    {"except", "", Option::Form::Text, "この言葉を含む行は数えない（コンマ区切り）"},
    {"warn", "1", Option::Form::Number, "注意とする件数（1回の間隔あたり）"},
    {"fail", "100", Option::Form::Number, "異常とする件数（1回の間隔あたり）"},
    margin_option(""),
    {"burst", "20000", Option::Form::Number, "書かれすぎとして注意とする行数（1回の間隔あたり）"},
};

}  // namespace

extern const Kind log{"log",    "ログファイル", "注意する言葉の件数、書かれすぎ", "file", {30, 10, 1, 2},
                      kOptions, make<Log>};

}  // namespace probes

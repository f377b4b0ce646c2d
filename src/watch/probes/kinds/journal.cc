// The systemd journal, read by journalctl from a cursor: how many messages of at least this priority came, and those
// that name what no server should say (a process killed for want of memory, an I/O error).
#include <boost/json.hpp>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/process.h"
#include "watch/probes/kinds/kind.h"

namespace probes {

namespace {

namespace json = boost::json;

constexpr std::size_t kMostLines = 2000;

class Journal final : public Probe {
  public:
    Journal(const Plan& plan, const World& world)
        : plan_(plan), world_(world), judge_(judge_of(plan)), cursor_(recall(plan, world)) {}

    Reading run() override {
        std::vector<std::string> arguments{world_.journalctl,
                                           "--no-pager",
                                           "--quiet",
                                           "--output=json",
                                           "--output-fields=MESSAGE,_SYSTEMD_UNIT,SYSLOG_IDENTIFIER",
                                           "--priority=" + plan_.text("priority"),
                                           fmt::format("--lines={}", kMostLines)};
        if (const std::string unit = plan_.text("unit"); !unit.empty()) arguments.push_back("--unit=" + unit);
        const bool is_first = cursor_.empty() && !has_looked_;
        if (!cursor_.empty()) arguments.push_back("--after-cursor=" + cursor_);
        sys::Command command;
        command.arguments = std::move(arguments);
        command.patience = plan_.patience();
        command.output_limit = 8U << 20;
        sys::Outcome outcome;
        try {
            outcome = sys::run(command);
        } catch (const base::Error&) {
            return {State::Absent, "このサーバには systemd のジャーナルがありません。", {}};
        }
        if (outcome.timed_out) return {State::NoData, "journalctl が時間内に答えません。", {}};
        if (outcome.exit_code != 0 && !outcome.errors.empty())
            return {State::NoData,
                    fmt::format("journalctl が失敗しました（{}）。",
                                base::first_code_points(base::trim(outcome.errors), 160)),
                    {}};
        if (outcome.exit_code != 0 && outcome.output.empty())
            return {State::Absent, "このサーバには読める systemd のジャーナルがありません。", {}};
        count(outcome.output, is_first);
        has_looked_ = true;
        Reading reading;
        reading.samples = {{"messages", messages_}, {"hits", hits_}};
        add(reading, judge_.judge(messages_), fmt::format("重要な記録が{:.0f}件ありました。", messages_));
        if (hits_ > 0) add(reading, State::Warning, fmt::format("見過ごせない記録があります：「{}」。", shown_));
        return reading;
    }

  private:
    void count(std::string_view output, bool is_first) {
        messages_ = hits_ = 0;
        shown_.clear();
        const auto words = plan_.list("words");
        for (const std::string_view line : base::split(output, '\n')) {
            boost::system::error_code problem;
            const json::value entry = json::parse(json::string_view(line.data(), line.size()), problem);
            const json::object* fields = problem ? nullptr : entry.if_object();
            if (fields == nullptr) continue;
            if (const json::value* cursor = fields->if_contains("__CURSOR"); cursor && cursor->is_string())
                cursor_ = std::string(cursor->get_string());
            if (is_first) continue;  // what was there before is not news
            ++messages_;
            const json::value* message = fields->if_contains("MESSAGE");
            if (message == nullptr || !message->is_string()) continue;  // bytes that are no text come as a list
            const std::string text = base::to_lower(std::string_view(message->get_string()));
            for (const std::string& word : words)
                if (text.find(base::to_lower(word)) != std::string::npos) {
                    if (hits_++ == 0)
                        shown_ =
                            base::first_code_points(base::to_valid_utf8(std::string_view(message->get_string())), 160);
                    break;
                }
        }
        for (char& c : shown_)
            if (static_cast<unsigned char>(c) < 0x20) c = ' ';
        if (!cursor_.empty()) remember(plan_, world_, cursor_);
    }

    const Plan& plan_;
    const World& world_;
    Judge judge_;
    std::string cursor_, shown_;
    bool has_looked_ = false;  ///< a journal without a serious message gives no cursor to go on from
    double messages_ = 0, hits_ = 0;
};

constexpr Option kOptions[] = {
    {"unit", "", Option::Form::Text, "調べるサービス。空ならすべて"},
    {"priority", "3", Option::Form::Text, "数える重要度（0から7。3は誤り以上）"},
    {"words", "out of memory,i/o error,segfault,read-only file system", Option::Form::Text,
     "見過ごせない言葉（コンマ区切り）"},
    {"warn", "50", Option::Form::Number, "注意とする件数（1回の間隔あたり）"},
    {"fail", "1000", Option::Form::Number, "異常とする件数（1回の間隔あたり）"},
    margin_option(""),
};

}  // namespace

extern const Kind journal{"journal",    "システムの記録", "systemdのジャーナルの重要な記録の件数と、見過ごせない言葉",
                          "",           {60, 15, 1, 2},   kOptions,
                          make<Journal>};

}  // namespace probes

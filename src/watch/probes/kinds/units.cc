// The services of the system, as systemd keeps them: those that have failed, or that it has given up starting. So the
// programs that nobody named in the settings (cron, sshd, nginx) are watched, too.
#include <algorithm>

#include "ground/base/text.h"
#include "ground/sys/process.h"
#include "watch/probes/kinds/kind.h"

namespace probes {

namespace {

constexpr std::size_t kMostNamed = 5;

class Units final : public Probe {
  public:
    Units(const Plan& plan, const World& world) : plan_(plan), world_(world) {}

    Reading run() override {
        sys::Command command;
        command.arguments = {world_.systemctl, "list-units", "--state=failed", "--plain", "--no-legend", "--no-pager"};
        command.environment = {{"LC_ALL", "C.UTF-8"}, {"PATH", "/usr/bin:/bin"}};
        command.patience = plan_.patience();
        command.output_limit = 1U << 20;
        sys::Outcome outcome;
        try {
            outcome = sys::run(command);
        } catch (const base::Error&) {
            // Where it runs it has this folder, beside /proc (sd_booted(3)): then its program could not be started.
            if (std::filesystem::exists(world_.proc.parent_path() / "run/systemd/system")) throw;
            return {State::Absent, "このサーバには systemd がありません。", {}};
        }
        if (outcome.timed_out) return {State::NoData, "systemctl が時間内に答えません。", {}};
        if (outcome.exit_code != 0 && outcome.errors.find("not been booted with systemd") != std::string::npos)
            return {State::Absent, "このサーバは systemd で動いていません。", {}};
        if (outcome.exit_code != 0)
            return {State::NoData,
                    fmt::format("systemctl が失敗しました（{}）。",
                                base::first_code_points(base::to_valid_utf8(base::trim(outcome.errors)), 160)),
                    {}};
        const std::vector<std::string> failed = failed_in(outcome.output);
        Reading reading;
        reading.samples = {{"failed_units", static_cast<double>(failed.size())}};
        if (failed.empty()) {
            add(reading, State::Ok, "失敗しているサービスはありません。");
            return reading;
        }
        std::vector<std::string> named(
            failed.begin(), failed.begin() + static_cast<std::ptrdiff_t>(std::min(failed.size(), kMostNamed)));
        add(reading, State::Failed,
            fmt::format("失敗しているサービスが{}件あります：{}。", failed.size(), base::join(named, "、")));
        return reading;
    }

  private:
    /// "nginx.service loaded failed failed A high performance web server", a line each.
    std::vector<std::string> failed_in(std::string_view output) const {
        const std::vector<std::string> ignored = plan_.list("ignore");
        std::vector<std::string> found;
        for (const std::string_view line : base::split(output, '\n')) {
            const auto words = words_of(line);
            if (words.size() < 4 || words[2] != "failed") continue;
            std::string name = base::to_valid_utf8(base::first_code_points(words[0], 100));
            if (std::find(ignored.begin(), ignored.end(), name) == ignored.end()) found.push_back(std::move(name));
        }
        return found;
    }

    const Plan& plan_;
    const World& world_;
};

constexpr Option kOptions[] = {
    {"ignore", "", Option::Form::Text, "失敗していてもよいサービス（コンマ区切り。例：apt-daily.service）"}};

}  // namespace

extern const Kind units{"units",  "システムのサービス", "失敗しているサービス（systemd）", "", {60, 15, 2, 2},
                        kOptions, make<Units>};

}  // namespace probes

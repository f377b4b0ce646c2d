// Whether the processes of a name run, as many as there should be, and with what memory and files; a process that was
// started anew since the last look is a restart.
#include <algorithm>
#include <map>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "watch/probes/kinds/kind.h"

namespace probes {

namespace {

struct Process {
    std::int64_t started = 0;  ///< ticks after the boot
    double resident = 0;       ///< bytes
    double files = 0, most_files = 0;
};

/// Fields of /proc/PID/stat after the name, which may hold anything, parentheses included.
std::vector<std::string_view> fields_after_name(std::string_view stat) {
    const auto end = stat.rfind(')');
    return end == std::string_view::npos ? std::vector<std::string_view>() : words_of(stat.substr(end + 1));
}

/// Whether a process works in `folder`: its --site, else its YAKUBA_SITE, else its working folder. What another user's
/// process does not let us see is taken for ours: better one too many than a missing one that nobody looks for.
bool works_in(const std::filesystem::path& process, const std::string& cmdline, const std::filesystem::path& folder) {
    const auto is_same = [&](const std::filesystem::path& other) {
        std::error_code problem;
        const bool is_it =
            std::filesystem::weakly_canonical(other, problem) == std::filesystem::weakly_canonical(folder);
        return problem || is_it;
    };
    std::error_code problem;
    const auto here = std::filesystem::read_symlink(process / "cwd", problem);
    const auto named = [&](std::string_view site) {
        return problem && !site.starts_with('/') ? true : is_same(here / site);
    };
    const auto words = base::split(cmdline, '\0');
    for (std::size_t at = 0; at < words.size(); ++at) {
        if (words[at].starts_with("--site=")) return named(words[at].substr(7));
        if (words[at] == "--site" && at + 1 < words.size()) return named(words[at + 1]);
    }
    const auto environment = find_text(process / "environ");
    if (environment)
        for (const std::string_view word : base::split(*environment, '\0'))
            if (word.starts_with("YAKUBA_SITE=") && word.size() > 12) return named(word.substr(12));
    return problem || is_same(here);
}

class Processes final : public Probe {
  public:
    Processes(const Plan& plan, const World& world)
        : plan_(plan),
          world_(world),
          memory_(plan.number("memory_mb"), std::nullopt, 0),
          files_(plan.number("files"), std::nullopt, 3) {}

    Reading run() override {
        const std::string name = plan_.text("name");
        const auto found = find_processes(name, plan_.text("arguments"), plan_.text("folder"));
        Reading reading;
        double resident = 0, files = 0;
        int restarts = 0;
        for (const auto& [pid, process] : found) {
            resident += process.resident;
            if (process.most_files > 0) files = std::max(files, 100 * process.files / process.most_files);
            restarts += newest_ > 0 && process.started > newest_;
        }
        reading.samples = {{"running", static_cast<double>(found.size())},
                           {"resident_bytes", resident, "bytes"},
                           {"restarts", static_cast<double>(restarts)},
                           {"files", files, "percent"}};
        const double least = plan_.number("least").value_or(1);
        const auto most = plan_.number("most");
        if (static_cast<double>(found.size()) < least)
            add(reading, State::Failed,
                fmt::format("{} が動いていません（{}個、必要な数は{:.0f}）。", name, found.size(), least));
        else if (most && static_cast<double>(found.size()) > *most)
            add(reading, State::Warning,
                fmt::format("{} が{}個も動いています（上限は{:.0f}）。", name, found.size(), *most));
        const base::Instant now = world_.clock->now();
        if (restarts > 0) restarted_at_ = now;
        const auto hold = std::chrono::seconds(static_cast<std::int64_t>(plan_.number("hold").value_or(60)));
        if (restarted_at_.milliseconds != 0 && now - restarted_at_ < hold && plan_.text("restarts") == "yes")
            add(reading, State::Warning, fmt::format("{} が起動し直されました。", name));
        if (memory_.judge(resident / 1e6) != State::Ok)
            add(reading, State::Warning, fmt::format("{} がメモリを{}使っています。", name, size_wording(resident)));
        if (files_.judge(files) != State::Ok)
            add(reading, State::Warning,
                fmt::format("{} が、開けるファイルの数の{:.0f}%を使っています。", name, files));
        if (reading.text.empty())
            add(reading, State::Ok,
                fmt::format("{} は{}個動き、メモリを{}使っています。", name, found.size(), size_wording(resident)));
        for (const auto& [pid, process] : found) newest_ = std::max(newest_, process.started);
        return reading;
    }

  private:
    std::map<int, Process> find_processes(const std::string& name, const std::string& arguments,
                                          const std::string& site) const {
        std::map<int, Process> found;
        for (const auto& folder : list_folder(world_.proc)) {
            const std::string pid = folder.filename().string();
            if (pid.empty() || pid.find_first_not_of("0123456789") != std::string::npos) continue;
            const auto comm = find_text(folder / "comm");
            if (!comm || base::trim(*comm) != std::string_view(name).substr(0, 15)) continue;  // the kernel keeps 15
            const std::string words = find_text(folder / "cmdline").value_or("");
            std::string line = words;
            std::replace(line.begin(), line.end(), '\0', ' ');
            if (!arguments.empty() && line.find(arguments) == std::string::npos) continue;
            if (!site.empty() && !works_in(folder, words, site)) continue;
            const std::string stat = find_text(folder / "stat").value_or("");
            const auto fields = fields_after_name(stat);
            if (fields.size() < 22 || fields[0] == "Z" || fields[0] == "X") continue;  // dead, not yet buried
            Process process;
            process.started = static_cast<std::int64_t>(leading_number(fields[19]).value_or(0));
            process.resident = leading_number(fields[21]).value_or(0) * 4096;
            process.files = static_cast<double>(list_folder(folder / "fd").size());
            const std::string limits = find_text(folder / "limits").value_or("");
            constexpr std::string_view kRow = "Max open files";
            if (const auto at = limits.find(kRow); at != std::string::npos)
                process.most_files = leading_number(std::string_view(limits).substr(at + kRow.size())).value_or(0);
            found.emplace(std::stoi(pid.substr(0, 9)), process);
        }
        return found;
    }

    const Plan& plan_;
    const World& world_;
    Judge memory_, files_;
    std::int64_t newest_ = 0;  ///< the latest start that was seen
    base::Instant restarted_at_;
};

constexpr Option kOptions[] = {
    {"name", "", Option::Form::Text, "プロセスの名前"},
    {"arguments", "", Option::Form::Text, "コマンド行に含まれる言葉。空なら問わない"},
    {"folder", "", Option::Form::Text, "このサイトのフォルダで動くものだけを数える。空なら問わない"},
    {"least", "1", Option::Form::Number, "動いていなければならない数"},
    {"most", "", Option::Form::Number, "動いてよい数の上限"},
    {"restarts", "yes", Option::Form::Text, "起動し直しを注意とする（yes か no）"},
    {"hold", "60", Option::Form::Number, "起動し直しを知らせ続ける時間（秒）"},
    {"memory_mb", "", Option::Form::Number, "注意とするメモリの合計（MB）"},
    {"files", "80", Option::Form::Number, "注意とする、開けるファイル数の使用率（%）"},
};

}  // namespace

extern const Kind processes{"processes",
                            "プロセス",
                            "動いている数、起動し直し、メモリ、開いているファイル",
                            "name",
                            {5, 5, 2, 1, signals::Severity::Serious},
                            kOptions,
                            make<Processes>};

}  // namespace probes

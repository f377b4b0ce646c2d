// Is this machine fit for the site? One row a check (doctor/checks.cc), one file a check (doctor/checks/); each looks
// for itself and says in a Japanese sentence how it is and what to do. Nothing is changed. What a check cannot look at
// is a warning, never well.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "flow/site.h"

namespace flow::doctor {

enum class Verdict { Ok, Warning, Failed };
std::string_view verdict_id(Verdict verdict);  ///< "ok", "warning", "failed"

struct Answer {
    Answer(Verdict verdict, std::string_view text, std::string_view advice = {});
    Verdict verdict = Verdict::Ok;
    std::string text;    ///< how it is
    std::string advice;  ///< what to do; empty when all is well
};

struct Subject {
    Folders folders;
    std::optional<settings::Settings> settings;  ///< none: the file cannot be read (the check "settings" says why)
    std::string program_version;
    const base::Clock& clock;
    /// For tests: what stands for / in paths of the machine (/etc, /proc, /run).
    std::filesystem::path machine = "/";
};

struct Check {
    std::string_view id;       ///< "space"; never changes
    std::string_view summary;  ///< "ディスクの空き"
    std::vector<Answer> (*run)(const Subject& subject);
    bool needs_settings = true;
};
std::span<const Check* const> all_checks();

struct Finding {
    const Check* check = nullptr;
    Answer answer;
};
/// Every check in turn; one that throws is a warning with what it said. Throws Error(NotFound): no site directory.
std::vector<Finding> examine(const std::filesystem::path& site, std::string_view program_version,
                             const base::Clock& clock);
std::vector<Finding> run_checks(const Subject& subject);

}  // namespace flow::doctor

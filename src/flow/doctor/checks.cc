// The table of checks. To add one, write its file under checks/ and name it in these two places.
#include "flow/doctor.h"
#include "ground/base/error.h"

namespace flow::doctor {

namespace fs = std::filesystem;

extern const Check settings_file, kernel, tools, rights, keys, space, file_system, clock_and_zone, database, version,
    ports, services, names, mail_server, directory, backups, antivirus_engines;

std::span<const Check* const> all_checks() {
    static constexpr const Check* kAll[] = {
        &settings_file,  &version,  &rights, &keys,  &database,    &space,     &kernel,  &file_system,      &tools,
        &clock_and_zone, &services, &ports,  &names, &mail_server, &directory, &backups, &antivirus_engines};
    return kAll;
}

Answer::Answer(Verdict of, std::string_view how, std::string_view what_to_do)
    : verdict(of), text(how), advice(what_to_do) {}

std::string_view verdict_id(Verdict verdict) {
    constexpr std::string_view kIds[] = {"ok", "warning", "failed"};
    return kIds[static_cast<std::size_t>(verdict)];
}

std::vector<Finding> run_checks(const Subject& subject) {
    std::vector<Finding> all;
    for (const Check* check : all_checks()) {
        if (check->needs_settings && !subject.settings) {
            all.push_back(
                {check,
                 {Verdict::Warning, "設定ファイルが読めないため、調べられません。", "先に設定を直してください。"}});
            continue;
        }
        try {
            for (Answer& answer : check->run(subject)) all.push_back({check, std::move(answer)});
        } catch (const std::exception& problem) {
            all.push_back({check,
                           {Verdict::Warning, fmt::format("調べられませんでした：{}", problem.what()),
                            "root で実行しているか、確かめてください。"}});
        }
    }
    return all;
}

std::vector<Finding> examine(const fs::path& site, std::string_view program_version, const base::Clock& clock) {
    const Folders folders = folders_of(fs::absolute(site).lexically_normal());
    if (!fs::exists(folders.site / "yakuba.toml"))
        throw base::Error(base::Kind::NotFound,
                          fmt::format("{} is not a site directory (it has no yakuba.toml); name yours with --site",
                                      folders.site.string()));
    Subject subject{folders, std::nullopt, std::string(program_version), clock};
    try {
        subject.settings = settings::load(folders.site / "yakuba.toml");
    } catch (const base::Error&) {
        // The check "settings" reads it again and says what is wrong.
    }
    return run_checks(subject);
}

}  // namespace flow::doctor

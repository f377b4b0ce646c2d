// The programs that Yakuba drives: which are needed depends on what the settings switch on.
#include "flow/doctor.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/pdf/pdf.h"
#include "ground/sys/process.h"

namespace flow::doctor {

namespace {

constexpr auto kPatience = std::chrono::seconds(10);

struct Tool {
    std::vector<std::string> asks;  ///< the program, and how it tells its version
    std::string_view package, purpose;
    bool is_needed = false;
};

std::vector<Tool> tools_for(const settings::Settings& settings) {
    const bool is_postgres = !settings.database.url.empty();
    return {
        {{"restic", "version"}, "restic", "バックアップ", !settings.backup.repositories.empty()},
        {{"pg_dump", "--version"}, "postgresql-client", "データベースの複写", is_postgres},
        {{"pg_restore", "--version"}, "postgresql-client", "データベースの復旧", is_postgres},
        {{"nft", "--version"}, "nftables", "不正な接続元の遮断", settings.intrusion.block != "off"},
        {{"nginx", "-v"}, "nginx-light", "公開サイトの配信（使う場合）", !settings.public_site.nginx_config.empty()},
        {{"smartctl", "--version"}, "smartmontools", "ディスクの故障予知", false},
        {{"certbot", "--version"}, "certbot", "証明書の自動更新", false},
    };
}

Answer look(const Tool& tool) {
    sys::Command command;
    command.arguments = tool.asks;
    command.patience = kPatience;
    command.output_limit = 4096;
    command.environment["LC_ALL"] = "C.UTF-8";
    command.environment["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin";
    bool is_there = false;
    std::string said;
    try {
        const sys::Outcome outcome = sys::run(command);
        is_there = outcome.exit_code == 0;
        said = outcome.output.empty() ? outcome.errors : outcome.output;
    } catch (const base::Error&) {
        // It cannot be started: it is not there.
    }
    const std::string line(base::trim(base::first_code_points(said.substr(0, said.find('\n')), 80)));
    if (is_there) return {Verdict::Ok, fmt::format("{}（{}）：{}", tool.asks[0], tool.purpose, line), {}};
    const std::string advice = fmt::format("apt install {} を実行してください。", tool.package);
    if (tool.is_needed)
        return {Verdict::Failed, fmt::format("{} がありません。{}に必要です。", tool.asks[0], tool.purpose), advice};
    return {Verdict::Ok,
            fmt::format("{} はありません（{}に使うもので、なくても動きます）。", tool.asks[0], tool.purpose),
            {}};
}

bool has_japanese_letters() {
    sys::Command fonts;
    fonts.arguments = {"fc-list", ":lang=ja", "family"};
    fonts.patience = kPatience;
    fonts.output_limit = 1U << 20;
    try {
        const sys::Outcome outcome = sys::run(fonts);
        return outcome.exit_code == 0 && !base::trim(outcome.output).empty();
    } catch (const base::Error&) {
        return false;  // there is no fc-list
    }
}

/// What prints the papers; without Japanese letters they would show boxes.
Answer look_for_printer() {
    try {
        const pdf::Engine engine = pdf::find_engine();
        if (has_japanese_letters())
            return {Verdict::Ok, fmt::format("{}（文書のPDF）を使えます。", engine.program), {}};
        return {Verdict::Warning, fmt::format("{}（文書のPDF）：日本語の書体を見つけられません。", engine.program),
                "apt install fontconfig fonts-morisawa-bizud-gothic fonts-noto-cjk を実行してください。"};
    } catch (const base::Error&) {
        return {Verdict::Warning, "PDFを作るプログラムがありません。月次報告などの文書をPDFにできません。",
                "apt install chromium fonts-morisawa-bizud-gothic fonts-noto-cjk を実行してください。"};
    }
}

std::vector<Answer> run(const Subject& subject) {
    std::vector<Answer> all;
    for (const Tool& tool : tools_for(*subject.settings)) all.push_back(look(tool));
    all.push_back(look_for_printer());
    return all;
}

}  // namespace

extern const Check tools{"tools", "使うプログラム", run};

}  // namespace flow::doctor

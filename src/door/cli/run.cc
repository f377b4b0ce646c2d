// From argv to a command: the only file that sees CLI11. It builds the parser from the table of commands.

#include <cstdio>
#include <cstdlib>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <signal.h>
#include <unistd.h>

#include "door/cli/command.h"
#include "door/web/language.h"
#include "flow/upgrade_site.h"
#include "ground/base/interrupted.h"
#include "ground/base/text.h"
#include "ground/settings/settings.h"
#include "ground/sys/log.h"

namespace cli {

namespace {

volatile sig_atomic_t interrupted = 0;

void note_interrupt(int) {
    interrupted = 1;
}

void catch_signals() {
    struct sigaction action {};
    action.sa_handler = note_interrupt;
    action.sa_flags = static_cast<int>(SA_RESETHAND);  // who presses it twice does not want to wait
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    signal(SIGPIPE, SIG_IGN);
}

/// As the site's settings say. Where they cannot be read, it is the command that says why.
void begin_log(const std::filesystem::path& site) {
    sys::LogForm form = ::isatty(STDERR_FILENO) == 1 ? sys::LogForm::Prose : sys::LogForm::Json;
    sys::Level lowest = sys::Level::Info;
    try {
        const settings::Settings settings = settings::load(site / "yakuba.toml");
        if (settings.log.form == "json") form = sys::LogForm::Json;
        constexpr std::string_view kLevels[] = {"debug", "info", "warning", "error"};
        const auto level = std::find(std::begin(kLevels), std::end(kLevels), settings.log.level);
        if (level != std::end(kLevels)) lowest = static_cast<sys::Level>(level - std::begin(kLevels));
    } catch (const std::exception&) {
    }
    sys::start_log(lowest, form);
}

/// What a group of commands is about, for --help.
constexpr std::pair<std::string_view, std::string_view> kNouns[] = {
    {"site", "A site: make one, take one over, publish, export, hand over, stop"},
    {"guard", "Whether the public files are what was approved, and putting them right"},
    {"monitor", "What is probed, how it is, and when nobody is called"},
    {"anomaly", "What was found wrong, and the answer to it"},
    {"backup", "Backups, their proofs, and restoring from them"},
    {"logs", "Kept logs, and handing them over"},
    {"cutover", "Moving the site to another server, and back"},
    {"packages", "Patches and data that are handed over"},
    {"upkeep", "Maintenance that other programs of the server do"},
    {"contract", "What the contract promises, and how it stands"},
    {"report", "Month's end: the report, the notice, the invoice"},
    {"incident", "Incidents, and what became of them"},
    {"stop", "Planned stops, and their notices"},
    {"vulnerability", "Known weaknesses, and whether they concern this site"},
    {"inventory", "The software of which it consists"},
    {"inspect", "Inspections by others, and their findings"},
    {"training", "Trainings, and a site to practise on"},
    {"question", "Questions to the helpdesk"},
    {"register", "Licences, terminals, ends of support and other registers"},
    {"ledger", "The record of who did what, and its proof"},
    {"people", "Accounts and their roles"},
    {"department", "Departments"},
    {"section", "Folders of the public site, and who is in charge of them"},
    {"page", "Pages: write, approve, publish, take down"},
    {"frame", "What taken-over pages share, and what of them is edited"},
};

std::string about(std::string_view noun) {
    const auto* at =
        std::find_if(std::begin(kNouns), std::end(kNouns), [&](const auto& row) { return row.first == noun; });
    return at == std::end(kNouns) ? std::string() : std::string(at->second);
}

/// Of `site upgrade` only: the package's scripts must then start nothing.
constexpr int kNotPutBack = 3;

struct Bound {
    const Command* command = nullptr;
    CLI::App* app = nullptr;
    std::map<std::string, std::vector<std::string>> values;
    std::map<std::string, bool> flags;
};

std::string option_name(const Option& option) {
    return std::string(option.name.starts_with("--") ? option.name : base::to_lower(option.name));
}

void declare(Bound& bound) {
    for (const Option& option : bound.command->options) {
        const std::string name = option_name(option);
        if (option.takes == Takes::Flag) {
            bound.app->add_flag(name, bound.flags[std::string(option.name)], std::string(option.help));
            continue;
        }
        CLI::Option* added =
            bound.app->add_option(name, bound.values[std::string(option.name)], std::string(option.help));
        if (option.takes == Takes::One) added->expected(1)->type_size(1)->allow_extra_args(false);
        if (option.is_required) added->required();
    }
}

/// The command line speaks English; the rooms' errors are written for the screens.
std::string said(const base::Error& error) {
    if (!language::has_japanese(error.message())) return error.message();
    try {
        return web::english().translate(error.message());
    } catch (const base::Error&) {
        return error.message();
    }
}

void print_error(const base::Error& error) {
    const boost::json::object document{{"error", {{"kind", base::kind_name(error.kind())}, {"message", said(error)}}}};
    std::printf("%s\n", boost::json::serialize(document).c_str());
}

int report(const base::Error& error, bool is_json) {
    for (const std::string& step : error.trail()) std::fprintf(stderr, "  %s\n", step.c_str());
    std::fprintf(stderr, "yakuba: %s\n", said(error).c_str());
    if (is_json) print_error(error);
    return kFailed;
}

int report_interruption(const base::Interrupted& stopped, bool is_json) {
    std::fprintf(
        stderr, "interrupted; what was done so far stays, and what is public is as it was; the same command goes on\n");
    if (is_json) print_error(stopped);
    return kInterrupted;
}

}  // namespace

bool is_interrupted() {
    return interrupted != 0;
}

void stop_if_interrupted() {
    if (is_interrupted()) throw base::Interrupted("stopped by the person at the keyboard");
}

int run(int argc, char** argv) {
    catch_signals();
    CLI::App app{"Yakuba: makes, approves, publishes, serves and guards a municipality's website", "yakuba"};
    app.set_version_flag("--version", std::string(YAKUBA_VERSION));
    app.require_subcommand(1);
    app.fallthrough();
    std::string site;
    bool is_json = false;
    app.add_option("--site", site, "The site directory (default: $YAKUBA_SITE, else the current directory)");
    app.add_flag("--json", is_json, "One JSON document on standard output");

    std::vector<std::unique_ptr<Bound>> all;
    std::map<std::string, CLI::App*, std::less<>> nouns;
    for (const Command* command : all_commands()) {
        auto bound = std::make_unique<Bound>();
        bound->command = command;
        CLI::App* parent = &app;
        if (!command->verb.empty()) {
            CLI::App*& noun = nouns[std::string(command->noun)];
            if (noun == nullptr) {
                noun = app.add_subcommand(std::string(command->noun), about(command->noun));
                noun->require_subcommand(1);
                noun->fallthrough();
            }
            parent = noun;
        }
        const std::string_view name = command->verb.empty() ? command->noun : command->verb;
        bound->app = parent->add_subcommand(std::string(name), std::string(command->summary));
        bound->app->fallthrough();
        declare(*bound);
        all.push_back(std::move(bound));
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (const auto unknown = app.remaining(true); error.what() == std::string_view("A subcommand is required"))
            return report(base::Error(base::Kind::BadInput,
                                      unknown.empty() ? "say what to do; --help lists the commands"
                                                      : fmt::format("there is no command \"{}\" here; --help lists "
                                                                    "those that there are",
                                                                    unknown.front())),
                          std::find(argv, argv + argc, std::string_view("--json")) != argv + argc);
        if (app.exit(error) == 0) return kDone;  // --help and --version
        // The parser stopped before it had seen every option.
        if (std::find(argv, argv + argc, std::string_view("--json")) != argv + argc)
            print_error(base::Error(base::Kind::BadInput, error.what()));
        return kFailed;
    }

    if (site.empty()) {
        const char* from_environment = std::getenv("YAKUBA_SITE");
        site = from_environment != nullptr && *from_environment != '\0' ? from_environment : ".";
    }
    begin_log(site);
    const base::SystemClock clock;
    for (const auto& bound : all) {
        if (!bound->app->parsed()) continue;
        std::map<std::string, std::vector<std::string>> values;
        for (const auto& [name, given] : bound->values)
            if (!given.empty()) values[name] = given;
        for (const auto& [name, is_set] : bound->flags)
            if (is_set) values[name] = {};
        try {
            return bound->command->run(Invocation(std::move(values), site, is_json, clock));
        } catch (const base::Interrupted& stopped) {
            return report_interruption(stopped, is_json);
        } catch (const flow::NotPutBack& error) {
            report(error, is_json);
            return kNotPutBack;
        } catch (const base::Error& error) {
            return report(error, is_json);
        } catch (const std::exception& problem) {
            return report(base::Error(base::Kind::Bug, problem.what()), is_json);
        }
    }
    return kFailed;
}

}  // namespace cli

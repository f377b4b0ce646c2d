// What there is to say, on one screen; the manual page and the completion of the shell: made from the table of
// commands, so that they never lag behind it.
#include <algorithm>

#include <boost/json.hpp>

#include "door/cli/command.h"
#include "ground/base/error.h"

namespace cli {

namespace {

/// Text for troff: a backslash, and a dot or quote at the start of a line, mean something there.
std::string man(std::string_view text) {
    std::string safe;
    for (const char c : text) {
        if (c == '\\')
            safe += "\\e";
        else if (c == '-')
            safe += "\\-";
        else
            safe += c;
    }
    return safe.starts_with('.') || safe.starts_with('\'') ? "\\&" + safe : safe;
}

std::string name_of(const Command& command) {
    return std::string(command.noun) + (command.verb.empty() ? "" : " " + std::string(command.verb));
}

std::vector<const Command*> sorted() {
    std::vector<const Command*> all(all_commands().begin(), all_commands().end());
    std::sort(all.begin(), all.end(), [](const Command* a, const Command* b) { return name_of(*a) < name_of(*b); });
    return all;
}

std::string usage_of(const Command& command) {
    std::string usage = ".B yakuba " + man(name_of(command)) + "\n";
    for (const Option& option : command.options)
        if (!option.name.starts_with("--"))
            usage += fmt::format(".I {}{}{}\n", option.is_required ? "" : "[", man(option.name),
                                 option.is_required ? "" : "]");
    return usage;
}

std::string manual() {
    std::string page = fmt::format(
        ".TH YAKUBA 1 \"\" \"yakuba {}\" \"Yakuba\"\n"
        ".SH NAME\nyakuba \\- makes, approves, publishes, serves and guards a municipality's website\n"
        ".SH SYNOPSIS\n.B yakuba\n[\\fB\\-\\-site\\fR \\fIDIR\\fR] [\\fB\\-\\-json\\fR] \\fINOUN\\fR [\\fIVERB\\fR] "
        "[\\fIOPTION\\fR...]\n"
        ".SH OPTIONS\n.TP\n\\fB\\-\\-site\\fR \\fIDIR\\fR\nThe site directory; without it $YAKUBA_SITE, else the "
        "current directory.\n.TP\n\\fB\\-\\-json\\fR\nOne JSON document on standard output, and nothing else there.\n"
        ".SH COMMANDS\n",
        YAKUBA_VERSION);
    for (const Command* command : sorted()) {
        page += ".SS yakuba " + man(name_of(*command)) + "\n" + usage_of(*command) + ".PP\n" + man(command->summary) +
                ".\n";
        for (const Option& option : command->options) {
            const bool takes_value = option.name.starts_with("--") && option.takes != Takes::Flag;
            page += fmt::format(".TP\n\\fB{}\\fR{}{}\n{}\n", man(option.name), takes_value ? " \\fIVALUE\\fR" : "",
                                option.is_required ? " (required)" : "", man(option.help));
        }
    }
    return page +
           ".SH EXIT STATUS\n.TP\n.B 0\nDone, and all is well.\n.TP\n.B 1\nDone, and something was found wrong.\n.TP\n"
           ".B 2\nIt could not be done; the message says what to do.\n.TP\n.B 130\nInterrupted cleanly.\n"
           ".SH ENVIRONMENT\n.TP\n.B YAKUBA_SITE\nThe site directory, where \\fB\\-\\-site\\fR is not given.\n"
           ".SH FILES\n.TP\n.I /var/lib/yakuba/site\nThe site that the packaged services run.\n.TP\n"
           ".I /etc/default/yakuba\nThe environment of the services.\n"
           ".SH SEE ALSO\n.I /usr/share/doc/yakuba/handbook/\n";
}

std::string completion() {
    std::string nouns, cases;
    std::vector<std::string> seen;
    for (const Command* command : sorted()) {
        const std::string noun(command->noun);
        if (std::find(seen.begin(), seen.end(), noun) == seen.end()) {
            seen.push_back(noun);
            nouns += noun + " ";
            std::string verbs;
            for (const Command* other : sorted())
                if (other->noun == noun && !other->verb.empty()) verbs += std::string(other->verb) + " ";
            if (!verbs.empty()) cases += fmt::format("        '{}') words='{}' ;;\n", noun, verbs);
        }
        std::string options;
        for (const Option& option : command->options)
            if (option.name.starts_with("--")) options += std::string(option.name) + " ";
        cases += fmt::format("        '{}'*) words='{}' ;;\n", name_of(*command), options + "--site --json --help");
    }
    return fmt::format(
        "# Completion of yakuba for bash.\n_yakuba() {{\n"
        "    local current=${{COMP_WORDS[COMP_CWORD]}} at word said='' words=''\n"
        "    for ((at = 1; at < COMP_CWORD; at++)); do\n"
        "        word=${{COMP_WORDS[at]}}\n"
        "        case $word in --site) ((at++)) ;; -*) ;; *) said+=\"${{said:+ }}$word\" ;; esac\n"
        "    done\n"
        "    case ${{COMP_WORDS[COMP_CWORD - 1]}} in --site) mapfile -t COMPREPLY < <(compgen -d -- \"$current\"); "
        "return "
        ";; esac\n"
        "    case $said in\n        '') words='{}--site --json --help --version' ;;\n{}"
        "    esac\n"
        "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
        "    if [ ${{#COMPREPLY[@]}} -eq 0 ]; then mapfile -t COMPREPLY < <(compgen -f -- \"$current\"); fi\n"
        "}}\ncomplete -o filenames -F _yakuba yakuba\n",
        nouns, cases);
}

std::string overview() {
    std::string text = "yakuba [--site DIR] [--json] NOUN [VERB] [OPTION...]\n";
    for (const Command* command : sorted()) text += fmt::format("\n  {:<26} {}", name_of(*command), command->summary);
    return text + "\n\nyakuba NOUN VERB --help tells the options of one; yakuba help manual writes all of it.";
}

int run(const Invocation& invocation) {
    const std::string what = invocation.text("WHAT");
    if (what.empty()) {
        const std::string text = overview();
        invocation.answer({{"text", text}}, text);
        return kDone;
    }
    if (what != "manual" && what != "completion")
        throw base::Error(base::Kind::BadInput,
                          fmt::format("there is no {}; write manual or completion (or yakuba --help)", what));
    const std::string text = what == "manual" ? manual() : completion();
    invocation.answer({{"text", text}}, text);
    return kDone;
}

constexpr Option kOptions[] = {
    {"WHAT", "manual: the page for man(1); completion: for bash; without it, the commands"},
};

}  // namespace

extern const Command help{"help", "", "Tell the commands; write the manual page or the shell's completion", kOptions,
                          run};

}  // namespace cli

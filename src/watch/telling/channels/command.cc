// A program of the operator's: by its absolute path and arguments, never by a shell. The message is its input; the rest
// stands in its environment. Exit code 0 means that it was told.
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/process.h"
#include "watch/telling/channel.h"

namespace telling {

namespace {

std::string find_fault(std::string_view target) {
    return target.starts_with('/') ? "" : "プログラムの絶対パスではありません";
}

Reply send(const Outgoing& message, const Means& means) {
    sys::Command command;
    for (const auto word : base::split(message.target, ' '))
        if (!word.empty()) command.arguments.emplace_back(word);
    command.input = message.subject + "\n\n" + message.text;
    command.environment = {{"YAKUBA_CALL", std::to_string(message.call)},
                           {"YAKUBA_MESSAGE", message.token},
                           {"YAKUBA_KIND", message.kind},
                           {"YAKUBA_SEVERITY", message.severity},
                           {"YAKUBA_SUBJECT", message.subject},
                           {"YAKUBA_REPEATED", message.is_repeated ? "1" : "0"}};
    command.patience = means.patience;
    command.output_limit = 4U << 10;
    try {
        const sys::Outcome outcome = sys::run(command);
        if (outcome.timed_out) return {Fate::Later, "プログラムが時間内に終わりませんでした。"};
        const std::string said =
            base::to_valid_utf8(base::trim(outcome.exit_code == 0 ? outcome.output : outcome.errors));
        const std::string reply =
            fmt::format("終了コード {} {}", outcome.exit_code, base::first_code_points(said, 200));
        return {outcome.exit_code == 0 ? Fate::Sent : Fate::Later, reply};
    } catch (const base::Error& error) {
        return {Fate::Later, error.message()};
    }
}

}  // namespace

extern const Channel command_channel{"command", "プログラム", "プログラムの絶対パスと引数", find_fault, send};

}  // namespace telling

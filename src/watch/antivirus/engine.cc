#include "watch/antivirus/engine.h"

#include <algorithm>

#include "ground/base/text.h"

namespace antivirus {

namespace {

constexpr std::size_t kLongestShown = 300;

}  // namespace

std::string shown(std::string_view said) {
    std::string text = base::to_valid_utf8(said);
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 0x7F; }, ' ');
    return std::string(base::first_code_points(text, kLongestShown));
}

std::vector<signals::Signal> judge(const EngineState& state, const std::string& subject, std::chrono::hours oldest,
                                   base::Instant now) {
    signals::Signal engine{.source = "antivirus",
                           .kind = "antivirus.engine",
                           .subject = subject,
                           .state = state.is_running ? signals::State::Clear : signals::State::Raise,
                           .severity = signals::Severity::Serious,
                           .observed_at = now};
    engine.text = state.is_running ? fmt::format("ウイルス対策（{}）は動作しています。", subject)
                                   : fmt::format("ウイルス対策（{}）が動作していません。{}", subject, state.problem);
    if (!state.is_running) return {engine};
    signals::Signal signatures = engine;
    signatures.kind = "antivirus.signatures";
    signatures.severity = signals::Severity::Warning;
    signatures.state = signals::State::Raise;
    if (!state.signatures_at) {
        signatures.text = fmt::format(
            "ウイルス対策（{}）の定義ファイルの日付が分かりません。更新されているか確認してください。", subject);
    } else if (now - *state.signatures_at > oldest) {
        signatures.text = fmt::format(
            "ウイルス対策（{}）の定義ファイルが古くなっています（{}）。{}時間以内のものに更新してください。", subject,
            base::format_local(*state.signatures_at), oldest.count());
    } else {
        signatures.state = signals::State::Clear;
        signatures.text = fmt::format("ウイルス対策（{}）の定義ファイルは新しいものです（{}）。", subject,
                                      base::format_local(*state.signatures_at));
    }
    return {engine, signatures};
}

}  // namespace antivirus

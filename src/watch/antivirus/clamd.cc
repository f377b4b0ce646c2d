#include "watch/antivirus/clamd.h"

#include <algorithm>
#include <ctime>

#include "ground/base/text.h"
#include "watch/antivirus/connection.h"

namespace antivirus {

using namespace std::string_view_literals;

namespace {

constexpr std::size_t kPiece = 64 << 10;

Answer not_scanned(std::string why) {
    return {Verdict::NotScanned, "", std::move(why)};
}

std::string length_of(std::size_t size) {
    const auto bits = static_cast<std::uint32_t>(size);
    return {static_cast<char>(bits >> 24), static_cast<char>(bits >> 16), static_cast<char>(bits >> 8),
            static_cast<char>(bits)};
}

}  // namespace

Answer parse_scan_reply(std::string_view reply) {
    constexpr auto kStart = "stream: "sv, kFound = " FOUND"sv;
    if (reply == "stream: OK") return {Verdict::Clean, "", ""};
    if (reply.starts_with(kStart) && reply.ends_with(kFound) && reply.size() > kStart.size() + kFound.size())
        return {Verdict::Infected, shown(reply.substr(kStart.size(), reply.size() - kStart.size() - kFound.size())),
                ""};
    if (reply.find("size limit exceeded") != std::string_view::npos)
        return not_scanned("ファイルが、ウイルス検査の上限より大きいため検査できません。");
    return not_scanned(fmt::format("ウイルス検査の応答が正しくありません（{}）。", shown(reply)));
}

EngineState parse_version(std::string_view reply) {
    EngineState state;
    const auto parts = base::split(reply, '/');
    if (!parts[0].starts_with("ClamAV ")) {
        state.problem = fmt::format("clamdではないものが応答しています（{}）。", shown(reply));
        return state;
    }
    state.is_running = true;
    state.version = shown(parts[0]);
    if (parts.size() < 3) return state;
    std::tm at{};
    const std::string date(parts[2].substr(0, 40));
    const char* const end = ::strptime(date.c_str(), "%a %b %d %H:%M:%S %Y", &at);
    if (end == nullptr || *end != '\0') return state;
    at.tm_isdst = -1;
    const std::time_t seconds = std::mktime(&at);
    if (seconds > 0) state.signatures_at = base::Instant{static_cast<std::int64_t>(seconds) * 1000};
    return state;
}

Answer Clamd::scan(std::string_view bytes) {
    Connection connection(address_, patience_);
    if (!connection.problem().empty()) return not_scanned("ウイルス検査ができません。" + connection.problem());
    bool is_sent = connection.write("zINSTREAM\0"sv);
    for (std::size_t at = 0; is_sent && at < bytes.size(); at += kPiece) {
        const std::string_view piece = bytes.substr(at, kPiece);
        is_sent = connection.write(length_of(piece.size())) && connection.write(piece);
    }
    if (is_sent) is_sent = connection.write(length_of(0));
    const auto reply = connection.read_answer();
    if (!connection.problem().empty()) return not_scanned("ウイルス検査ができません。" + connection.problem());
    // Past StreamMaxLength clamd closes, and its last words may be lost with the connection.
    if (!reply && !is_sent)
        return not_scanned("ウイルス検査が途中で打ち切られました。ファイルが検査の上限より大きいおそれがあります。");
    if (!reply) return not_scanned("ウイルス検査の応答が途中で切れました。");
    Answer answer = parse_scan_reply(*reply);
    // An answer to a part of the file says nothing of the rest.
    if (!is_sent && answer.verdict == Verdict::Clean) return not_scanned("ウイルス検査が途中で打ち切られました。");
    return answer;
}

EngineState Clamd::state() {
    Connection connection(address_, std::min<std::chrono::milliseconds>(patience_, std::chrono::seconds(10)));
    EngineState state;
    connection.write("zVERSION\0"sv);
    const auto reply = connection.read_answer();
    if (reply) return parse_version(*reply);
    state.problem = connection.problem().empty() ? "応答がありません。" : connection.problem();
    return state;
}

}  // namespace antivirus

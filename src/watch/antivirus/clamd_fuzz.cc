// What a daemon answers, whatever it is: nothing but the exact words counts as clean.
#include <cstdint>
#include <cstdlib>

#include "ground/base/text.h"
#include "watch/antivirus/clamd.h"
#include "watch/antivirus/product.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace antivirus;
    const std::string_view said(reinterpret_cast<const char*>(data), size);
    const Answer answer = parse_scan_reply(said);
    if ((answer.verdict == Verdict::Clean) != (said == "stream: OK")) std::abort();
    if ((answer.verdict == Verdict::NotScanned) == answer.problem.empty()) std::abort();
    if ((answer.verdict == Verdict::Infected) == answer.name.empty()) std::abort();
    if (!base::is_utf8(answer.name) || !base::is_utf8(answer.problem)) std::abort();
    const EngineState state = parse_version(said);
    if (state.is_running != said.starts_with("ClamAV ") || state.is_running != state.problem.empty()) std::abort();
    if (!base::is_utf8(state.version) || !base::is_utf8(state.problem)) std::abort();
    // The first line is a pattern, the rest what it is held against.
    const auto end = said.find('\n');
    if (end == std::string_view::npos) return 0;
    const LinePattern pattern{std::string(said.substr(0, end))};
    const auto match = pattern.match(said.substr(end + 1));
    if (match && match->size() > said.size()) std::abort();
    return 0;
}

#include "flow/screen_upload.h"

#include "flow/scan_content.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/log.h"
#include "watch/antivirus/clamd.h"

namespace flow {

using base::Error;
using base::Kind;

void screen_upload(const settings::Settings& settings, std::string_view bytes, std::string_view name) {
    const std::string shown(base::first_code_points(base::to_valid_utf8(name), 200));
    const content::Scanned scanned = content::scan(bytes, name, site_hosts(settings));
    const content::Threat* const worst = scanned.worst();
    if (worst != nullptr && worst->severity >= signals::Severity::Serious) {
        sys::log(sys::Level::Warning, "upload refused by a content rule",
                 {{"file", shown}, {"rule", std::string(worst->rule)}});
        throw Error(Kind::BadInput,
                    fmt::format("「{}」は受け付けられません。{}作成元を確認し、作り直したファイルを送ってください。",
                                shown, worst->message));
    }
    if (settings.antivirus.clamd.empty()) return;
    antivirus::Clamd engine(settings.antivirus.clamd, std::chrono::seconds(settings.antivirus.timeout_seconds));
    const antivirus::Answer answer = engine.scan(bytes);
    if (answer.verdict == antivirus::Verdict::Clean) return;
    sys::log(sys::Level::Warning, "upload refused by the virus scanner",
             {{"file", shown}, {"found", answer.name}, {"problem", answer.problem}});
    if (answer.verdict == antivirus::Verdict::Infected)
        throw Error(Kind::BadInput, fmt::format("「{}」からウイルスが検出されたため、受け付けられません（{}）。"
                                                "端末をネットワークから切り離し、情報担当課に連絡してください。",
                                                shown, answer.name));
    throw Error(
        Kind::Unavailable,
        fmt::format("「{}」を受け付けられません。{}しばらく待って送り直し、続くときは運用担当者に連絡してください。",
                    shown, answer.problem));
}

}  // namespace flow

#include "flow/screen_upload.h"

#include <boost/json.hpp>

#include "flow/scan_content.h"
#include "flow/watch_desk.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"
#include "ground/people/accounts.h"
#include "ground/sys/crypto.h"
#include "ground/sys/log.h"
#include "watch/antivirus/clamd.h"

namespace flow {

using base::Error;
using base::Kind;

namespace {

/// Why a file may not come in.
struct Refusal {
    Kind kind = Kind::BadInput;
    std::string message;         ///< for who sends it
    std::string source, signal;  ///< of the anomaly; empty: what is wrong is not the file
    signals::Severity severity = signals::Severity::Serious;
    std::string found;  ///< the rule or the virus, or why nobody could look
};

std::string shown_name(std::string_view name) {
    return std::string(base::first_code_points(base::to_valid_utf8(name), 200));
}

std::optional<Refusal> find_refusal(const settings::Settings& settings, std::string_view bytes, std::string_view name) {
    const std::string shown = shown_name(name);
    const content::Scanned scanned = content::scan(bytes, name, site_hosts(settings));
    const content::Threat* const worst = scanned.worst();
    if (worst != nullptr && worst->severity >= signals::Severity::Serious)
        return Refusal{Kind::BadInput,
                       fmt::format("「{}」は受け付けられません。{}作成元を確認し、作り直したファイルを送ってください。",
                                   shown, worst->message),
                       "content",
                       "content.threat",
                       worst->severity,
                       std::string(worst->rule)};
    if (settings.antivirus.clamd.empty()) return std::nullopt;
    antivirus::Clamd engine(settings.antivirus.clamd, std::chrono::seconds(settings.antivirus.timeout_seconds));
    const antivirus::Answer answer = engine.scan(bytes);
    if (answer.verdict == antivirus::Verdict::Clean) return std::nullopt;
    if (answer.verdict == antivirus::Verdict::Infected)
        return Refusal{Kind::BadInput,
                       fmt::format("「{}」からウイルスが検出されたため、受け付けられません（{}）。"
                                   "端末をネットワークから切り離し、情報担当課に連絡してください。",
                                   shown, answer.name),
                       "antivirus",
                       "antivirus.detected",
                       signals::Severity::Emergency,
                       answer.name};
    return Refusal{
        Kind::Unavailable,
        fmt::format("「{}」を受け付けられません。{}しばらく待って送り直し、続くときは運用担当者に連絡してください。",
                    shown, answer.problem),
        {},
        {},
        {},
        answer.problem};
}

[[noreturn]] void refuse(const Refusal& refusal, std::string_view name) {
    sys::log(sys::Level::Warning, "an upload is refused", {{"file", shown_name(name)}, {"found", refusal.found}});
    throw Error(refusal.kind, refusal.message);
}

/// One anomaly for each person and finding, whatever the files are called; one for all the mail of the world.
std::string sender_of(Site& site, std::string_view by, Sender sender) {
    if (sender == Sender::OutsideMail) return "ヘルプデスクへのメール";
    if (!by.starts_with("person:")) return std::string(by);
    const base::PersonId id{std::strtoll(std::string(by.substr(7)).c_str(), nullptr, 10)};
    const auto person = site.database->read([&](sys::Reader& db) { return people::find_person(db, id); });
    return person ? fmt::format("{}（{}）", person->name, person->login_name) : std::string(by);
}

/// The ledger first, so that there is a line also when the watch cannot be told.
void record(Site& site, const Refusal& refusal, std::string_view bytes, std::string_view name, std::string_view by,
            Sender sender) {
    const base::Instant now = site.clock.now();
    const std::string hash = sys::sha256(bytes).hex();
    const boost::json::object detail{
        {"name", shown_name(name)}, {"found", refusal.found}, {"sha256", hash}, {"bytes", bytes.size()}};
    site.database->write([&](sys::Transaction& tx) {
        ledger::append(tx, {now, std::string(by), "upload.refuse", "upload:" + hash.substr(0, 16),
                            boost::json::serialize(detail)});
    });
    if (refusal.signal.empty()) return;  // that nobody can look is told by who asks the scanner all along
    const bool is_mail = sender == Sender::OutsideMail;
    const signals::Signal signal{
        .source = refusal.source,
        .kind = refusal.signal,
        .subject = sender_of(site, by, sender),
        .rule = refusal.found,
        .severity = is_mail ? std::min(refusal.severity, signals::Severity::Warning) : refusal.severity,
        .observed_at = now,
        .text = is_mail
                    ? fmt::format("外部から届いたメールの添付ファイルを、受け付けませんでした（{}）。", refusal.found)
                    : fmt::format("職員が送ったファイル「{}」を、受け付けませんでした（{}）。", shown_name(name),
                                  refusal.found),
        .payload = boost::json::serialize(detail)};
    try {
        signals::Pipeline(site.watch(), site.clock, watch_rules(site.settings)).take(signal);
    } catch (const Error& error) {
        sys::log(sys::Level::Error, "the watch was not told of a refused upload", {{"problem", error.message()}});
    }
}

}  // namespace

void screen_upload(const settings::Settings& settings, std::string_view bytes, std::string_view name) {
    if (const auto refusal = find_refusal(settings, bytes, name)) refuse(*refusal, name);
}

void screen_upload(Site& site, std::string_view bytes, std::string_view name, std::string_view by, Sender sender) {
    const auto refusal = find_refusal(site.settings, bytes, name);
    if (!refusal) return;
    record(site, *refusal, bytes, name, by, sender);
    refuse(*refusal, name);
}

}  // namespace flow

// The one way by which any detector speaks. A detector hands Signals to a std::function<void(Signal)>; it knows neither
// the store nor the mail. What opens, feeds and clears an anomaly out of them is pipeline.h's business. A detector that
// could not look says so by a Signal of its own: "no data" is not "all is well".
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "ground/base/hash.h"
#include "ground/base/time.h"

namespace signals {

enum class State {
    Raise,  ///< it is wrong now
    Clear,  ///< it is well again (or: it is well, said each time that it was looked at)
    Info    ///< for the record; never opens or closes anything
};
enum class Severity { Note, Minor, Warning, Serious, Emergency };

struct Signal {
    std::string source = {};   ///< who saw it: "guard", "outside", "content", "antivirus", "probe", "intrusion", ...
    std::string kind = {};     ///< what, a short English word of the field: "tree.changed", "disk.space", "http.down"
    std::string subject = {};  ///< where: a path, host:port, mount point, address
    std::string rule = {};     ///< keeps two rules on one subject apart; may be empty
    State state = State::Raise;
    Severity severity = Severity::Warning;
    base::Instant observed_at = {};
    std::string external_id = {};  ///< the source's own id: (source, external_id, state) is taken once; empty = none
    std::string text = {};         ///< a Japanese sentence for people: what was seen, where
    std::string payload = {};      ///< a JSON object: figures, evidence (quarantine folder, hashes); may be empty
};

using Take = std::function<void(Signal)>;

/// What one anomaly is about: SHA-256 over source, kind, subject and rule, each with its length before it.
base::Hash fingerprint(const Signal& signal);

std::string_view state_id(State state);  ///< "raise", "clear", "info"
std::optional<State> find_state(std::string_view id);
std::string_view state_wording(State state);  ///< 発生, 復旧, 情報

std::string_view severity_id(Severity severity);  ///< "note", "minor", "warning", "serious", "emergency"
std::optional<Severity> find_severity(std::string_view id);
std::string_view severity_wording(Severity severity);  ///< 参考, 軽微, 注意, 重大, 緊急

}  // namespace signals

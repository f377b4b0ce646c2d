// A virus scanner, whoever makes it. "Not scanned" is an answer of its own: who asked decides what that means, and for
// uploads it means no.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "watch/signals/signal.h"

namespace antivirus {

enum class Verdict { Clean, Infected, NotScanned };

struct Answer {
    Verdict verdict = Verdict::NotScanned;
    std::string name;     ///< of what was found, as the engine calls it; valid UTF-8, at most 200 characters
    std::string problem;  ///< NotScanned: a Japanese sentence, why
};

struct EngineState {
    bool is_running = false;
    std::string version;                         ///< "ClamAV 1.4.6"
    std::optional<base::Instant> signatures_at;  ///< when the newest signatures were made; nothing = it does not say
    std::string problem;                         ///< Japanese; empty when it runs
};

class Engine {
  public:
    virtual ~Engine() = default;
    /// Never throws for what the engine does. Bounded in time.
    virtual Answer scan(std::string_view bytes) = 0;
    virtual EngineState state() = 0;
};

/// Fit for a screen, at most 300 characters: what a daemon or a log says is not trusted to be text.
std::string shown(std::string_view said);

/// What to tell of an engine that was asked just now, raised or cleared: "antivirus.engine" (it does not run) and
/// "antivirus.signatures" (older than `oldest`, or it does not say). `subject` names the engine ("clamd").
std::vector<signals::Signal> judge(const EngineState& state, const std::string& subject, std::chrono::hours oldest,
                                   base::Instant now);

}  // namespace antivirus

// ClamAV's daemon, over its socket: INSTREAM for bytes, VERSION for the age of its signatures. The daemon is run as a
// program of its own and nothing of it is linked. What it answers is outside input: only the two answers that mean
// something are believed, everything else is "not scanned".
#pragma once

#include <chrono>

#include "watch/antivirus/engine.h"

namespace antivirus {

/// "stream: OK" and "stream: NAME FOUND", whole; everything else is NotScanned. `reply` without its NUL.
Answer parse_scan_reply(std::string_view reply);
/// "ClamAV 1.4.6" or "ClamAV 1.4.6/27123/Mon Mar 10 09:26:52 2025" (a local time of the machine, as clamd writes it).
/// Not running when it is neither.
EngineState parse_version(std::string_view reply);

class Clamd final : public Engine {
  public:
    /// `address`: the path of a Unix socket, or host:port. `patience` is for one whole exchange.
    Clamd(std::string address, std::chrono::milliseconds patience)
        : address_(std::move(address)), patience_(patience) {}
    Answer scan(std::string_view bytes) override;
    EngineState state() override;

  private:
    std::string address_;
    std::chrono::milliseconds patience_;
};

}  // namespace antivirus

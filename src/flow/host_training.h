// Serves the training site that is there, in a process of its own (`yakuba serve --role training`), begins anew when it
// was reset, and ends it when it is gone. A turn of a loop in the office's process; why the site is not served is noted
// for the teacher's screen.
#pragma once

#include <chrono>
#include <filesystem>
#include <stop_token>

#include "flow/site.h"

namespace flow {

class TrainingHost {
  public:
    /// `site` is the real one and must outlive it; `program` is this executable.
    TrainingHost(Site& site, std::filesystem::path program) : site_(&site), program_(std::move(program)) {}
    /// Blocks while it serves. A site of a session that is not open is removed first. Returns how long to rest.
    std::chrono::milliseconds turn(const std::stop_token& stop);

  private:
    Site* site_;
    std::filesystem::path program_;
};

/// What a training site's people would have been sent, newest first.
struct CapturedMail {
    std::int64_t number = 0;
    std::string to, subject, text;
};
/// Takes every letter that is ready out of the outbox and keeps it in the site's folder. Returns their number.
int capture_letters(Site& site);
std::vector<CapturedMail> list_captured(const Folders& folders, std::size_t limit);

}  // namespace flow

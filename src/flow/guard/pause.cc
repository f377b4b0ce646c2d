// Pause and status of the guard: two small files in run/guard, so that the command line reaches a guard in another
// process, and a pause survives its restart.
#include <boost/json.hpp>

#include "flow/guard/release_view.h"
#include "flow/guard_site.h"
#include "ground/base/error.h"
#include "ground/sys/files.h"

namespace flow {

namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

constexpr std::size_t kMostBytes = 1U << 20;
constexpr std::int64_t kLongestPause = 24LL * 3600 * 1000;

}  // namespace

std::optional<GuardPause> find_pause(const fs::path& site, base::Instant now) {
    const auto bytes = sys::find_file(guard_folder_of(site).pause(), kMostBytes);
    if (!bytes) return std::nullopt;
    boost::system::error_code problem;
    const json::value parsed = json::parse(*bytes, problem);
    const auto text = [&](std::string_view key) {
        const auto* value = parsed.is_object() ? parsed.as_object().if_contains(key) : nullptr;
        return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
    };
    if (problem) return std::nullopt;
    const auto since = base::parse_utc(text("since")), until = base::parse_utc(text("until"));
    if (!since || !until || *until <= now) return std::nullopt;
    if (until->milliseconds - now.milliseconds > kLongestPause) return std::nullopt;  // nobody can have asked for that
    return GuardPause{*since, *until, text("reason"), text("by")};
}

void pause_guard(const fs::path& site, const GuardPause& pause) {
    if (pause.reason.empty() || pause.reason.size() > 1000)
        throw base::Error(base::Kind::BadInput, "give the reason for the pause, in at most 1,000 bytes");
    const auto length = pause.until.milliseconds - pause.since.milliseconds;
    if (length <= 0 || length > kLongestPause)
        throw base::Error(base::Kind::BadInput, "a pause lasts from one minute to 24 hours");
    const GuardFolder own = guard_folder_of(site);
    sys::make_folders(own.folder, 0750);
    sys::write_file(own.pause(),
                    json::serialize(json::object{{"since", base::format_utc(pause.since)},
                                                 {"until", base::format_utc(pause.until)},
                                                 {"reason", pause.reason},
                                                 {"by", pause.by}}),
                    sys::Durability::Now, 0640);
}

bool resume_guard(const fs::path& site) {
    return sys::remove_file(guard_folder_of(site).pause());
}

GuardStatus find_guard_status(const fs::path& site) {
    const GuardFolder own = guard_folder_of(site);
    GuardStatus status;
    status.document = sys::find_file(own.status(), kMostBytes).value_or("");
    status.is_running = fs::exists(own.lock()) && !sys::FileLock::find(own.lock());
    return status;
}

}  // namespace flow

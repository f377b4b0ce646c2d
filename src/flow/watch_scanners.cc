#include "flow/watch_scanners.h"

#include <cstdlib>
#include <thread>

#include "flow/others.h"
#include "ground/base/text.h"
#include "ground/sys/files.h"
#include "watch/antivirus/sweep.h"

namespace flow {

namespace {

using namespace std::chrono_literals;

constexpr auto kProductEvery = 10min;  ///< its command may be slow
constexpr auto kRest = 60s;
constexpr auto kSweepTurn = 5min;

}  // namespace

std::unique_ptr<ScannerDesk> ScannerDesk::open(const std::filesystem::path& folder, const settings::Settings& settings,
                                               const base::Clock& clock, Tell tell, signals::TakeRound round) {
    if (settings.antivirus.clamd.empty() && !antivirus::is_configured(antivirus::product_files(settings)))
        return nullptr;
    return std::unique_ptr<ScannerDesk>(new ScannerDesk(folder, settings, clock, std::move(tell), std::move(round)));
}

ScannerDesk::ScannerDesk(const std::filesystem::path& folder, const settings::Settings& settings,
                         const base::Clock& clock, Tell tell, signals::TakeRound round)
    : folders_(folders_of(folder)),
      settings_(settings),
      clock_(clock),
      tell_(std::move(tell)),
      round_(std::move(round)),
      product_(antivirus::product_files(settings)) {
    if (!settings.antivirus.clamd.empty())
        clamd_.emplace(settings.antivirus.clamd, std::chrono::seconds(settings.antivirus.timeout_seconds));
}

std::chrono::milliseconds ScannerDesk::turn(const std::function<bool()>& is_stopped) {
    check_engines();
    read_log();
    if (clamd_ && settings_.antivirus.sweep_hours > 0) sweep(is_stopped);
    return kRest;
}

void ScannerDesk::check_engines() {
    const std::chrono::hours oldest(settings_.antivirus.signature_hours);
    if (clamd_) tell_(antivirus::judge(clamd_->state(), "clamd", oldest, clock_.now()));
    if (!antivirus::is_configured(product_) || clock_.now() < product_due_) return;
    product_due_ = clock_.now() + kProductEvery;
    tell_(antivirus::judge(antivirus::product_state(product_), "庁内のウイルス対策ソフト", oldest, clock_.now()));
}

void ScannerDesk::read_log() {
    if (product_.log_file.empty()) return;
    const auto file = folders_.run / "antivirus-log";
    const std::string before = sys::find_file(file, 1 << 16).value_or("");
    std::string position = before;
    const auto told = antivirus::read_detections(product_, position, clock_.now());
    tell_(told);
    if (position != before) sys::write_file(file, position);
}

/// The file "antivirus-swept" says when the last round was through.
void ScannerDesk::sweep(const std::function<bool()>& is_stopped) {
    const auto done_file = folders_.run / "antivirus-swept";
    const auto last = base::parse_utc(base::trim(sys::find_file(done_file, 100).value_or("")));
    if (last && clock_.now() - *last < std::chrono::hours(settings_.antivirus.sweep_hours)) return;
    const auto start = clock_.monotonic();
    const auto is_over = [&] { return is_stopped() || clock_.monotonic() - start > kSweepTurn; };
    antivirus::SweepOptions options;
    options.bytes_per_second = settings_.antivirus.sweep_mb_per_second << 20;
    options.is_stopped = is_over;
    options.pause = [&](std::chrono::milliseconds time) {
        for (; time > 0ms && !is_stopped(); time -= 100ms)
            std::this_thread::sleep_for(std::min<std::chrono::milliseconds>(time, 100ms));
    };
    std::vector<std::filesystem::path> folders{folders_.document_root, folders_.objects};
    for (const Area& area : list_areas(settings_)) folders.push_back(area.folder);
    const auto swept = antivirus::sweep(*clamd_, folders, folders_.run / "antivirus-sweep", options, clock_,
                                        [&](signals::Signal one) { tell_(std::span(&one, 1)); });
    if (round_ && (swept.scanned > 0 || swept.is_finished))
        round_({"antivirus", clock_.now(), swept.is_finished ? 1 : 0, swept.scanned, swept.bytes});
    if (swept.is_finished) sys::write_file(done_file, base::format_utc(clock_.now()));
}

}  // namespace flow

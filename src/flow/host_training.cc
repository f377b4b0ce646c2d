#include "flow/host_training.h"

#include <algorithm>
#include <fstream>

#include <fmt/format.h>

#include "flow/keep_logs.h"
#include "flow/training_site.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/mail/outbox.h"
#include "ground/sys/files.h"
#include "ground/sys/log.h"
#include "ground/sys/process.h"

namespace flow {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr auto kRest = 1s;
constexpr auto kAfterFailure = 10s;
constexpr auto kPatience = std::chrono::hours(24 * 30);
constexpr std::size_t kLongestLetter = 256U << 10U;
constexpr std::size_t kMostSaid = 64U << 10U, kLastWords = 600;  // bytes

std::string one_line(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return text;
}

/// Why it ended. What it said first is kept of a long run; what it said last is in its log.
std::string last_words(const sys::Outcome& outcome, const Folders& folders) {
    std::string said = outcome.errors;
    if (outcome.errors.size() >= kMostSaid) {
        std::ifstream log(system_log_file(folders_of(training_folder(folders)), "training"), std::ios::binary);
        log.seekg(0, std::ios::end);
        const auto size = static_cast<std::int64_t>(log.tellg());
        if (size > 0) {
            said.resize(std::min(static_cast<std::size_t>(size), kLastWords));
            log.seekg(-static_cast<std::streamoff>(said.size()), std::ios::end);
            log.read(said.data(), static_cast<std::streamsize>(said.size()));
        }
    }
    return base::to_valid_utf8(said.substr(said.size() - std::min(said.size(), kLastWords)));
}

}  // namespace

std::chrono::milliseconds TrainingHost::turn(const std::stop_token& stop) {
    const Folders& folders = site_->folders;
    drop_void_training(*site_);
    const std::string generation = training_generation(folders);
    if (generation.empty()) return kRest;
    sys::Command command;
    command.arguments = {program_.string(), "serve", "--site", training_folder(folders).string(), "--role", "training"};
    command.patience = kPatience;
    command.output_limit = kMostSaid;
    command.ending = 10s;
    command.dies_with_us = true;
    const auto began = std::chrono::steady_clock::now();
    bool is_noted = false;
    command.is_stopped = [&] {
        if (!is_noted && std::chrono::steady_clock::now() - began > 2s) {
            note_training_problem(folders, "");
            is_noted = true;
        }
        return stop.stop_requested() || training_generation(folders) != generation;
    };
    const sys::Outcome outcome = sys::run(command);
    if (outcome.was_stopped || outcome.timed_out || stop.stop_requested()) return 0ms;
    const std::string said = last_words(outcome, folders);
    note_training_problem(folders,
                          fmt::format("研修用サイトが止まりました（終了コード {}）。10秒ごとに起動し直しています。{}",
                                      outcome.exit_code, said));
    sys::log(sys::Level::Error, "the training site has ended by itself",
             {{"exit_code", std::to_string(outcome.exit_code)}, {"problem", said}});
    return kAfterFailure;
}

int capture_letters(Site& site) {
    int taken = 0;
    sys::make_folders(site.folders.site / "mail", 0750);
    for (;; ++taken) {
        const base::Instant now = site.clock.now();
        const auto letter =
            site.database->write([&](sys::Transaction& tx) { return mail::take(tx, now, std::chrono::seconds(30)); });
        if (!letter) return taken;
        sys::write_file(site.folders.site / "mail" / fmt::format("{:08}.txt", letter->id),
                        fmt::format("{}\n{}\n{}", one_line(letter->address), one_line(letter->subject), letter->text),
                        sys::Durability::Later, 0640);
        site.database->write([&](sys::Transaction& tx) { mail::mark_sent(tx, *letter, now); });
    }
}

std::vector<CapturedMail> list_captured(const Folders& folders, std::size_t limit) {
    std::vector<fs::path> files;
    std::error_code ignored;
    for (const fs::directory_entry& each : fs::directory_iterator(folders.site / "mail", ignored))
        if (each.path().extension() == ".txt") files.push_back(each.path());
    std::sort(files.begin(), files.end(), std::greater<>());
    if (files.size() > limit) files.resize(limit);
    std::vector<CapturedMail> all;
    for (const fs::path& file : files) {
        const auto text = sys::find_file(file, kLongestLetter);
        if (!text) continue;
        const auto first = text->find('\n');
        const auto second = first == std::string::npos ? first : text->find('\n', first + 1);
        if (second == std::string::npos) continue;
        all.push_back({std::strtoll(file.stem().c_str(), nullptr, 10), text->substr(0, first),
                       text->substr(first + 1, second - first - 1), text->substr(second + 1)});
    }
    return all;
}

}  // namespace flow

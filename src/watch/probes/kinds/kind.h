// What the files of kinds share: reading the kernel's small files, and limits as they stand in a plan.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "watch/machine/network.h"
#include "watch/probes/judge.h"
#include "watch/probes/probe.h"

namespace probes {

using machine::words_of;

template <class Made>
std::unique_ptr<Probe> make(const Plan& plan, const World& world) {
    return std::make_unique<Made>(plan, world);
}

/// A file of /proc or /sys, at most 1 MB; nothing when it is not there or refuses to be read.
std::optional<std::string> find_text(const std::filesystem::path& file);
/// The same. Throws Error(Unavailable).
std::string load_text(const std::filesystem::path& file);
/// A file with one number.
std::optional<std::int64_t> find_number(const std::filesystem::path& file);
/// The leading number of `text`.
std::optional<double> leading_number(std::string_view text);
/// "MemTotal:" of /proc/meminfo in bytes. Throws Error(Damaged).
double meminfo_bytes(std::string_view meminfo, std::string_view name);
/// The entries of a folder whose names start with `prefix`, sorted; empty when there is no folder.
std::vector<std::filesystem::path> list_folder(const std::filesystem::path& folder, std::string_view prefix = "");

/// What a kind with limits has beside "warn" and "fail".
constexpr Option margin_option(std::string_view standard) {
    return {"margin", standard, Option::Form::Number, "正常に戻ったとするまでに、境目から離れる幅"};
}
/// By the options "warn", "fail" and "margin".
Judge judge_of(const Plan& plan, Judge::Bad bad = Judge::Bad::High);

double seconds_between(base::Instant from, base::Instant to);
/// What the site tells of itself. Throws Error(Unavailable) when this process is not told.
template <class Function>
const Function& asked(const Function& function) {
    if (!function) throw base::Error(base::Kind::Unavailable, "この役割からは見えません");
    return function;
}

/// What is kept over a restart: one small file a probe below World::memory.
std::string recall(const Plan& plan, const World& world);
void remember(const Plan& plan, const World& world, std::string_view text);

/// Why something failed, as the system or a library says it, and behind that what it means; what is not known here
/// stays as it is.
std::string reason_wording(std::string_view reason);

bool is_virtual_machine(const World& world);
/// What the kinds of hardware have: what the provider of a virtual machine has told, kept with its date by whoever was
/// told.
constexpr Option kNoticeOption{"notice", "", Option::Form::Text, "提供者から受けた知らせ（日付と内容）"};
/// For hardware that is not to be seen: the provider's duty on a virtual machine with the notice, else absent.
Reading no_hardware(const Plan& plan, const World& world, std::string_view what);

/// "3.2 GB".
std::string size_wording(double bytes);
/// "3日", "5時間", "20分".
std::string span_wording(double seconds);

}  // namespace probes

#include "watch/probes/kinds/kind.h"

#include <algorithm>
#include <charconv>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/files.h"

namespace probes {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kLargest = 1U << 20;

// The words of glibc and libcurl; of two that stand in one reason the first is taken.
constexpr std::string_view kReasons[] = {
    "Connection refused：接続を断られました",
    "Connection reset by peer：相手が接続を切りました",
    "No route to host：そこへの経路がありません",
    "Network is unreachable：そのネットワークに届きません",
    "timed out：時間内に答えがありません",
    "Permission denied：権限がありません",
    "Operation not permitted：権限がありません",
    "No such file or directory：その名前のものがありません",
    "Name or service not known：名前が登録されていません",
    "No address associated with hostname：名前にアドレスがありません",
    "Temporary failure in name resolution：ネームサーバが答えません",
    "Could not resolve host：名前を引けません",
    "Couldn't connect to server：断られたか、届きません",
    "Empty reply from server：何も答えずに切れました",
    "bytes remaining to read：途中で切れました",
    "certificate has expired：証明書の期限が切れています",
    "certificate is not yet valid：証明書の期間がまだ始まっていません",
    "self-signed certificate：証明書が自己署名です",
    "unable to get local issuer certificate：証明書の発行元を確かめられません",
    "no alternative certificate subject name matches：証明書が別の名前のものです",
    "wrong version number：暗号化通信ではない答えです",
};

}  // namespace

std::string reason_wording(std::string_view reason) {
    constexpr std::string_view kBetween = "：";
    for (const std::string_view one : kReasons)
        if (reason.find(one.substr(0, one.find(kBetween))) != std::string_view::npos) return std::string(one);
    return std::string(reason);
}

std::optional<std::string> find_text(const fs::path& file) {
    try {
        return sys::find_file(file, kLargest);
    } catch (const base::Error&) {
        return std::nullopt;  // some entries of /sys answer with an error while the device sleeps
    }
}

std::string load_text(const fs::path& file) {
    if (auto text = find_text(file)) return *std::move(text);
    throw base::Error(base::Kind::Unavailable, fmt::format("{} を読めません", file.string()));
}

std::optional<double> leading_number(std::string_view text) {
    text = base::trim(text);
    double value = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc{}) return std::nullopt;
    return value;
}

std::optional<std::int64_t> find_number(const fs::path& file) {
    const auto text = find_text(file);
    if (!text) return std::nullopt;
    const std::string_view digits = base::trim(*text);
    std::int64_t value = 0;
    if (std::from_chars(digits.data(), digits.data() + digits.size(), value).ec != std::errc{}) return std::nullopt;
    return value;
}

double meminfo_bytes(std::string_view meminfo, std::string_view name) {
    for (const std::string_view line : base::split(meminfo, '\n'))
        if (line.starts_with(name)) return leading_number(line.substr(name.size())).value_or(0) * 1024;
    throw base::Error(base::Kind::Damaged, fmt::format("/proc/meminfo に {} がありません", name));
}

std::vector<fs::path> list_folder(const fs::path& folder, std::string_view prefix) {
    std::vector<fs::path> entries;
    std::error_code problem;
    for (fs::directory_iterator at(folder, problem), end; !problem && at != end; at.increment(problem))
        if (at->path().filename().string().starts_with(prefix)) entries.push_back(at->path());
    std::sort(entries.begin(), entries.end());
    return entries;
}

Judge judge_of(const Plan& plan, Judge::Bad bad) {
    return {plan.number("warn"), plan.number("fail"), plan.number("margin").value_or(0), bad};
}

double seconds_between(base::Instant from, base::Instant to) {
    return static_cast<double>((to - from).count()) / 1000;
}

std::string recall(const Plan& plan, const World& world) {
    if (world.memory.empty()) return {};
    return find_text(world.memory / plan.id).value_or("");
}

void remember(const Plan& plan, const World& world, std::string_view text) {
    if (world.memory.empty() || world.is_only_looking) return;
    sys::make_folders(world.memory, 0750);
    sys::write_file(world.memory / plan.id, text, sys::Durability::Later, 0640);
}

bool is_virtual_machine(const World& world) {
    const std::string cpu = find_text(world.proc / "cpuinfo").value_or("");
    const std::string maker = find_text(world.sys / "class/dmi/id/sys_vendor").value_or("");
    const std::string hypervisor = find_text(world.sys / "hypervisor/type").value_or("");
    return cpu.find(" hypervisor") != std::string::npos || !hypervisor.empty() ||
           maker.find("QEMU") != std::string::npos || maker.find("VMware") != std::string::npos;
}

Reading no_hardware(const Plan& plan, const World& world, std::string_view what) {
    if (is_virtual_machine(world)) {
        Reading reading;
        add(reading, State::Provider, fmt::format("仮想サーバのため、{}は提供者が管理しています。", what));
        if (const std::string notice = plan.text("notice"); !notice.empty())
            add(reading, State::Provider, fmt::format("提供者の知らせ：{}", notice));
        return reading;
    }
    return {State::Absent, fmt::format("このサーバには{}がありません。", what), {}};
}

std::string size_wording(double bytes) {
    constexpr std::string_view kUnits[] = {"B", "KB", "MB", "GB", "TB", "PB"};
    std::size_t unit = 0;
    for (; bytes >= 1000 && unit + 1 < std::size(kUnits); ++unit) bytes /= 1000;
    return fmt::format("{:.{}f} {}", bytes, unit == 0 || bytes >= 100 ? 0 : 1, kUnits[unit]);
}

std::string span_wording(double seconds) {
    if (seconds >= 2 * 86'400) return fmt::format("{:.0f}日", seconds / 86'400);
    if (seconds >= 2 * 3600) return fmt::format("{:.0f}時間", seconds / 3600);
    if (seconds >= 120) return fmt::format("{:.0f}分", seconds / 60);
    return fmt::format("{:.0f}秒", seconds);
}

}  // namespace probes

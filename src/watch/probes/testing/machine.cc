#include "watch/probes/testing/machine.h"

#include <stdexcept>

#include <fmt/format.h>

#include "ground/sys/files.h"

namespace probes {

namespace fs = std::filesystem;

namespace {

/// As a server of two processors shows itself on a quiet weekday, cut to what the probes read.
constexpr std::pair<const char*, const char*> kOrdinary[] = {
    {"proc/stat",
     "cpu  104113 2290 38011 5220140 9021 0 1100 310 0 0\n"
     "cpu0 52056 1145 19005 2610070 4510 0 550 155 0 0\ncpu1 52057 1145 19006 2610070 4511 0 550 155 0 0\n"
     "intr 1 2 3\nctxt 4\nbtime 1795000000\n"},
    {"proc/loadavg", "0.31 0.42 0.40 1/312 4711\n"},
    {"proc/uptime", "26871.02 52201.40\n"},
    {"proc/meminfo",
     "MemTotal:        8146528 kB\nMemFree:          612344 kB\nMemAvailable:    5120400 kB\n"
     "SwapTotal:       2097148 kB\nSwapFree:        2031100 kB\n"},
    {"proc/pressure/cpu",
     "some avg10=0.12 avg60=0.40 avg300=0.35 total=123\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"},
    {"proc/pressure/memory",
     "some avg10=0.00 avg60=0.00 avg300=0.00 total=5\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=3\n"},
    {"proc/pressure/io",
     "some avg10=0.90 avg60=1.20 avg300=0.80 total=9\nfull avg10=0.70 avg60=0.90 avg300=0.60 total=8\n"},
    {"proc/sys/kernel/random/boot_id", "5b1b6a3e-7f5f-4b02-9a5c-0d3f2f1f7c11\n"},
    {"proc/net/dev",
     "Inter-|   Receive                                                |  Transmit\n"
     " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier "
     "compressed\n"
     "    lo: 9000000   90000    0    0    0     0          0         0  9000000   90000    0    0    0     0       0  "
     "        0\n"
     "  eth0: 81200000  120000    0    0    0     0          0         0 310400000  260000    0    0    0     0       "
     "0          0\n"},
    {"proc/net/tcp",
     "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
     "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 11001 1\n"
     "   1: 00000000:01BB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11002 1\n"
     "   2: 0A00000A:01BB 0B00000A:C350 01 00000000:00000000 00:00000000 00000000     0        0 11003 1\n"},
    {"proc/net/tcp6",
     "  sl  local_address                         remote_address                        st tx_queue rx_queue tr "
     "tm->when retrnsmt   uid  timeout inode\n"
     "   0: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 00000000:00000000 "
     "00:00000000 00000000     0        0 11004 1\n"},
    {"proc/net/route",
     "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\n"
     "eth0\t00000000\t0100007F\t0003\t0\t0\t0\t00000000\n"},
    {"proc/mdstat",
     "Personalities : [raid1]\nmd0 : active raid1 sdb1[1] sda1[0]\n      976630464 blocks super 1.2 [2/2] [UU]\n\n"
     "unused devices: <none>\n"},
    {"proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu vme sse2 aes\n"},
    {"proc/812/comm", "yakuba\n"},
    {"proc/812/cmdline", "yakuba"},
    {"proc/812/stat",
     "812 (yakuba) S 1 812 812 0 -1 4194560 9000 0 12 0 400 90 0 0 20 0 14 0 4400 900000000 21000 1 1 1"},
    {"proc/812/limits",
     "Limit                     Soft Limit           Hard Limit           Units\n"
     "Max open files            1024                 4096                 files\n"},
    {"proc/812/fd/0", ""},
    {"sys/class/net/lo/operstate", "unknown\n"},
    {"sys/class/net/eth0/operstate", "up\n"},
    {"sys/class/net/eth0/speed", "1000\n"},
    {"sys/class/net/eth0/statistics/rx_errors", "3\n"},
    {"sys/class/net/eth0/statistics/tx_errors", "0\n"},
    {"sys/class/net/eth0/statistics/collisions", "0\n"},
    {"sys/class/net/eth0/statistics/tx_carrier_errors", "0\n"},
    {"sys/class/dmi/id/sys_vendor", "Example Hardware Inc.\n"},
    {"sys/devices/system/edac/mc/mc0/ce_count", "2\n"},
    {"sys/devices/system/edac/mc/mc0/ue_count", "0\n"},
    {"sys/class/hwmon/hwmon0/name", "coretemp\n"},
    {"sys/class/hwmon/hwmon0/temp1_input", "52000\n"},
    {"sys/class/hwmon/hwmon0/temp1_label", "Package id 0\n"},
    {"sys/class/hwmon/hwmon0/temp1_max", "84000\n"},
    {"sys/class/hwmon/hwmon0/temp1_crit", "100000\n"},
    {"sys/class/power_supply/AC/type", "Mains\n"},
    {"sys/class/power_supply/AC/online", "1\n"},
    {"sys/class/power_supply/ups0/type", "UPS\n"},
    {"sys/class/power_supply/ups0/status", "Full\n"},
    {"sys/class/power_supply/ups0/capacity", "100\n"},
};

Plan plan_of(const std::string& line) {
    const std::vector<std::string> lines{line};
    Plans made = make_plans(lines, {});
    if (made.plans.size() != 1) throw std::runtime_error(made.bad.empty() ? line : made.bad[0].problem);
    return std::move(made.plans[0]);
}

}  // namespace

Machine::Machine() {
    for (const auto& [file, text] : kOrdinary) write(file, text);
    world.clock = &clock;
    world.proc = folder() / "proc";
    world.sys = folder() / "sys";
    world.memory = folder() / "memory";
    world.kernel_clock = [] { return KernelClock{true, 0.0004, 0.02}; };
    world.lateness = [] { return 0.0; };
    world.duties.late_jobs = [] { return std::vector<Duties::Late>(); };
    world.duties.backup = [this] { return Duties::Backup{true, clock.now() - std::chrono::hours(9), ""}; };
    world.duties.queues = [this] {
        return std::vector<Duties::Queue>{{"mail", "お知らせメール", 2, 0, clock.now() - std::chrono::seconds(20)}};
    };
    world.duties.database = [](bool) { return Duties::Database{"SQLite", "", 40'000'000, 4'000'000, {}}; };
}

void Machine::write(const std::string& file, std::string_view text) const {
    const fs::path path = folder() / file;
    fs::create_directories(path.parent_path());
    sys::write_file(path, text, sys::Durability::Later);
}

void Machine::remove(const std::string& file) const {
    fs::remove_all(folder() / file);
}

One::One(const Machine& machine, const std::string& line)
    : plan_(plan_of(line)), probe_(plan_.kind->make(plan_, machine.world)) {}

double value_of(const Reading& reading, std::string_view name) {
    for (const Sample& sample : reading.samples)
        if (sample.name == name) return sample.value;
    throw std::runtime_error(fmt::format("no sample {} in: {}", name, reading.text));
}

}  // namespace probes

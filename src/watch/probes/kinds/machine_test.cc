// The probes of the machine: quiet on the recorded files of an ordinary day, and each told of its fault.
#include "watch/probes/testing/machine.h"

#include <fstream>

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "watch/probes/forecast.h"

namespace probes {

using namespace std::chrono_literals;

TEST(OrdinaryDay, IsQuiet) {
    Machine machine;
    machine.write("app.log", "starting\n");
    machine.write("access.log", "");
    const std::string folder = machine.folder().string();
    const std::string lines[] = {"cpu kind=cpu",
                                 "load kind=load",
                                 "memory kind=memory",
                                 "swap kind=swap",
                                 "pressure kind=pressure",
                                 "boot kind=boot",
                                 "traffic kind=traffic",
                                 "links kind=links",
                                 "raid kind=raid",
                                 "ecc kind=ecc",
                                 "temperature kind=temperature",
                                 "power kind=power",
                                 "clock kind=clock",
                                 "listeners kind=listeners",
                                 "p kind=processes name=yakuba",
                                 "jobs kind=jobs",
                                 "backup kind=backup",
                                 "queues kind=queues",
                                 "database kind=database",
                                 "heartbeat kind=heartbeat",
                                 "disk kind=disk warn=99.9 fail=100 path=" + folder,
                                 "log kind=log file=" + folder + "/app.log",
                                 "requests kind=requests file=" + folder + "/access.log",
                                 "domain kind=domain name=city.example expires=2027-03-31"};
    for (const std::string& line : lines) {
        SCOPED_TRACE(line);
        One one(machine, line);
        for (int run = 0; run < 3; ++run) {
            machine.write("proc/stat", "cpu  " + std::to_string(104113 + 300 * run) + " 2290 38011 " +
                                           std::to_string(5220140 + 6000 * run) +
                                           " 9021 0 1100 310 0 0\ncpu0 1\ncpu1 1\n");
            const Reading reading = one.run();
            EXPECT_EQ(reading.state, State::Ok) << reading.text;
            EXPECT_FALSE(reading.text.empty());
            EXPECT_FALSE(reading.samples.empty());
            machine.clock.advance(60s);
        }
    }
}

TEST(CpuProbe, TellsOfBusyProcessorsByWhatWentOnSinceTheLastLook) {
    Machine machine;
    One cpu(machine, "cpu kind=cpu");
    EXPECT_EQ(cpu.run().state, State::Ok);
    machine.write("proc/stat", "cpu  109913 2290 38011 5220340 9021 0 1100 310 0 0\n");
    const Reading reading = cpu.run();
    EXPECT_EQ(reading.state, State::Warning);
    EXPECT_NEAR(value_of(reading, "used"), 96.7, 0.1);
    EXPECT_EQ(cpu.run().state, State::NoData);  // nothing has moved
}

TEST(LoadProbe, CountsForEachProcessor) {
    Machine machine;
    machine.write("proc/loadavg", "30.1 25.0 9.9 40/312 4711\n");
    EXPECT_EQ(One(machine, "load kind=load").run().state, State::Failed);
    machine.write("proc/loadavg", "rubbish");
    EXPECT_ANY_THROW(One(machine, "load kind=load").run());
}

TEST(MemoryProbe, TellsWhenLittleCouldBeHad) {
    Machine machine;
    One memory(machine, "memory kind=memory"), swap(machine, "swap kind=swap");
    machine.write("proc/meminfo", "MemTotal: 1000 kB\nMemAvailable: 20 kB\nSwapTotal: 1000 kB\nSwapFree: 10 kB\n");
    EXPECT_EQ(memory.run().state, State::Failed);
    EXPECT_EQ(swap.run().state, State::Failed);
    machine.write("proc/meminfo", "MemTotal: 1000 kB\nMemAvailable: 115 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n");
    EXPECT_EQ(memory.run().state, State::Warning);  // the margin: it has not come back far enough
    EXPECT_EQ(swap.run().state, State::Absent);
    One strict(machine, "memory kind=memory margin=20"), loose(machine, "memory kind=memory margin=0");
    for (const auto& [available, by_strict, by_loose] :
         {std::tuple(20, State::Failed, State::Failed), std::tuple(115, State::Failed, State::Ok),
          std::tuple(250, State::Warning, State::Ok), std::tuple(310, State::Ok, State::Ok)}) {
        machine.write("proc/meminfo", fmt::format("MemTotal: 1000 kB\nMemAvailable: {} kB\n", available));
        EXPECT_EQ(strict.run().state, by_strict) << available;
        EXPECT_EQ(loose.run().state, by_loose) << available;
    }
    machine.write("proc/meminfo", "MemTotal: 1000 kB\nMemAvailable: 500 kB\n");
    EXPECT_EQ(memory.run().state, State::Ok);
}

TEST(PressureProbe, TellsWhatWasWaitedFor) {
    Machine machine;
    machine.write("proc/pressure/memory",
                  "some avg10=90 avg60=80.00 avg300=9 total=1\nfull avg10=60 avg60=55.00 avg300=4 total=1\n");
    const Reading reading = One(machine, "pressure kind=pressure").run();
    EXPECT_EQ(reading.state, State::Failed);
    EXPECT_NE(reading.text.find("メモリ"), std::string::npos);
    for (const char* name : {"cpu", "memory", "io"}) machine.remove(std::string("proc/pressure/") + name);
    EXPECT_EQ(One(machine, "pressure kind=pressure").run().state, State::Absent);
}

TEST(BootProbe, TellsOfAStartForAWhileAlsoAfterItsOwn) {
    Machine machine;
    EXPECT_EQ(One(machine, "boot kind=boot").run().state, State::Ok);
    machine.write("proc/sys/kernel/random/boot_id", "ffffffff-7f5f-4b02-9a5c-0d3f2f1f7c11\n");
    machine.write("proc/uptime", "40.0 70.0\n");
    EXPECT_EQ(One(machine, "boot kind=boot").run().state, State::Warning);
    machine.clock.advance(5min);
    EXPECT_EQ(One(machine, "boot kind=boot").run().state, State::Warning);
    machine.clock.advance(6min);
    EXPECT_EQ(One(machine, "boot kind=boot").run().state, State::Ok);
}

TEST(TrafficProbe, MeasuresEachInterfaceAgainstItsSpeed) {
    Machine machine;
    machine.write("sys/class/net/eth0/speed", "10\n");
    One traffic(machine, "traffic kind=traffic");
    EXPECT_EQ(traffic.run().state, State::Ok);
    machine.clock.advance(10s);
    machine.write("proc/net/dev", "a\nb\n  eth0: 92200000 1 0 0 0 0 0 0 310500000 1 0 0 0 0 0 0\n");
    const Reading reading = traffic.run();
    EXPECT_EQ(reading.state, State::Warning);  // 8.8 of 10 Mbit/s
    EXPECT_DOUBLE_EQ(value_of(reading, "received.eth0"), 1'100'000);
    EXPECT_DOUBLE_EQ(value_of(reading, "sent.eth0"), 10'000);
}

TEST(LinksProbe, TellsOfAPulledCableAndOfErrors) {
    Machine machine;
    One links(machine, "links kind=links");
    EXPECT_EQ(links.run().state, State::Ok);
    machine.write("sys/class/net/eth0/statistics/rx_errors", "60\n");
    EXPECT_EQ(links.run().state, State::Warning);
    EXPECT_EQ(links.run().state, State::Ok);
    machine.write("sys/class/net/eth0/operstate", "down\n");
    EXPECT_EQ(links.run().state, State::Failed);
    machine.remove("sys/class/net/eth0");
    EXPECT_EQ(links.run().state, State::Failed);
}

TEST(RaidProbe, TellsOfALostDiskAndOfTheRebuilding) {
    Machine machine;
    One raid(machine, "raid kind=raid");
    machine.write("proc/mdstat",
                  "Personalities : [raid1]\nmd0 : active raid1 sdb1[1](F) sda1[0]\n"
                  "      976630464 blocks super 1.2 [2/1] [U_]\n\nunused devices: <none>\n");
    EXPECT_EQ(raid.run().state, State::Failed);
    machine.write("proc/mdstat",
                  "Personalities : [raid1]\nmd0 : active raid1 sdb1[1] sda1[0]\n      9 blocks [2/2] [UU]\n"
                  "      [=>...]  resync = 12.6% (37043392/292945152) finish=127.5min speed=33440K/sec\n");
    EXPECT_EQ(raid.run().state, State::Warning);
    machine.write("proc/mdstat", "Personalities :\nunused devices: <none>\n");
    EXPECT_EQ(raid.run().state, State::Absent);
}

TEST(HardwareProbes, LeaveAVirtualMachinesHardwareToItsProvider) {
    Machine machine;
    machine.write("proc/cpuinfo", "flags\t\t: fpu vme hypervisor\n");
    for (const char* gone : {"proc/mdstat", "sys/devices", "sys/class/hwmon", "sys/class/power_supply"})
        machine.remove(gone);
    for (const char* kind : {"raid", "ecc", "temperature", "power", "smart"}) {
        SCOPED_TRACE(kind);
        const Reading reading = One(machine, std::string(kind) + " kind=" + kind).run();
        EXPECT_EQ(reading.state, State::Provider);
        EXPECT_TRUE(is_well(reading.state));
        EXPECT_NE(reading.text.find("提供者"), std::string::npos);
        const Reading told = One(machine, fmt::format("{0} kind={0} notice=\"11月20日 部品の交換\"", kind)).run();
        EXPECT_EQ(told.state, State::Provider);
        EXPECT_NE(told.text.find("提供者の知らせ：11月20日 部品の交換"), std::string::npos) << told.text;
    }
}

TEST(EccProbe, TellsOfCorrectedAndOfLostBits) {
    Machine machine;
    One ecc(machine, "ecc kind=ecc");
    EXPECT_EQ(ecc.run().state, State::Ok);
    machine.write("sys/devices/system/edac/mc/mc0/ce_count", "9\n");
    EXPECT_EQ(ecc.run().state, State::Warning);
    EXPECT_EQ(ecc.run().state, State::Ok);
    machine.write("sys/devices/system/edac/mc/mc0/ue_count", "1\n");
    EXPECT_EQ(ecc.run().state, State::Failed);
}

TEST(TemperatureProbe, TakesTheLimitsOfTheParts) {
    Machine machine;
    One temperature(machine, "temperature kind=temperature");
    machine.write("sys/class/hwmon/hwmon0/temp1_input", "90000\n");
    EXPECT_EQ(temperature.run().state, State::Warning);
    machine.write("sys/class/hwmon/hwmon0/temp1_input", "101000\n");
    const Reading reading = temperature.run();
    EXPECT_EQ(reading.state, State::Failed);
    EXPECT_NE(reading.text.find("Package id 0が101度"), std::string::npos) << reading.text;
}

TEST(PowerProbe, TellsOfABlackoutAndOfAnEmptyBattery) {
    Machine machine;
    One power(machine, "power kind=power");
    machine.write("sys/class/power_supply/AC/online", "0\n");
    machine.write("sys/class/power_supply/ups0/status", "Discharging\n");
    machine.write("sys/class/power_supply/ups0/capacity", "90\n");
    EXPECT_EQ(power.run().state, State::Warning);
    machine.write("sys/class/power_supply/ups0/capacity", "31\n");
    EXPECT_EQ(power.run().state, State::Failed);
}

TEST(SmartProbe, ReadsWhatTheDisksSayOfThemselves) {
    Machine machine;
    const std::string program = (machine.folder() / "smartctl").string();
    const auto say = [&](const std::string& answer) {
        machine.write(
            "smartctl",
            "#!/bin/sh\nif [ \"$1\" = --scan ]; then echo '{\"devices\":[{\"name\":\"/dev/sda\"}]}'; else echo '" +
                answer + "'; exit 4; fi\n");
        std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    };
    machine.world.smartctl = program;
    One smart(machine, "smart kind=smart");
    say(R"({"smart_status":{"passed":true},"ata_smart_attributes":{"table":[{"id":5,"raw":{"value":0}},{"id":194,"raw":{"value":35}}]}})");
    EXPECT_EQ(smart.run().state, State::Ok);
    say(R"({"smart_status":{"passed":true},"ata_smart_attributes":{"table":[{"id":197,"raw":{"value":8}}]}})");
    EXPECT_EQ(smart.run().state, State::Warning);
    say(R"({"smart_status":{"passed":true},"nvme_smart_health_information_log":{"media_errors":0,"percentage_used":96}})");
    EXPECT_EQ(smart.run().state, State::Warning);
    say(R"({"smart_status":{"passed":false}})");
    EXPECT_EQ(smart.run().state, State::Failed);
    say(R"({"messages":["open failed"]})");
    EXPECT_EQ(smart.run().state, State::NoData);
    say("no JSON");
    EXPECT_ANY_THROW(smart.run());
    machine.world.smartctl = "/nowhere/smartctl";
    EXPECT_EQ(smart.run().state, State::NoData);
}

TEST(ClockProbe, TellsOfAClockThatFollowsNobodyOrIsOff) {
    Machine machine;
    machine.world.kernel_clock = [] { return KernelClock{false, 0, 16}; };
    EXPECT_EQ(One(machine, "clock kind=clock").run().state, State::Warning);
    machine.world.kernel_clock = [] { return KernelClock{true, -7.5, 8}; };
    EXPECT_EQ(One(machine, "clock kind=clock").run().state, State::Failed);
    machine.world.kernel_clock = [] { return KernelClock{true, 0, 20}; };
    EXPECT_EQ(One(machine, "clock kind=clock").run().state, State::Warning);
    EXPECT_GE(read_kernel_clock().largest_error_seconds, 0);  // the real one answers
}

TEST(DiskProbe, TellsOfAFullDiskForReal) {
    Machine machine;
    const auto mounted = machine.folder() / "small";
    std::filesystem::create_directory(mounted);
    ASSERT_EQ(::mount("tmpfs", mounted.c_str(), "tmpfs", 0, "size=1m,nr_inodes=200"), 0)
        << "this test mounts a small disk";
    {
        One disk(machine, "disk kind=disk path=" + mounted.string());
        EXPECT_EQ(disk.run().state, State::Ok);
        std::ofstream(mounted / "most") << std::string(900'000, 'x');
        EXPECT_EQ(disk.run().state, State::Warning);
        std::ofstream(mounted / "rest") << std::string(200'000, 'x');
        const Reading reading = disk.run();
        EXPECT_EQ(reading.state, State::Failed) << reading.text;
        EXPECT_EQ(value_of(reading, "free_bytes"), 0);
        std::filesystem::remove(mounted / "most");
        std::filesystem::remove(mounted / "rest");
        EXPECT_EQ(disk.run().state, State::Ok);
        for (int file = 0; file < 196; ++file) std::ofstream(mounted / std::to_string(file));
        const Reading crowded = disk.run();
        EXPECT_EQ(crowded.state, State::Failed);
        EXPECT_NE(crowded.text.find("inode"), std::string::npos);
    }
    EXPECT_EQ(::umount(mounted.c_str()), 0);
    EXPECT_EQ(One(machine, "disk kind=disk path=/no/such/place").run().state, State::NoData);
}

TEST(Forecast, SaysWhenItIsFullHoweverOneSampleJumps) {
    History history;
    base::Instant at{0};
    for (int sample = 0; sample < 20; ++sample) {
        const double value = 1e9 + 1e6 * sample + (sample == 7 ? 5e8 : 0);  // 1 MB in a quarter of an hour
        EXPECT_TRUE(add_to_history(history, {at, value}));
        EXPECT_FALSE(add_to_history(history, {at + 1min, value}));
        at = at + 15min;
    }
    const auto seconds = seconds_until(history, 96e6);
    ASSERT_TRUE(seconds);
    EXPECT_NEAR(*seconds, 86'400, 4'000);
    EXPECT_NEAR(*seconds_until(read_history(write_history(history)), 96e6), *seconds, 1);
    for (Point& point : history) point.value = -point.value;
    EXPECT_FALSE(seconds_until(history, 96e6));
    EXPECT_FALSE(seconds_until({}, 1));
    EXPECT_TRUE(read_history("x\n1\n1 nan\n").empty());
    EXPECT_TRUE(add_to_history(history, {{0}, 1}));  // the clock went back
    EXPECT_EQ(history.size(), 1U);
    for (int sample = 0; sample < 1000; ++sample) add_to_history(history, {base::Instant{0} + sample * 1h, 1});
    EXPECT_LE(history.size(), 144U);
}

TEST(DiskProbe, WarnsOfADiskThatWillBeFullSoonAlsoAfterARestart) {
    Machine machine;
    struct statvfs about {};
    ASSERT_EQ(::statvfs(machine.folder().c_str(), &about), 0);
    const double used = static_cast<double>(about.f_frsize) * static_cast<double>(about.f_blocks - about.f_bfree);
    History history;  // 2% of the disk in a quarter of an hour
    const double step = static_cast<double>(about.f_frsize) * static_cast<double>(about.f_blocks) * 0.02;
    for (int sample = 0; sample < 8; ++sample)
        add_to_history(history,
                       {machine.clock.now() - std::chrono::minutes(15 * (8 - sample)), used - step * (8 - sample)});
    machine.write("memory/disk", write_history(history));
    const Reading reading = One(machine, "disk kind=disk warn=100 fail=101 path=" + machine.folder().string()).run();
    EXPECT_EQ(reading.state, State::Warning) << reading.text;
    EXPECT_GT(value_of(reading, "full_in"), 0);
    EXPECT_EQ(One(machine, "other kind=disk warn=100 fail=101 path=" + machine.folder().string()).run().state,
              State::Ok);
}

}  // namespace probes

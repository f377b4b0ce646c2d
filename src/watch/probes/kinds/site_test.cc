// The probes of the program's own work and of logs and processes, each with its fault.
#include <algorithm>
#include <csignal>
#include <fstream>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "watch/logs/access_line.h"
#include "watch/probes/testing/machine.h"

namespace probes {

using namespace std::chrono_literals;

namespace {

void append(const std::filesystem::path& file, const std::string& text) {
    std::ofstream(file, std::ios::app) << text;
}

/// A real process of a name of its own that only sleeps.
class Sleeper {
  public:
    explicit Sleeper(const char* name) : pid_(::fork()) {
        if (pid_ == 0) {
            ::prctl(PR_SET_NAME, name);
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            for (;;) ::pause();
        }
        for (int wait = 0; wait < 1000 && base_name() != name; ++wait) ::usleep(1000);
    }
    ~Sleeper() { stop(); }
    void stop() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        pid_ = 0;
    }

  private:
    std::string base_name() const {
        std::ifstream comm("/proc/" + std::to_string(pid_) + "/comm");
        std::string name;
        std::getline(comm, name);
        return name;
    }
    pid_t pid_;
};

}  // namespace

TEST(ProcessesProbe, SeesARealProcessStopAndStartAnew) {
    Machine machine;
    machine.world.proc = "/proc";
    One processes(machine, "p kind=processes name=ykb-sleeper");
    EXPECT_EQ(processes.run().state, State::Failed);
    Sleeper first("ykb-sleeper");
    const Reading running = processes.run();
    EXPECT_EQ(running.state, State::Ok) << running.text;
    EXPECT_EQ(value_of(running, "running"), 1);
    EXPECT_GT(value_of(running, "resident_bytes"), 0);
    first.stop();
    EXPECT_EQ(processes.run().state, State::Failed);
    ::usleep(20'000);  // starts are counted in hundredths of a second
    Sleeper second("ykb-sleeper");
    const Reading again = processes.run();
    EXPECT_EQ(again.state, State::Warning) << again.text;
    EXPECT_EQ(value_of(again, "restarts"), 1);
    machine.clock.advance(30s);
    EXPECT_EQ(processes.run().state, State::Warning);  // long enough to be counted
    machine.clock.advance(31s);
    EXPECT_EQ(processes.run().state, State::Ok);
    EXPECT_EQ(One(machine, "p kind=processes name=ykb-sleeper least=2").run().state, State::Failed);
    EXPECT_EQ(One(machine, "p kind=processes name=ykb-sleeper arguments=--never").run().state, State::Failed);
}

TEST(ProcessesProbe, TellsOfTooMuchMemoryAndTooManyFiles) {
    Machine machine;
    EXPECT_EQ(One(machine, "p kind=processes name=yakuba memory_mb=50").run().state, State::Warning);
    machine.write("proc/812/limits", "Max open files            2                 4                 files\n");
    for (int file = 0; file < 2; ++file) machine.write("proc/812/fd/" + std::to_string(file), "");
    EXPECT_EQ(One(machine, "p kind=processes name=yakuba").run().state, State::Warning);
}

TEST(ProcessProbe, CountsOnlyThisSitesServers) {
    Machine machine;
    const auto proc = machine.folder() / "proc";
    const std::string ours = (machine.folder() / "site").string(), theirs = (machine.folder() / "other").string();
    std::filesystem::create_directories(ours);
    std::filesystem::create_directories(theirs);
    const auto add = [&](int pid, const std::string& arguments, const std::filesystem::path& cwd, std::string environ) {
        const std::string folder = fmt::format("proc/{}/", pid);
        machine.write(folder + "comm", "yakuba\n");
        std::string line = "yakuba serve " + arguments;
        std::replace(line.begin(), line.end(), ' ', '\0');
        machine.write(folder + "cmdline", line);
        machine.write(folder + "environ", environ);
        machine.write(folder + "stat",
                      fmt::format("{} (yakuba) S 1 1 1 0 -1 0 0 0 0 0 4 9 0 0 20 0 1 0 44 9 21 1", pid));
        if (!cwd.empty()) std::filesystem::create_directory_symlink(cwd, proc / std::to_string(pid) / "cwd");
    };
    const std::string line = "p kind=processes name=yakuba arguments=serve folder=" + ours;
    const auto count = [&] { return value_of(One(machine, line).run(), "running"); };
    EXPECT_EQ(count(), 0);
    add(901, "--site " + ours, "/", "");
    EXPECT_EQ(count(), 1);
    add(902, "--site=" + theirs, ours, "");
    add(903, "", theirs, "");
    add(904, "--role office", ours, "YAKUBA_SITE=" + theirs);
    EXPECT_EQ(count(), 1) << "other sites' servers";
    add(905, "--site site", machine.folder(), "");
    add(906, "", ours, "");
    add(907, "--role office", "/", std::string("A=1\0YAKUBA_SITE=", 16) + ours);
    EXPECT_EQ(count(), 4);
    add(908, "--role press", {}, "");
    EXPECT_EQ(count(), 5) << "another user's, of which nothing more is seen";
}

TEST(ListenersProbe, SeesARealPortThatShouldNotBeThere) {
    Machine machine;
    machine.world.proc = "/proc";
    One listeners(machine, "listeners kind=listeners loopback=yes");
    EXPECT_EQ(listeners.run().state, State::Ok);  // what is there is the baseline
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof at;
    ASSERT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&at), length), 0);
    ASSERT_EQ(::listen(socket, 1), 0);
    ASSERT_EQ(::getsockname(socket, reinterpret_cast<sockaddr*>(&at), &length), 0);
    const std::string port = std::to_string(ntohs(at.sin_port));
    const Reading reading = listeners.run();
    EXPECT_EQ(reading.state, State::Failed) << reading.text;
    EXPECT_NE(reading.text.find(port + "番"), std::string::npos) << reading.text;
    EXPECT_NE(reading.text.find(std::to_string(::getpid())), std::string::npos) << reading.text;
    // The baseline is kept over a restart; the settings may allow more; loopback alone harms nobody by default.
    // Other programs of this machine may open ports meanwhile, so only this one is looked for.
    const auto complains = [&](const std::string& line) {
        return One(machine, line).run().text.find(port + "番") != std::string::npos;
    };
    EXPECT_TRUE(complains("listeners kind=listeners loopback=yes"));
    EXPECT_FALSE(complains("listeners kind=listeners loopback=yes allow=" + port));
    EXPECT_FALSE(complains("listeners kind=listeners loopback=yes own=" + port));
    EXPECT_FALSE(complains("listeners kind=listeners"));
    ::close(socket);
}

TEST(LogProbe, CountsABurstWithinBoundsAndGoesOnWhereItStopped) {
    Machine machine;
    const auto file = machine.folder() / "app.log";
    append(file, "ERROR of yesterday\n");
    const std::string line = "log kind=log burst=5000 except=harmless file=" + file.string();
    {
        One log(machine, line);
        EXPECT_EQ(log.run().state, State::Ok);
        append(file, "all well\nan Error came\x01 here\nharmless error\n");
        const Reading one = log.run();
        EXPECT_EQ(one.state, State::Warning);
        EXPECT_EQ(value_of(one, "hits"), 1);
        EXPECT_NE(one.text.find("「error」"), std::string::npos) << one.text;
        EXPECT_EQ(one.text.find("came"), std::string::npos) << "the line itself may hold a secret: " << one.text;
        std::string burst;
        for (int number = 0; number < 20'000; ++number) burst += "panic in the kitchen\n";
        append(file, burst);
        const Reading many = log.run();
        EXPECT_EQ(many.state, State::Failed);
        EXPECT_EQ(value_of(many, "hits"), 20'000);
        EXPECT_LT(many.text.size(), 1000U);
    }
    append(file, "fatal while nobody looked\n");
    std::filesystem::rename(file, machine.folder() / "app.log.1");
    append(file, "fatal in the new file\n");
    One log(machine, line);
    EXPECT_EQ(value_of(log.run(), "hits"), 2);
    EXPECT_EQ(log.run().state, State::Ok);
    std::filesystem::remove(file);
    log.run();
    EXPECT_EQ(One(machine, "other kind=log file=/no/such/file").run().state, State::NoData);
}

TEST(JournalProbe, ReadsFromItsCursorAndCountsWhatIsNew) {
    Machine machine;
    const std::string program = (machine.folder() / "journalctl").string();
    machine.write("journalctl", "#!/bin/sh\ncat " + machine.folder().string() + "/answer; echo \"$@\" > " +
                                    machine.folder().string() + "/asked\n");
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    machine.write("answer", "{\"__CURSOR\":\"s=1;i=9\",\"MESSAGE\":\"Out of memory: old\"}\n");
    machine.world.journalctl = program;
    One journal(machine, "journal kind=journal");
    EXPECT_EQ(journal.run().state, State::Ok);  // the past is no news
    machine.write("answer",
                  "{\"__CURSOR\":\"s=1;i=10\",\"MESSAGE\":\"disk sda: I/O error\"}\nnot json\n"
                  "{\"__CURSOR\":\"s=1;i=11\",\"MESSAGE\":[1,2,3]}\n");
    const Reading reading = journal.run();
    EXPECT_EQ(reading.state, State::Warning) << reading.text;
    EXPECT_EQ(value_of(reading, "messages"), 2);
    EXPECT_EQ(value_of(reading, "hits"), 1);
    machine.write("answer", "");
    One again(machine, "journal kind=journal");
    EXPECT_EQ(again.run().state, State::Ok);
    std::ifstream asked(machine.folder() / "asked");
    std::string arguments;
    std::getline(asked, arguments);
    EXPECT_NE(arguments.find("--after-cursor=s=1;i=11"), std::string::npos) << arguments;
    machine.write("journalctl", "#!/bin/sh\necho 'no permission' >&2; exit 1\n");
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    EXPECT_EQ(again.run().state, State::NoData);
    machine.world.journalctl = "/no/such/program";
    EXPECT_EQ(again.run().state, State::Absent);
}

TEST(JournalProbe, TellsOfTheFirstTroubleOfAHealthyServer) {
    Machine machine;
    const std::string program = (machine.folder() / "journalctl").string();
    machine.write("journalctl", "#!/bin/sh\ncat " + machine.folder().string() + "/answer\n");
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    machine.write("answer", "");
    machine.world.journalctl = program;
    One journal(machine, "journal kind=journal");
    EXPECT_EQ(journal.run().state, State::Ok);
    machine.write("answer", "{\"__CURSOR\":\"s=1;i=1\",\"MESSAGE\":\"Out of memory: killed\"}\n");
    EXPECT_EQ(journal.run().state, State::Warning);
}

TEST(UnitsProbe, NamesTheServicesThatHaveFailed) {
    Machine machine;
    const std::string program = (machine.folder() / "systemctl").string();
    const auto answer = [&](std::string_view script) {
        machine.write("systemctl", fmt::format("#!/bin/sh\n{}\n", script));
        std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    };
    machine.world.systemctl = program;
    One units(machine, "units kind=units ignore=apt-daily.service");
    answer("echo \"$@\" >&2");
    const Reading well = units.run();
    EXPECT_EQ(well.state, State::Ok) << well.text;
    EXPECT_EQ(value_of(well, "failed_units"), 0);
    answer(
        "echo 'cron.service loaded failed failed Regular background program processing daemon'\n"
        "echo 'apt-daily.service loaded failed failed Daily apt download activities'\necho rubbish");
    const Reading failed = units.run();
    EXPECT_EQ(failed.state, State::Failed);
    EXPECT_EQ(failed.text, "失敗しているサービスが1件あります：cron.service。");
    answer("echo 'Failed to connect to bus' >&2; exit 1");
    EXPECT_EQ(units.run().state, State::NoData);
    answer("echo 'System has not been booted with systemd as init system (PID 1).' >&2; exit 1");
    EXPECT_EQ(units.run().state, State::Absent);
    machine.world.systemctl = "/no/such/program";
    EXPECT_EQ(units.run().state, State::Absent);
    machine.write("run/systemd/system/mark", "");
    EXPECT_THROW(units.run(), base::Error) << "which is no data, though systemd is there";
}

TEST(RequestsProbe, MeasuresASiteByItsAccessLog) {
    Machine machine;
    const auto file = machine.folder() / "access.log";
    append(file, "");
    One requests(machine, "requests kind=requests file=" + file.string());
    EXPECT_EQ(requests.run().state, State::Ok);
    const auto add_requests = [&](int count, int status) {
        logs::Access access;
        access.address = "192.0.2.1";
        access.method = "GET";
        access.target = "/";
        access.at = machine.clock.now();
        access.status = status;
        access.bytes = 1000;
        std::string text;
        for (int number = 0; number < count; ++number) {
            logs::append_access_line(text, access);
            text += '\n';
        }
        append(file, text);
    };
    machine.clock.advance(10s);
    add_requests(500, 200);
    const Reading well = requests.run();
    EXPECT_EQ(well.state, State::Ok);
    EXPECT_DOUBLE_EQ(value_of(well, "requests"), 50);
    EXPECT_DOUBLE_EQ(value_of(well, "sent"), 50'000);
    machine.clock.advance(10s);
    add_requests(60, 200);
    add_requests(40, 502);
    EXPECT_EQ(requests.run().state, State::Failed);
    machine.clock.advance(10s);
    add_requests(1, 500);  // too few to say anything
    EXPECT_EQ(requests.run().state, State::Ok);
    std::filesystem::remove(file);
    One again(machine, "requests kind=requests file=" + file.string());
    EXPECT_EQ(again.run().state, State::NoData) << "it had a log";
    One young(machine, "requests.new kind=requests file=" + (machine.folder() / "none.log").string());
    EXPECT_EQ(young.run().state, State::Ok) << "nobody has been answered yet";

    append(file, "");
    bool is_stopped = true;
    machine.world.is_stopped = [&] { return is_stopped; };
    One stopped(machine, "requests.stop kind=requests file=" + file.string());
    stopped.run();
    add_requests(100, 503);
    const Reading notices = stopped.run();
    EXPECT_EQ(notices.state, State::Ok) << notices.text;
    EXPECT_NE(notices.text.find("停止中のお知らせ（503）を100件返しました"), std::string::npos) << notices.text;
    EXPECT_EQ(value_of(notices, "server_errors"), 0);
    EXPECT_GT(value_of(notices, "stop_notices"), 0);
    add_requests(100, 502);
    EXPECT_EQ(stopped.run().state, State::Failed) << "no notice";
    is_stopped = false;
    add_requests(100, 503);
    EXPECT_EQ(stopped.run().state, State::Ok) << "the last moments of the stop";
    add_requests(100, 503);
    EXPECT_EQ(stopped.run().state, State::Failed) << "judged again";
}

TEST(JobsProbe, TellsOfLateAndOfFailedJobs) {
    Machine machine;
    machine.world.duties.late_jobs = [&] {
        return std::vector<Duties::Late>{{"tidy-mail", "", machine.clock.now() - 1h, false}};
    };
    const Reading late = One(machine, "jobs kind=jobs").run();
    EXPECT_EQ(late.state, State::Warning);
    EXPECT_EQ(value_of(late, "oldest"), 3600);
    machine.world.duties.late_jobs = [&] {
        return std::vector<Duties::Late>{{"tidy-mail", "disk full", machine.clock.now() - 1h, true}};
    };
    EXPECT_EQ(One(machine, "jobs kind=jobs").run().state, State::Failed);
    machine.world.duties.late_jobs = {};
    EXPECT_ANY_THROW(One(machine, "jobs kind=jobs").run());
}

TEST(BackupProbe, TellsOfAnOldOneAndOfNone) {
    Machine machine;
    const auto state = [&](Duties::Backup backup) {
        machine.world.duties.backup = [backup] { return backup; };
        return One(machine, "backup kind=backup").run().state;
    };
    EXPECT_EQ(state({false, {}, ""}), State::Warning) << "a site without backups is not well";
    EXPECT_EQ(state({true, {}, ""}), State::Failed);
    EXPECT_EQ(state({true, machine.clock.now() - 30h, ""}), State::Warning);
    EXPECT_EQ(state({true, machine.clock.now() - 51h, ""}), State::Failed);
    EXPECT_EQ(state({true, machine.clock.now() - 1h, "保管先が一つ足りません。"}), State::Warning);
    machine.world.duties.backup = {};
    EXPECT_EQ(One(machine, "backup kind=backup").run().state, State::Absent);
}

TEST(QueuesProbe, TellsWhatWaitsTooLongOrIsTooMuch) {
    Machine machine;
    const auto state = [&](Duties::Queue queue) {
        machine.world.duties.queues = [queue] { return std::vector<Duties::Queue>{queue}; };
        return One(machine, "queues kind=queues").run().state;
    };
    const base::Instant now = machine.clock.now();
    EXPECT_EQ(state({"mail", "メール", 3, 0, now - 15min}), State::Warning);
    EXPECT_EQ(state({"mail", "メール", 3, 0, now - 2h}), State::Failed);
    EXPECT_EQ(state({"mail", "メール", 5000, 0, now}), State::Warning);
    EXPECT_EQ(state({"mail", "メール", 0, 2, {}}), State::Warning);
    EXPECT_EQ(state({"mail", "メール", 0, 0, {}}), State::Ok);
}

TEST(DatabaseProbe, ChecksThoroughlyOnceADayAndRemembersWhatItFound) {
    Machine machine;
    int thorough = 0;
    machine.world.duties.database = [&](bool is_thorough) {
        thorough += is_thorough;
        return Duties::Database{"SQLite", is_thorough ? "page 7 is damaged" : "", 1, 1, {}};
    };
    One database(machine, "database kind=database");
    EXPECT_EQ(database.run().state, State::Failed);
    machine.clock.advance(1h);
    EXPECT_EQ(database.run().state, State::Failed);
    EXPECT_EQ(thorough, 1);
    machine.clock.advance(24h);
    machine.world.duties.database = [](bool) { return Duties::Database{"PostgreSQL", "", 60'000'000'000, 1, 700.0}; };
    EXPECT_EQ(One(machine, "database kind=database").run().state, State::Warning);
    machine.world.duties.database = [](bool) -> Duties::Database {
        throw base::Error(base::Kind::Unavailable, "refused");
    };
    EXPECT_EQ(One(machine, "database kind=database").run().state, State::Failed);
}

TEST(DomainProbe, CountsTheDays) {
    Machine machine;  // 2026-11-24
    EXPECT_EQ(One(machine, "d kind=domain name=a.example expires=2027-01-10").run().state, State::Warning);
    EXPECT_EQ(One(machine, "d kind=domain name=a.example expires=2026-12-01").run().state, State::Failed);
    EXPECT_EQ(One(machine, "d kind=domain name=a.example expires=2026-11-01").run().state, State::Failed);
    EXPECT_EQ(One(machine, "d kind=domain name=a.example").run().state, State::NoData);
}

TEST(HeartbeatProbe, TellsWhenTheWatchIsLate) {
    Machine machine;
    machine.world.lateness = [] { return 12.0; };
    EXPECT_EQ(One(machine, "heartbeat kind=heartbeat").run().state, State::Warning);
}

}  // namespace probes

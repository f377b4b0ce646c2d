// fork and exec in a process group of its own, so that a program that is out of patience goes with all that it has
// started. Input, output and errors pass through pipes that are polled together; a program that fills one while we wait
// for another cannot stop us. A program that could not be started is told from one that failed by a pipe that closes on
// exec.
#include "ground/sys/process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/sys/files.h"

extern char** environ;  // NOLINT(readability-redundant-declaration)

namespace sys {

using base::Error;
using base::Kind;
using std::chrono::steady_clock;

namespace {

/// What a program leaves in the background may hold the pipes open; so long we still listen, then its group is killed.
constexpr std::chrono::milliseconds kAfterExit{2'000};

[[noreturn]] void fail_to_start(const std::string& program, int number) {
    throw Error(Kind::Unavailable, fmt::format("{} could not be started ({}); check that it is installed", program,
                                               std::strerror(number)));
}

struct Pipe {
    Descriptor reading;
    Descriptor writing;

    explicit Pipe(const std::string& program) {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail_to_start(program, errno);
        reading = clear_of_standard(ends[0]);
        writing = clear_of_standard(ends[1]);
    }

  private:
    /// When this process was started with closed standard streams, a pipe may get their numbers.
    static Descriptor clear_of_standard(int number) {
        Descriptor pipe(number);
        return number > STDERR_FILENO ? std::move(pipe) : Descriptor(::fcntl(number, F_DUPFD_CLOEXEC, 3));
    }
};

/// "NAME=value" for everything, ours over the inherited.
std::vector<std::string> merge_environment(const std::map<std::string, std::string>& added) {
    std::vector<std::string> merged;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        if (!added.contains(std::string(text.substr(0, text.find('='))))) merged.emplace_back(text);
    }
    for (const auto& [name, value] : added) merged.push_back(name + "=" + value);
    return merged;
}

std::vector<char*> as_pointers(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

/// Between fork and exec: only calls that are safe when other threads held locks at the fork.
[[noreturn]] void become(char** arguments, char** variables, int in, int out, int err, int report, bool dies_with_us) {
    ::setpgid(0, 0);
    if (dies_with_us) ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    ::signal(SIGINT, SIG_DFL);
    ::signal(SIGTERM, SIG_DFL);
    if (::dup2(in, STDIN_FILENO) >= 0 && ::dup2(out, STDOUT_FILENO) >= 0 && ::dup2(err, STDERR_FILENO) >= 0)
        ::execvpe(arguments[0], arguments, variables);
    const int number = errno;
    [[maybe_unused]] const auto told = ::write(report, &number, sizeof number);
    ::_exit(127);
}

/// The errno of a program that could not be started, 0 when it runs.
int read_report(int report) {
    int number = 0;
    for (;;) {
        const auto count = ::read(report, &number, sizeof number);
        if (count < 0 && errno == EINTR) continue;
        return count == sizeof number ? number : 0;
    }
}

/// SIGPIPE must not end us when the program does not read its input to the end.
class IgnoreBrokenPipe {
  public:
    IgnoreBrokenPipe() {
        ::sigemptyset(&pipe_);
        ::sigaddset(&pipe_, SIGPIPE);
        ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
    }
    ~IgnoreBrokenPipe() {
        if (::sigismember(&before_, SIGPIPE) == 0) {
            const timespec now{};
            while (::sigtimedwait(&pipe_, nullptr, &now) < 0 && errno == EINTR) {
            }
        }
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    IgnoreBrokenPipe(const IgnoreBrokenPipe&) = delete;
    IgnoreBrokenPipe& operator=(const IgnoreBrokenPipe&) = delete;

  private:
    sigset_t pipe_{};
    sigset_t before_{};
};

class Child {
  public:
    Child(const Command& command, pid_t number, Descriptor in, Descriptor out, Descriptor err)
        : command_(command), number_(number), in_(std::move(in)), out_(std::move(out)), err_(std::move(err)) {
        for (const Descriptor* pipe : {&in_, &out_, &err_}) ::fcntl(pipe->get(), F_SETFL, O_NONBLOCK);
        if (command.input.empty()) in_ = Descriptor();
    }
    ~Child() {
        if (!has_ended_) {  // something threw
            ::kill(-number_, SIGKILL);
            wait();
        }
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    Outcome run() {
        auto give_up_at = steady_clock::now() + command_.patience;
        bool has_exited = false;
        while (out_ || err_ || !has_exited) {
            if (!has_exited && try_wait()) {
                has_exited = true;
                in_ = Descriptor();
                give_up_at = std::min(give_up_at, steady_clock::now() + kAfterExit);
            }
            if (!has_exited && !outcome_.was_stopped && command_.is_stopped && command_.is_stopped()) {
                outcome_.was_stopped = true;
                ::kill(-number_, SIGINT);
                give_up_at = std::min(give_up_at, steady_clock::now() + command_.ending);
            }
            if (steady_clock::now() >= give_up_at) {
                outcome_.timed_out = !has_exited && !outcome_.was_stopped;
                break;
            }
            exchange(has_exited);
        }
        ::kill(-number_, SIGKILL);  // also what the program has left behind in its group
        wait();
        outcome_.exit_code = WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
        return std::move(outcome_);
    }

  private:
    bool try_wait() {
        // Not reaped yet, so that the group's number is not given to others before the kill.
        siginfo_t info{};
        while (::waitid(P_PID, static_cast<id_t>(number_), &info, WEXITED | WNOHANG | WNOWAIT) != 0 && errno == EINTR) {
        }
        return info.si_pid == number_;
    }
    void wait() {
        while (::waitpid(number_, &status_, 0) < 0 && errno == EINTR) {
        }
        has_ended_ = true;
    }

    /// Moves bytes for at most 20 ms; the end of a program without output is noticed by then.
    void exchange(bool has_exited) {
        std::array<pollfd, 3> waiting{{{in_.get(), POLLOUT, 0}, {out_.get(), POLLIN, 0}, {err_.get(), POLLIN, 0}}};
        if (::poll(waiting.data(), waiting.size(), has_exited ? 5 : 20) <= 0) return;
        if (waiting[0].revents != 0) feed();
        if (waiting[1].revents != 0) drain(out_, outcome_.output);
        if (waiting[2].revents != 0) drain(err_, outcome_.errors);
    }
    void feed() {
        const std::string_view left = std::string_view(command_.input).substr(fed_);
        const auto count = ::write(in_.get(), left.data(), left.size());
        if (count > 0) fed_ += static_cast<std::size_t>(count);
        const bool is_over = fed_ == command_.input.size() || (count < 0 && errno != EAGAIN && errno != EINTR);
        if (is_over) in_ = Descriptor();
    }
    void drain(Descriptor& from, std::string& to) {
        std::array<char, 65536> buffer{};
        const auto count = ::read(from.get(), buffer.data(), buffer.size());
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (count <= 0) {
            from = Descriptor();
            return;
        }
        const auto room = command_.output_limit - std::min(command_.output_limit, to.size());
        to.append(buffer.data(), std::min(room, static_cast<std::size_t>(count)));
        if (static_cast<std::size_t>(count) > room) outcome_.was_cut = true;
    }

    const Command& command_;
    const pid_t number_;
    Descriptor in_;
    Descriptor out_;
    Descriptor err_;
    std::size_t fed_ = 0;
    int status_ = 0;
    bool has_ended_ = false;
    Outcome outcome_;
};

}  // namespace

Outcome run(const Command& command) {
    if (command.arguments.empty()) throw Error(Kind::Bug, "a command needs at least the program's name");
    const std::string& program = command.arguments.front();
    std::vector<std::string> arguments = command.arguments;
    std::vector<std::string> variables = merge_environment(command.environment);
    const std::vector<char*> argument_pointers = as_pointers(arguments);
    const std::vector<char*> variable_pointers = as_pointers(variables);
    Pipe in(program);
    Pipe out(program);
    Pipe err(program);
    Pipe report(program);

    const IgnoreBrokenPipe ignore;
    const pid_t number = ::fork();
    if (number < 0) fail_to_start(program, errno);
    if (number == 0)
        become(const_cast<char**>(argument_pointers.data()), const_cast<char**>(variable_pointers.data()),  // NOLINT
               in.reading.get(), out.writing.get(), err.writing.get(), report.writing.get(), command.dies_with_us);
    ::setpgid(number, number);  // in both, so that neither is too late
    in.reading = Descriptor();
    out.writing = Descriptor();
    err.writing = Descriptor();
    report.writing = Descriptor();
    if (const int failed = read_report(report.reading.get()); failed != 0) {
        while (::waitpid(number, nullptr, 0) < 0 && errno == EINTR) {
        }
        fail_to_start(program, failed);
    }
    return Child(command, number, std::move(in.writing), std::move(out.reading), std::move(err.reading)).run();
}

}  // namespace sys

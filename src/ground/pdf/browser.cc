// Nothing of the outside reaches the page: it is written into about:blank (so that it cannot read files), scripts are
// off, names are not resolved and every connection goes to a proxy that is not there. Chromium's sandbox wants an
// ordinary user who may make user namespaces: root becomes nobody for it; in a service unit that forbids namespaces the
// unit is the sandbox (docs/decisions, PDF).
#include "ground/pdf/inner/browser.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <boost/json.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/pdf/pdf.h"

namespace pdf {

namespace json = boost::json;
using base::Error;
using base::Kind;
using std::chrono::steady_clock;

namespace {

constexpr uid_t kNobody = 65534;
constexpr std::size_t kLargestMessage = kLargestPdf / 3 * 4 + (1U << 20U);
constexpr rlim_t kLargestFile = 512U << 20U;     // of what it writes into its profile
constexpr rlim_t kMostMemory = 4ULL << 30U;      // of data, in each of its processes
constexpr std::chrono::seconds kForLoading{10};  // pictures are in the document; this only decodes them

/// Whether the kernel and the service unit let an ordinary user make the namespaces of Chromium's sandbox.
bool may_make_namespaces() {
    const pid_t child = ::fork();
    if (child < 0) return false;
    if (child == 0) {
        if (::geteuid() == 0 && (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0)) ::_exit(1);
        ::_exit(::unshare(CLONE_NEWUSER) == 0 ? 0 : 1);
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::vector<std::string> command_line(const std::string& program, const std::string& folder, bool is_sandboxed) {
    std::vector<std::string> arguments{program,
                                       "--headless",
                                       "--disable-gpu",
                                       "--remote-debugging-pipe",
                                       "--user-data-dir=" + folder + "/profile",
                                       "--host-resolver-rules=MAP * ~NOTFOUND",
                                       "--proxy-server=http://0.0.0.0:1",
                                       "--proxy-bypass-list=<-loopback>",
                                       "--disable-background-networking",
                                       "--disable-component-update",
                                       "--disable-default-apps",
                                       "--disable-dev-shm-usage",
                                       "--disable-extensions",
                                       "--disable-quic",
                                       "--disable-sync",
                                       "--disable-breakpad",
                                       "--no-first-run",
                                       "--no-pings",
                                       "--js-flags=--jitless",
                                       "--lang=ja"};
    // The zygote drops capabilities in what it forks, by a call that the units refuse also to who has none.
    if (!is_sandboxed) arguments.insert(arguments.end(), {"--no-sandbox", "--no-zygote"});
    arguments.emplace_back("about:blank");
    return arguments;
}

void limit(__rlimit_resource what, rlim_t most) {
    const rlimit both{most, most};
    ::setrlimit(what, &both);
}

/// Between fork and exec.
[[noreturn]] void become(char** arguments, char** variables, int in, int out, int log, bool is_root) {
    ::setpgid(0, 0);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    limit(RLIMIT_FSIZE, kLargestFile);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_DATA, kMostMemory);
    if (is_root && (::setgroups(0, nullptr) != 0 || ::setgid(kNobody) != 0 || ::setuid(kNobody) != 0)) ::_exit(126);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // after the change of user, which takes it away
    const int nothing = ::open("/dev/null", O_RDWR);
    if (::dup2(nothing, STDIN_FILENO) < 0 || ::dup2(nothing, STDOUT_FILENO) < 0 || ::dup2(log, STDERR_FILENO) < 0 ||
        ::dup2(in, 3) < 0 || ::dup2(out, 4) < 0)
        ::_exit(126);
    ::execvpe(arguments[0], arguments, variables);
    ::_exit(127);
}

/// Above 4, so that putting the pipe's ends on 3 and 4 does not close one of them.
sys::Descriptor above(int number) {
    sys::Descriptor low(number);
    sys::Descriptor high(::fcntl(number, F_DUPFD_CLOEXEC, 10));
    if (!high) throw Error(Kind::Unavailable, "the PDF engine could not be started: no more open files are allowed");
    return high;
}

struct Pipe {
    sys::Descriptor reading, writing;
    Pipe() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0)
            throw Error(Kind::Unavailable,
                        fmt::format("the PDF engine could not be started: {}", std::strerror(errno)));
        reading = above(ends[0]);
        writing = above(ends[1]);
    }
};

std::vector<char*> as_pointers(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

}  // namespace

Browser::Browser(const std::string& program, steady_clock::time_point until) : until_(until) {
    const bool is_root = ::geteuid() == 0;
    const std::string folder = folder_.path().string();
    if (is_root && ::chown(folder.c_str(), kNobody, kNobody) != 0)
        throw Error(Kind::Unavailable,
                    fmt::format("{} could not be given to the PDF engine's user: {}", folder, std::strerror(errno)));
    std::vector<std::string> arguments = command_line(program, folder, may_make_namespaces());
    // A home of its own too; nothing else of our environment (it may hold secrets) is its business.
    std::vector<std::string> variables{"HOME=" + folder, "TMPDIR=" + folder, "LANG=C.UTF-8", "TZ=Asia/Tokyo",
                                       "PATH=/usr/local/bin:/usr/bin:/bin"};
    const std::vector<char*> argument_pointers = as_pointers(arguments), variable_pointers = as_pointers(variables);
    Pipe out, in;
    sys::Descriptor log = above(::open((folder + "/log").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND, 0600));
    process_ = ::fork();
    if (process_ < 0)
        throw Error(Kind::Unavailable, fmt::format("the PDF engine could not be started: {}", std::strerror(errno)));
    if (process_ == 0)
        become(const_cast<char**>(argument_pointers.data()), const_cast<char**>(variable_pointers.data()),  // NOLINT
               out.reading.get(), in.writing.get(), log.get(), is_root);
    ::setpgid(process_, process_);
    to_ = std::move(out.writing);
    from_ = std::move(in.reading);
    ::fcntl(to_.get(), F_SETFL, O_NONBLOCK);
    ::fcntl(from_.get(), F_SETFL, O_NONBLOCK);
}

Browser::~Browser() {
    if (process_ <= 0) return;
    ::kill(-process_, SIGKILL);
    while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

void Browser::fail(std::string_view what) const {
    std::string said;
    try {
        const auto log = sys::find_file(folder_.path() / "log", kLargestFile);
        if (log)
            said = base::to_valid_utf8(
                std::string_view(*log).substr(log->size() - std::min<std::size_t>(log->size(), 600)));
    } catch (const Error&) {  // without its words then
    }
    Error error(Kind::Unavailable, fmt::format("PDFを作れませんでした（{}）。chromium と fonts-noto-cjk "
                                               "が入っているか、メモリとディスクの空きが足りているかを"
                                               "確かめて、もう一度行ってください。",
                                               what));
    if (!said.empty()) error.add_trail("chromium said: " + said);
    throw error;
}

void Browser::send(std::string_view message) {
    // Blocked for this thread, so that a browser that has died is an error and not our end.
    sigset_t pipe, before;
    ::sigemptyset(&pipe);
    ::sigaddset(&pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe, &before);
    bool has_broken = false;
    while (!message.empty() && !has_broken && steady_clock::now() < until_) {
        pollfd waiting{to_.get(), POLLOUT, 0};
        if (::poll(&waiting, 1, 100) <= 0) continue;
        const auto count = ::write(to_.get(), message.data(), message.size());
        if (count > 0)
            message.remove_prefix(static_cast<std::size_t>(count));
        else
            has_broken = count < 0 && errno != EAGAIN && errno != EINTR;
    }
    if (::sigismember(&before, SIGPIPE) == 0) {
        const timespec now{};
        while (::sigtimedwait(&pipe, nullptr, &now) < 0 && errno == EINTR) {
        }
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (has_broken) fail("印刷用のプログラムが終了しました");
    if (!message.empty()) fail("時間切れ");
}

std::string Browser::receive() {
    for (;;) {
        if (const auto end = received_.find('\0', searched_); end != std::string::npos) {
            std::string message = received_.substr(0, end);
            received_.erase(0, end + 1);
            searched_ = 0;
            return message;
        }
        searched_ = received_.size();
        if (received_.size() > kLargestMessage) fail("大きすぎます");
        if (steady_clock::now() >= until_) fail("時間切れ");
        pollfd waiting{from_.get(), POLLIN, 0};
        if (::poll(&waiting, 1, 100) <= 0) continue;
        std::array<char, 65536> buffer{};
        const auto count = ::read(from_.get(), buffer.data(), buffer.size());
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (count <= 0) fail("印刷用のプログラムが終了しました");
        received_.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

/// The result of the call, as JSON. Events that come meanwhile are noted.
std::string Browser::call(std::string_view method, std::string_view parameters, std::string_view session) {
    const int id = ++last_call_;
    std::string message = fmt::format(R"({{"id":{},"method":"{}","params":{})", id, method, parameters);
    if (!session.empty()) message += fmt::format(R"(,"sessionId":{})", json::serialize(json::value(session)));
    message += '}';
    message += '\0';
    send(message);
    for (;;) {
        const std::string answer = receive();
        boost::system::error_code problem;
        const json::value parsed = json::parse(answer, problem);
        if (problem || !parsed.is_object()) fail("印刷用のプログラムの返事を読めません");
        const json::object& told = parsed.as_object();
        if (const auto* event = told.if_contains("method"); event && event->is_string())
            has_loaded_ = has_loaded_ || event->as_string() == "Page.loadEventFired";
        const auto* answered = told.if_contains("id");
        if (answered == nullptr || !answered->is_int64() || answered->as_int64() != id) continue;
        if (const auto* wrong = told.if_contains("error")) fail(fmt::format("{}: {}", method, json::serialize(*wrong)));
        const auto* result = told.if_contains("result");
        return result ? json::serialize(*result) : "{}";
    }
}

std::string Browser::print(std::string_view html, bool is_landscape) {
    const auto text = [&](const std::string& result, std::string_view name) {
        boost::system::error_code problem;
        const json::value parsed = json::parse(result, problem);
        const auto* found = !problem && parsed.is_object() ? parsed.as_object().if_contains(name) : nullptr;
        if (found == nullptr || !found->is_string()) fail(fmt::format("{}がありません", name));
        return std::string(found->as_string());
    };
    const std::string target = text(call("Target.createTarget", R"({"url":"about:blank"})"), "targetId");
    const std::string session =
        text(call("Target.attachToTarget", json::serialize(json::object{{"targetId", target}, {"flatten", true}})),
             "sessionId");
    call("Emulation.setScriptExecutionDisabled", R"({"value":true})", session);
    call("Page.enable", "{}", session);
    call("Network.enable", "{}", session);
    call("Network.emulateNetworkConditions",
         R"({"offline":true,"latency":0,"downloadThroughput":0,"uploadThroughput":0})", session);
    const json::value tree = json::parse(call("Page.getFrameTree", "{}", session));
    const json::value& frame = tree.at("frameTree").at("frame").at("id");
    has_loaded_ = false;
    call("Page.setDocumentContent", json::serialize(json::object{{"frameId", frame}, {"html", html}}), session);
    const auto loaded_by = std::min(until_, steady_clock::now() + kForLoading);
    while (!has_loaded_ && steady_clock::now() < loaded_by)
        call("Page.getLayoutMetrics", "{}", session);  // its answer comes after what the page had to do
    const std::string printed = call("Page.printToPDF",
                                     json::serialize(json::object{{"preferCSSPageSize", true},
                                                                  {"printBackground", true},
                                                                  {"landscape", is_landscape},
                                                                  {"generateTaggedPDF", true},
                                                                  {"generateDocumentOutline", true}}),
                                     session);
    auto bytes = base::from_base64(text(printed, "data"));
    if (!bytes) fail("印刷の結果を読めません");
    return std::move(*bytes);
}

}  // namespace pdf

#include <csignal>
#include <thread>

#include <boost/json.hpp>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "flow/drill/rehearse.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/settings/settings.h"
#include "ground/sys/files.h"

namespace flow::drill {

namespace fs = std::filesystem;
namespace json = boost::json;
using base::Error;
using base::Kind;
using namespace std::chrono_literals;

namespace {

constexpr auto kStartPatience = 60s;
constexpr auto kStopPatience = 25s;
constexpr std::size_t kMostAnswer = 65536;

std::string last_words(const fs::path& log) {
    const std::string text = sys::find_file(log, 64U << 20).value_or("");
    return base::to_valid_utf8(text.substr(text.size() > 500 ? text.size() - 500 : 0));
}

}  // namespace

Served::Served(const fs::path& program, const fs::path& site, const std::string& role) {
    const std::string log = (site / "run" / ("drill-" + role + ".log")).string();
    std::vector<std::string> words{program.string(), "--site", site.string(), "serve", "--json", "--role", role};
    for (const char* option : {"--office", "--preview", "--public"}) words.insert(words.end(), {option, "127.0.0.1:0"});
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw Error(Kind::Unavailable, "no pipe could be made");
    const sys::Descriptor in(ends[0]);
    sys::Descriptor out(ends[1]);
    const sys::Descriptor errors(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    const pid_t parent = ::getpid();
    child_ = ::fork();
    if (child_ < 0) throw Error(Kind::Unavailable, "no process could be started");
    if (child_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent) ::_exit(127);
        ::dup2(out.get(), STDOUT_FILENO);
        ::dup2(errors.get(), STDERR_FILENO);
        ::execv(arguments[0], arguments.data());
        ::_exit(127);
    }
    out = sys::Descriptor();
    const auto start = std::chrono::steady_clock::now();
    while (answer_.find('\n') == std::string::npos && answer_.size() < kMostAnswer) {
        const auto left = kStartPatience - (std::chrono::steady_clock::now() - start);
        pollfd ready{in.get(), POLLIN, 0};
        const int wait = static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(left).count());
        char piece[4096];
        ssize_t got = 0;
        if (wait > 0 && ::poll(&ready, 1, wait) > 0) got = ::read(in.get(), piece, sizeof piece);
        if (got <= 0) {
            ::kill(child_, SIGKILL);
            ::waitpid(std::exchange(child_, 0), nullptr, 0);
            throw Error(Kind::Unavailable,
                        fmt::format("the restored site does not start (serve --role {}): {}", role, last_words(log)));
        }
        answer_.append(piece, static_cast<std::size_t>(got));
    }
}

Served::~Served() {
    if (child_ <= 0) return;
    ::kill(child_, SIGTERM);
    const auto start = std::chrono::steady_clock::now();
    while (::waitpid(child_, nullptr, WNOHANG) == 0) {
        if (std::chrono::steady_clock::now() - start > kStopPatience) ::kill(child_, SIGKILL);
        std::this_thread::sleep_for(10ms);
    }
}

std::string Served::url(std::string_view name) const {
    try {
        return std::string(json::parse(answer_).at(name).as_string());
    } catch (const std::exception&) {  // it says why instead
        throw Error(Kind::Unavailable, fmt::format("the restored site does not serve the {} side: {}", name,
                                                   base::to_valid_utf8(base::trim(answer_.substr(0, 500)))));
    }
}

void quieten(const fs::path& site) {
    std::string toml = sys::read_file(site / "yakuba.toml", 1U << 20);
    const auto set = [&](std::string_view key, const settings::Value& value) {
        toml = settings::edited(toml, key, value);
    };
    for (const char* key : {"mail.smtp_url", "helpdesk.imap_url", "helpdesk.form_address", "ldap.url",
                            "office.base_url", "public.nginx_config", "public.access_log"})
        set(key, settings::Text());
    set("office.second_factor_roles", settings::TextList());
    set("backup.repositories", settings::TextList{"backups"});
    set("publish.readback", false);
    sys::write_file(site / "yakuba.toml", toml, sys::Durability::Later, 0600);
    sys::write_file(site / "run" / "drill", "", sys::Durability::Later);
}

}  // namespace flow::drill

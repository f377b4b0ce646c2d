#include "serving.h"

#include <thread>

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ground/sys/files.h"

namespace tests {

using namespace std::chrono_literals;

Serving::Serving(const TestSite& site, const std::vector<std::string>& more) : answer_(site.beside("answer")) {
    std::vector<std::string> arguments{
        program_path("yakuba"), "--site",   site.folder().string(), "serve",     "--office",
        "127.0.0.1:0",          "--public", "127.0.0.1:0",          "--preview", "127.0.0.1:0"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    const std::string errors = site.beside("errors").string();
    child_ = ::fork();
    if (child_ == 0) {
        if (std::freopen(errors.c_str(), "a", stderr) == nullptr ||
            std::freopen(answer_.c_str(), "w", stdout) == nullptr)
            ::_exit(127);
        ::execv(argv[0], argv.data());
        ::_exit(127);
    }
}

Serving::~Serving() {
    if (child_ > 0) kill_now();
}

std::string Serving::answer() const {
    for (int i = 0; i < 200; ++i) {
        const std::string text = sys::find_file(answer_).value_or("");
        if (text.ends_with('\n')) return text;
        std::this_thread::sleep_for(100ms);
    }
    ADD_FAILURE() << "serve says nothing";
    return "";
}

void Serving::kill_now() {
    ::kill(child_, SIGKILL);
    ::waitpid(std::exchange(child_, 0), nullptr, 0);
    std::filesystem::remove(answer_);
}

int Serving::stop(int signal, std::chrono::seconds patience) {
    ::kill(child_, signal);
    int status = 0;
    const auto start = std::chrono::steady_clock::now();
    while (::waitpid(child_, &status, WNOHANG) == 0) {
        if (std::chrono::steady_clock::now() - start > patience) {
            ADD_FAILURE() << "it did not stop within " << patience.count() << " s";
            kill_now();
            return -1;
        }
        std::this_thread::sleep_for(10ms);
    }
    child_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace tests

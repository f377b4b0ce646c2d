#include "repositories.h"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ground/sys/process.h"

namespace tests {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

void must(const std::vector<std::string>& arguments) {
    const sys::Outcome outcome = sys::run({arguments});
    if (outcome.exit_code != 0) throw std::runtime_error(arguments.front() + ": " + outcome.errors);
}

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    return address;
}

int free_port() {
    const sys::Descriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address = loopback(0);
    socklen_t length = sizeof address;
    if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), length) != 0 ||
        ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0)
        throw std::runtime_error("no port is free");
    return ntohs(address.sin_port);
}

void wait_for(int port, const Server& server, const fs::path& log) {
    for (int i = 0; i < 400 && server.is_running(); ++i) {
        const sys::Descriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
        sockaddr_in address = loopback(port);
        if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return;
        std::this_thread::sleep_for(25ms);
    }
    throw std::runtime_error("a server did not start: " + sys::find_file(log).value_or(""));
}

}  // namespace

Server::~Server() {
    if (process_ == 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
}

void Server::start(const std::vector<std::string>& arguments, const fs::path& log) {
    std::vector<std::string> words = arguments;
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    const std::string file = log.string();
    process_ = ::fork();
    if (process_ != 0) return;
    const int out = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    ::execvp(pointers[0], pointers.data());
    ::_exit(127);
}

bool Server::is_running() const {
    return ::waitpid(process_, nullptr, WNOHANG) == 0;
}

SshServer::SshServer() {
    const fs::path& work = work_.path();
    must({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", (work / "host").string()});
    must({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", (work / "client").string()});
    fs::copy_file(work / "client.pub", work / "authorized");
    fs::create_directories("/run/sshd");  // sshd's own condition
    const int port = free_port();
    sys::write_file(work / "sshd.conf",
                    fmt::format("ListenAddress 127.0.0.1:{0}\nHostKey {1}/host\nAuthorizedKeysFile {1}/authorized\n"
                                "PidFile none\nStrictModes no\nUsePAM no\nPermitRootLogin yes\n"
                                "PasswordAuthentication no\nSubsystem sftp internal-sftp\n",
                                port, work.string()),
                    sys::Durability::Later, 0600);
    const std::string known = sys::read_file(work / "host.pub");
    sys::write_file(work / "known", fmt::format("[127.0.0.1]:{} {}", port, known), sys::Durability::Later, 0600);
    sys::write_file(
        work / "ssh.conf",
        fmt::format("Host backup-host\n HostName 127.0.0.1\n Port {0}\n User {1}\n IdentityFile {2}/client\n "
                    "IdentitiesOnly yes\n UserKnownHostsFile {2}/known\n StrictHostKeyChecking yes\n "
                    "BatchMode yes\n",
                    port, ::getuid() == 0 ? "root" : std::getenv("USER"), work.string()),
        sys::Durability::Later, 0600);
    fs::create_directories(work / "bin");
    sys::write_file(work / "bin/ssh",
                    fmt::format("#!/bin/sh\nexec /usr/bin/ssh -F {}/ssh.conf \"$@\"\n", work.string()),
                    sys::Durability::Later, 0755);
    server_.start({"/usr/sbin/sshd", "-D", "-e", "-f", (work / "sshd.conf").string()}, work / "log");
    wait_for(port, server_, work / "log");
}

std::string SshServer::path_with_ssh() const {
    return (work_.path() / "bin").string() + ":" + std::getenv("PATH");
}

S3Server::S3Server() {
    const fs::path& work = work_.path();
    must({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
          "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", (work / "key.pem").string(), "-out",
          (work / "certificate.pem").string()});
    const int port = free_port();
    server_.start(
        {"node", YAKUBA_SOURCE_DIR "/tests/s3/node_modules/.bin/s3rver", "--directory", (work / "data").string(),
         "--address", "127.0.0.1", "--port", std::to_string(port), "--configure-bucket", "backups", "--key",
         (work / "key.pem").string(), "--cert", (work / "certificate.pem").string()},
        work / "log");
    wait_for(port, server_, work / "log");
    url_ = fmt::format("https://localhost:{}", port);
}

std::string S3Server::environment() const {
    return fmt::format("AWS_ACCESS_KEY_ID=S3RVER\nAWS_SECRET_ACCESS_KEY=S3RVER\nSSL_CERT_FILE={}\n",
                       (work_.path() / "certificate.pem").string());
}

}  // namespace tests

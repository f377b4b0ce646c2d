// Real servers on loopback that hold a repository of backups: an sshd and an S3 storage, each with keys of its own,
// stopped by its own process number.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "ground/sys/files.h"

namespace tests {

/// A program that was started and is ended with this object.
class Server {
  public:
    Server() = default;
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    /// Starts it with both streams in `log`.
    void start(const std::vector<std::string>& arguments, const std::filesystem::path& log);
    bool is_running() const;

  private:
    int process_ = 0;
};

class SshServer {
  public:
    SshServer();
    /// A name that the ssh of `path_with_ssh` knows.
    std::string host() const { return "backup-host"; }
    std::filesystem::path folder() const { return work_.path() / "repository"; }
    std::string path_with_ssh() const;

  private:
    sys::TemporaryFolder work_;
    Server server_;
};

class S3Server {
  public:
    S3Server();
    std::string url() const { return url_; }
    /// The lines of an environment file.
    std::string environment() const;

  private:
    sys::TemporaryFolder work_;
    std::string url_;
    Server server_;
};

}  // namespace tests

// A name server for tests, on loopback, over datagrams and TCP on one port: answers from a table that may change while
// it runs, cuts what does not fit into 512 bytes, and can fall silent.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "ground/dns/message.h"
#include "ground/sys/files.h"

namespace dns::testing {

class NameServer {
  public:
    NameServer();
    ~NameServer();
    NameServer(const NameServer&) = delete;
    NameServer& operator=(const NameServer&) = delete;

    std::string address() const;  ///< "127.0.0.1:40053"
    /// Replaces the records of that name and type; `data` in Record's form. None = they are gone.
    void set(const std::string& name, Type type, std::uint32_t ttl, std::vector<std::string> data);
    std::atomic<bool> is_silent{false};
    std::atomic<int> code{0};  ///< of every answer, when it is not 0
    std::atomic<int> questions{0};

  private:
    void answer_datagrams();
    void answer_streams();
    std::string reply(const std::string& query, bool may_cut);

    sys::Descriptor datagrams_, streams_;
    int port_ = 0;
    std::mutex mutex_;
    std::map<std::pair<std::string, Type>, std::pair<std::uint32_t, std::vector<std::string>>> records_;
    std::atomic<bool> is_over_{false};
    std::vector<std::jthread> threads_;
};

}  // namespace dns::testing

// One reply on its way: what is still to be sent and how. Small replies leave in one call, larger files by sendfile.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ground/http/message.h"

namespace http {

class Outgoing {
  public:
    enum class Progress { Done, Waiting, Broken };

    /// `date` and `end` complete the head: Date, perhaps Connection, and the empty line.
    void start(Response response, bool with_body, std::string_view date, std::string_view end);
    /// Sends what the socket takes now, at most about 1 MB of it so that others get their turn.
    Progress send_some(int socket);
    void clear();
    int status() const { return status_; }
    std::uint64_t sent() const { return sent_; }

  private:
    Progress send_file(int socket, std::size_t allowance);

    Response response_;
    std::string head_;
    std::string tail_;
    std::string_view parts_[3];  // head, tail, body: what of them is left
    FileBody file_;
    int status_ = 0;
    std::uint64_t sent_ = 0;
};

}  // namespace http

// A way to reach people. One file each under channels/, all in the table of channels.cc.
#pragma once

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "ground/base/time.h"
#include "ground/mail/mail.h"
#include "ground/mail/smtp.h"

namespace sys {
class HttpClient;
}

namespace telling {

/// One message on its way to one place.
struct Outgoing {
    std::int64_t id = 0;
    std::int64_t call = 0;  ///< 0: a test
    std::string kind;       ///< "call", "escalate", "again", "more", "over", "test"
    std::string target;     ///< as the on-call table has it; "@file": what stands in that file
    std::string name;       ///< of who is reached
    std::string severity;   ///< "serious"
    std::string subject, text;
    std::string token;  ///< the same in every try: Message-ID, and the id in webhooks
    base::Instant made_at;
    int attempt = 1;
    bool is_repeated = false;  ///< an earlier try may have arrived
};

/// What the channels need of the world.
struct Means {
    std::string site_name;
    std::string site_id;
    mail::Server mail;  ///< no url: mail is off
    mail::Mailbox from;
    std::string ca_file;  ///< for https, instead of the system's certificates
    std::chrono::seconds patience{15};
    std::function<std::string(std::string_view)> read_secret;  ///< the text of the file that "@file" names
    std::function<bool()> is_stopped;
    sys::HttpClient* http = nullptr;  ///< borrowed
};

enum class Fate {
    Sent,
    Later,  ///< not now; it is tried again
    Never   ///< the other side will not have it
};
struct Reply {
    Fate fate = Fate::Later;
    std::string text;  ///< what the other side said, or what went wrong; without secrets
};

struct Channel {
    std::string_view id;       ///< "mail", "slack", "webhook", "command", "screen"
    std::string_view wording;  ///< メール
    std::string_view hint;     ///< what a target is
    /// What is wrong with a target; empty when nothing is.
    std::string (*find_fault)(std::string_view target);
    /// Never throws for what the other side does.
    Reply (*send)(const Outgoing& message, const Means& means);
};

/// To add a channel, write its file and name it in channels.cc.
std::span<const Channel* const> all_channels();
const Channel* find_channel(std::string_view id);

}  // namespace telling

// An incoming webhook as Slack, Mattermost, Rocket.Chat and LINE WORKS' bridges take it: one text.
#include <boost/json.hpp>

#include "watch/telling/inside/post.h"

namespace telling {

namespace {

/// "&", "<" and ">" are markup there.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else
            out += c;
    }
    return out;
}

Reply send(const Outgoing& message, const Means& means) {
    return post_json(
        message, means,
        boost::json::serialize(boost::json::object{{"text", escaped(message.subject + "\n" + message.text)}}));
}

}  // namespace

extern const Channel slack_channel{"slack", "チャット", "Slack互換の受信Webhookのアドレス、または @ファイル名",
                                   find_url_fault, send};

}  // namespace telling

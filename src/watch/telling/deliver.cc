// From waiting messages to the channels. Two transactions a try: before it, which says that it was begun; after it,
// which says how it ended.
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/sys/step.h"
#include "watch/telling/inside/store.h"

namespace telling {

using namespace std::chrono_literals;

namespace {

Outgoing outgoing(const Message& message) {
    Outgoing out{.id = message.id,
                 .call = message.call.value,
                 .kind = message.kind,
                 .target = message.target,
                 .name = message.name,
                 .severity = std::string(signals::severity_id(message.severity)),
                 .subject = message.subject,
                 .text = message.text,
                 .token = message.token,
                 .made_at = message.made_at,
                 .attempt = message.attempt,
                 .is_repeated = message.is_repeated};
    if (message.is_repeated) {
        out.subject = "【再送】" + out.subject;
        out.text += "\n（前の送信の結果が確認できなかったため、同じ連絡をもう一度送っています。）\n";
    }
    return out;
}

}  // namespace

std::chrono::milliseconds wait_after(int attempt) {
    std::chrono::milliseconds wait = 15s;
    for (int i = 1; i < attempt && wait < 10min; ++i) wait *= 2;
    return std::min<std::chrono::milliseconds>(wait, 10min);
}

Delivered deliver(sys::Database& database, const base::Clock& clock, const Means& means, const signals::Take& report) {
    Delivered delivered;
    const auto lease = 2 * means.patience + 2 * means.mail.patience + 10s;
    // Who cannot be reached now is left alone until the next turn: each try may cost its whole patience, and the others
    // wait meanwhile.
    std::vector<Place> closed;
    while (!means.is_stopped || !means.is_stopped()) {
        if (!database.read([&](sys::Reader& db) { return has_ready(db, clock.now()); })) break;
        const auto message = database.write([&](sys::Transaction& tx) { return take(tx, clock.now(), lease, closed); });
        if (!message) break;
        YAKUBA_STEP("telling.begun");
        const Channel* channel = find_channel(message->channel);
        Reply reply{Fate::Never, "この連絡方法はありません。"};
        if (channel != nullptr) {
            try {
                reply = channel->send(outgoing(*message), means);
            } catch (const base::Error& error) {
                reply = {Fate::Later, error.message()};
            }
        }
        YAKUBA_STEP("telling.sent");
        const bool is_ours =
            database.write([&](sys::Transaction& tx) { return finish(tx, *message, reply, clock.now()); });
        if (!is_ours) continue;
        ++(reply.fate == Fate::Sent ? delivered.sent : reply.fate == Fate::Later ? delivered.later : delivered.failed);
        if (reply.fate == Fate::Later)
            closed.push_back({message->channel, message->channel == "mail" ? "" : message->target});
        // A mail server that is busy once is nothing to call for; an address that is refused for good is, at once.
        const auto tell = [&](std::string_view kind) {
            if (!report) return;
            report({.source = "telling",
                    .kind = std::string(kind),
                    .subject = fmt::format("{} {}", message->channel, message->target),
                    .state = reply.fate == Fate::Sent ? signals::State::Clear : signals::State::Raise,
                    .severity = signals::Severity::Serious,
                    .observed_at = clock.now(),
                    .text = reply.fate == Fate::Sent
                                ? fmt::format("{}（{}）への連絡が届きました。", message->name, message->channel)
                                : fmt::format("{}（{}）への連絡が送れません：{}", message->name, message->channel,
                                              reply.text)});
        };
        if (reply.fate != Fate::Never) tell("message.failed");
        if (reply.fate != Fate::Later) tell("message.refused");
    }
    return delivered;
}

}  // namespace telling

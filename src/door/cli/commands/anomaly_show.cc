// One anomaly with its timeline, its first and newest signals, and who was told.

#include <boost/json.hpp>

#include "door/cli/anomaly.h"
#include "watch/telling/calls.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const auto watch = open_watch(invocation);
    const signals::AnomalyId id = anomaly_of(invocation);
    boost::json::object document;
    std::string prose;
    watch->read([&](sys::Reader& db) {
        const signals::Anomaly anomaly = signals::load_anomaly(db, id);
        document = as_json(anomaly);
        prose = fmt::format("{}\n        source {}, kind {}, subject {}\n\n", as_line(anomaly), anomaly.source,
                            anomaly.kind, anomaly.subject);
        boost::json::array events, kept, messages;
        for (const auto& event : signals::list_events(db, id)) {
            events.push_back(
                {{"at", base::format_utc(event.at)}, {"what", event.what}, {"by", event.by}, {"text", event.text}});
            prose +=
                fmt::format("{}  {:<12} {:<16} {}\n", base::format_local(event.at), event.what, event.by, event.text);
        }
        for (const auto& signal : signals::list_signals(db, id)) {
            boost::system::error_code error;
            boost::json::value payload = boost::json::parse(signal.payload, error);
            kept.push_back({{"state", signals::state_id(signal.state)},
                            {"observed_at", base::format_utc(signal.observed_at)},
                            {"received_at", base::format_utc(signal.received_at)},
                            {"late", signal.is_late},
                            {"text", signal.text},
                            {"payload", error ? boost::json::value(nullptr) : payload}});
        }
        if (const auto call = telling::find_call_of(db, id)) {
            document["call"] = call->value;
            for (const auto& message : telling::list_messages(db, *call)) {
                messages.push_back({{"made_at", base::format_utc(message.made_at)},
                                    {"kind", message.kind},
                                    {"channel", message.channel},
                                    {"name", message.name},
                                    {"standing", message.standing},
                                    {"tries", message.attempt},
                                    {"repeated", message.is_repeated},
                                    {"reply", message.reply}});
                prose += fmt::format("{}  message      {} {}: {} ({} tries) {}\n", base::format_local(message.made_at),
                                     message.kind, message.name, message.standing, message.attempt, message.reply);
            }
        }
        document["events"] = events;
        document["kept_signals"] = kept;
        document["messages"] = messages;
    });
    invocation.answer(document, prose);
    return kDone;
}

constexpr Option kOptions[] = {{"NUMBER", "The anomaly's number", Takes::One, true}};

}  // namespace

extern const Command anomaly_show{"anomaly", "show", "One anomaly with its timeline and its messages", kOptions, run};

}  // namespace cli

// Tries the ways by which people are told, without a fault: what arrives, and what the other side answered.

#include <boost/json.hpp>

#include "door/cli/anomaly.h"
#include "flow/watch_desk.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const auto watch = open_watch(invocation);
    const settings::Settings settings = settings::load(invocation.site() / "yakuba.toml");
    flow::WatchDesk desk(*watch, flow::folders_of(std::filesystem::absolute(invocation.site())), settings,
                         invocation.clock());
    const signals::By by = watch_by(invocation, people::Act::MonitorEdit);
    const int queued = watch->write(
        [&](sys::Transaction& tx) { return telling::queue_test(tx, desk.policy(), invocation.has("--all"), by); });
    desk.deliver([] { return is_interrupted(); });
    boost::json::array messages;
    std::string prose;
    bool is_well = true;
    for (const auto& message :
         watch->read([&](sys::Reader& db) { return telling::list_messages(db, {}, queued + 100); })) {
        if (message.kind != "test" || message.made_at != by.at) continue;
        is_well = is_well && message.standing == "sent";
        messages.push_back({{"channel", message.channel},
                            {"name", message.name},
                            {"target", message.target},
                            {"standing", message.standing},
                            {"reply", message.reply}});
        prose += fmt::format("{:<8} {}  {}: {}\n", message.channel, message.name, message.standing, message.reply);
    }
    if (messages.empty()) prose = "nobody is on call now; --all tries every row of watch.on_call";
    invocation.answer({{"messages", messages}, {"ok", is_well && !messages.empty()}}, prose);
    return is_well && !messages.empty() ? kDone : kFound;
}

constexpr Option kOptions[] = {{"--all", "Every row of the on-call table, also who is not on duty now", Takes::Flag},
                               kActingOption};

}  // namespace

extern const Command monitor_tell_test{"monitor", "tell-test", "Send a test message to those on call", kOptions, run};

}  // namespace cli

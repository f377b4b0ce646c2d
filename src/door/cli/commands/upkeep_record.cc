// What other programs of the server do by timers of their own is put on record by what systemd runs after them.
#include <boost/json.hpp>

#include "door/cli/act_as.h"
#include "flow/upkeep.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const std::string duty = invocation.text("DUTY"), result = invocation.text("--result");
    flow::record_upkeep(*site, duty, result, invocation.text("--note"), by_shell(invocation).text());
    invocation.answer({{"duty", duty}, {"result", result}}, fmt::format("{} ({}) is on record", duty, result));
    return kDone;
}

constexpr Option kOptions[] = {
    {"DUTY", "What was done: renew-certificate", Takes::One, true},
    {"--result", "How it ended: \"success\", or a word for how it failed (systemd's $SERVICE_RESULT)", Takes::One,
     true},
    {"--note", "More about it"},
};

}  // namespace

extern const Command upkeep_record{"upkeep", "record", "Put on record what another program did by a timer of its own",
                                   kOptions, run};

}  // namespace cli

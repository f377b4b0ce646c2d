// The table of channels.
#include <algorithm>

#include "watch/telling/channel.h"

namespace telling {

extern const Channel mail_channel, slack_channel, webhook_channel, command_channel, screen_channel;

std::span<const Channel* const> all_channels() {
    static constexpr const Channel* kAll[] = {&mail_channel, &slack_channel, &webhook_channel, &command_channel,
                                              &screen_channel};
    return kAll;
}

const Channel* find_channel(std::string_view id) {
    const auto all = all_channels();
    const auto at = std::find_if(all.begin(), all.end(), [&](const Channel* each) { return each->id == id; });
    return at == all.end() ? nullptr : *at;
}

}  // namespace telling

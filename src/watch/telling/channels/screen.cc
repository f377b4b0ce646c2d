// The office's own screen: it reads the calls that are open, so the record of the message is the message.
#include "watch/telling/channel.h"

namespace telling {

namespace {

std::string find_fault(std::string_view target) {
    return target == "-" ? "" : "画面の宛先は - と書きます";
}

Reply send(const Outgoing&, const Means&) {
    return {Fate::Sent, "画面に表示しています。"};
}

}  // namespace

extern const Channel screen_channel{"screen", "画面", "-", find_fault, send};

}  // namespace telling

// The table of commands. To add one, write its file under commands/ and name it in these two places.

#include "door/cli/command.h"

namespace cli {

extern const Command guard_verify, ledger_export, ledger_verify, serve, site_export, site_init, site_publish,
    site_status, site_takeover;

std::span<const Command* const> all_commands() {
    static constexpr const Command* kAll[] = {&site_init,    &site_takeover, &site_publish,  &site_export, &site_status,
                                              &guard_verify, &ledger_verify, &ledger_export, &serve};
    return kAll;
}

}  // namespace cli

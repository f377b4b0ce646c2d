#include <boost/json.hpp>

#include "door/cli/command.h"
#include "flow/contract_status.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const flow::Folders folders = flow::folders_of(std::filesystem::absolute(invocation.site()));
    settings::load(folders.site / "yakuba.toml");  // a site, not any folder
    const std::string sample = invocation.has("--sample") ? invocation.text("--sample") : "cms";
    const auto file = flow::write_sample_contract(folders, sample);
    invocation.answer({{"file", file.string()}, {"sample", sample}},
                      fmt::format("a sample contract is in {}: put your names, dates, prices and clauses in, then run "
                                  "`yakuba contract check`",
                                  file.string()));
    return kDone;
}

constexpr Option kOptions[] = {
    {"--sample", "cms (the operation of a CMS; without the option) or portal (a static portal)"}};

}  // namespace

extern const Command contract_init{"contract", "init", "Write a sample contract.toml into the site's folder", kOptions,
                                   run};

}  // namespace cli

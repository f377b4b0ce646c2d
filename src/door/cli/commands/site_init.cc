#include <boost/json.hpp>

#include "door/cli/command.h"
#include "flow/site.h"
#include "ground/base/error.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    flow::NewSite made;
    made.folder = invocation.text("DIR");
    if (invocation.has("--name")) made.name = invocation.text("--name");
    made.database_url = invocation.text("--database");
    made.database_schema = invocation.text("--schema");
    const flow::FirstAdministrator first = flow::init_site(made, invocation.clock());
    const std::string folder = std::filesystem::absolute(made.folder).lexically_normal().string();
    invocation.answer(
        {{"site", folder}, {"administrator", {{"login", first.login_name}, {"password", first.password}}}},
        fmt::format("{} is a new site.\n  first administrator  {}\n  password             {}   (shown this once; to be changed at the first sign-in)\n"
                    "Next: yakuba --site {} site takeover SOURCE",
                    folder, first.login_name, first.password, folder));
    return kDone;
}

constexpr Option kOptions[] = {
    {"DIR", "The folder to make; it must be empty or not there", Takes::One, true},
    {"--name", "The municipality's name, \"サンプル市\""},
    {"--database", "postgresql://... instead of SQLite in the folder"},
    {"--schema", "The PostgreSQL schema to use"},
};

}  // namespace

extern const Command site_init{"site", "init", "Make a new site directory", kOptions, run};

}  // namespace cli

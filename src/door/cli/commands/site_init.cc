#include <set>

#include <boost/json.hpp>

#include "door/cli/command.h"
#include "flow/init_demo.h"
#include "flow/site.h"
#include "ground/base/error.h"

namespace cli {

namespace {

/// One line for each role; everybody is in the JSON.
int run_demo(const Invocation& invocation, const flow::NewSite& made, const std::string& folder) {
    const flow::Demo demo = flow::init_demo(
        made, invocation.clock(), invocation.has("--papers") ? flow::DemoDesk::Papers : flow::DemoDesk::Records);
    boost::json::array everybody;
    std::string prose =
        fmt::format("{} is a demo site: an invented city of {} pages, already published\n", folder, demo.pages);
    std::set<std::string> roles;
    for (const flow::DemoLogin& one : demo.people) {
        everybody.push_back({{"login", one.login}, {"role", one.role}, {"password", one.password}, {"name", one.name}});
        if (roles.insert(one.role).second)
            prose += fmt::format("  {:<22} {:<12} {}\n", one.role, one.login, one.password);
    }
    prose += fmt::format(
        "These passwords are shown this once (--json shows everybody's) and are for this demo only: do not use them "
        "for "
        "anything else.\nNext: yakuba --site {} serve",
        folder);
    invocation.answer({{"site", folder}, {"people", everybody}, {"pages", demo.pages}, {"release", demo.release}},
                      prose);
    return kDone;
}

int run(const Invocation& invocation) {
    flow::NewSite made;
    made.folder = invocation.text("DIR");
    if (invocation.has("--name")) made.name = invocation.text("--name");
    made.database_url = invocation.text("--database");
    made.database_schema = invocation.text("--schema");
    const std::string folder = std::filesystem::absolute(made.folder).lexically_normal().string();
    if (invocation.has("--demo")) return run_demo(invocation, made, folder);
    const flow::FirstAdministrator first = flow::init_site(made, invocation.clock());
    invocation.answer(
        {{"site", folder}, {"administrator", {{"login", first.login_name}, {"password", first.password}}}},
        fmt::format("{} is a new site.\n  first administrator  {}\n  password             {}   (shown this once; to be "
                    "changed at the first sign-in)\n"
                    "Next: yakuba --site {} site takeover SOURCE",
                    folder, first.login_name, first.password, folder));
    return kDone;
}

constexpr Option kOptions[] = {
    {"DIR", "The folder to make; it must be empty or not there", Takes::One, true},
    {"--name", "The municipality's name, \"サンプル市\""},
    {"--demo", "Fill it with an invented city, people and passwords, for trying things out", Takes::Flag},
    {"--papers", "With --demo: print last month's report, invoice and the like too; takes seconds for each",
     Takes::Flag},
    {"--database", "postgresql://... instead of SQLite in the folder"},
    {"--schema", "The PostgreSQL schema to use"},
};

}  // namespace

extern const Command site_init{"site", "init", "Make a new site directory", kOptions, run};

}  // namespace cli

// Accounts from a table: all lines or none, unless asked for the good ones.

#include <boost/json.hpp>

#include "door/cli/act_as.h"
#include "flow/manage_people.h"
#include "flow/site.h"
#include "ground/people/import.h"
#include "ground/sys/files.h"

namespace cli {

namespace {

constexpr std::size_t kLargest = 2U << 20;

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const std::string csv = flow::table_text(sys::read_file(invocation.text("FILE"), kLargest));
    const auto mode = invocation.has("--good-lines") ? people::ImportMode::GoodLines : people::ImportMode::AllOrNothing;
    const people::ImportResult result =
        people::import_accounts(*site->database, csv, mode, shell_actor(), by_shell(invocation));
    boost::json::array faults, passwords;
    for (const people::ImportFault& fault : result.faults) {
        faults.push_back({{"line", fault.line}, {"column", fault.column}, {"reason", fault.reason_en}});
        invocation.say(fmt::format("line {}: {}: {}", fault.line, fault.column, fault.reason_en));
    }
    std::string prose =
        result.is_done
            ? fmt::format("{} added, {} changed, {} as before", result.added, result.changed, result.same)
            : std::string("nothing was imported; put the lines above right, or take the good ones with --good-lines");
    for (const people::FirstPassword& each : result.passwords) {
        passwords.push_back({{"person", each.person.value},
                             {"login", each.login_name},
                             {"name", each.name},
                             {"password", each.password}});
        prose += fmt::format("\n  {}  {}", each.login_name, each.password);
    }
    invocation.answer({{"done", result.is_done},
                       {"added", result.added},
                       {"changed", result.changed},
                       {"same", result.same},
                       {"faults", faults},
                       {"passwords", passwords}},
                      prose);
    return !result.is_done ? kFailed : result.faults.empty() ? kDone : kFound;
}

constexpr Option kOptions[] = {
    {"FILE", "CSV with the columns login, name, kana, mail, department, role, source", Takes::One, true},
    {"--good-lines", "Import the good lines although others are faulty", Takes::Flag},
};

}  // namespace

extern const Command people_import{"people", "import", "Add or change accounts from a table", kOptions, run};

}  // namespace cli

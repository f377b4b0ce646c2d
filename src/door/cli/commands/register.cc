// Registers from the shell: what they hold and warn of, a file taken in, and the report that a terminal left in a file.

#include <boost/json.hpp>

#include "door/cli/act_as.h"
#include "door/cli/command.h"
#include "flow/site.h"
#include "ground/base/error.h"
#include "ground/sys/files.h"
#include "office/registers/store.h"

namespace cli {

namespace {

registers::By by(const Invocation& invocation) {
    const people::By shell = by_shell(invocation);
    return {shell.text(), shell.at};
}

const registers::Register& register_of(const Invocation& invocation) {
    const registers::Register* found = registers::find_register(invocation.text("REGISTER"));
    if (found != nullptr) return *found;
    std::string known;
    for (const registers::Register& one : registers::all_registers())
        known += fmt::format("{}{}", known.empty() ? "" : ", ", one.id);
    throw base::Error(base::Kind::BadInput, "there is no such register; there are: " + known);
}

int list(const Invocation& invocation) {
    const registers::Register& kind = register_of(invocation);
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    boost::json::array entries, warnings;
    std::string prose;
    site->database->read([&](sys::Reader& db) {
        for (const registers::Entry& one : registers::list_entries(db, kind.id)) {
            boost::json::object fields;
            for (const auto& [id, value] : one.fields) fields[id] = value;
            entries.push_back({{"id", one.id},
                               {"name", one.name},
                               {"due", one.due ? boost::json::value(base::format_day(*one.due)) : nullptr},
                               {"fields", std::move(fields)}});
            prose += fmt::format("{:>4}  {}  {}\n", one.id,
                                 one.due ? base::format_day(*one.due) : std::string("-         "), one.name);
        }
        for (const registers::Warning& one : registers::list_warnings(db, invocation.clock().now())) {
            if (one.kind != kind.id) continue;
            warnings.push_back({{"subject", one.subject}, {"pressing", one.is_pressing}, {"text", one.text}});
            prose += one.text + "\n";
        }
    });
    const bool is_warning = !warnings.empty();
    invocation.answer({{"entries", std::move(entries)}, {"warnings", std::move(warnings)}},
                      prose.empty() ? std::string("the register is empty") : prose);
    return is_warning ? kFound : kDone;
}

struct Undone {
    registers::Imported imported;
};

int import(const Invocation& invocation) {
    const registers::Register& kind = register_of(invocation);
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const std::string text = sys::read_file(invocation.text("FILE"), registers::kLargestCsv);
    try {
        const auto imported = site->database->write([&](sys::Transaction& tx) {
            auto result = registers::import_csv(tx, kind, text, by(invocation));
            if (!result.faults.empty()) throw Undone{std::move(result)};
            return result;
        });
        invocation.answer(
            {{"added", imported.added}, {"changed", imported.changed}, {"same", imported.same}},
            fmt::format("{} added, {} changed, {} as before", imported.added, imported.changed, imported.same));
        return kDone;
    } catch (const Undone& undone) {
        boost::json::array faults;
        for (const registers::LineFault& one : undone.imported.faults) {
            faults.push_back({{"line", one.line}, {"reason", one.message}});
            invocation.say(fmt::format("line {}: {}", one.line, one.message));
        }
        invocation.answer({{"faults", std::move(faults)}}, "nothing was imported; put the lines above right");
        return kFailed;
    }
}

int report(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const auto said = registers::read_report(sys::read_file(invocation.text("FILE"), registers::kLargestReport),
                                             invocation.clock().now());
    site->database->write([&](sys::Transaction& tx) { registers::enter_report(tx, said, by(invocation)); });
    const bool fresh = registers::is_fresh(said, invocation.clock().now());
    invocation.answer({{"terminal", said.terminal}, {"state", fresh ? "fresh" : "stale"}},
                      fmt::format("{}: {}", said.terminal, fresh ? "fresh" : "stale"));
    return fresh ? kDone : kFound;
}

constexpr Option kList[] = {{"REGISTER", "licence, support, terminal, loan, subcontract or contact", Takes::One, true}};
constexpr Option kImport[] = {
    {"REGISTER", "licence, support, terminal, loan, subcontract or contact", Takes::One, true},
    {"FILE", "CSV as the screen exports it", Takes::One, true}};
constexpr Option kReport[] = {
    {"FILE", "The report that yakuba-terminal-report (packaging/terminal) wrote", Takes::One, true}};

}  // namespace

extern const Command register_list{"register", "list", "What a register holds, and what it warns of", kList, list};
extern const Command register_import{"register", "import", "Add or correct entries from a table, all or none", kImport,
                                     import};
extern const Command register_report{"register", "report", "Enter a terminal's antivirus report from a file", kReport,
                                     report};

}  // namespace cli

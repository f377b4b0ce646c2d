// Which department is in charge of a section, and so of every page under it that names no other.

#include <boost/json.hpp>

#include "door/cli/act_as.h"
#include "flow/mark_changes.h"
#include "flow/site.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"
#include "press/content/store.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const people::By by = by_shell(invocation);
    const std::string path = invocation.text("SECTION") == "/" ? "" : invocation.text("SECTION");
    site->database->write([&](sys::Transaction& tx) {
        auto section = content::find_section(tx, base::percent_encode(path));
        if (!section)
            throw base::Error(
                base::Kind::NotFound,
                fmt::format("there is no section {}; a section is a folder of the site, as in \"kurashi/\", or \"/\"",
                            path));
        const content::Section before = *section;
        section->department = load_department_by_code(tx, invocation.text("--department"));
        content::change_section(tx, *section);
        flow::mark_section_changed(tx, before, *section, by.at);
        ledger::append(tx, {by.at, by.text(), "section.change", fmt::format("section:{}", section->id.value),
                            fmt::format(R"({{"department":{}}})", section->department.value)});
    });
    invocation.answer({{"section", path}},
                      fmt::format("the section /{} belongs to {} now", path, invocation.text("--department")));
    return kDone;
}

constexpr Option kOptions[] = {
    {"SECTION", "The section's path, \"kurashi/\", or \"/\" for the whole site", Takes::One, true},
    {"--department", "The department's code", Takes::One, true},
};

}  // namespace

extern const Command section_assign{"section", "assign", "Put a department in charge of a section", kOptions, run};

}  // namespace cli

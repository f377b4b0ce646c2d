// A department from the shell.

#include <boost/json.hpp>

#include "door/cli/act_as.h"
#include "flow/site.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const people::By by = by_shell(invocation);
    const auto id = site->database->write([&](sys::Transaction& tx) {
        people::Department made;
        made.code = invocation.text("--code");
        made.name = invocation.text("--name");
        made.valid_from = base::local_day(by.at);
        if (invocation.has("--parent")) made.parent = load_department_by_code(tx, invocation.text("--parent"));
        return people::add_department(tx, made, by);
    });
    invocation.answer({{"department", id.value}}, fmt::format("{} is a department now", invocation.text("--name")));
    return kDone;
}

constexpr Option kOptions[] = {
    {"--code", "The city's own code", Takes::One, true},
    {"--name", "The name", Takes::One, true},
    {"--parent", "The code of the department above it"},
};

}  // namespace

extern const Command department_add{"department", "add", "Add a department", kOptions, run};

}  // namespace cli

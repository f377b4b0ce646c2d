#include "watch/probes/handbook.h"

#include <fmt/format.h>

#include "ground/base/error.h"
#include "watch/probes/defaults.h"
#include "watch/probes/plan.h"

namespace probes {

namespace {

std::string rhythm_cells(const Kind::Rhythm& rhythm) {
    return fmt::format("{:g} s | {} / {} | {}", rhythm.every, rhythm.raise, rhythm.clear,
                       signals::severity_id(rhythm.severity));
}

}  // namespace

std::string kinds_table() {
    std::string text =
        "| kind | looks at | every | raise / clear after | severity | options (default) |\n"
        "| --- | --- | --- | --- | --- | --- |\n";
    for (const Kind* kind : all_kinds()) {
        std::string options;
        for (const Option& option : kind->options)
            options +=
                fmt::format("{}`{}`{} {}", options.empty() ? "" : "<br>", option.name,
                            option.standard.empty() ? "" : fmt::format(" (`{}`)", option.standard), option.japanese);
        text += fmt::format("| `{}` | {}：{} | {} | {} |\n", kind->id, kind->title, kind->looks,
                            rhythm_cells(kind->rhythm), options);
    }
    return text;
}

std::string standard_table() {
    const Facts facts{"http://127.0.0.1:8081/", "http://127.0.0.1:8080/",     "https://www.city.example/", "/srv/site",
                      {"/etc/yakuba/city.pem"}, {"/srv/site/logs/access.log"}};
    std::string text =
        "| probe | kind | target | every | raise / clear after | severity |\n"
        "| --- | --- | --- | --- | --- | --- |\n";
    for (const Plan& plan : make_plans(standard_lines(facts), {}).plans)
        text += fmt::format("| `{}` | `{}` | {} | {} |\n", plan.id, plan.kind->id, plan.target(),
                            rhythm_cells(plan.rhythm));
    return text;
}

std::string with_part(std::string page, const std::string& name, const std::string& text) {
    const std::string open = fmt::format("<!-- {} -->\n", name), close = fmt::format("<!-- /{} -->", name);
    const auto from = page.find(open), until = page.find(close);
    if (from == std::string::npos || until == std::string::npos || until < from)
        throw base::Error(base::Kind::BadInput, fmt::format("the marks of {} are missing", name));
    return page.replace(from + open.size(), until - from - open.size(), text);
}

}  // namespace probes

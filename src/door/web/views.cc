#include "door/web/views.h"

#include "door/web/language.h"
#include "door/web/resources.h"
#include "ground/base/error.h"
#include "ground/sys/log.h"

namespace web {

Views::Views() {
    for (const base::Resource& resource : all_resources())
        if (resource.name.ends_with(".html")) {
            set_.add(std::string(resource.name), std::string(resource.bytes));
            english_.add(std::string(resource.name),
                         language::translate_template(resource.bytes, [](const std::string& message) {
                             const auto found = english().find(message);
                             return found ? std::optional<std::string>(*found) : std::nullopt;
                         }));
        }
}

std::string Views::render(std::string_view name, const tmpl::Map& values) const {
    const tmpl::MapSet& set = spoken() == Language::English ? english_ : set_;
    const auto page = set.find(name);
    if (!page) throw base::Error(base::Kind::Bug, fmt::format("there is no template {}", name));
    tmpl::Options options;
    options.set = &set;
    tmpl::Result result = tmpl::render(*page, values, options);
    for (const tmpl::Problem& warning : result.warnings) {
        if (shows_warnings) throw base::Error(base::Kind::Bug, warning.text());
        sys::log(sys::Level::Warning, "a screen lacks a value", {{"problem", warning.text()}});
    }
    return std::move(result.html);
}

}  // namespace web

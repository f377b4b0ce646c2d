// The look that a new site comes with: layout, page types, parts and style sheet, inside the program. `site init`
// installs them as templates of the site, which the administrator changes like any others.
#pragma once

#include <span>
#include <string_view>

#include "ground/base/resource.h"
#include "press/content/templates.h"

namespace render {

struct ThemePiece {
    content::TemplateKind kind;
    std::string_view name;
    std::string_view title;  ///< for the list of templates
    bool is_listed;          ///< page types: see content::Template
    std::string_view source;
};
std::span<const ThemePiece> theme_pieces();

/// Adds every piece that the site does not have yet, live at once. Returns how many were added.
int install_theme(sys::Transaction& tx, base::Instant at);

/// The files of theme/ by name; cmake/resources.cmake writes it.
std::span<const base::Resource> theme_resources();

}  // namespace render

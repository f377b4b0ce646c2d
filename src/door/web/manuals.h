// The manuals that came with the program, made from docs/handbook/ja and pictures of its screens by ./dev manuals: for
// each role one HTML file and the same as PDF, and manuals.csv that lists them. They are files beside the program,
// because they are made with it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace web {

struct Manual {
    std::string name;   ///< "author": a role's id
    std::string title;  ///< "作成者の手引き"
    std::string version;
};

/// Where YAKUBA_MANUALS says; else share/yakuba/manuals of an installed program, or manuals beside a built one.
std::filesystem::path manuals_folder();
/// In the order of the list; empty when none were made. A line that names no file there is left out.
std::vector<Manual> list_manuals(const std::filesystem::path& folder);
/// `file`: "author.html" or "author.pdf" of a listed one. Throws Error(NotFound).
std::string read_manual(const std::filesystem::path& folder, std::string_view file);

}  // namespace web

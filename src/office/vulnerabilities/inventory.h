// What the site is made of, as far as it can have weaknesses: packages of the system, the parts that the program was
// built from, npm packages, script libraries that stand in the site's own files, and what people entered by hand. The
// readers here are pure; who runs dpkg and opens files is flow/take_inventory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/time.h"

namespace vulnerabilities {

struct Component {
    std::int64_t id = 0;
    std::string kind;  ///< "debian", "part", "npm", "script", "manual"
    std::string name, version;
    std::string source, source_version;  ///< Debian: the source package, by which weaknesses are judged
    std::string vendor, cpe;             ///< by hand, where known
    std::string note;                    ///< by hand: what it is for, where it runs
    std::vector<std::string> places;     ///< script: public paths, the first 50
    std::int64_t place_count = 0;
    std::optional<base::Instant> first_seen, last_seen, gone;
};
std::string_view kind_wording(std::string_view kind);  ///< OSのパッケージ, 本システムの部品, ...

/// `dpkg-query --show
/// --showformat='${db:Status-Abbrev}\t${binary:Package}\t${Version}\t${source:Package}\t${source:Version}\n'`. Only
/// what is installed.
std::vector<Component> read_dpkg(std::string_view text);
constexpr std::string_view kDpkgFormat =
    "${db:Status-Abbrev}\\t${binary:Package}\\t${Version}\\t${source:Package}\\t${source:Version}\\n";

/// A package-lock.json (versions 1 to 3). Throws Error(BadInput) when it is none. Only what is installed for use:
/// packages that are only there to build ("dev") are of kind npm too, for they make what is shipped.
std::vector<Component> read_npm_lock(std::string_view json);

/// CycloneDX 1.4 JSON, as `yakuba inventory sbom` writes it and others do: name, version, purl. Throws Error(BadInput).
std::vector<Component> read_sbom(std::string_view json);
/// `made_at` empty: a build that is to be the same each time.
std::string write_sbom(const std::vector<Component>& parts, std::string_view name, std::string_view version,
                       const std::optional<base::Instant>& made_at);

/// A library by its file's name ("jquery-1.12.4.min.js"), its banner ("/*! jQuery v1.12.4 |"), or, in a page, by the
/// address it is fetched from (".../jquery/3.6.0/jquery.min.js"). Version "" = it is one, but does not say which.
struct Script {
    std::string name, version;
    bool operator==(const Script&) const = default;
};
/// Of a script or style sheet of the site.
std::optional<Script> find_script(std::string_view path, std::string_view bytes);
/// Of the <script src> addresses in a page that lead elsewhere, by their address.
std::vector<Script> find_linked_scripts(std::string_view html);

}  // namespace vulnerabilities

#include "office/vulnerabilities/inventory.h"

#include <algorithm>
#include <set>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"

namespace vulnerabilities {

namespace {

namespace json = boost::json;
using base::Error;
using base::Kind;

constexpr std::size_t kMostComponents = 50'000;
constexpr std::size_t kLongest = 300;

std::string bounded(std::string_view text) {
    return std::string(
        base::first_code_points(base::to_valid_utf8(base::trim(text.substr(0, kLongest * 4))), kLongest));
}

json::value load(std::string_view text, std::string_view what) {
    boost::system::error_code failure;
    json::parse_options options;
    options.max_depth = 64;
    json::value value = text.size() > (64U << 20) ? json::value() : json::parse(text, failure, {}, options);
    if (failure || !value.is_object())
        throw Error(Kind::BadInput, fmt::format("{} is not a JSON object of that kind", what));
    return value;
}

std::string text_at(const json::object& object, std::string_view key) {
    const auto* found = object.if_contains(key);
    return found && found->is_string() ? bounded(std::string_view(found->get_string())) : std::string();
}

void add_old_lock(const json::object& dependencies, std::vector<Component>& to, int depth) {
    for (const auto& [name, value] : dependencies) {
        if (!value.is_object() || to.size() >= kMostComponents || depth > 30) continue;
        Component one;
        one.kind = "npm";
        one.name = bounded(name);
        one.version = text_at(value.get_object(), "version");
        to.push_back(std::move(one));
        if (const auto* inner = value.get_object().if_contains("dependencies"); inner && inner->is_object())
            add_old_lock(inner->get_object(), to, depth + 1);
    }
}

void drop_doubles(std::vector<Component>& all) {
    std::set<std::string> seen;
    std::erase_if(all, [&](const Component& one) { return !seen.insert(one.name + '\n' + one.version).second; });
}

}  // namespace

std::string_view kind_wording(std::string_view kind) {
    constexpr std::pair<std::string_view, std::string_view> kWordings[] = {{"debian", "OSのパッケージ"},
                                                                           {"part", "本システムの部品"},
                                                                           {"npm", "npmパッケージ"},
                                                                           {"script", "サイト内のスクリプト"},
                                                                           {"manual", "手で登録したもの"}};
    for (const auto& [id, wording] : kWordings)
        if (id == kind) return wording;
    return kind;
}

std::vector<Component> read_dpkg(std::string_view text) {
    std::vector<Component> all;
    for (const std::string_view line : base::split(text, '\n')) {
        const auto cells = base::split(line, '\t');
        if (cells.size() < 5 || !cells[0].starts_with("ii") || all.size() >= kMostComponents) continue;
        Component one;
        one.kind = "debian";
        one.name = bounded(cells[1]);
        one.version = bounded(cells[2]);
        one.source = bounded(cells[3]);
        one.source_version = bounded(cells[4]);
        if (!one.name.empty()) all.push_back(std::move(one));
    }
    return all;
}

std::vector<Component> read_npm_lock(std::string_view text) {
    const json::value root = load(text, "the lock file of npm");
    const json::object& lock = root.get_object();
    std::vector<Component> all;
    if (const auto* packages = lock.if_contains("packages"); packages && packages->is_object()) {
        for (const auto& [path, value] : packages->get_object()) {
            // "node_modules/a/node_modules/@scope/b" -> "@scope/b"; "" is the project itself.
            const std::string_view place = path;
            const auto at = place.rfind("node_modules/");
            if (at == std::string_view::npos || !value.is_object() || all.size() >= kMostComponents) continue;
            const json::object& about = value.get_object();
            if (about.contains("link")) continue;
            Component one;
            one.kind = "npm";
            one.name = text_at(about, "name").empty() ? bounded(place.substr(at + 13)) : text_at(about, "name");
            one.version = text_at(about, "version");
            all.push_back(std::move(one));
        }
    } else if (const auto* old = lock.if_contains("dependencies"); old && old->is_object()) {
        add_old_lock(old->get_object(), all, 0);
    } else {
        throw Error(Kind::BadInput, "the file is no package-lock.json: it names no packages");
    }
    drop_doubles(all);
    return all;
}

std::vector<Component> read_sbom(std::string_view text) {
    const json::value root = load(text, "the parts list");
    const auto* components = root.get_object().if_contains("components");
    if (text_at(root.get_object(), "bomFormat") != "CycloneDX" || !components || !components->is_array())
        throw Error(Kind::BadInput, "the parts list is not CycloneDX JSON");
    std::vector<Component> all;
    for (const json::value& value : components->get_array()) {
        if (!value.is_object() || all.size() >= kMostComponents) continue;
        const json::object& about = value.get_object();
        Component one;
        one.name = text_at(about, "name");
        one.version = text_at(about, "version");
        one.vendor = text_at(about, "publisher");
        one.cpe = text_at(about, "cpe");
        const std::string purl = text_at(about, "purl");
        one.kind = purl.starts_with("pkg:npm/") ? "npm" : "part";
        if (purl.starts_with("pkg:deb/")) {
            // The source's name is what weaknesses of Debian are told of; `yakuba inventory sbom` notes it.
            if (const auto at = purl.find("upstream="); at != std::string::npos)
                one.source = purl.substr(
                    at + 9, purl.find('&', at) == std::string::npos ? std::string::npos : purl.find('&', at) - at - 9);
            one.source_version = one.version;
        }
        if (!one.name.empty()) all.push_back(std::move(one));
    }
    drop_doubles(all);
    return all;
}

std::string write_sbom(const std::vector<Component>& parts, std::string_view name, std::string_view version,
                       const std::optional<base::Instant>& made_at) {
    json::array components;
    for (const Component& one : parts) {
        std::string purl;
        const std::string at = one.version.empty() ? std::string() : "@" + base::percent_encode(one.version);
        if (one.kind == "npm") {
            purl = "pkg:npm/" + base::percent_encode(one.name) + at;
        } else if (!one.source.empty()) {
            purl = fmt::format("pkg:deb/debian/{}{}?upstream={}", base::percent_encode(one.name), at,
                               base::percent_encode(one.source));
        }
        json::object about{{"type", "library"}, {"name", one.name}, {"version", one.version}};
        if (!purl.empty()) about["purl"] = purl;
        if (!one.cpe.empty()) about["cpe"] = one.cpe;
        if (!one.vendor.empty()) about["publisher"] = one.vendor;
        components.push_back(std::move(about));
    }
    json::object metadata{{"component", {{"type", "application"}, {"name", name}, {"version", version}}}};
    if (made_at) metadata["timestamp"] = base::format_utc(*made_at);
    return json::serialize(json::object{{"bomFormat", "CycloneDX"},
                                        {"specVersion", "1.4"},
                                        {"version", 1},
                                        {"metadata", std::move(metadata)},
                                        {"components", std::move(components)}}) +
           "\n";
}

}  // namespace vulnerabilities

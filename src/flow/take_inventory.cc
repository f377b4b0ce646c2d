#include "flow/take_inventory.h"

#include <algorithm>
#include <fstream>
#include <map>

#include <fmt/format.h>

#include "flow/resources.h"
#include "ground/base/error.h"
#include "ground/base/interrupted.h"
#include "ground/base/text.h"
#include "ground/sys/files.h"
#include "ground/sys/process.h"
#include "ground/sys/walk.h"

namespace flow {

namespace fs = std::filesystem;
using base::Error;
using base::Kind;
using vulnerabilities::Component;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kScriptHead = 64U << 10, kPage = 4U << 20, kLock = 64U << 20;
constexpr std::size_t kPlaces = 50;

std::vector<Component> ask_dpkg() {
    sys::Command command;
    command.arguments = {"dpkg-query", "--show", "--showformat", std::string(vulnerabilities::kDpkgFormat)};
    command.environment = {{"LC_ALL", "C.UTF-8"}};
    command.output_limit = 32U << 20;
    const sys::Outcome outcome = sys::run(command);
    if (outcome.exit_code != 0 || outcome.was_cut)
        throw Error(Kind::Unavailable,
                    fmt::format("dpkg-queryがパッケージの一覧を出しません（終了コード{}）。", outcome.exit_code));
    auto all = vulnerabilities::read_dpkg(outcome.output);
    if (all.empty()) throw Error(Kind::Unavailable, "dpkg-queryの一覧に、パッケージがありません。");
    return all;
}

std::vector<Component> of_kind(std::vector<Component> all, std::string_view kind) {
    std::erase_if(all, [&](const Component& one) { return one.kind != kind; });
    return all;
}

std::vector<Component> read_locks(const Site& site) {
    std::vector<Component> all = of_kind(vulnerabilities::read_sbom(own_sbom()), "npm");
    for (const std::string& file : site.settings.advisories.lock_files) {
        const fs::path path = site.settings.resolve(file);
        if (path.filename() != "package-lock.json" && path.filename() != "npm-shrinkwrap.json")
            throw Error(Kind::BadInput, fmt::format("{}は、package-lock.jsonではありません。", path.string()));
        for (Component& one : vulnerabilities::read_npm_lock(sys::read_file(path, kLock)))
            if (std::none_of(all.begin(), all.end(), [&](const Component& known) {
                    return known.name == one.name && known.version == one.version;
                }))
                all.push_back(std::move(one));
    }
    return all;
}

/// The first bytes of a file; nothing when it has gone meanwhile.
std::string head_of(const fs::path& path, std::size_t most) {
    std::ifstream in(path, std::ios::binary);
    std::string bytes(most, '\0');
    in.read(bytes.data(), static_cast<std::streamsize>(most));
    bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, in.gcount())));
    return bytes;
}

}  // namespace

bool InventoryTaken::is_whole() const {
    return std::all_of(kinds.begin(), kinds.end(), [](const Kind& one) { return one.problem.empty(); });
}

std::vector<Component> find_scripts(const fs::path& root, const std::function<bool()>& is_stopped) {
    std::map<std::pair<std::string, std::string>, Component> found;
    const auto add = [&](const vulnerabilities::Script& script, const std::string& place) {
        Component& one = found[{script.name, script.version}];
        one.kind = "script";
        one.name = script.name;
        one.version = script.version;
        ++one.place_count;
        if (one.places.size() < kPlaces) one.places.push_back(place);
    };
    const sys::Walked walked = sys::walk(root);
    if (walked.unseen_count > 0)
        throw Error(Kind::Unavailable, fmt::format("公開ファイルのうち{}件を読めません（{}など）。",
                                                   walked.unseen_count, walked.unseen.front().path.string()));
    for (const fs::path& path : walked.files) {
        if (is_stopped && is_stopped()) throw base::Interrupted("the look at public files was stopped");
        const std::string ending = base::to_lower(path.extension().string());
        if (ending != ".js" && ending != ".html" && ending != ".htm") continue;
        const std::string place = "/" + base::percent_encode(path.lexically_relative(root).string());
        if (ending == ".js") {
            if (const auto script = vulnerabilities::find_script(place, head_of(path, kScriptHead)))
                add(*script, place);
        } else {
            for (const auto& script : vulnerabilities::find_linked_scripts(head_of(path, kPage))) add(script, place);
        }
    }
    std::vector<Component> all;
    for (auto& [key, one] : found) all.push_back(std::move(one));
    return all;
}

InventoryTaken take_inventory(Site& site, const vulnerabilities::By& by, const std::function<bool()>& is_stopped) {
    InventoryTaken all;
    const auto take = [&](std::string kind, const std::function<std::vector<Component>()>& look) {
        InventoryTaken::Kind one{std::move(kind), {}, {}};
        try {
            const auto found = look();
            one.taken =
                site.database->write([&](sys::Transaction& tx) { return keep_inventory(tx, one.kind, found, by); });
        } catch (const base::Interrupted&) {
            throw;  // whoever stops it has found nothing wrong
        } catch (const Error& error) {
            one.problem = error.message();
        }
        all.kinds.push_back(std::move(one));
    };
    take("debian", ask_dpkg);
    take("part", [] { return of_kind(vulnerabilities::read_sbom(own_sbom()), "part"); });
    take("npm", [&] { return read_locks(site); });
    take("script", [&] { return find_scripts(site.folders.document_root, is_stopped); });
    return all;
}

std::string_view own_sbom() {
    for (const base::Resource& resource : resources())
        if (resource.name == "sbom.json") return resource.bytes;
    throw Error(Kind::Bug, "the program carries no list of its parts");
}

std::string whole_sbom(Site& site) {
    const auto all = site.database->read([](sys::Reader& db) { return vulnerabilities::list_inventory(db); });
    return vulnerabilities::write_sbom(all, site.settings.site.name, "", site.clock.now());
}

std::string debian_release() {
    for (const std::string_view line : base::split(sys::find_file("/etc/os-release", 1U << 16).value_or(""), '\n')) {
        if (!line.starts_with("VERSION_CODENAME=")) continue;
        std::string name(base::trim(line.substr(17)));
        std::erase(name, '"');
        return name;
    }
    return {};
}

}  // namespace flow

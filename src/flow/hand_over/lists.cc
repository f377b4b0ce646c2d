// Redirects and settings in forms that other programs take.
#include "flow/hand_over/parts.h"
#include "flow/site.h"
#include "ground/base/csv.h"
#include "ground/base/text.h"
#include "ground/settings/keys.h"

namespace flow::hand_over {

namespace {

/// A token of nginx. A "$" cannot be escaped there, but addresses have another way to write it.
std::string nginx_token(std::string_view bytes) {
    std::string quoted = "\"";
    for (const char c : bytes)
        if (c == '"' || c == '\\')
            (quoted += '\\') += c;
        else if (c == '$')
            quoted += "%24";
        else if (static_cast<unsigned char>(c) < 0x20)
            quoted += "%" + base::to_hex({&c, 1});
        else
            quoted += c;
    return quoted + '"';
}

/// "sftp://name:password@host/" without name and password.
std::string without_credentials(std::string text) {
    const auto scheme = text.find("://");
    if (scheme == std::string::npos) return text;
    const auto host_ends = text.find_first_of("/?#", scheme + 3);
    const auto at = text.rfind('@', host_ends);
    if (at != std::string::npos && at > scheme) text.erase(scheme + 3, at + 1 - (scheme + 3));
    return text;
}

std::string value_text(const settings::Slot& slot) {
    struct Show {
        std::string operator()(const settings::Text* value) const { return without_credentials(*value); }
        std::string operator()(const settings::Integer* value) const { return std::to_string(*value); }
        std::string operator()(const bool* value) const { return *value ? "true" : "false"; }
        std::string operator()(const settings::TextList* value) const { return base::join(*value, "\n"); }
        std::string operator()(const settings::TextMap* value) const {
            std::vector<std::string> lines;
            for (const auto& [name, text] : *value) lines.push_back(name + ": " + text);
            return base::join(lines, "\n");
        }
        std::string operator()(const settings::Rows&) const { return ""; }
    };
    return std::visit(Show(), slot);
}

}  // namespace

void write_redirects(Pack& pack, const release::Manifest& manifest, Counts& counts) {
    const auto table = pack.open("redirects.csv");
    const auto map = pack.open("redirects.nginx.conf");
    const std::vector<std::string> head{"path", "status", "location"};
    table->write("\xEF\xBB\xBF" + base::csv_line(head));
    std::map<int, std::string> by_status;
    manifest.each([&](const release::Entry& entry) {
        if (entry.has_body()) return true;
        ++counts["redirects"];
        const std::vector<std::string> cells{"/" + base::percent_encode(entry.path), std::to_string(entry.status),
                                             entry.location};
        table->write(base::csv_line(cells));
        const bool leads_on = !entry.location.empty();
        by_status[leads_on ? entry.status : 410] +=
            fmt::format("    {} {};\n", nginx_token("/" + entry.path), leads_on ? nginx_token(entry.location) : "1");
        return true;
    });
    map->write("# The maps belong into http { }, these lines into server { }:\n");
    for (const auto& [status, rows] : by_status)
        map->write(status == 410 ? std::string("#   if ($gone) { return 410; }\n")
                                 : fmt::format("#   if ($moved_{0}) {{ return {0} $moved_{0}; }}\n", status));
    map->write("map_hash_bucket_size 1024;\n");
    for (const auto& [status, rows] : by_status)
        map->write(fmt::format("map $uri ${} {{\n    default \"\";\n{}}}\n",
                               status == 410 ? "gone" : fmt::format("moved_{}", status), rows));
    table->commit(sys::Durability::Later);
    map->commit(sys::Durability::Later);
}

void write_settings(Pack& pack, const Site& site) {
    settings::Settings settings = site.settings;
    const std::vector<std::string> head{"key", "value", "meaning"};
    std::string text = "\xEF\xBB\xBF" + base::csv_line(head);
    const auto add = [&](const settings::Key& key, const std::string& name, std::size_t row) {
        const bool is_secret = key.secrecy == settings::Secrecy::Secret;
        const std::vector<std::string> cells{
            name, is_secret ? "（秘密のため含めていません / secret, left out）" : value_text(key.slot(settings, row)),
            std::string(key.japanese)};
        text += base::csv_line(cells);
    };
    const std::map<std::string_view, std::size_t> rows{{"others", settings.others.size()},
                                                       {"targets", settings.targets.size()}};
    for (const settings::Key& key : settings::all_keys()) {
        if (rows.contains(key.name)) continue;
        const auto list = key.name.find("[].");
        if (list == std::string_view::npos) {
            add(key, std::string(key.name), 0);
            continue;
        }
        for (std::size_t row = 0; row < rows.at(key.name.substr(0, list)); ++row)
            add(key, fmt::format("{}[{}]{}", key.name.substr(0, list), row + 1, key.name.substr(list + 2)), row);
    }
    pack.put("settings.csv", text);
}

}  // namespace flow::hand_over

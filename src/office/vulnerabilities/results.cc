#include "office/vulnerabilities/results.h"

#include <algorithm>
#include <map>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <pugixml.hpp>

#include "ground/base/csv.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/html/encoding.h"
#include "ground/sys/crypto.h"
#include "office/vulnerabilities/inside/rows.h"

namespace vulnerabilities {

namespace {

namespace json = boost::json;
using advisories::Severity;
using base::Error;
using base::Kind;

constexpr std::size_t kMost = 20'000, kTitle = 300, kText = 4000;

[[noreturn]] void refuse(std::string_view tool) {
    throw Error(Kind::BadInput, fmt::format("{}の結果のファイルではありません。", tool));
}

void add(Results& to, std::string_view tool, std::string_view title, Severity severity, std::string_view place,
         std::string_view detail, std::string_view id, std::string_view host) {
    Finding one;
    one.tool = tool;
    one.title = bounded(title, kTitle);
    one.place = bounded(place, kTitle);
    one.detail = bounded(detail, kText);
    one.host = bounded(host, kTitle);
    one.severity = severity;
    if (one.title.empty() || to.findings.size() >= kMost) {
        ++to.left_out;
        return;
    }
    const std::string about = (id.empty() ? one.title : bounded(id, kTitle)) + '\n' + one.place + '\n' + one.host;
    one.key = sys::sha256(about).hex().substr(0, 32);
    if (std::none_of(to.findings.begin(), to.findings.end(), [&](const Finding& each) { return each.key == one.key; }))
        to.findings.push_back(std::move(one));
}

json::value load(std::string_view bytes, std::string_view tool) {
    if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
    boost::system::error_code failure;
    json::parse_options options;
    options.allow_invalid_utf8 = true;
    options.max_depth = 64;
    json::value value = json::parse(bytes, failure, {}, options);
    if (failure) refuse(tool);
    return value;
}

std::string text_at(const json::object& from, std::string_view key) {
    const auto* found = from.if_contains(key);
    if (!found || found->is_null()) return {};
    return found->is_string() ? std::string(found->get_string()) : json::serialize(*found);
}

/// "https://a.example:8443/x" -> "a.example". The port is another one at each run of a copy.
std::string host_of_url(std::string_view url) {
    const auto scheme = url.find("://");
    if (scheme == std::string_view::npos) return {};
    const std::string_view rest = url.substr(scheme + 3);
    return bounded(rest.substr(0, rest.find_first_of(":/?#")), kTitle);
}

Results read_wapiti(std::string_view bytes) {
    const json::value root = load(bytes, "wapiti");
    if (!root.is_object() || !root.get_object().contains("infos") || !root.get_object().contains("vulnerabilities"))
        refuse("wapiti");
    Results results;
    const auto* infos = root.get_object().if_contains("infos");
    const std::string host = infos->is_object() ? host_of_url(text_at(infos->get_object(), "target")) : std::string();
    results.hosts.insert(host);
    for (const std::string_view part : {"vulnerabilities", "anomalies"}) {
        const auto* categories = root.get_object().if_contains(part);
        if (!categories || !categories->is_object()) continue;
        for (const auto& [category, entries] : categories->get_object()) {
            if (!entries.is_array()) continue;
            for (const json::value& value : entries.get_array()) {
                if (!value.is_object()) {
                    ++results.left_out;
                    continue;
                }
                const json::object& entry = value.get_object();
                const std::string level = text_at(entry, "level"), parameter = text_at(entry, "parameter");
                const Severity severity = level == "3"   ? Severity::High
                                          : level == "2" ? Severity::Medium
                                                         : Severity::Low;
                const std::string place = text_at(entry, "method") + " " + text_at(entry, "path") +
                                          (parameter.empty() ? "" : " (" + parameter + ")");
                add(results, "wapiti", std::string(category) + "：" + text_at(entry, "info"), severity, place,
                    text_at(entry, "http_request"), "", host);
            }
        }
    }
    return results;
}

Results read_testssl(std::string_view bytes) {
    const json::value root = load(bytes, "testssl");
    if (!root.is_array()) refuse("testssl");
    Results results;
    bool is_one = false;
    for (const json::value& value : root.get_array()) {
        if (!value.is_object() || !value.get_object().contains("severity") || !value.get_object().contains("finding")) {
            ++results.left_out;
            continue;
        }
        is_one = true;
        const json::object& entry = value.get_object();
        const std::string told = text_at(entry, "severity");
        const std::string host = bounded(text_at(entry, "ip") + ":" + text_at(entry, "port"), kTitle);
        results.hosts.insert(host);
        if (told == "FATAL" || text_at(entry, "id") == "scanProblem") results.is_whole = false;
        if (told == "OK" || told == "INFO" || told == "DEBUG") continue;
        // WARN: it could not be tested.
        const Severity severity = told == "WARN" ? Severity::Unknown : advisories::find_severity(told);
        const std::string id = text_at(entry, "id"), cve = text_at(entry, "cve");
        add(results, "testssl", id + "：" + text_at(entry, "finding"), severity, host, cve, id, host);
    }
    if (!is_one) refuse("testssl");
    return results;
}

Results read_lynis(std::string_view bytes) {
    if (bytes.find("lynis_version=") == std::string_view::npos) refuse("lynis");
    Results results;
    results.is_whole = bytes.find("\nfinish=true") != std::string_view::npos;
    std::string host;  // stands before the findings
    for (std::string_view line : base::split(bytes, '\n')) {
        line = base::trim(line);
        if (line.starts_with("hostname=")) host = bounded(line.substr(9), kTitle);
        const auto equals = line.find('=');
        if (equals == std::string_view::npos) continue;
        const std::string_view name = line.substr(0, equals);
        const bool is_warning = name == "warning[]", is_suggestion = name == "suggestion[]",
                   is_package = name == "vulnerable_package[]";
        if (!is_warning && !is_suggestion && !is_package) continue;
        const auto cells = base::split(line.substr(equals + 1), '|');
        if (is_package) {
            add(results, "lynis", "脆弱性のあるパッケージ", Severity::High, cells[0], "", "", host);
            continue;
        }
        if (cells.size() < 2) {
            ++results.left_out;
            continue;
        }
        std::string detail;
        for (std::size_t i = 2; i < cells.size(); ++i)
            if (!cells[i].empty() && cells[i] != "-") detail += (detail.empty() ? "" : "\n") + std::string(cells[i]);
        // One test may suggest several settings: "MaxAuthTries (set 6 to 3)" is another than "AllowTcpForwarding
        // (...)".
        const std::string_view setting =
            cells.size() > 2 && cells[2] != "-" ? base::trim(cells[2].substr(0, cells[2].find('('))) : "";
        const std::string title = setting.empty() ? std::string(cells[1]) : fmt::format("{}：{}", cells[1], setting);
        add(results, "lynis", title, is_warning ? Severity::Medium : Severity::Low, cells[0], detail,
            std::string(cells[0]) + title, host);
    }
    results.hosts.insert(host);
    return results;
}

Results read_nmap(std::string_view bytes) {
    pugi::xml_document document;
    const auto parsed = document.load_buffer(bytes.data(), bytes.size());
    const pugi::xml_node run = document.child("nmaprun");
    if (!parsed || !run) refuse("nmap");
    Results results;
    results.is_whole = std::string_view(run.child("runstats").child("finished").attribute("exit").value()) == "success";
    for (const pugi::xml_node& host : run.children("host")) {
        const std::string address = bounded(host.child("address").attribute("addr").value(), kTitle);
        results.hosts.insert(address);
        for (const pugi::xml_node& port : host.child("ports").children("port")) {
            const std::string_view state = port.child("state").attribute("state").value();
            if (state != "open") continue;
            const pugi::xml_node service = port.child("service");
            const std::string place =
                fmt::format("{}:{}/{}", address, port.attribute("portid").value(), port.attribute("protocol").value());
            add(results, "nmap", fmt::format("開いているポート（{}）", service.attribute("name").as_string("不明")),
                Severity::None, place,
                fmt::format("{} {}", service.attribute("product").value(), service.attribute("version").value()),
                "open", address);
            for (const pugi::xml_node& script : port.children("script")) {
                const std::string_view output = script.attribute("output").value();
                if (output.find("VULNERABLE") == std::string_view::npos ||
                    output.find("NOT VULNERABLE") != std::string_view::npos)
                    continue;
                add(results, "nmap", script.attribute("id").value(), Severity::High, place, output, "", address);
            }
        }
    }
    return results;
}

/// Columns by their head: the words that third parties use.
Results read_csv(std::string_view bytes) {
    const std::string text = html::decode(bytes, html::detect_encoding(bytes).encoding).utf8;
    const base::CsvTable table = base::parse_csv(text);
    if (table.records.empty()) refuse("CSV");
    constexpr std::pair<std::string_view, std::string_view> kHeads[] = {{"title", "title"},
                                                                        {"指摘", "title"},
                                                                        {"指摘事項", "title"},
                                                                        {"脆弱性", "title"},
                                                                        {"件名", "title"},
                                                                        {"項目", "title"},
                                                                        {"severity", "severity"},
                                                                        {"重要度", "severity"},
                                                                        {"危険度", "severity"},
                                                                        {"深刻度", "severity"},
                                                                        {"place", "place"},
                                                                        {"url", "place"},
                                                                        {"場所", "place"},
                                                                        {"対象", "place"},
                                                                        {"箇所", "place"},
                                                                        {"detail", "detail"},
                                                                        {"詳細", "detail"},
                                                                        {"内容", "detail"},
                                                                        {"対策", "detail"},
                                                                        {"id", "id"},
                                                                        {"番号", "id"},
                                                                        {"no", "id"},
                                                                        {"no.", "id"}};
    std::map<std::string_view, std::size_t> columns;
    const auto& head = table.records.front().cells;
    for (std::size_t i = 0; i < head.size(); ++i)
        for (const auto& [word, column] : kHeads)
            if (base::to_lower(base::trim(head[i])) == word) columns.try_emplace(column, i);
    if (!columns.contains("title"))
        throw Error(Kind::BadInput, "CSVの1行目に「指摘」（またはtitle）の列がありません。");
    Results results;
    for (std::size_t row = 1; row < table.records.size(); ++row) {
        const auto& cells = table.records[row].cells;
        const auto cell = [&](std::string_view column) {
            const auto at = columns.find(column);
            return at == columns.end() || at->second >= cells.size() ? std::string() : cells[at->second];
        };
        const std::string place = cell("place"), url_host = host_of_url(place);
        const std::string host = url_host.empty() ? bounded(place, kTitle) : url_host;
        results.hosts.insert(host);
        add(results, "csv", cell("title"), advisories::find_severity(cell("severity")), place, cell("detail"),
            cell("id"), host);
    }
    if (table.broken_line) ++results.left_out;
    return results;
}

std::string_view guess(std::string_view bytes) {
    const std::string_view head = base::trim(bytes.substr(0, 100'000));
    if (head.starts_with('[')) return "testssl";
    if (head.starts_with('{')) return "wapiti";
    if (head.starts_with("<?xml") || head.starts_with("<nmaprun")) return "nmap";
    if (head.find("lynis_version=") != std::string_view::npos) return "lynis";
    return "csv";
}

}  // namespace

Results read_results(std::string_view tool, std::string_view bytes) {
    if (bytes.size() > kLargestResults)
        throw Error(Kind::BadInput, fmt::format("結果のファイルが大きすぎます（{}MBまで）。", kLargestResults >> 20));
    if (base::trim(bytes).empty()) throw Error(Kind::BadInput, "結果のファイルが空です。");
    if (tool.empty()) tool = guess(bytes);
    constexpr std::pair<std::string_view, Results (*)(std::string_view)> kTools[] = {{"wapiti", read_wapiti},
                                                                                     {"testssl", read_testssl},
                                                                                     {"lynis", read_lynis},
                                                                                     {"nmap", read_nmap},
                                                                                     {"csv", read_csv}};
    for (const auto& [name, read] : kTools)
        if (name == tool) {
            Results results = read(bytes);
            results.tool = name;
            return results;
        }
    throw Error(Kind::BadInput, "道具は、wapiti、testssl、lynis、nmap、csvのどれかです。");
}

}  // namespace vulnerabilities

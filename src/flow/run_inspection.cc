#include "flow/run_inspection.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "flow/attach_file.h"
#include "flow/drill/rehearse.h"
#include "flow/make_staging.h"
#include "ground/base/error.h"
#include "ground/base/interrupted.h"
#include "ground/base/text.h"
#include "ground/calendar/era.h"
#include "ground/ledger/store.h"
#include "ground/sys/files.h"
#include "ground/sys/process.h"

namespace flow {

namespace fs = std::filesystem;
using base::Error;
using base::Kind;
using namespace std::chrono_literals;

namespace {

/// "http://127.0.0.1:8081/" -> "8081".
std::string port_of(const std::string& url) {
    const auto colon = url.rfind(':');
    std::string port = url.substr(colon + 1);
    while (port.ends_with('/')) port.pop_back();
    return port;
}

struct Tool {
    std::string name;
    std::vector<std::string> arguments;
    fs::path result;
    std::chrono::milliseconds patience;
};

std::string subject_of(Site& site, std::int64_t inspection) {
    return site.database->read(
        [&](sys::Reader& db) { return vulnerabilities::load_inspection(db, inspection).subject(); });
}

/// A button that is pressed twice, or a file that was chosen again, changes nothing.
records::File attach_once(sys::Transaction& tx, std::int64_t inspection, const records::NewFile& file) {
    if (vulnerabilities::load_inspection(tx, inspection).reported_at)
        throw Error(Kind::Conflict, "この検査は報告済みです。ファイルは入れられません。");
    for (const records::File& known : records::list_files(tx, file.subject))
        if (known.hash == file.hash)
            throw Error(Kind::Conflict,
                        fmt::format("このファイルは、{}に入れてあります。", calendar::format_era_moment(known.at)));
    return records::attach(tx, file);
}

}  // namespace

vulnerabilities::Imported import_inspection(Site& site, std::int64_t inspection, std::string_view tool,
                                            std::string_view name, std::string_view bytes, bool is_retest,
                                            const vulnerabilities::By& by, bool has_ended_well) {
    vulnerabilities::Results results = vulnerabilities::read_results(tool, bytes);
    results.is_whole = results.is_whole && has_ended_well;
    const records::NewFile file = keep_file(site, subject_of(site, inspection), name, bytes, by.who);
    return site.database->write([&](sys::Transaction& tx) {
        attach_once(tx, inspection, file);
        return vulnerabilities::import_results(tx, inspection, results, is_retest, file.hash.hex(), by);
    });
}

void keep_inspection_report(Site& site, std::int64_t inspection, std::string_view name, std::string_view bytes,
                            const vulnerabilities::By& by) {
    const records::NewFile file = keep_file(site, subject_of(site, inspection), name, bytes, by.who);
    site.database->write([&](sys::Transaction& tx) {
        const records::File kept = attach_once(tx, inspection, file);
        ledger::append(
            tx, {by.at, by.who, "record.attach", file.subject,
                 boost::json::serialize(boost::json::object{
                     {"file", kept.id}, {"name", file.name}, {"sha256", file.hash.hex()}, {"bytes", file.bytes}})});
    });
}

std::vector<ToolRun> run_inspection(Site& site, std::int64_t inspection, const fs::path& staging, bool is_retest,
                                    const vulnerabilities::By& by, const std::function<bool()>& is_stopped,
                                    const std::function<void(std::string_view)>& progress) {
    const Folders folders = folders_of(fs::absolute(staging));
    if (!is_staging(folders))
        throw Error(Kind::NotAllowed,
                    fmt::format("{} is no staging site; make one with `yakuba site staging DIR`", staging.string()));
    site.database->read([&](sys::Reader& db) { vulnerabilities::load_inspection(db, inspection); });  // before the work
    const fs::path program = fs::read_symlink("/proc/self/exe");
    const drill::Served open_side(program, folders.site, "public");
    const drill::Served office(program, folders.site, "office");
    const std::string url = open_side.url("public"), office_url = office.url("office");
    const sys::TemporaryFolder scratch(site.folders.run);
    const auto at = [&](const char* name) { return scratch.path() / name; };
    const Tool tools[] = {
        {"nmap",
         {"nmap", "-sT", "-sV", "-p", port_of(url) + "," + port_of(office_url), "-oX", at("nmap.xml"), "127.0.0.1"},
         at("nmap.xml"),
         10min},
        {"wapiti",
         {"wapiti", "-u", url, "-f", "json", "-o", at("wapiti.json"), "--flush-session", "--no-bugreport", "--scope",
          "folder", "--max-scan-time", "1200"},
         at("wapiti.json"),
         40min},
        {"lynis",
         {"lynis", "audit", "system", "--quick", "--no-colors", "--report-file", at("lynis.dat"), "--logfile",
          at("lynis.log")},
         at("lynis.dat"),
         20min}};
    std::vector<ToolRun> all;
    for (const Tool& tool : tools) {
        if (is_stopped()) throw base::Interrupted("the inspection was stopped");
        if (progress) progress(tool.name);
        ToolRun run;
        run.tool = tool.name;
        try {
            sys::Command command;
            command.arguments = tool.arguments;
            command.environment = {{"HOME", scratch.path().string()}};
            command.patience = tool.patience;
            command.output_limit = 1U << 20;
            command.is_stopped = is_stopped;
            command.dies_with_us = true;
            const sys::Outcome outcome = sys::run(command);
            if (outcome.timed_out) throw Error(Kind::Unavailable, "時間内に終わりませんでした。");
            const auto bytes = sys::find_file(tool.result, vulnerabilities::kLargestResults);
            if (!bytes)
                throw Error(Kind::Unavailable,
                            fmt::format("結果を書きませんでした（終了コード{}）。", outcome.exit_code));
            // Lynis gives a code of its own for warnings; whether it came to its end stands in its file.
            const bool has_ended_well = outcome.exit_code == 0 || tool.name == "lynis";
            run.imported = import_inspection(site, inspection, tool.name, tool.result.filename().string(), *bytes,
                                             is_retest, by, has_ended_well);
        } catch (const base::Interrupted&) {
            throw;
        } catch (const Error& error) {
            run.problem = error.message();
        }
        all.push_back(std::move(run));
    }
    return all;
}

}  // namespace flow

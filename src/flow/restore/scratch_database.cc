#include "flow/restore/scratch_database.h"

#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include <fmt/format.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"
#include "ground/sys/database_copy.h"
#include "ground/sys/files.h"
#include "ground/sys/log.h"
#include "ground/sys/process.h"

namespace flow::restoring {

using base::Error;
using base::Kind;

namespace {

/// Of a database that carries no mark yet. It gets its name with the mark; one that kept this ending was never used.
constexpr std::string_view kUnmarked = "_unmarked";
/// For the session: while it is held, nobody is between making a database and marking it.
constexpr auto kAlone = "SELECT pg_advisory_lock(hashtextextended('yakuba scratch database', 0))";

/// What psql prints to `sql`, each its own transaction.
std::string ask_server(const std::string& url, std::initializer_list<std::string> sql) {
    sys::Command command;
    command.environment = sys::postgres_environment(url);
    command.arguments = {"psql",
                         "--no-psqlrc",
                         "--quiet",
                         "--no-password",
                         "--tuples-only",
                         "--no-align",
                         "--set=ON_ERROR_STOP=1",
                         "--dbname=" + command.environment["PGDATABASE"]};
    for (const std::string& each : sql) command.arguments.push_back("--command=" + each);
    command.dies_with_us = true;
    const sys::Outcome outcome = sys::run(command);
    if (outcome.exit_code != 0)
        throw Error(Kind::Unavailable,
                    fmt::format("a scratch database cannot be made or removed ({}); give the site's role CREATEDB, "
                                "or name an empty one with --database",
                                base::trim(std::string_view(outcome.errors).substr(0, 300))));
    return outcome.output;
}

/// "yakuba_drill_CITY_". PostgreSQL cuts names at 63 bytes; the end is what makes each its own.
std::string start_of_names(const settings::Settings& settings, std::string_view purpose) {
    std::string start = fmt::format("yakuba_{}_", purpose);
    for (const char c : std::string_view(settings.site.id).substr(0, 20))
        start += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '_';
    return start + '_';
}

/// Since when a process runs, in the kernel's ticks after its start; empty when there is none, or we may not see it.
std::string started_at(pid_t process) {
    const std::string stat = sys::find_file(fmt::format("/proc/{}/stat", process), 4096).value_or("");
    // The name, in brackets, may hold anything; the start is the 20th field after it.
    const auto fields = base::split(std::string_view(stat).substr(std::min(stat.size(), stat.rfind(')') + 1)), ' ');
    return fields.size() > 20 ? std::string(fields[20]) : "";
}

/// This start of this machine. Clones may have one host name; systemd asks that the machine's id is shown as a hash
/// alone.
std::string this_machine() {
    char name[256] = {};
    ::gethostname(name, sizeof name - 1);
    const std::string id = sys::find_file("/etc/machine-id", 200).value_or("");
    const std::string boot = sys::find_file("/proc/sys/kernel/random/boot_id", 200).value_or("");
    for (char& c : name)
        if (c != '\0' && c != '.' && !std::isalnum(static_cast<unsigned char>(c))) c = '-';
    return fmt::format("{}/{} {}", name, sys::sha256("yakuba scratch database\n" + id).hex().substr(0, 16),
                       base::trim(boot));
}

/// Whose a database is: "yakuba HOST/MACHINE BOOT PID START".
std::string mark_of_own() {
    return fmt::format("yakuba {} {} {}", this_machine(), getpid(), started_at(getpid()));
}

/// Has the process of this machine ended that left this mark? A number that another process has by now counts as ended.
bool is_left_over(std::string_view mark) {
    const std::string own = mark_of_own();
    const auto words = base::split(mark, ' ');
    const auto here = base::split(own, ' ');
    if (words.size() != 5 || here.size() != 5 || words[0] != here[0]) return false;
    // Older versions wrote the host alone.
    if (words[1] != here[1] && words[1] != here[1].substr(0, here[1].find('/'))) return false;
    if (words[2] != here[2]) return true;  // the machine was started anew
    const auto process = static_cast<pid_t>(std::strtol(std::string(words[3]).c_str(), nullptr, 10));
    if (process <= 0) return false;
    if (kill(process, 0) != 0 && errno == ESRCH) return true;
    const std::string since = started_at(process);
    return !since.empty() && since != words[4];
}

void drop(const std::string& url, const std::string& name) {
    try {
        ask_server(url, {fmt::format("DROP DATABASE IF EXISTS \"{}\" WITH (FORCE)", name)});
    } catch (const Error& error) {
        sys::log(sys::Level::Error, "a scratch database is left over",
                 {{"database", name}, {"problem", error.message()}});
    }
}

}  // namespace

ScratchDatabase::ScratchDatabase(const settings::Settings& settings, std::string_view purpose, Life life)
    : site_url_(settings.database.url), name_(start_of_names(settings, purpose)) {
    if (life == Life::Passing) clear_scratch_databases(settings, purpose);
    name_ += base::to_hex(sys::random_bytes(6));
    const std::string unmarked = fmt::format("{}{}", name_, kUnmarked);
    try {
        ask_server(site_url_,
                   {kAlone, fmt::format("CREATE DATABASE \"{}\" TEMPLATE template0 ENCODING 'UTF8'", unmarked),
                    fmt::format("COMMENT ON DATABASE \"{}\" IS '{}'", unmarked, mark_of_own()),
                    fmt::format("ALTER DATABASE \"{}\" RENAME TO \"{}\"", unmarked, name_)});
    } catch (const Error&) {
        drop(site_url_, unmarked);
        throw;
    }
}

ScratchDatabase::~ScratchDatabase() {
    if (!is_kept_) drop(site_url_, name_);
}

void ScratchDatabase::keep() {
    is_kept_ = true;
    try {
        ask_server(site_url_, {fmt::format("COMMENT ON DATABASE \"{}\" IS NULL", name_)});
    } catch (const Error& error) {  // whoever clears asks whether a site uses it
        sys::log(sys::Level::Warning, "a kept database is still marked as a scratch one",
                 {{"database", name_}, {"problem", error.message()}});
    }
}

std::string ScratchDatabase::url() const {
    const auto query = site_url_.find('?');
    const auto host = site_url_.find("://");
    const auto slash = site_url_.find('/', host == std::string::npos ? 0 : host + 3);
    const std::string before = site_url_.substr(0, std::min(slash, query));
    return before + "/" + name_ + (query == std::string::npos ? "" : site_url_.substr(query));
}

void clear_scratch_databases(const settings::Settings& settings, std::string_view purpose,
                             const std::function<bool(std::string_view name)>& is_used) {
    const std::string& url = settings.database.url;
    const std::string start = start_of_names(settings, purpose);
    const std::string rows = ask_server(
        url,
        {kAlone, fmt::format("SELECT datname || ' ' || coalesce(shobj_description(oid, 'pg_database'), '') FROM "
                             "pg_database WHERE starts_with(datname::text, '{}') AND "
                             "(shobj_description(oid, 'pg_database') IS NOT NULL OR right(datname::text, {}) = '{}')",
                             start, kUnmarked.size(), kUnmarked)});
    for (const std::string_view row : base::split(rows, '\n')) {
        const std::string_view name = row.substr(0, row.find(' '));
        std::string_view own = name.substr(std::min(start.size(), name.size()));
        if (own.ends_with(kUnmarked)) own.remove_suffix(kUnmarked.size());
        const bool is_ours = !own.empty() && own.find_first_not_of("0123456789abcdef") == std::string_view::npos;
        if (!is_ours) continue;
        const std::string_view mark = row.substr(name.size() + 1);  // none: its maker died before it could write one
        if ((!mark.empty() && !is_left_over(mark)) || (is_used && is_used(name))) continue;
        try {
            ask_server(url, {fmt::format("DROP DATABASE IF EXISTS \"{}\"", name)});
            sys::log(sys::Level::Info, "a scratch database that was left over is removed",
                     {{"database", std::string(name)}});
        } catch (const Error& error) {  // somebody is connected
            sys::log(sys::Level::Warning, "a scratch database stays",
                     {{"database", std::string(name)}, {"problem", error.message()}});
        }
    }
}

}  // namespace flow::restoring

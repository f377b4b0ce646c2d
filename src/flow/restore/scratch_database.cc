#include "flow/restore/scratch_database.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>

#include <fmt/format.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"
#include "ground/sys/database_copy.h"
#include "ground/sys/log.h"
#include "ground/sys/process.h"

namespace flow::restoring {

using base::Error;
using base::Kind;

ScratchDatabase::ScratchDatabase(const settings::Settings& settings, std::string_view purpose, Life life)
    : site_url_(settings.database.url), name_(fmt::format("yakuba_{}_", purpose)) {
    // PostgreSQL cuts names at 63 bytes; the end is what makes this one its own.
    for (const char c : std::string_view(settings.site.id).substr(0, 20))
        name_ += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '_';
    name_ += '_';
    clear_left_over(name_);
    const std::string own = base::to_hex(sys::random_bytes(4));
    // Without a process in its name nobody takes it for one that the dead have left.
    name_ += life == Life::Passing ? fmt::format("{}_{}", getpid(), own) : "k" + own;
    run(fmt::format("CREATE DATABASE \"{}\" TEMPLATE template0 ENCODING 'UTF8'", name_));
}

ScratchDatabase::~ScratchDatabase() {
    if (is_kept_) return;
    try {
        run(fmt::format("DROP DATABASE IF EXISTS \"{}\" WITH (FORCE)", name_));
    } catch (const Error& error) {
        sys::log(sys::Level::Error, "a scratch database is left over",
                 {{"database", name_}, {"problem", error.message()}});
    }
}

void ScratchDatabase::clear_left_over(const std::string& start) const {
    const std::string names =
        run(fmt::format("SELECT datname FROM pg_database WHERE starts_with(datname::text, '{}')", start));
    for (const std::string_view name : base::split(names, '\n')) {
        const std::string_view rest = base::trim(name).substr(std::min(start.size(), base::trim(name).size()));
        const pid_t owner = static_cast<pid_t>(std::strtol(std::string(rest).c_str(), nullptr, 10));
        const bool is_plain = rest.find_first_not_of("0123456789abcdef_") == std::string_view::npos;
        if (owner <= 0 || !is_plain || kill(owner, 0) == 0 || errno != ESRCH) continue;
        try {
            run(fmt::format("DROP DATABASE IF EXISTS \"{}{}\"", start, rest));
        } catch (const Error& error) {
            sys::log(sys::Level::Warning, "a scratch database stays",
                     {{"database", std::string(base::trim(name))}, {"problem", error.message()}});
        }
    }
}

std::string ScratchDatabase::url() const {
    const auto query = site_url_.find('?');
    const auto host = site_url_.find("://");
    const auto slash = site_url_.find('/', host == std::string::npos ? 0 : host + 3);
    const std::string before = site_url_.substr(0, std::min(slash, query));
    return before + "/" + name_ + (query == std::string::npos ? "" : site_url_.substr(query));
}

std::string ScratchDatabase::run(const std::string& sql) const {
    sys::Command command;
    command.environment = sys::postgres_environment(site_url_);
    command.arguments = {"psql",
                         "--no-psqlrc",
                         "--quiet",
                         "--no-password",
                         "--tuples-only",
                         "--no-align",
                         "--dbname=" + command.environment["PGDATABASE"],
                         "--command=" + sql};
    command.dies_with_us = true;
    const sys::Outcome outcome = sys::run(command);
    if (outcome.exit_code != 0)
        throw Error(Kind::Unavailable,
                    fmt::format("a scratch database cannot be made or removed ({}); give the site's role CREATEDB, "
                                "or name an empty one with --database",
                                base::trim(std::string_view(outcome.errors).substr(0, 300))));
    return outcome.output;
}

}  // namespace flow::restoring

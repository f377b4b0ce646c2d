#include "flow/restore/scratch_database.h"

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/database_copy.h"
#include "ground/sys/log.h"
#include "ground/sys/process.h"

namespace flow::restoring {

using base::Error;
using base::Kind;

ScratchDatabase::ScratchDatabase(const settings::Settings& settings, std::string_view purpose)
    : site_url_(settings.database.url), name_(fmt::format("yakuba_{}_", purpose)) {
    for (const char c : settings.site.id) name_ += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '_';
    run(fmt::format("DROP DATABASE IF EXISTS \"{}\" WITH (FORCE)", name_));
    run(fmt::format("CREATE DATABASE \"{}\" TEMPLATE template0 ENCODING 'UTF8'", name_));
}

ScratchDatabase::~ScratchDatabase() {
    try {
        run(fmt::format("DROP DATABASE IF EXISTS \"{}\" WITH (FORCE)", name_));
    } catch (const Error& error) {
        sys::log(sys::Level::Error, "a scratch database is left over",
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

void ScratchDatabase::run(const std::string& sql) const {
    sys::Command command;
    command.environment = sys::postgres_environment(site_url_);
    command.arguments = {"psql",
                         "--no-psqlrc",
                         "--quiet",
                         "--no-password",
                         "--dbname=" + command.environment["PGDATABASE"],
                         "--command=" + sql};
    command.dies_with_us = true;
    const sys::Outcome outcome = sys::run(command);
    if (outcome.exit_code != 0)
        throw Error(Kind::Unavailable,
                    fmt::format("a scratch database cannot be made or removed ({}); give the site's role CREATEDB, "
                                "or name an empty one with --database",
                                base::trim(std::string_view(outcome.errors).substr(0, 300))));
}

}  // namespace flow::restoring

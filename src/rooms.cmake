# The house. A room may include from ground/base, ground/sys and the rooms after USES; tools/check_rooms holds it to that.
room(ground/base)
room(ground/sys LINKS OpenSSL::Crypto SQLite::SQLite3 PostgreSQL::PostgreSQL PkgConfig::SODIUM spdlog::spdlog CURL::libcurl)
room(ground/html LINKS PkgConfig::GUMBO PkgConfig::UCHARDET ICU::uc)
room(ground/template USES ground/html ground/calendar)
room(ground/calendar)
room(ground/http LINKS Boost::headers)
room(ground/ledger LINKS Boost::json)
room(ground/release)

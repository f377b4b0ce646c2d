// What is watched on one machine without a word in the settings: the site's own servers, the disk, the machine and the
// program's own work. As lines of plan.h, so that the handbook, the office and a person's own lines speak one language.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace probes {

/// What the standard plan has to know of the site.
struct Facts {
    std::string public_url;  ///< the server's own address: "http://127.0.0.1:8081/"; empty: no server here
    std::string office_url;  ///< likewise
    std::string site_url;    ///< as visitors know it
    std::filesystem::path folder;
    std::vector<std::string> certificates;  ///< files that the servers use
    std::vector<std::string> access_logs;   ///< files
    std::vector<std::string> ports;         ///< on which the site's servers listen, or will
};

std::vector<std::string> standard_lines(const Facts& facts);

}  // namespace probes

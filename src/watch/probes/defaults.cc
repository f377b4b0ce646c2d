#include "watch/probes/defaults.h"

#include <fmt/format.h>

#include "ground/base/text.h"

namespace probes {

std::vector<std::string> standard_lines(const Facts& facts) {
    std::vector<std::string> lines;
    if (!facts.public_url.empty())
        lines.push_back(
            fmt::format("http.public kind=http title=\"公開サーバ\" url={} every=2 patience=2 severity=emergency",
                        facts.public_url));
    if (!facts.office_url.empty())
        lines.push_back(
            fmt::format("http.office kind=http title=\"職員用の画面\" url={} every=5 patience=4", facts.office_url));
    lines.push_back(fmt::format("disk.site kind=disk title=\"サイトのディスク\" path=\"{}\"", facts.folder.string()));
    lines.emplace_back("disk.system kind=disk title=\"システムのディスク\" path=/");
    for (const char* kind : {"cpu", "load", "memory", "swap", "pressure", "boot", "traffic", "links", "clock"})
        lines.push_back(fmt::format("{0} kind={0}", kind));
    lines.push_back(
        fmt::format("process.yakuba kind=processes title=\"このプログラム\" name=yakuba arguments=serve folder=\"{}\"",
                    facts.folder.string()));
    lines.emplace_back("units kind=units");
    lines.push_back(fmt::format("listeners kind=listeners own={}", base::join(facts.ports, ",")));
    for (const char* kind : {"smart", "raid", "ecc", "temperature", "power"})
        lines.push_back(fmt::format("{0} kind={0}", kind));
    for (std::size_t number = 0; number < facts.certificates.size(); ++number)
        lines.push_back(fmt::format("certificate.file{} kind=certificate title=\"サーバ証明書\" target=\"{}\"",
                                    number + 1, facts.certificates[number]));
    if (facts.site_url.starts_with("https://"))
        lines.push_back(
            fmt::format("certificate.site kind=certificate title=\"公開サイトの証明書\" target={}", facts.site_url));
    for (std::size_t number = 0; number < facts.access_logs.size(); ++number)
        lines.push_back(fmt::format("requests.log{} kind=requests file=\"{}\"", number + 1, facts.access_logs[number]));
    for (const char* kind : {"journal", "jobs", "backup", "queues", "database", "heartbeat"})
        lines.push_back(fmt::format("{0} kind={0}", kind));
    return lines;
}

}  // namespace probes

#include <boost/json.hpp>
#include <fmt/format.h>

#include "door/cli/command.h"
#include "ground/base/error.h"
#include "ground/settings/settings.h"
#include "ground/sys/files.h"
#include "watch/probes/metrics.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const settings::Settings settings = settings::load(invocation.site() / "yakuba.toml");
    const std::filesystem::path folder = invocation.text("DIR");
    probes::PrometheusPlan plan;
    const bool is_on = !settings.monitor.metrics_address.empty();
    if (is_on) plan.metrics_address = settings.monitor.metrics_address;
    plan.has_token = !settings.monitor.metrics_token.empty();
    if (invocation.has("--webhook")) plan.webhook = invocation.text("--webhook");
    plan.has_webhook_token = !settings.watch.token.empty() || !settings.watch.token_file.empty();
    const auto files = probes::prometheus_files(plan);
    for (const auto& [name, text] : files)
        if (std::filesystem::exists(folder / name) && sys::read_file(folder / name) != text)
            throw base::Error(base::Kind::Conflict,
                              fmt::format("{} is there already and differs; name another folder, or take it away",
                                          (folder / name).string()));
    sys::make_folders(folder);
    boost::json::array written;
    for (const auto& [name, text] : files) {
        sys::write_file(folder / name, text);
        written.emplace_back((folder / name).string());
    }
    std::string prose = fmt::format("wrote {} files to {}", files.size(), folder.string());
    if (!is_on)
        prose +=
            fmt::format("\nset monitor.metrics_address = \"{}\" in yakuba.toml, so that there is something to read",
                        plan.metrics_address);
    if (plan.has_token) prose += "\nput monitor.metrics_token into the file yakuba.token beside prometheus.yml";
    if (!plan.webhook.empty() && plan.has_webhook_token)
        prose +=
            "\nput the watch's token (watch.token, or the file watch.token_file) into the file yakuba-webhook.token "
            "beside alertmanager.yml";
    invocation.answer({{"files", std::move(written)}, {"metrics_address", plan.metrics_address}}, prose);
    return kDone;
}

constexpr Option kOptions[] = {
    {"DIR", "Where the files are written", Takes::One, true},
    {"--webhook", "Where Alertmanager reports to, http://...; none: nowhere"},
};

}  // namespace

extern const Command monitor_prometheus_config{
    "monitor", "prometheus-config", "Write a sample configuration of Prometheus and Alertmanager", kOptions, run};

}  // namespace cli

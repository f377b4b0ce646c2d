// Monitoring by the real program: a public server that is killed is an anomaly within ten seconds, and over soon after
// it is back; without the watch nothing passes for well; figures are served for Prometheus.

#include <chrono>
#include <iostream>
#include <thread>

#include <arpa/inet.h>
#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ground/settings/settings.h"
#include "ground/sys/files.h"
#include "ground/sys/http_client.h"
#include "program.h"

namespace tests {

namespace {

using namespace std::chrono_literals;

/// A port of loopback that was free just now.
std::string free_address() {
    const sys::Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof at;
    EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&at), length), 0);
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&at), &length);
    return "127.0.0.1:" + std::to_string(ntohs(at.sin_port));
}

/// One role in the background, killed at the end.
class Role {
  public:
    Role(const TestSite& site, std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {program_path("yakuba"), "--site", site.folder().string(), "serve"});
        std::vector<char*> argv;
        for (std::string& argument : arguments) argv.push_back(argument.data());
        argv.push_back(nullptr);
        const std::string errors = site.beside("errors").string();
        child_ = ::fork();
        if (child_ == 0) {
            if (std::freopen(errors.c_str(), "a", stderr) == nullptr ||
                std::freopen("/dev/null", "w", stdout) == nullptr)
                ::_exit(127);
            ::execv(argv[0], argv.data());
            ::_exit(127);
        }
    }
    ~Role() { kill_now(); }
    void kill_now() {
        if (child_ <= 0) return;
        ::kill(child_, SIGKILL);
        ::waitpid(std::exchange(child_, 0), nullptr, 0);
    }

  private:
    pid_t child_ = 0;
};

/// Seconds until `is_so`; fails the test after `patience`.
double seconds_until(std::chrono::seconds patience, const std::function<bool()>& is_so) {
    const auto start = std::chrono::steady_clock::now();
    const auto gone = [&] { return std::chrono::steady_clock::now() - start; };
    while (!is_so()) {
        if (gone() > patience) {
            ADD_FAILURE() << "not within " << patience.count() << " s";
            break;
        }
        std::this_thread::sleep_for(50ms);
    }
    return std::chrono::duration<double>(gone()).count();
}

/// What the command answers, whatever it ends with.
boost::json::object answer(const TestSite& site, std::vector<std::string> arguments) {
    arguments.emplace_back("--json");
    boost::system::error_code problem;
    const boost::json::value document = boost::json::parse(site.run(arguments).output, problem);
    return problem || !document.is_object() ? boost::json::object() : document.as_object();
}

std::string state_of(const TestSite& site, std::string_view probe) {
    const auto document = answer(site, {"monitor", "status"});
    if (!document.contains("probes")) return {};
    for (const auto& one : document.at("probes").as_array())
        if (one.at("id").as_string() == probe) return std::string(one.at("state").as_string());
    return {};
}

/// The standing of the newest anomaly about the public server; empty when there is none.
std::string anomaly_standing(const TestSite& site) {
    const auto document = answer(site, {"anomaly", "list"});
    if (!document.contains("anomalies")) return {};
    for (const auto& one : document.at("anomalies").as_array())
        if (one.at("subject").as_string() == "http.public") return std::string(one.at("standing").as_string());
    return {};
}

}  // namespace

TEST(Monitor, TellsOfAKilledPublicServerWithinTenSecondsAndOfItsReturn) {
    const TestSite site("sqlite");
    const std::string address = free_address();
    const std::string metrics = free_address();
    {
        std::string settings = sys::read_file(site.folder() / "yakuba.toml");
        const std::string_view section = "[monitor]\n";
        const auto at = settings.find(section);
        ASSERT_NE(at, std::string::npos);
        settings.insert(at + section.size(),
                        "metrics_address = \"" + metrics +
                            "\"\nprobes = [\"http.public status=200-404\"]\n");  // nothing is published yet
        sys::write_file(site.folder() / "yakuba.toml", settings);
    }
    auto server = std::make_unique<Role>(site, std::vector<std::string>{"--role", "public", "--public", address});
    const Role watch(site, {"--role", "watch", "--public", address});
    seconds_until(20s, [&] { return state_of(site, "http.public") == "ok"; });
    EXPECT_EQ(anomaly_standing(site), "");

    sys::HttpClient client;
    const sys::Fetched figures = client.try_fetch("http://" + metrics + "/metrics");
    EXPECT_EQ(figures.status, 200) << figures.message;
    EXPECT_NE(figures.body.find("yakuba_probe_well{probe=\"http.public\",kind=\"http\"} 1\n"), std::string::npos);
    EXPECT_EQ(client.try_fetch("http://" + metrics + "/").status, 404);

    server->kill_now();
    const double told = seconds_until(10s, [&] { return anomaly_standing(site) == "open"; });
    EXPECT_EQ(state_of(site, "http.public"), "failed");
    server = std::make_unique<Role>(site, std::vector<std::string>{"--role", "public", "--public", address});
    const double over = seconds_until(15s, [&] { return anomaly_standing(site) == "cleared"; });
    seconds_until(15s, [&] { return state_of(site, "database") == "ok"; });
    std::cout << "down: an anomaly after " << told << " s; up: over after " << over << " s\n";
}

TEST(Monitor, TakesSilenceOfTheWatchForNoDataAndLooksOnceWhenAsked) {
    const TestSite site("sqlite");
    const auto silent = site.json({"monitor", "status"}, 1);
    EXPECT_FALSE(silent.at("is_alive").as_bool());
    for (const auto& one : silent.at("probes").as_array()) EXPECT_EQ(one.at("state").as_string(), "no-data");
    EXPECT_GT(silent.at("probes").as_array().size(), 20U);
    const auto looked = site.json({"monitor", "run", "memory", "database"}, 0);
    ASSERT_EQ(looked.at("probes").as_array().size(), 2U);
    EXPECT_EQ(looked.at("probes").at(0).at("id").as_string(), "memory");
    EXPECT_EQ(looked.at("probes").at(1).at("state").as_string(), "ok");
    EXPECT_EQ(site.run({"monitor", "run", "nothing"}).exit_code, 2);
}

TEST(Monitor, WritesAConfigurationForPrometheusAndNeverOverAnother) {
    const TestSite site("sqlite");
    const auto folder = site.beside("prometheus");
    site.json({"monitor", "prometheus-config", folder.string()});
    EXPECT_EQ(sys::run({.arguments = {"promtool", "check", "config", (folder / "prometheus.yml").string()}}).exit_code,
              0);
    site.json({"monitor", "prometheus-config", folder.string()});
    sys::write_file(folder / "prometheus.yml", "mine: 1\n");
    EXPECT_EQ(site.run({"monitor", "prometheus-config", folder.string()}).exit_code, 2);
    EXPECT_EQ(sys::read_file(folder / "prometheus.yml"), "mine: 1\n");
    // The intake asks for its token, so what reports to it has to know where that stands.
    const auto toml = site.folder() / "yakuba.toml";
    sys::write_file(toml, settings::edited(sys::read_file(toml), "watch.token", std::string("0123456789abcdef")));
    const auto other = site.beside("with-token");
    site.json({"monitor", "prometheus-config", other.string(), "--webhook", "http://127.0.0.1:9095/alertmanager"});
    EXPECT_NE(sys::read_file(other / "alertmanager.yml").find("credentials_file: yakuba-webhook.token"),
              std::string::npos);
}

}  // namespace tests

// The probes that go over the network, each against a real server on loopback, and with its fault.
#include <atomic>
#include <csignal>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/dns/testing/name_server.h"
#include "ground/sys/dial.h"
#include "ground/sys/process.h"
#include "watch/probes/testing/machine.h"

namespace probes {

using namespace std::chrono_literals;

namespace {

/// A socket on a free loopback port.
class Local {
  public:
    explicit Local(int type) : socket_(::socket(AF_INET, type | SOCK_CLOEXEC, 0)) {
        at_.sin_family = AF_INET;
        at_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof at_;
        EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&at_), length), 0);
        EXPECT_TRUE(type != SOCK_STREAM || ::listen(socket_.get(), 8) == 0);
        ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&at_), &length);
    }
    ~Local() { stop(); }
    int get() const { return socket_.get(); }
    std::string name() const { return "127.0.0.1:" + std::to_string(ntohs(at_.sin_port)); }
    void stop() {
        ::shutdown(socket_.get(), SHUT_RDWR);
        socket_ = {};
    }

  private:
    sys::Descriptor socket_;
    sockaddr_in at_{};
};

/// Answers each connection with the same bytes, after a while.
class Answering {
  public:
    Answering(std::string reply, std::chrono::milliseconds wait = 0ms)
        : reply_(std::move(reply)), wait_(wait), thread_([this](const std::stop_token& stop) {
              while (!stop.stop_requested()) {
                  const sys::Descriptor peer(::accept(listener_.get(), nullptr, nullptr));
                  if (!peer) return;
                  char scratch[4096];
                  if (::recv(peer.get(), scratch, sizeof scratch, 0) <= 0) continue;
                  std::this_thread::sleep_for(wait_);
                  if (::send(peer.get(), reply_.data(), reply_.size(), MSG_NOSIGNAL) < 0) continue;
              }
          }) {}
    ~Answering() {
        thread_.request_stop();
        ::shutdown(listener_.get(), SHUT_RDWR);
    }
    std::string url() const { return "http://" + listener_.name() + "/"; }

  private:
    Local listener_{SOCK_STREAM};
    std::string reply_;
    std::chrono::milliseconds wait_;
    std::jthread thread_;
};

Reading look(const Machine& machine, const std::string& line) {
    return One(machine, line).run();
}

}  // namespace

TEST(HttpProbe, MeasuresThePhasesAndJudgesStatusAndMarker) {
    const Machine machine;
    const Answering server("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello there");
    const Reading well = look(machine, "h kind=http marker=hello url=" + server.url());
    EXPECT_EQ(well.state, State::Ok) << well.text;
    EXPECT_GT(value_of(well, "total"), 0);
    EXPECT_GE(value_of(well, "total"), value_of(well, "first_byte"));
    EXPECT_EQ(value_of(well, "status"), 200);
    EXPECT_EQ(look(machine, "h kind=http marker=goodbye url=" + server.url()).state, State::Failed);
    EXPECT_EQ(look(machine, "h kind=http status=404 url=" + server.url()).state, State::Failed);
    EXPECT_EQ(look(machine, "h kind=http status=100-199,200 url=" + server.url()).state, State::Ok);
    const Answering broken("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n");
    const Reading failed = look(machine, "h kind=http url=" + broken.url());
    EXPECT_EQ(failed.state, State::Failed);
    EXPECT_NE(failed.text.find("500"), std::string::npos);
}

TEST(HttpProbe, NamesTheStepThatFailed) {
    const Machine machine;
    std::string closed;
    {
        const Local port(SOCK_STREAM);
        closed = port.name();
    }
    const Reading refused = look(machine, "h kind=http url=http://" + closed + "/");
    EXPECT_EQ(refused.state, State::Failed);
    EXPECT_NE(refused.text.find("接続できません（Couldn't connect to server：断られたか、届きません）"),
              std::string::npos)
        << refused.text;
    const Local silent(SOCK_STREAM);
    const Reading timeout = look(machine, "h kind=http patience=0.2 url=http://" + silent.name() + "/");
    EXPECT_EQ(timeout.state, State::Failed);
    EXPECT_NE(timeout.text.find("時間内に答えません"), std::string::npos) << timeout.text;
    EXPECT_NE(look(machine, "h kind=http url=http://no-such-name.invalid/").text.find("名前を引けません"),
              std::string::npos);
    const Answering slow("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 60ms);
    EXPECT_EQ(look(machine, "h kind=http warn=0.05 url=" + slow.url()).state, State::Warning);
    EXPECT_EQ(look(machine, "h kind=http url=nonsense://").state, State::NoData);
}

TEST(TcpProbe, SeesAPortOpenAndClosed) {
    const Machine machine;
    Local server(SOCK_STREAM);
    const std::string line = "t kind=tcp target=" + server.name();
    EXPECT_EQ(look(machine, line).state, State::Ok);
    server.stop();
    const Reading closed = look(machine, line);
    EXPECT_EQ(closed.state, State::Failed);
    EXPECT_NE(closed.text.find("接続できません（Connection refused：接続を断られました）"), std::string::npos)
        << closed.text;
    EXPECT_EQ(look(machine, "t kind=tcp target=no-such-name.invalid:80").state, State::Failed);
    EXPECT_EQ(sys::read_target("[::1]:53", "1").host, "::1");
    EXPECT_EQ(sys::read_target("[::1]", "1").port, "1");
    EXPECT_EQ(sys::read_target("::1", "1").host, "::1");
}

TEST(DnsProbe, ComparesWhatTheNameServerAnswers) {
    const Machine machine;
    dns::testing::NameServer server;
    server.set("www.city.example", dns::Type::Cname, 60, {"web.city.example"});
    server.set("web.city.example", dns::Type::A, 60, {"192.0.2.7"});
    const std::string line = "d kind=dns patience=0.6 name=www.city.example server=" + server.address();
    const Reading well = look(machine, line + " expect=192.0.2.7");
    EXPECT_EQ(well.state, State::Ok) << well.text;
    EXPECT_EQ(look(machine, line + " expect=192.0.2.8").state, State::Failed);
    server.code = 3;
    EXPECT_NE(look(machine, line).text.find("名前はない"), std::string::npos);
    server.code = 5;
    EXPECT_NE(look(machine, line).text.find("（REFUSED：問合せを断られました）"), std::string::npos);
    server.is_silent = true;
    EXPECT_NE(look(machine, line).text.find("答えません"), std::string::npos);
}

TEST(PingProbe, ReachesThisMachineAndSaysWhenItMayNot) {
    Machine machine;
    const Reading here = look(machine, "p kind=ping host=127.0.0.1");
    EXPECT_TRUE(here.state == State::Ok || here.text.find("許されていません") != std::string::npos) << here.text;
    const Reading gateway = look(machine, "p kind=ping host=gateway");  // the recorded one is 127.0.0.1
    EXPECT_EQ(gateway.state, here.state) << gateway.text;
    machine.write("proc/net/route", "Iface\tDestination\n");
    EXPECT_EQ(look(machine, "p kind=ping host=gateway").state, State::Failed);
}

TEST(CertificateProbe, TellsOfOneThatEndsSoonHasEndedOrIsNotTrusted) {
    Machine machine;
    const auto make_certificate = [&](const std::string& name, int days) {
        const std::string file = (machine.folder() / (name + ".pem")).string();
        const auto made =
            sys::run({{"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                       "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days",
                       std::to_string(days), "-keyout", file + ".key", "-out", file}});
        EXPECT_EQ(made.exit_code, 0) << made.errors;
        return file;
    };
    const std::string file = make_certificate("a", 60);
    const base::SystemClock system;
    machine.clock.set(system.now());
    EXPECT_EQ(look(machine, "c kind=certificate target=" + file).state, State::Ok);

    // Over TLS, by a real server that ends with this test.
    Local port(SOCK_STREAM);
    const std::string address = port.name();
    port.stop();
    const pid_t server = ::fork();
    if (server == 0) {
        ::execlp("openssl", "openssl", "s_server", "-quiet", "-accept", address.c_str(), "-cert", file.c_str(), "-key",
                 (file + ".key").c_str(), nullptr);
        ::_exit(127);
    }
    const std::string line = "c kind=certificate target=localhost connect=" + address;
    Reading shown;
    for (int wait = 0; wait < 200; ++wait) {
        shown = look(machine, line + " ca_file=" + file);
        if (shown.state != State::NoData) break;
        std::this_thread::sleep_for(20ms);
    }
    EXPECT_EQ(shown.state, State::Ok) << shown.text;
    EXPECT_EQ(look(machine, line).state, State::Failed);  // nobody vouches for it
    EXPECT_EQ(look(machine, line + " verify=no").state, State::Ok);
    EXPECT_EQ(look(machine, line + " name=other.example ca_file=" + file).state, State::Failed);
    machine.clock.advance(24h * 45);
    EXPECT_EQ(look(machine, line + " ca_file=" + file).state, State::Warning);
    machine.clock.advance(24h * 30);
    const Reading ended = look(machine, line + " ca_file=" + file);
    EXPECT_EQ(ended.state, State::Failed);
    EXPECT_NE(ended.text.find("期限が切れました"), std::string::npos) << ended.text;
    ::kill(server, SIGKILL);
    ::waitpid(server, nullptr, 0);
    EXPECT_EQ(look(machine, line).state, State::NoData);
    EXPECT_EQ(look(machine, "c kind=certificate target=/no/such/file").state, State::NoData);
}

}  // namespace probes

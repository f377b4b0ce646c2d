#include "ground/people/testing/slapd.h"

#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/sys/process.h"

namespace people::testing {

namespace {

constexpr std::string_view kPeople = R"(dn: dc=city,dc=example
objectClass: dcObject
objectClass: organization
dc: city
o: city

dn: cn=reader,dc=city,dc=example
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: reader
userPassword: service secret

dn: ou=staff,dc=city,dc=example
objectClass: organizationalUnit
ou: staff

dn: ou=other,dc=city,dc=example
objectClass: organizationalUnit
ou: other

dn: uid=yamada,ou=staff,dc=city,dc=example
objectClass: inetOrgPerson
uid: yamada
cn: Yamada
sn: Yamada
userPassword: hashi no ue no neko

dn: uid=twin,ou=staff,dc=city,dc=example
objectClass: inetOrgPerson
uid: twin
cn: Twin
sn: Twin
userPassword: hashi no ue no neko

dn: uid=twin,ou=other,dc=city,dc=example
objectClass: inetOrgPerson
uid: twin
cn: Twin
sn: Twin
userPassword: hashi no ue no neko

dn: uid=nopassword,ou=staff,dc=city,dc=example
objectClass: inetOrgPerson
uid: nopassword
cn: No
sn: Password
)";

void run(std::vector<std::string> arguments) {
    const sys::Outcome outcome = sys::run({std::move(arguments), {}, {}});
    if (outcome.exit_code != 0) throw base::Error(base::Kind::Unavailable, outcome.errors + outcome.output);
}

bool answers(int port) {
    const sys::Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(static_cast<std::uint16_t>(port));
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
}

}  // namespace

int free_port() {
    const sys::Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof at;
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 ||
        ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&at), &length) != 0)
        throw base::Error(base::Kind::Unavailable, "the loopback gives no port");
    return ntohs(at.sin_port);
}

void TestDirectory::make_certificates() const {
    const auto file = [&](const char* name) { return (folder_.path() / name).string(); };
    for (const std::string name : {"ca", "other"})
        run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
             "-subj", "/CN=" + name, "-keyout", file((name + ".key").c_str()), "-out", file((name + ".pem").c_str())});
    run({"openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=directory",
         "-keyout", file("server.key"), "-out", file("server.csr")});
    sys::write_file(folder_.path() / "san", "subjectAltName=IP:127.0.0.1\n");
    run({"openssl", "x509", "-req", "-in", file("server.csr"), "-CA", file("ca.pem"), "-CAkey", file("ca.key"),
         "-CAcreateserial", "-days", "30", "-extfile", file("san"), "-out", file("server.pem")});
}

TestDirectory::TestDirectory() {
    make_certificates();
    sys::make_folders(folder_.path() / "data");
    sys::write_file(folder_.path() / "people.ldif", kPeople);
    sys::write_file(folder_.path() / "slapd.conf", fmt::format(R"(include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCACertificateFile {0}/ca.pem
TLSCertificateFile {0}/server.pem
TLSCertificateKeyFile {0}/server.key
database mdb
suffix "dc=city,dc=example"
directory {0}/data
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="cn=reader,dc=city,dc=example" read by * none
)",
                                                               folder_.path().string()));
    run({"/usr/sbin/slapadd", "-q", "-f", (folder_.path() / "slapd.conf").string(), "-l",
         (folder_.path() / "people.ldif").string()});
    start();
}

void TestDirectory::start() {
    port_ = free_port();
    tls_port_ = free_port();
    const std::string urls = fmt::format(
        "ldap://127.0.0.1:{0}/ ldaps://127.0.0.1:{1}/ ldap://127.0.0.2:{0}/ ldaps://127.0.0.2:{1}/", port_, tls_port_);
    const std::string conf = (folder_.path() / "slapd.conf").string();
    const std::string log = (folder_.path() / "log").string();
    process_ = ::fork();
    if (process_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // it goes when the test is killed
        const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        ::dup2(out, 2);
        ::execl("/usr/sbin/slapd", "slapd", "-d", "0", "-h", urls.c_str(), "-f", conf.c_str(), nullptr);
        ::_exit(127);
    }
    for (int i = 0; i < 500; ++i) {
        if (answers(port_) && answers(tls_port_)) return;
        if (::waitpid(process_, nullptr, WNOHANG) == process_) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    throw base::Error(base::Kind::Unavailable, "slapd does not start: " + sys::find_file(log).value_or(""));
}

TestDirectory::~TestDirectory() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
}

LdapSettings TestDirectory::settings(Way way) const {
    LdapSettings made;
    made.url =
        way == Way::Ldaps ? fmt::format("ldaps://127.0.0.1:{}", tls_port_) : fmt::format("ldap://127.0.0.1:{}", port_);
    made.use_start_tls = way == Way::StartTls;
    made.ca_file = folder_.path() / "ca.pem";
    made.bind_dn = "cn=reader,dc=city,dc=example";
    made.bind_password = "service secret";
    made.base_dn = "dc=city,dc=example";
    made.patience = std::chrono::seconds(3);
    return made;
}

}  // namespace people::testing

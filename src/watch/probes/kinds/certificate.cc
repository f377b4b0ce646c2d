// How long a certificate is still good: the one that a server shows (with its chain and name checked, as a browser
// does), or one in a file.
#include <cerrno>
#include <cstring>
#include <memory>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>

#include "ground/base/text.h"
#include "ground/sys/dial.h"
#include "watch/probes/kinds/kind.h"

namespace probes {

namespace {

struct Free {
    void operator()(SSL_CTX* context) const { ::SSL_CTX_free(context); }
    void operator()(SSL* ssl) const { ::SSL_free(ssl); }
    void operator()(X509* certificate) const { ::X509_free(certificate); }
    void operator()(BIO* bio) const { ::BIO_free(bio); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

struct Seen {
    Owned<X509> certificate;
    std::string problem;    ///< why there is none
    std::string unchecked;  ///< why a browser would not trust it
};

Seen read_certificate(const std::string& file) {
    Seen seen;
    const auto text = find_text(file);
    if (!text) {
        seen.problem = "ファイルを読めません";
        return seen;
    }
    const Owned<BIO> bio(::BIO_new_mem_buf(text->data(), static_cast<int>(text->size())));
    seen.certificate.reset(::PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (!seen.certificate) seen.problem = "証明書（PEM形式）として読めません";
    ::ERR_clear_error();
    return seen;
}

Seen ask_server(const sys::Target& target, const std::string& name, const std::string& ca_file,
                const sys::Deadline& deadline) {
    Seen seen;
    const sys::Dialled dialled = sys::dial(target, deadline);
    if (dialled.step != sys::Step::Done) {
        seen.problem = fmt::format("接続できません（{}）", reason_wording(dialled.problem));
        return seen;
    }
    const Owned<SSL_CTX> context(::SSL_CTX_new(::TLS_client_method()));
    if (ca_file.empty())
        ::SSL_CTX_set_default_verify_paths(context.get());
    else
        ::SSL_CTX_load_verify_file(context.get(), ca_file.c_str());
    const Owned<SSL> ssl(::SSL_new(context.get()));
    ::SSL_set_verify(ssl.get(), SSL_VERIFY_NONE, nullptr);  // an expired one is to be seen, not refused
    ::SSL_set1_host(ssl.get(), name.c_str());
    // SSL_set_tlsext_host_name is a macro with a cast of the old kind.
    ::SSL_ctrl(ssl.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(name.c_str()));
    ::SSL_set_fd(ssl.get(), dialled.socket.get());
    for (;;) {
        const int done = ::SSL_connect(ssl.get());
        if (done == 1) break;
        const int wanted = ::SSL_get_error(ssl.get(), done);
        const short events = wanted == SSL_ERROR_WANT_READ    ? POLLIN
                             : wanted == SSL_ERROR_WANT_WRITE ? POLLOUT
                                                              : short{0};
        if (events == 0) {
            seen.problem = "暗号化通信を始められません";
            break;
        }
        if (!sys::wait_for(dialled.socket.get(), events, deadline)) {
            seen.problem = "時間内に答えません";
            break;
        }
    }
    if (seen.problem.empty()) {
        seen.certificate.reset(::SSL_get1_peer_certificate(ssl.get()));
        if (!seen.certificate) seen.problem = "証明書を示しません";
        const long verdict = ::SSL_get_verify_result(ssl.get());
        if (verdict != X509_V_OK && verdict != X509_V_ERR_CERT_HAS_EXPIRED)
            seen.unchecked = ::X509_verify_cert_error_string(verdict);
    }
    ::ERR_clear_error();
    return seen;
}

class Certificate final : public Probe {
  public:
    Certificate(const Plan& plan, const World& world)
        : plan_(plan), world_(world), judge_(judge_of(plan, Judge::Bad::Low)) {}

    Reading run() override {
        const std::string target = plan_.text("target");
        Seen seen;
        if (target.starts_with('/')) {
            seen = read_certificate(target);
        } else {
            std::string_view host = target;
            if (const auto scheme = host.find("://"); scheme != std::string_view::npos) host.remove_prefix(scheme + 3);
            const sys::Target where = sys::read_target(host.substr(0, host.find('/')), "443");
            const std::string name = plan_.text("name");
            const std::string connect = plan_.text("connect");
            seen = ask_server(connect.empty() ? where : sys::read_target(connect, where.port),
                              name.empty() ? where.host : name, plan_.text("ca_file"), sys::Deadline(plan_.patience()));
        }
        if (!seen.certificate)
            return {State::NoData, fmt::format("{} の証明書を調べられません（{}）。", target, seen.problem), {}};
        tm end{};
        ::ASN1_TIME_to_tm(::X509_get0_notAfter(seen.certificate.get()), &end);
        const base::Instant until{static_cast<std::int64_t>(::timegm(&end)) * 1000};
        const double days = static_cast<double>((until - world_.clock->now()).count()) / 86'400'000;
        Reading reading;
        reading.samples = {{"left", days * 86'400, "seconds"}};
        add(reading, judge_.judge(days),
            days < 0 ? fmt::format("{} の証明書は {} に期限が切れました。", target, base::format_local(until))
                     : fmt::format("{} の証明書の期限は {} で、あと{:.0f}日です。", target, base::format_local(until),
                                   days));
        if (!seen.unchecked.empty() && plan_.text("verify") == "yes")
            add(reading, State::Failed, fmt::format("ブラウザが信頼しない証明書です（{}）。", seen.unchecked));
        return reading;
    }

  private:
    const Plan& plan_;
    const World& world_;
    Judge judge_;
};

constexpr Option kOptions[] = {
    {"target", "", Option::Form::Text, "調べる先（https://のアドレス、host:port、証明書ファイルの絶対パス）"},
    {"warn", "21", Option::Form::Number, "注意とする残り日数"},  // certbot renews at 30
    {"fail", "7", Option::Form::Number, "異常とする残り日数"},
    margin_option(""),
    {"verify", "yes", Option::Form::Text, "発行者と名前も確かめる（yes か no）"},
    {"name", "", Option::Form::Text, "証明書にあるべき名前。空なら調べる先の名前"},
    {"connect", "", Option::Form::Text, "名前を引かずにつなぐ先（host:port）"},
    {"ca_file", "", Option::Form::Text, "信頼する認証局（PEMファイル）。空ならシステムの既定"},
};

}  // namespace

extern const Kind certificate{"certificate",
                              "サーバ証明書",
                              "証明書の期限、発行者、名前",
                              "target",
                              {3600, 10, 2, 1, signals::Severity::Serious},
                              kOptions,
                              make<Certificate>};

}  // namespace probes

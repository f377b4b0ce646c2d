#include "office/vulnerabilities/results.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/files.h"

namespace vulnerabilities {

namespace {

using advisories::Severity;

constexpr std::string_view kWapiti =
    R"({"classifications":{},"vulnerabilities":{"Content Security Policy Configuration":[{"method":"GET","path":"/","info":"CSP is not set","level":1,"parameter":"","http_request":"GET / HTTP/1.1","curl_command":"curl"}],"SQL Injection":[{"method":"POST","path":"/q","info":"id","level":3,"parameter":"id"},7]},"anomalies":{},"additionals":{},"infos":{"target":"http://127.0.0.1/","date":"x","version":"Wapiti 3.0.4","scope":"folder"}})";
constexpr std::string_view kTestssl =
    R"j([{"id":"protocol","ip":"localhost/127.0.0.1","port":"8443","severity":"OK","finding":"x"},{"id":"TLS1","ip":"localhost/127.0.0.1","port":"8443","severity":"LOW","finding":"offered (deprecated)"
},{"id":"heartbleed","ip":"localhost/127.0.0.1","port":"8443","severity":"CRITICAL","cve":"CVE-2014-0160","finding":"VULNERABLE"},{"id":"scan","ip":"a","port":"1","severity":"WARN","finding":"not tested"}])j";
constexpr std::string_view kLynis =
    "# Lynis Report\nlynis_version=3.0.8\nwarning[]=FIRE-4512|iptables module(s) loaded, but no rules "
    "active|-|-|\nsuggestion[]=BANN-7126|Add a "
    "legal banner to /etc/issue|-|-|\nvulnerable_package[]=openssl\nsuggestion[]=broken\nhardening_index=62\n";
constexpr std::string_view kNmap =
    R"(<?xml version="1.0"?><nmaprun scanner="nmap"><host><address addr="127.0.0.1" addrtype="ipv4"/><ports><port protocol="tcp" portid="443"><state state="open"/><service name="https" product="nginx" version="1.22.1"/><script id="ssl-poodle" output="VULNERABLE: SSL POODLE"/><script id="http-x" output="NOT VULNERABLE"/></port><port protocol="tcp" portid="25"><state state="closed"/></port></ports></host></nmaprun>)";
constexpr std::string_view kCsv =
    "\xEF\xBB\xBF番号,指摘事項,危険度,対象,詳細\r\n1,\"古いTLS, "
    "1.0\",中,https://a.example/,TLS1.0が有効\r\n2,,高,,\r\n";

struct Sample {
    std::string_view tool, bytes;
    std::size_t findings;
    std::int64_t left_out;
};
const Sample kSamples[] = {{"wapiti", kWapiti, 2, 1},
                           {"testssl", kTestssl, 3, 0},
                           {"lynis", kLynis, 3, 1},
                           {"nmap", kNmap, 2, 0},
                           {"csv", kCsv, 1, 1}};

}  // namespace

TEST(ReadResults, ReadsWhatEachToolWrites) {
    for (const Sample& sample : kSamples) {
        SCOPED_TRACE(sample.tool);
        for (const std::string_view told : {sample.tool, std::string_view()}) {  // named, and guessed
            const Results results = read_results(told, sample.bytes);
            EXPECT_EQ(results.tool, sample.tool);
            EXPECT_EQ(results.findings.size(), sample.findings);
            EXPECT_EQ(results.left_out, sample.left_out);
        }
    }
    const auto wapiti = read_results("wapiti", kWapiti).findings;
    EXPECT_EQ(wapiti[1].severity, Severity::High);
    EXPECT_EQ(wapiti[1].place, "POST /q (id)");
    EXPECT_EQ(read_results("testssl", kTestssl).findings[1].severity, Severity::Critical);
    EXPECT_EQ(read_results("nmap", kNmap).findings[0].severity, Severity::None);
    EXPECT_EQ(read_results("csv", kCsv).findings[0].title, "古いTLS, 1.0");
}

/// Whole files as the tools write them (wapiti 3.0.4, testssl 3.0.8, lynis 3.0.8, nmap 7.93), and a list as it comes
/// out of a Japanese spreadsheet.
TEST(ReadResults, ReadsTheFilesOfWholeRuns) {
    const auto titles = [](const char* name) {
        const Results results = read_results(
            "", sys::read_file(YAKUBA_SOURCE_DIR "/src/office/vulnerabilities/testdata/" + std::string(name)));
        EXPECT_EQ(results.left_out, 0) << name;
        EXPECT_TRUE(results.is_whole) << name;
        EXPECT_EQ(results.hosts.size(), 1U) << name;
        std::vector<std::string> all{results.tool};
        for (const Finding& one : results.findings)
            all.push_back(fmt::format("{} {} @{}", static_cast<int>(one.severity), one.title, one.place));
        return base::join(all, "\n");
    };
    EXPECT_EQ(titles("wapiti.json"), R"(wapiti
2 Content Security Policy Configuration：CSP is not set @GET /
2 HTTP Secure Headers：X-Frame-Options is not set @GET /
2 HTTP Secure Headers：X-Content-Type-Options is not set @GET /
3 Reflected Cross Site Scripting：XSS vulnerability found via injection in the parameter q @GET /cgi/search (q)
2 Internal Server Error：The server responded with a 500 HTTP error code while attempting to inject a payload in the parameter name @POST /cgi/form (name))");
    EXPECT_EQ(titles("testssl.json"), R"(testssl
2 TLS1：offered (deprecated) @www.city.example/192.0.2.10:443
2 TLS1_1：offered (deprecated) @www.city.example/192.0.2.10:443
3 cert_expirationStatus：expires < 60 days (31) @www.city.example/192.0.2.10:443
2 HSTS：not offered @www.city.example/192.0.2.10:443
2 SWEET32：uses 64 bit block ciphers @www.city.example/192.0.2.10:443)");
    EXPECT_EQ(titles("testssl-retest.json"), R"(testssl
3 cert_expirationStatus：expires < 60 days (31) @www.city.example/192.0.2.10:443)");
    EXPECT_EQ(titles("lynis.dat"), R"(lynis
3 Found one or more vulnerable packages. @PKGS-7392
4 脆弱性のあるパッケージ @openssl
2 Consider hardening SSH configuration：MaxAuthTries @SSH-7408
2 Consider hardening SSH configuration：AllowTcpForwarding @SSH-7408
2 Add a legal banner to /etc/issue, to warn unauthorized users @BANN-7126)");
    EXPECT_EQ(titles("nmap.xml"), R"(nmap
1 開いているポート（http） @192.0.2.10:80/tcp
4 http-slowloris-check @192.0.2.10:80/tcp
1 開いているポート（http） @192.0.2.10:443/tcp)");
    EXPECT_EQ(titles("findings-cp932.csv"), R"(csv
3 セッションCookieにSecure属性がない @https://www.city.example/shinsei/
2 古いjQueryの使用 @https://www.city.example/js/jquery.js
4 ディレクトリの一覧が表示される @https://www.city.example/files/)");
}

TEST(ReadResults, RefusesWhatIsNoResult) {
    for (const Sample& sample : kSamples)
        for (const std::string_view bytes :
             {std::string_view(), std::string_view("<html></html>"), std::string_view("{}"), std::string_view("[]")})
            EXPECT_THROW(read_results(sample.tool, bytes), base::Error) << sample.tool << " " << bytes;
    EXPECT_THROW(read_results("nessus", "x"), base::Error);
}

TEST(ReadResults, KeepsKeysFromRunToRun) {
    for (const Sample& sample : kSamples) {
        const auto a = read_results(sample.tool, sample.bytes).findings,
                   b = read_results(sample.tool, sample.bytes).findings;
        for (std::size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i].key, b[i].key);
    }
    // The same test of the same place, said in other words.
    std::string changed(kTestssl);
    changed.replace(changed.find("offered (deprecated)"), 20, "offered");
    EXPECT_EQ(read_results("testssl", changed).findings[0].key, read_results("testssl", kTestssl).findings[0].key);
}

TEST(ReadResults, IsNotBrokenByChangedBytes) {
    for (const Sample& sample : kSamples)
        for (std::size_t at = 0; at < sample.bytes.size(); at += 3) {
            std::string changed(sample.bytes);
            changed[at] = static_cast<char>(changed[at] ^ 0x2A);
            try {
                for (const Finding& one : read_results(sample.tool, changed).findings)
                    EXPECT_TRUE(!one.title.empty() && base::is_utf8(one.title) && base::is_utf8(one.detail));
            } catch (const base::Error&) {
            }
        }
}

}  // namespace vulnerabilities

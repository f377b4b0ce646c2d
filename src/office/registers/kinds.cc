#include "office/registers/kinds.h"

#include <algorithm>

namespace registers {

namespace {

constexpr Field kLicence[] = {
    {"vendor", "提供元"},
    {"owner", "使用権の名義"},
    {"quantity", "数量", Form::Number},
    {"cost", "年間の費用（円）", Form::Number},
    {"terms", "条件", Form::Lines},
    {"note", "備考", Form::Lines},
};
constexpr Field kSupport[] = {
    {"version", "版", Form::Line, true},
    {"used_for", "使っているところ"},
    {"note", "備考（移行の予定など）", Form::Lines},
    {"source", "期限の出典", Form::Url},
};
constexpr Field kTerminal[] = {
    {"owner", "使う人"},
    {"place", "置き場所"},
    {"system", "OS"},
    {"note", "備考", Form::Lines},
};
constexpr Field kLoan[] = {
    {"number", "管理番号"},
    {"lender", "貸した側"},
    {"holder", "借りた側", Form::Line, true},
    {"lent_on", "貸した日", Form::Day, true},
    {"note", "備考", Form::Lines},
};
constexpr Field kSubcontract[] = {
    {"work", "再委託する業務", Form::Lines, true},
    {"approved_on", "発注者の承認日", Form::Day, true},
    {"address", "所在地"},
    {"person", "責任者"},
    {"note", "備考（個人情報の取扱いなど）", Form::Lines},
};
constexpr Field kContact[] = {
    {"role", "役割", Form::Line, true},
    {"company", "所属"},
    {"deputy", "代理"},
    {"phone", "電話", Form::Line, true},
    {"night_phone", "夜間・休日の電話"},
    {"mail", "メール", Form::Mail},
    {"hours", "連絡できる時間"},
    {"next", "つながらないときの次の人"},
    {"position", "呼ぶ順番", Form::Number},
};

constexpr int kLicenceDays[] = {90, 60, 30};
constexpr int kSupportDays[] = {548, 365, 183};  // 18, 12 and 6 months
constexpr int kLoanDays[] = {14};
constexpr int kSubcontractDays[] = {60, 30};

constexpr Register kRegisters[] = {
    {"licence", "ソフトウェアと使用権", "ソフトウェア", "使用期限", true, "licence.end", "使用を終える", true,
     kLicenceDays, kLicence},
    {"support", "サポート期限", "ソフトウェア", "サポートの終了日", true, "support.end", "台帳から外す", false,
     kSupportDays, kSupport},
    {"terminal", "運用端末", "端末の名前", "", false, "terminal.remove", "台帳から外す", false, {}, kTerminal},
    {"loan", "貸与品", "品名", "返却の予定日", false, "loan.end", "返却を記録する", false, kLoanDays, kLoan},
    {"subcontract", "再委託", "再委託先", "終わりの日", false, "subcontract.end", "再委託を終える", false,
     kSubcontractDays, kSubcontract},
    {"contact", "連絡網", "氏名", "", false, "contact.end", "連絡網から外す", false, {}, kContact},
};

// Ends of security support as their makers announce them. Debian supports its own packages (nginx, OpenSSL, PostgreSQL)
// as long as the release itself.
constexpr KnownSupport kKnown[] = {
    {"Debian", "12（bookworm）通常の保守", "2026-06-10", "https://www.debian.org/releases/bookworm/"},
    {"Debian", "12（bookworm）LTS", "2028-06-30", "https://wiki.debian.org/LTS"},
    {"Debian", "13（trixie）通常の保守", "2028-08-09", "https://www.debian.org/releases/trixie/"},
    {"Debian", "13（trixie）LTS", "2030-06-30", "https://wiki.debian.org/LTS"},
    {"PostgreSQL", "15", "2027-11-11", "https://www.postgresql.org/support/versioning/"},
    {"OpenSSL", "3.0 LTS（開発元の保守）", "2026-09-07", "https://openssl-library.org/policies/releasestrat/"},
    {"nginx", "1.22（Debian 12のパッケージ）", "2028-06-30", "https://wiki.debian.org/LTS"},
    {"Node.js", "20（画面の部品を作るときだけ）", "2026-04-30", "https://nodejs.org/en/about/previous-releases"},
    {"Node.js", "22（画面の部品を作るときだけ）", "2027-04-30", "https://nodejs.org/en/about/previous-releases"},
    {"Node.js", "24（画面の部品を作るときだけ）", "2028-04-30", "https://nodejs.org/en/about/previous-releases"},
};

}  // namespace

std::span<const Register> all_registers() {
    return kRegisters;
}

const Register* find_register(std::string_view id) {
    const auto* found =
        std::find_if(std::begin(kRegisters), std::end(kRegisters), [&](const Register& one) { return one.id == id; });
    return found == std::end(kRegisters) ? nullptr : found;
}

std::span<const KnownSupport> known_support() {
    return kKnown;
}

}  // namespace registers

// Accounts from a CSV table and back: 120 authors are not typed by hand. A preview says line by line what would happen;
// the import takes all lines or, when asked, the good ones. First passwords are made here and returned this once.
//
// The first line names the columns, in Japanese or English, in any order: ログイン名/login, 氏名/name, ふりがな/kana,
// メール/mail, 所属コード/department, 役割/role, 認証/source. Several departments or roles in one cell are separated by
// ";". An account that exists is changed: cells of the columns that the table has replace what is stored.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ground/people/accounts.h"
#include "ground/people/passwords.h"

namespace people {

struct ImportFault {
    int line = 0;  ///< of the text, counting from 1
    std::string column;
    std::string reason_ja;
    std::string reason_en;
};

struct ImportRow {
    enum class What { Add, Change, Same } what = What::Add;
    int line = 0;
    Person person;                     ///< as it will be
    std::vector<Role> roles;           ///< as they will be, of those without a place of their own
    std::vector<std::string> changes;  ///< the columns that change
};

struct ImportPlan {
    std::vector<ImportRow> rows;      ///< the good ones, in order of line
    std::vector<ImportFault> faults;  ///< all of each line
};

enum class ImportMode {
    AllOrNothing,  ///< one bad line, and nothing is imported
    GoodLines
};

struct FirstPassword {
    PersonId person;
    std::string login_name;
    std::string name;
    std::string password;
};

struct ImportResult {
    bool is_done = false;  ///< false: nothing was written; `faults` says why
    int added = 0;
    int changed = 0;
    int same = 0;
    std::vector<ImportFault> faults;
    std::vector<FirstPassword> passwords;  ///< of the added local accounts; must be changed at first sign-in
};

/// What the import would do. At most 1 MiB and 2,000 lines; a fault of the whole table stands on line 1. Roles that
/// `who` may not give or take (may_grant) are faults.
ImportPlan plan_import(sys::Reader& db, std::string_view csv, const Actor& who, base::Instant now);
/// Hashes the first passwords (25 ms each), then writes in one transaction. Throws Error(Conflict) when the accounts
/// were changed in between.
ImportResult import_accounts(sys::Database& db, std::string_view csv, ImportMode mode, const Actor& who, const By& by);
/// UTF-8 with a byte order mark and CRLF, as spreadsheets want it; can be imported again. `today` chooses the postings.
std::string export_accounts(sys::Reader& db, base::Day today);

}  // namespace people

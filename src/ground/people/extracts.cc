#include "ground/people/extracts.h"

namespace people {

namespace {

constexpr sys::ExtractColumn kDepartment[] = {
    {"id", "番号"},
    {"parent_id", "上の部署の番号"},
    {"code", "部署コード"},
    {"name", "名称"},
    {"kana", "読み"},
    {"phone", "電話"},
    {"mail", "メール"},
    {"place", "場所"},
    {"valid_from", "有効になる日"},
    {"valid_until", "有効な最後の日"},
    {"successor_id", "引き継いだ部署の番号"},
    {"version", "版"},
};

constexpr sys::ExtractColumn kPerson[] = {
    {"id", "番号"},
    {"login_name", "ログイン名"},
    {"name", "氏名"},
    {"kana", "読み"},
    {"mail", "メール"},
    {"state", "状態（active 在籍、locked 停止中、left 退職）"},
    {"source", "認証の方法（local 本システム、ldap ディレクトリ）"},
    {"successor_id", "引き継いだ職員の番号"},
    {"version", "版"},
};

constexpr sys::ExtractColumn kMembership[] = {
    {"person_id", "職員の番号"},
    {"department_id", "部署の番号"},
    {"valid_from", "所属した日"},
    {"valid_until", "所属の最後の日"},
};

constexpr sys::ExtractColumn kRoleGrant[] = {
    {"id", "番号"},
    {"person_id", "職員の番号"},
    {"role", "役割"},
    {"department_id", "対象の部署の番号（空は全部署）"},
    {"section", "対象のフォルダ（空は全体）"},
    {"valid_from", "有効になる日"},
    {"valid_until", "有効な最後の日"},
};

constexpr sys::ExtractColumn kAbsence[] = {
    {"id", "番号"},          {"person_id", "不在の職員の番号"}, {"deputy_id", "代理の職員の番号"},
    {"from_on", "最初の日"}, {"until_on", "最後の日"},          {"reason", "理由"},
};

constexpr sys::Extract kExtracts[] = {
    {"department", "部署", "Departments", "id", kDepartment},
    {"person", "職員", "People", "id", kPerson},
    {"membership", "所属", "Memberships", "person_id, department_id, valid_from", kMembership},
    {"role_grant", "役割", "Roles", "id", kRoleGrant},
    {"absence", "不在と代理", "Absences and deputies", "id", kAbsence},
};

}  // namespace

std::span<const sys::Extract> extracts() {
    return kExtracts;
}

}  // namespace people

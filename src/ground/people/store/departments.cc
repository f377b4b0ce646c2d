// Departments: a tree that changes every April. Abolished ones stay, with their last day and successor.
#include <fmt/format.h>

#include "ground/people/accounts.h"
#include "ground/people/store/fields.h"
#include "ground/people/store/note.h"

namespace people {

namespace {

constexpr std::string_view kSelect =
    "SELECT id, parent_id, code, name, kana, phone, mail, place, valid_from, valid_until, successor_id, version "
    "FROM department ";
constexpr int kDeepest = 32;

Department department_in(const sys::Row& row) {
    Department made;
    made.id = {row.integer(0)};
    made.parent = maybe_id_at<base::DepartmentTag>(row, 1);
    made.code = row.text(2);
    made.name = row.text(3);
    made.kana = row.text(4);
    made.phone = row.text(5);
    made.mail = row.text(6);
    made.place = row.text(7);
    made.valid_from = day_at(row, 8);
    made.valid_until = maybe_day_at(row, 9);
    made.successor = maybe_id_at<base::DepartmentTag>(row, 10);
    made.version = row.integer(11);
    return made;
}

/// Follows `next` from `start`; refuses when it comes back to `self` or goes on for too long.
void need_no_circle(sys::Reader& db, DepartmentId self, std::optional<DepartmentId> start,
                    std::optional<DepartmentId> Department::*next, std::string_view what) {
    std::optional<DepartmentId> at = start;
    for (int depth = 0; at; ++depth) {
        if (*at == self || depth >= kDeepest)
            refuse(fmt::format("{}に、その部署自身や、その下にある部署は選べません。", what));
        const auto found = find_department(db, *at);
        if (!found) refuse(fmt::format("{}に選んだ部署がありません。", what));
        at = (*found).*next;
    }
}

void check(sys::Reader& db, const Department& made) {
    need_text(made.code, "所属コード", 32, Empty::Refused);
    need_text(made.name, "部署名", 100, Empty::Refused);
    need_text(made.kana, "ふりがな", 100, Empty::Allowed);
    need_text(made.phone, "電話番号", 100, Empty::Allowed);
    need_text(made.place, "場所", 200, Empty::Allowed);
    need_mail(made.mail);
    need_order(made.valid_from, made.valid_until, "部署の期間");
    need_no_circle(db, made.id, made.parent, &Department::parent, "上の部署");
    need_no_circle(db, made.id, made.successor, &Department::successor, "引き継ぐ部署");
    const auto same_code = find_department(db, made.code);
    if (same_code && same_code->id != made.id)
        throw base::Error(base::Kind::Conflict,
                          fmt::format("所属コード {} は、「{}」が使っています。", made.code, same_code->name));
}

std::vector<std::string> changed_fields(const Department& a, const Department& b) {
    std::vector<std::string> names;
    const auto compare = [&](bool is_same, const char* name) {
        if (!is_same) names.emplace_back(name);
    };
    compare(a.parent == b.parent, "parent");
    compare(a.code == b.code, "code");
    compare(a.name == b.name, "name");
    compare(a.kana == b.kana, "kana");
    compare(a.phone == b.phone, "phone");
    compare(a.mail == b.mail, "mail");
    compare(a.place == b.place, "place");
    compare(a.valid_from == b.valid_from, "valid_from");
    compare(a.valid_until == b.valid_until, "valid_until");
    compare(a.successor == b.successor, "successor");
    return names;
}

}  // namespace

DepartmentId add_department(sys::Transaction& tx, const Department& made, const By& by) {
    Department fresh = made;
    fresh.id = {};
    check(tx, fresh);
    const DepartmentId id{
        tx.insert("INSERT INTO department (parent_id, code, name, kana, phone, mail, place, valid_from, valid_until, "
                  "successor_id, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1) RETURNING id",
                  {value_of(made.parent), made.code, made.name, made.kana, made.phone, made.mail, made.place,
                   base::format_day(made.valid_from), value_of(made.valid_until), value_of(made.successor)})};
    note(tx, by, "department.add", subject_of(id), {{"code", made.code}, {"name", made.name}});
    return id;
}

void change_department(sys::Transaction& tx, const Department& changed, const By& by) {
    const Department old = load_department(tx, changed.id);
    check(tx, changed);
    const auto fields = changed_fields(old, changed);
    if (fields.empty() && old.version == changed.version) return;
    const auto rows = tx.execute(
        "UPDATE department SET parent_id = $3, code = $4, name = $5, kana = $6, phone = $7, mail = $8, place = $9, "
        "valid_from = $10, valid_until = $11, successor_id = $12, version = version + 1 "
        "WHERE id = $1 AND version = $2",
        {changed.id.value, changed.version, value_of(changed.parent), changed.code, changed.name, changed.kana,
         changed.phone, changed.mail, changed.place, base::format_day(changed.valid_from),
         value_of(changed.valid_until), value_of(changed.successor)});
    if (rows == 0)
        throw base::Error(
            base::Kind::Conflict,
            "この部署は、ほかの人が先に変更しました。いまの内容を確かめてから、もう一度操作してください。");
    note(tx, by, "department.change", subject_of(changed.id), {{"changed", fields}});
}

std::optional<Department> find_department(sys::Reader& db, DepartmentId id) {
    const auto row = db.find(std::string(kSelect) + "WHERE id = $1", {id.value});
    if (!row) return std::nullopt;
    return department_in(*row);
}

std::optional<Department> find_department(sys::Reader& db, std::string_view code) {
    const auto row = db.find(std::string(kSelect) + "WHERE code = $1", {std::string(code)});
    if (!row) return std::nullopt;
    return department_in(*row);
}

Department load_department(sys::Reader& db, DepartmentId id) {
    if (auto found = find_department(db, id)) return *std::move(found);
    throw base::Error(base::Kind::NotFound, fmt::format("番号 {} の部署はありません。", id.value));
}

std::vector<Department> list_departments(sys::Reader& db, std::optional<base::Day> on) {
    std::vector<Department> all;
    for (const sys::Row& row : db.query(std::string(kSelect) + "ORDER BY code")) {
        Department one = department_in(row);
        if (!on || one.is_valid_on(*on)) all.push_back(std::move(one));
    }
    return all;
}

Scope scope_of(sys::Reader& db, std::optional<DepartmentId> department, std::string_view path, base::Instant now) {
    Scope scope;
    scope.path = path;
    const base::Day today = base::local_day(now);
    std::vector<DepartmentId> open;
    if (department) open.push_back(*department);
    // Upwards, and sideways to the successors of those that are no more.
    while (!open.empty()) {
        const DepartmentId id = open.back();
        open.pop_back();
        if (std::find(scope.departments.begin(), scope.departments.end(), id) != scope.departments.end()) continue;
        scope.departments.push_back(id);
        const auto found = find_department(db, id);
        if (!found) continue;
        if (found->successor && found->valid_until && *found->valid_until < today) open.push_back(*found->successor);
        if (found->parent) open.push_back(*found->parent);
    }
    return scope;
}

}  // namespace people

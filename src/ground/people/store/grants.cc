// Roles that people hold, absences and deputies, and what both come to on a day.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "ground/base/text.h"
#include "ground/people/sessions.h"
#include "ground/people/store/account.h"
#include "ground/people/store/fields.h"
#include "ground/people/store/note.h"

namespace people {

namespace {

constexpr std::string_view kGrantColumns =
    "g.id, g.person_id, g.role, g.department_id, g.section, g.valid_from, g.valid_until";

Grant grant_in(const sys::Row& row) {
    return {{row.integer(0)},
            {row.integer(1)},
            find_role(row.text(2)).value(),
            maybe_id_at<base::DepartmentTag>(row, 3),
            row.text(4),
            maybe_day_at(row, 5),
            maybe_day_at(row, 6)};
}

Absence absence_in(const sys::Row& row) {
    return {{row.integer(0)}, {row.integer(1)}, {row.integer(2)}, day_at(row, 3), day_at(row, 4), row.text(5)};
}

void check_section(std::string_view section) {
    if (section.empty()) return;
    need_text(section, "フォルダ", 200, Empty::Allowed);
    for (const std::string_view part : base::split(section.substr(0, section.size() - 1), '/'))
        if (section.back() != '/' || part.empty() || part == "." || part == "..")
            refuse("フォルダは「kurashi/gomi/」のように、最後に / を付けて書いてください。");
}

using Standings = std::map<PersonId, std::vector<Standing>>;

/// What people hold in their own right: of one person, or of everybody (0). Active people only.
Standings load_standings(sys::Reader& db, PersonId person, base::Day day) {
    std::map<PersonId, std::vector<DepartmentId>> postings;
    for (const sys::Row& row :
         db.query("SELECT person_id, department_id FROM membership WHERE ($1 = 0 OR person_id = $1) "
                  "AND valid_from <= $2 AND (valid_until IS NULL OR valid_until >= $2)",
                  {person.value, base::format_day(day)}))
        postings[{row.integer(0)}].push_back({row.integer(1)});

    Standings standings;
    for (const sys::Row& row :
         db.query(fmt::format("SELECT {} FROM role_grant g JOIN person p ON p.id = g.person_id WHERE {} AND "
                              "p.state = 'active' ORDER BY g.id",
                              kGrantColumns, person ? "g.person_id = $1" : "$1 = 0"),
                  {person.value})) {
        const Grant grant = grant_in(row);
        if (!grant.is_valid_on(day)) continue;
        Standing standing;
        standing.role = grant.role;
        standing.section = grant.section;
        if (grant.department) {
            standing.departments = {*grant.department};
        } else if (grant.section.empty()) {
            if (grant.role == Role::Author || grant.role == Role::Approver)
                standing.departments = postings[grant.person];
            else
                standing.is_everywhere = true;
        }
        standings[grant.person].push_back(std::move(standing));
    }
    return standings;
}

struct Deputy {
    PersonId deputy;
    PersonId absent;
};

std::vector<Deputy> list_deputies(sys::Reader& db, PersonId deputy, base::Day day) {
    std::vector<Deputy> found;
    for (const sys::Row& row :
         db.query("SELECT deputy_id, person_id FROM absence WHERE ($1 = 0 OR deputy_id = $1) AND from_on <= $2 AND "
                  "until_on >= $2 ORDER BY id",
                  {deputy.value, base::format_day(day)}))
        found.push_back({{row.integer(0)}, {row.integer(1)}});
    return found;
}

void add_in_stead(Actor& deputy, PersonId absent, const std::vector<Standing>& theirs) {
    for (Standing standing : theirs) {
        standing.on_behalf_of = absent;
        deputy.standings.push_back(std::move(standing));
    }
}

}  // namespace

void need_another_administrator(sys::Reader& db, PersonId person) {
    bool is_one = false;
    bool is_another = false;
    for (const sys::Row& row : db.query(
             "SELECT g.person_id, g.valid_from, g.valid_until FROM role_grant g JOIN person p ON p.id = g.person_id "
             "WHERE g.role = 'site-administrator' AND g.department_id IS NULL AND g.section = '' AND "
             "p.state = 'active'")) {
        // Whose role begins or ends some day is not the one to rely on.
        if (PersonId{row.integer(0)} == person)
            is_one = true;
        else if (row.is_null(1) && row.is_null(2))
            is_another = true;
    }
    if (is_one && !is_another)
        throw base::Error(base::Kind::NotAllowed,
                          "この人は、いま使えるただ一人のサイト管理者です。先に、ほかの人をサイト管理者（サイト全体、期"
                          "限なし）にしてください。");
}

GrantId add_grant(sys::Transaction& tx, const Grant& made, const By& by) {
    const Person person = load_person(tx, made.person);
    if (person.state == PersonState::Left) refuse("退職などで使えなくなった利用者には、役割を付けられません。");
    if (made.department && !find_department(tx, *made.department)) refuse("役割の範囲に選んだ部署がありません。");
    check_section(made.section);
    if (made.valid_from) need_order(*made.valid_from, made.valid_until, "役割の期間");
    for (Grant held : list_grants(tx, made.person)) {
        if (held.role == made.role && held.department == made.department && held.section == made.section)
            throw base::Error(base::Kind::Conflict,
                              "この役割は、同じ範囲ですでに付いています。期間を変えるときは、いまの役割を外してから付け"
                              "直してください。");
    }
    const GrantId id{
        tx.insert("INSERT INTO role_grant (person_id, role, department_id, section, valid_from, valid_until) "
                  "VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
                  {made.person.value, std::string(role_id(made.role)), value_of(made.department), made.section,
                   value_of(made.valid_from), value_of(made.valid_until)})};
    note(tx, by, "role.grant", subject_of(made.person),
         {{"role", std::string(role_id(made.role))},
          {"department", made.department ? made.department->value : std::int64_t{0}},
          {"section", made.section},
          {"from", made.valid_from ? base::format_day(*made.valid_from) : std::string()},
          {"until", made.valid_until ? base::format_day(*made.valid_until) : std::string()}});
    end_sessions(tx, made.person, {}, "role.grant", by);
    return id;
}

void remove_grant(sys::Transaction& tx, GrantId id, const By& by) {
    const auto row = tx.find(fmt::format("SELECT {} FROM role_grant g WHERE g.id = $1", kGrantColumns), {id.value});
    if (!row) throw base::Error(base::Kind::NotFound, "この役割は、すでに外されています。画面を開き直してください。");
    const Grant old = grant_in(*row);
    if (old.role == Role::SiteAdministrator && !old.department && old.section.empty())
        need_another_administrator(tx, old.person);
    tx.execute("DELETE FROM role_grant WHERE id = $1", {id.value});
    note(tx, by, "role.revoke", subject_of(old.person),
         {{"role", std::string(role_id(old.role))},
          {"department", old.department ? old.department->value : std::int64_t{0}},
          {"section", old.section}});
    end_sessions(tx, old.person, {}, "role.revoke", by);
}

namespace {

std::vector<Grant> grants_where(sys::Reader& db, std::string_view column, std::int64_t id) {
    std::vector<Grant> grants;
    for (const sys::Row& row : db.query(
             fmt::format("SELECT {} FROM role_grant g WHERE g.{} = $1 ORDER BY g.id", kGrantColumns, column), {id}))
        grants.push_back(grant_in(row));
    return grants;
}

}  // namespace

std::vector<Grant> list_grants(sys::Reader& db, PersonId person) {
    return grants_where(db, "person_id", person.value);
}

std::vector<Grant> list_grants(sys::Reader& db, DepartmentId department) {
    return grants_where(db, "department_id", department.value);
}

AbsenceId add_absence(sys::Transaction& tx, const Absence& made, const By& by) {
    load_person(tx, made.person);
    const Person deputy = load_person(tx, made.deputy);
    if (made.deputy == made.person) refuse("自分の代理にはなれません。");
    if (deputy.state != PersonState::Active) refuse("代理の人のアカウントは、いま使えない状態です。");
    need_order(made.from, made.until, "不在の期間");
    need_text(made.reason, "理由", 200, Empty::Allowed);
    const AbsenceId id{
        tx.insert("INSERT INTO absence (person_id, deputy_id, from_on, until_on, reason) VALUES ($1, $2, $3, $4, $5) "
                  "RETURNING id",
                  {made.person.value, made.deputy.value, base::format_day(made.from), base::format_day(made.until),
                   made.reason})};
    note(tx, by, "absence.add", subject_of(made.person),
         {{"deputy", made.deputy.value},
          {"from", base::format_day(made.from)},
          {"until", base::format_day(made.until)}});
    return id;
}

void remove_absence(sys::Transaction& tx, AbsenceId id, const By& by) {
    const auto row = tx.find("DELETE FROM absence WHERE id = $1 RETURNING person_id, deputy_id", {id.value});
    if (!row) throw base::Error(base::Kind::NotFound, "この不在は、すでに取り消されています。");
    note(tx, by, "absence.remove", subject_of(PersonId{row->integer(0)}), {{"deputy", row->integer(1)}});
}

std::vector<Absence> list_absences(sys::Reader& db, base::Day day, std::optional<PersonId> person) {
    std::vector<Absence> absences;
    for (const sys::Row& row :
         db.query("SELECT id, person_id, deputy_id, from_on, until_on, reason FROM absence WHERE until_on >= $1 AND "
                  "($2 = 0 OR person_id = $2 OR deputy_id = $2) ORDER BY from_on, id",
                  {base::format_day(day), person ? person->value : std::int64_t{0}}))
        absences.push_back(absence_in(row));
    return absences;
}

Actor load_actor(sys::Reader& db, PersonId person, base::Instant now) {
    const Person known = load_person(db, person);
    const base::Day today = base::local_day(now);
    Actor actor{person, known.name, known.state == PersonState::Active, {}};
    if (!actor.is_active) return actor;
    actor.standings = load_standings(db, person, today)[person];
    for (const Deputy& pair : list_deputies(db, person, today))
        add_in_stead(actor, pair.absent, load_standings(db, pair.absent, today)[pair.absent]);
    return actor;
}

std::vector<Actor> list_people_who_may(sys::Reader& db, Act act, const Scope& scope, base::Instant now) {
    const base::Day today = base::local_day(now);
    const Standings standings = load_standings(db, {}, today);
    std::map<PersonId, Actor> actors;
    for (const auto& [person, held] : standings) actors[person].standings = held;
    for (const Deputy& pair : list_deputies(db, {}, today))
        if (const auto theirs = standings.find(pair.absent); theirs != standings.end())
            add_in_stead(actors[pair.deputy], pair.absent, theirs->second);
    std::vector<Actor> able;
    for (auto& [person, actor] : actors) {
        actor.person = person;
        actor.is_active = true;  // those who are not are left out below
        if (!may(actor, act, scope)) continue;
        const Person known = load_person(db, person);
        if (known.state != PersonState::Active) continue;
        actor.name = known.name;
        able.push_back(std::move(actor));
    }
    return able;
}

}  // namespace people

// People and their postings, and the account as signing in sees it.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "ground/base/text.h"
#include "ground/people/sessions.h"
#include "ground/people/store/account.h"
#include "ground/people/store/fields.h"
#include "ground/people/store/note.h"

namespace people {

namespace {

constexpr std::string_view kSelect =
    "SELECT id, login_name, name, kana, mail, state, must_change_password, source, successor_id, version "
    "FROM person ";
constexpr int kLongestChain = 32;

Person person_in(const sys::Row& row) {
    Person made;
    made.id = {row.integer(0)};
    made.login_name = row.text(1);
    made.name = row.text(2);
    made.kana = row.text(3);
    made.mail = row.text(4);
    made.state = find_state(row.text(5)).value();
    made.must_change_password = row.flag(6);
    made.source = find_source(row.text(7)).value();
    made.successor = maybe_id_at<base::PersonTag>(row, 8);
    made.version = row.integer(9);
    return made;
}

/// Adds the memberships of `people`.
void load_memberships(sys::Reader& db, std::vector<Person>& people) {
    if (people.empty()) return;
    std::map<std::int64_t, Person*> by_id;
    std::vector<sys::Value> ids;
    std::string places;
    for (Person& one : people) {
        by_id[one.id.value] = &one;
        ids.emplace_back(one.id.value);
        places += fmt::format("{}${}", places.empty() ? "" : ", ", ids.size());
    }
    for (const sys::Row& row :
         db.query(fmt::format("SELECT person_id, department_id, valid_from, valid_until FROM membership "
                              "WHERE person_id IN ({}) ORDER BY person_id, valid_from, department_id",
                              places),
                  ids))
        if (const auto found = by_id.find(row.integer(0)); found != by_id.end())
            found->second->memberships.push_back({{row.integer(1)}, day_at(row, 2), maybe_day_at(row, 3)});
}

std::optional<Person> find_one(sys::Reader& db, std::string_view where, sys::Value value) {
    const auto row = db.find(std::string(kSelect) + std::string(where), {std::move(value)});
    if (!row) return std::nullopt;
    std::vector<Person> one{person_in(*row)};
    load_memberships(db, one);
    return std::move(one.front());
}

std::vector<Membership> in_order(std::vector<Membership> memberships) {
    std::sort(memberships.begin(), memberships.end(), [](const Membership& a, const Membership& b) {
        return std::tie(a.valid_from, a.department) < std::tie(b.valid_from, b.department);
    });
    return memberships;
}

void check(sys::Reader& db, const Person& made) {
    need_login_name(made.login_name);
    need_text(made.name, "氏名", 100, Empty::Refused);
    need_text(made.kana, "ふりがな", 100, Empty::Allowed);
    need_mail(made.mail);
    std::set<std::pair<DepartmentId, base::Day>> seen;
    for (const Membership& posting : made.memberships) {
        need_order(posting.valid_from, posting.valid_until, "所属の期間");
        if (!find_department(db, posting.department)) refuse("所属に選んだ部署がありません。");
        if (!seen.insert({posting.department, posting.valid_from}).second)
            refuse("同じ部署で始まりの日も同じ所属が、2つあります。");
    }
    if (made.successor) {
        const auto successor = find_person(db, *made.successor);
        if (!successor || successor->state == PersonState::Left || made.successor == made.id)
            refuse("後任には、いま在籍している別の人を選んでください。");
    }
    const auto same_name = find_person(db, made.login_name);
    if (same_name && same_name->id != made.id)
        throw base::Error(base::Kind::Conflict,
                          fmt::format("ログイン名 {} は、すでに使われています。", made.login_name));
}

void write_memberships(sys::Transaction& tx, PersonId person, const std::vector<Membership>& memberships) {
    tx.execute("DELETE FROM membership WHERE person_id = $1", {person.value});
    for (const Membership& posting : memberships)
        tx.execute("INSERT INTO membership (person_id, department_id, valid_from, valid_until) VALUES ($1, $2, $3, $4)",
                   {person.value, posting.department.value, base::format_day(posting.valid_from),
                    value_of(posting.valid_until)});
}

std::vector<std::string> changed_fields(const Person& a, const Person& b) {
    std::vector<std::string> names;
    const auto compare = [&](bool is_same, const char* name) {
        if (!is_same) names.emplace_back(name);
    };
    compare(a.login_name == b.login_name, "login_name");
    compare(a.name == b.name, "name");
    compare(a.kana == b.kana, "kana");
    compare(a.mail == b.mail, "mail");
    compare(a.memberships == in_order(b.memberships), "memberships");
    compare(a.state == b.state, "state");
    compare(a.must_change_password == b.must_change_password, "must_change_password");
    compare(a.source == b.source, "source");
    compare(a.successor == b.successor, "successor");
    return names;
}

/// Everything but the ledger line, which says more for some changes than for others.
void write_person(sys::Transaction& tx, const Person& changed) {
    const auto rows = tx.execute(
        "UPDATE person SET login_name = $3, name = $4, kana = $5, mail = $6, state = $7, must_change_password = $8, "
        "source = $9, successor_id = $10, version = version + 1, "
        "password_hash = CASE WHEN $9 = 'local' AND $7 <> 'left' THEN password_hash ELSE '' END "
        "WHERE id = $1 AND version = $2",
        {changed.id.value, changed.version, changed.login_name, changed.name, changed.kana, changed.mail,
         std::string(state_id(changed.state)), std::int64_t{changed.must_change_password},
         std::string(source_id(changed.source)), value_of(changed.successor)});
    if (rows == 0)
        throw base::Error(
            base::Kind::Conflict,
            "この利用者は、ほかの人が先に変更しました。いまの内容を確かめてから、もう一度操作してください。");
    write_memberships(tx, changed.id, changed.memberships);
}

/// "%100\%%" for LIKE ... ESCAPE '\'.
std::string pattern_of(std::string_view words) {
    std::string pattern = "%";
    for (const char c : base::to_lower(words)) {
        if (c == '%' || c == '_' || c == '\\') pattern += '\\';
        pattern += c;
    }
    return pattern + '%';
}

}  // namespace

PersonId add_person(sys::Transaction& tx, const Person& made, std::string_view password_hash, const By& by) {
    Person fresh = made;
    fresh.id = {};
    check(tx, fresh);
    if (made.state == PersonState::Left) refuse("新しい利用者を、退職の状態では登録できません。");
    if ((made.source == Source::Local) == password_hash.empty())
        refuse("本システムで認証する利用者には最初のパスワードが必要で、庁内認証の利用者には付けられません。");
    const PersonId id{tx.insert(
        "INSERT INTO person (login_name, name, kana, mail, state, source, password_hash, must_change_password, "
        "successor_id, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1) RETURNING id",
        {made.login_name, made.name, made.kana, made.mail, std::string(state_id(made.state)),
         std::string(source_id(made.source)), std::string(password_hash), std::int64_t{made.must_change_password},
         value_of(made.successor)})};
    write_memberships(tx, id, made.memberships);
    note(tx, by, "person.add", subject_of(id),
         {{"login_name", made.login_name}, {"source", std::string(source_id(made.source))}});
    return id;
}

void change_person(sys::Transaction& tx, const Person& changed, const By& by) {
    const Person old = load_person(tx, changed.id);
    check(tx, changed);
    if (changed.source == Source::Local && old.source != Source::Local)
        refuse("庁内認証から本システムの認証に変えるには、パスワードを再発行してください。");
    const auto fields = changed_fields(old, changed);
    if (fields.empty() && old.version == changed.version) return;
    if (changed.state != PersonState::Active) need_another_administrator(tx, changed.id);
    write_person(tx, changed);
    const bool is_shut_out = old.state == PersonState::Active && changed.state != PersonState::Active;
    note(tx, by, is_shut_out ? "person.disable" : "person.change", subject_of(changed.id),
         {{"changed", fields}, {"state", std::string(state_id(changed.state))}});
    const auto ends_sessions = [](const std::string& field) {
        return field == "state" || field == "login_name" || field == "source" || field == "memberships";
    };
    if (std::any_of(fields.begin(), fields.end(), ends_sessions)) end_sessions(tx, changed.id, {}, "person.change", by);
}

void retire_person(sys::Transaction& tx, PersonId person, std::optional<PersonId> successor, std::int64_t version,
                   const By& by) {
    Person gone = load_person(tx, person);
    const base::Day today = base::local_day(by.at);
    gone.state = PersonState::Left;
    gone.successor = successor;
    gone.version = version;
    gone.must_change_password = false;
    std::erase_if(gone.memberships, [&](const Membership& posting) { return posting.valid_from > today; });
    for (Membership& posting : gone.memberships)
        if (!posting.valid_until || *posting.valid_until > today) posting.valid_until = today;
    check(tx, gone);
    need_another_administrator(tx, person);
    write_person(tx, gone);
    tx.execute("DELETE FROM role_grant WHERE person_id = $1", {person.value});
    note(tx, by, "person.disable", subject_of(person),
         {{"state", std::string("left")}, {"successor", successor ? successor->value : std::int64_t{0}}});
    end_sessions(tx, person, {}, "person.disable", by);
}

std::optional<Person> find_person(sys::Reader& db, PersonId id) {
    return find_one(db, "WHERE id = $1", id.value);
}

std::optional<Person> find_person(sys::Reader& db, std::string_view login_name) {
    return find_one(db, "WHERE login_name = $1", base::to_lower(login_name));
}

Person load_person(sys::Reader& db, PersonId id) {
    if (auto found = find_person(db, id)) return *std::move(found);
    throw base::Error(base::Kind::NotFound, fmt::format("番号 {} の利用者はいません。", id.value));
}

std::vector<Person> list_people(sys::Reader& db, const PeopleQuery& query) {
    std::vector<sys::Value> values;
    const auto bind = [&](sys::Value value) {
        values.push_back(std::move(value));
        return fmt::format("${}", values.size());
    };
    std::string where;
    if (query.is_by_kana) {
        const auto last = query.after ? find_person(db, query.after) : std::nullopt;
        where = fmt::format("WHERE (kana, id) > ({}, {})", bind(last ? last->kana : std::string()),
                            bind(query.after.value));
    } else {
        where = fmt::format("WHERE id > {}", bind(query.after.value));
    }
    if (query.state) where += fmt::format(" AND state = {}", bind(std::string(state_id(*query.state))));
    if (!query.words.empty()) {
        const std::string words = bind(pattern_of(query.words));
        std::string any;
        for (const char* column : {"login_name", "name", "kana", "mail"})
            any += fmt::format("{}lower({}) LIKE {} ESCAPE '\\'", any.empty() ? "" : " OR ", column, words);
        where += fmt::format(" AND ({})", any);
    }
    if (query.department) {
        const std::string on = bind(base::format_day(query.on));
        where += fmt::format(
            " AND EXISTS (SELECT 1 FROM membership m WHERE m.person_id = person.id AND m.department_id = {} AND "
            "m.valid_from <= {} AND (m.valid_until IS NULL OR m.valid_until >= {}))",
            bind(query.department->value), on, on);
    }
    if (query.role)
        where += fmt::format(" AND EXISTS (SELECT 1 FROM role_grant g WHERE g.person_id = person.id AND g.role = {})",
                             bind(std::string(role_id(*query.role))));
    const std::string limit = bind(std::int64_t{std::clamp(query.limit, 1, 1000)});
    std::vector<Person> people;
    for (const sys::Row& row :
         db.query(fmt::format("{}{} ORDER BY {} LIMIT {}", kSelect, where, query.is_by_kana ? "kana, id" : "id", limit),
                  values))
        people.push_back(person_in(row));
    load_memberships(db, people);
    return people;
}

std::vector<Person> list_posted(sys::Reader& db, DepartmentId department, base::Day day) {
    std::vector<Person> people;
    for (const sys::Row& row :
         db.query(fmt::format("{}WHERE id IN (SELECT person_id FROM membership WHERE department_id = $1 AND "
                              "(valid_until IS NULL OR valid_until >= $2)) ORDER BY id",
                              kSelect),
                  {department.value, base::format_day(day)}))
        people.push_back(person_in(row));
    load_memberships(db, people);
    return people;
}

std::optional<PersonId> find_successor(sys::Reader& db, PersonId person) {
    auto at = find_person(db, person);
    for (int links = 0; at && at->successor && links < kLongestChain; ++links) {
        at = find_person(db, *at->successor);
        if (at && at->state != PersonState::Left) return at->id;
    }
    return std::nullopt;
}

void set_password(sys::Transaction& tx, PersonId person, std::string_view password_hash, bool must_change, const By& by,
                  std::string_view keep_session) {
    if (password_hash.empty()) refuse("パスワードがありません。");
    const Person old = load_person(tx, person);
    if (old.state == PersonState::Left) refuse("退職などで使えなくなった利用者には、パスワードを付けられません。");
    tx.execute(
        "UPDATE person SET password_hash = $2, must_change_password = $3, source = 'local', version = version + 1 "
        "WHERE id = $1",
        {person.value, std::string(password_hash), std::int64_t{must_change}});
    note(tx, by, "person.password", subject_of(person),
         {{"must_change", std::int64_t{must_change}}, {"source_before", std::string(source_id(old.source))}});
    end_sessions(tx, person, keep_session, "person.password", by);
}

std::optional<Account> find_account(sys::Reader& db, std::string_view login_name) {
    auto person = find_person(db, login_name);
    if (!person) return std::nullopt;
    const auto row = db.find("SELECT password_hash FROM person WHERE id = $1", {person->id.value});
    return Account{*std::move(person), row.value().text(0)};
}

void renew_hash(sys::Transaction& tx, PersonId person, std::string_view old_hash, std::string_view new_hash) {
    tx.execute("UPDATE person SET password_hash = $3 WHERE id = $1 AND password_hash = $2",
               {person.value, std::string(old_hash), std::string(new_hash)});
}

}  // namespace people

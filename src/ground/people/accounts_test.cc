#include "ground/people/accounts.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/people/sessions.h"
#include "ground/people/testing/office.h"

namespace people {
namespace {

using testing::TestOffice;

class AccountsTest : public ::testing::TestWithParam<std::string> {
  protected:
    TestOffice office_{GetParam()};

    template <class Work>
    auto write(const Work& work) {
        return office_.db().write([&](sys::Transaction& tx) { return work(tx); });
    }
    template <class Work>
    auto read(const Work& work) {
        return office_.db().read([&](sys::Reader& db) { return work(db); });
    }
    template <class Work>
    std::optional<base::Kind> refusal_of(const Work& work) {
        try {
            office_.db().write([&](sys::Transaction& tx) { work(tx); });
        } catch (const base::Error& error) {
            return error.kind();
        }
        return std::nullopt;
    }
    Person load(PersonId id) {
        return read([&](sys::Reader& db) { return load_person(db, id); });
    }
    bool has(const std::string& line) {
        const auto lines = office_.ledger();
        return std::find(lines.begin(), lines.end(), line) != lines.end();
    }
    /// An open session, as signing in leaves it.
    std::string sign_in(std::string_view login) {
        SignInDesk desk = office_.desk();
        auto result = people::sign_in(desk, login, testing::kPassword, TestOffice::peer());
        return std::get<SignedIn>(result).token;
    }
    bool is_open(const std::string& token) {
        return find_session(office_.db(), token, office_.clock.now(), {}).has_value();
    }
};
INSTANTIATE_TEST_SUITE_P(Engines, AccountsTest, ::testing::ValuesIn(sys::testing::engines()),
                         [](const auto& engine) { return engine.param; });

TEST_P(AccountsTest, KeepsEveryFieldOfADepartment) {
    Department made;
    made.parent = office_.add_department("10");
    made.code = "1010";
    made.name = "市民課";
    made.kana = "しみんか";
    made.phone = "0123-45-6789";
    made.mail = "shimin@city.example";
    made.place = "本庁舎1階2番窓口";
    made.valid_from = {2021, 4, 1};
    made.valid_until = base::Day{2027, 3, 31};
    made.successor = office_.add_department("20");
    made.id = write([&](sys::Transaction& tx) { return add_department(tx, made, office_.by()); });
    made.version = 1;
    EXPECT_EQ(read([&](sys::Reader& db) { return find_department(db, made.id); }), made);
    EXPECT_EQ(read([&](sys::Reader& db) { return find_department(db, "1010"); }), made);
    EXPECT_EQ(read([&](sys::Reader& db) { return list_departments(db).size(); }), 3U);
    EXPECT_EQ(read([&](sys::Reader& db) { return list_departments(db, base::Day{2027, 4, 1}).size(); }), 2U);
    EXPECT_EQ(read([&](sys::Reader& db) { return list_departments(db, base::Day{2027, 3, 31}).size(); }), 3U);
    EXPECT_TRUE(has("department.add department:3"));
}

TEST_P(AccountsTest, RefusesADepartmentThatCannotBe) {
    const DepartmentId top = office_.add_department("10");
    const DepartmentId below = office_.add_department("11", top);
    Department made = read([&](sys::Reader& db) { return load_department(db, top); });
    const auto change = [&](const auto& edit) {
        Department changed = made;
        edit(changed);
        return refusal_of([&](sys::Transaction& tx) { change_department(tx, changed, office_.by()); });
    };
    EXPECT_EQ(change([&](Department& d) { d.parent = top; }), base::Kind::BadInput);
    EXPECT_EQ(change([&](Department& d) { d.parent = below; }), base::Kind::BadInput) << "a circle";
    EXPECT_EQ(change([&](Department& d) { d.parent = DepartmentId{99}; }), base::Kind::BadInput);
    EXPECT_EQ(change([&](Department& d) { d.successor = top; }), base::Kind::BadInput);
    EXPECT_EQ(change([&](Department& d) { d.code = "11"; }), base::Kind::Conflict);
    EXPECT_EQ(change([&](Department& d) { d.code = ""; }), base::Kind::BadInput);
    EXPECT_EQ(change([&](Department& d) { d.name = "a\nb"; }), base::Kind::BadInput);
    EXPECT_EQ(change([&](Department& d) { d.mail = "nobody"; }), base::Kind::BadInput);
    EXPECT_EQ(change([&](Department& d) { d.valid_until = base::Day{2019, 3, 31}; }), base::Kind::BadInput);
    EXPECT_EQ(change([&](Department& d) { d.valid_from = base::Day{2027, 2, 30}; }), base::Kind::BadInput);
    EXPECT_EQ(change([&](Department& d) { d.name = "総務課"; }), std::nullopt);
    EXPECT_EQ(change([&](Department& d) { d.name = "人事課"; }), base::Kind::Conflict) << "made from the old version";
    EXPECT_EQ(read([&](sys::Reader& db) { return load_department(db, top).name; }), "総務課");
}

TEST_P(AccountsTest, KeepsEveryFieldOfAPerson) {
    const DepartmentId one = office_.add_department("10");
    const DepartmentId two = office_.add_department("20");
    Person made;
    made.login_name = "yamada.hanako";
    made.name = "山田 花子";
    made.kana = "やまだ はなこ";
    made.mail = "yamada@city.example";
    made.memberships = {{one, {2025, 4, 1}, base::Day{2027, 3, 31}}, {two, {2027, 4, 1}, {}}};
    made.source = Source::Ldap;
    made.state = PersonState::Locked;
    made.id = write([&](sys::Transaction& tx) { return add_person(tx, made, "", office_.by()); });
    made.version = 1;
    EXPECT_EQ(load(made.id), made);
    EXPECT_EQ(read([&](sys::Reader& db) { return find_person(db, "YAMADA.Hanako"); }), made) << "case does not matter";
    EXPECT_TRUE(has("person.add person:1"));
}

TEST_P(AccountsTest, RefusesAPersonWhoCannotBe) {
    office_.add_person("tanaka");
    const auto add = [&](std::string_view hash, const auto& edit) {
        Person made;
        made.login_name = "suzuki";
        made.name = "鈴木";
        edit(made);
        return refusal_of([&](sys::Transaction& tx) { add_person(tx, made, hash, office_.by()); });
    };
    const auto as_is = [](Person&) {};
    EXPECT_EQ(add("", as_is), base::Kind::BadInput) << "a local account without a password";
    EXPECT_EQ(add("hash", [](Person& p) { p.source = Source::Ldap; }), base::Kind::BadInput);
    EXPECT_EQ(add("hash", [](Person& p) { p.login_name = "tanaka"; }), base::Kind::Conflict);
    for (const char* name : {"", "x", "Suzuki", "su zuki", "鈴木", "a/b", "a'b"})
        EXPECT_EQ(add("hash", [&](Person& p) { p.login_name = name; }), base::Kind::BadInput) << name;
    EXPECT_EQ(add("hash", [](Person& p) { p.name = ""; }), base::Kind::BadInput);
    EXPECT_EQ(add("hash", [](Person& p) { p.mail = "a@b@c"; }), base::Kind::BadInput);
    EXPECT_EQ(add("hash", [](Person& p) { p.memberships = {{{99}, {2027, 4, 1}, {}}}; }), base::Kind::BadInput);
    EXPECT_EQ(add("hash", [](Person& p) { p.state = PersonState::Left; }), base::Kind::BadInput);
    EXPECT_EQ(add("hash", as_is), std::nullopt);
}

TEST_P(AccountsTest, LetsOnlyTheFirstOfTwoChangesThrough) {
    const PersonId id = office_.add_person("suzuki");
    Person mine = load(id);
    Person theirs = mine;
    mine.name = "鈴木 一";
    theirs.name = "鈴木 二";
    write([&](sys::Transaction& tx) { change_person(tx, mine, office_.by()); });
    EXPECT_EQ(refusal_of([&](sys::Transaction& tx) { change_person(tx, theirs, office_.by()); }), base::Kind::Conflict);
    EXPECT_EQ(load(id).name, "鈴木 一");
    EXPECT_EQ(load(id).version, 2);
}

TEST_P(AccountsTest, EndsSessionsWhenRightsOrStateChangeAndNotWhenAMailAddressDoes) {
    const DepartmentId department = office_.add_department("10");
    const PersonId admin = office_.add_person("admin", {Role::SiteAdministrator});
    const PersonId id = office_.add_person("suzuki", {Role::Author}, department);
    const auto change = [&](const auto& edit) {
        return write([&](sys::Transaction& tx) {
            Person changed = load_person(tx, id);
            edit(changed);
            change_person(tx, changed, office_.by(admin));
        });
    };
    std::string token = sign_in("suzuki");
    change([](Person& p) { p.mail = "suzuki@city.example"; });
    EXPECT_TRUE(is_open(token));
    change([](Person& p) { p.memberships.clear(); });
    EXPECT_FALSE(is_open(token));

    token = sign_in("suzuki");
    const GrantId grant = write([&](sys::Transaction& tx) {
        return add_grant(tx, {{}, id, Role::Approver, {}, {}}, office_.by(admin));
    });
    EXPECT_FALSE(is_open(token));
    token = sign_in("suzuki");
    write([&](sys::Transaction& tx) { remove_grant(tx, grant, office_.by(admin)); });
    EXPECT_FALSE(is_open(token));
    token = sign_in("suzuki");
    change([](Person& p) { p.state = PersonState::Locked; });
    EXPECT_FALSE(is_open(token));
    EXPECT_TRUE(has("person.disable person:2"));
    EXPECT_TRUE(has("role.grant person:2"));
    EXPECT_TRUE(has("role.revoke person:2"));
}

TEST_P(AccountsTest, RefusesToLoseTheLastAdministrator) {
    const PersonId first = office_.add_person("admin", {Role::SiteAdministrator});
    const auto lock = [&](PersonId id) {
        return refusal_of([&](sys::Transaction& tx) {
            Person changed = load_person(tx, id);
            changed.state = PersonState::Locked;
            change_person(tx, changed, office_.by());
        });
    };
    const auto revoke = [&](PersonId id) {
        return refusal_of(
            [&](sys::Transaction& tx) { remove_grant(tx, list_grants(tx, id).front().id, office_.by()); });
    };
    const auto retire = [&](PersonId id) {
        return refusal_of(
            [&](sys::Transaction& tx) { retire_person(tx, id, {}, load_person(tx, id).version, office_.by()); });
    };
    EXPECT_EQ(lock(first), base::Kind::NotAllowed);
    EXPECT_EQ(revoke(first), base::Kind::NotAllowed);
    EXPECT_EQ(retire(first), base::Kind::NotAllowed);
    const PersonId second = office_.add_person("admin2", {Role::SiteAdministrator});
    EXPECT_EQ(lock(first), std::nullopt);
    EXPECT_EQ(lock(second), base::Kind::NotAllowed) << "a locked one does not count";
}

TEST_P(AccountsTest, RetiresAPersonAndFollowsSuccessors) {
    const DepartmentId department = office_.add_department("10");
    const PersonId first = office_.add_person("first", {Role::Author}, department);
    const PersonId second = office_.add_person("second", {Role::Author}, department);
    const PersonId third = office_.add_person("third", {Role::Author}, department);
    const std::string token = sign_in("first");
    const auto retire = [&](PersonId id, std::optional<PersonId> successor) {
        return refusal_of(
            [&](sys::Transaction& tx) { retire_person(tx, id, successor, load_person(tx, id).version, office_.by()); });
    };
    EXPECT_EQ(retire(first, first), base::Kind::BadInput);
    EXPECT_EQ(retire(first, second), std::nullopt);
    EXPECT_EQ(retire(third, first), base::Kind::BadInput) << "who has left succeeds nobody";
    EXPECT_EQ(retire(second, third), std::nullopt);
    const Person gone = load(first);
    EXPECT_EQ(gone.state, PersonState::Left);
    EXPECT_EQ(gone.memberships.at(0).valid_until, (base::Day{2027, 4, 1}));
    EXPECT_TRUE(read([&](sys::Reader& db) { return list_grants(db, first).empty(); }));
    EXPECT_FALSE(is_open(token));
    EXPECT_EQ(read([&](sys::Reader& db) { return find_successor(db, first); }), third) << "through the second";
    EXPECT_EQ(read([&](sys::Reader& db) { return find_successor(db, third); }), std::nullopt);
    SignInDesk desk = office_.desk();
    EXPECT_TRUE(
        std::holds_alternative<Refused>(people::sign_in(desk, "first", testing::kPassword, TestOffice::peer())));
}

TEST_P(AccountsTest, FindsPeopleByWordsPlaceStateAndRole) {
    const DepartmentId department = office_.add_department("10");
    const PersonId one = office_.add_person("abe", {Role::Author}, department);
    const PersonId two = office_.add_person("baba_100", {});
    const auto list = [&](const auto& edit) {
        PeopleQuery query;
        query.on = {2027, 4, 1};
        edit(query);
        std::vector<PersonId> ids;
        for (const Person& person : read([&](sys::Reader& db) { return list_people(db, query); }))
            ids.push_back(person.id);
        return ids;
    };
    using Ids = std::vector<PersonId>;
    EXPECT_EQ(list([](PeopleQuery&) {}), (Ids{one, two}));
    EXPECT_EQ(list([](PeopleQuery& q) { q.words = "名前 A"; }), (Ids{one}));
    EXPECT_EQ(list([](PeopleQuery& q) { q.words = "a%"; }), (Ids{})) << "a percent sign is only that";
    EXPECT_EQ(list([](PeopleQuery& q) { q.words = "_"; }), (Ids{two}));
    EXPECT_EQ(list([](PeopleQuery& q) { q.words = "nobody"; }), (Ids{}));
    EXPECT_EQ(list([&](PeopleQuery& q) { q.department = department; }), (Ids{one}));
    EXPECT_EQ(list([&](PeopleQuery& q) {
                  q.department = department;
                  q.on = {2019, 1, 1};
              }),
              (Ids{}));
    EXPECT_EQ(list([](PeopleQuery& q) { q.role = Role::Author; }), (Ids{one}));
    EXPECT_EQ(list([](PeopleQuery& q) { q.state = PersonState::Left; }), (Ids{}));
    EXPECT_EQ(list([&](PeopleQuery& q) { q.after = one; }), (Ids{two}));
    EXPECT_EQ(list([](PeopleQuery& q) { q.limit = 1; }), (Ids{one}));
}

TEST_P(AccountsTest, RefusesAGrantThatCannotBe) {
    const PersonId id = office_.add_person("suzuki", {Role::Author});
    const auto add = [&](Grant made) {
        made.person = id;
        return refusal_of([&](sys::Transaction& tx) { add_grant(tx, made, office_.by()); });
    };
    EXPECT_EQ(add({{}, {}, Role::Author, {}, {}}), base::Kind::Conflict);
    EXPECT_EQ(add({{}, {}, Role::Author, DepartmentId{99}, {}}), base::Kind::BadInput);
    for (const char* section : {"/", "/kurashi/", "kurashi", "a/../b/", "a//b/", "./", "a/\n/"})
        EXPECT_EQ(add({{}, {}, Role::Author, {}, section}), base::Kind::BadInput) << section;
    EXPECT_EQ(add({{}, {}, Role::Author, {}, "kurashi/gomi/"}), std::nullopt);
    EXPECT_EQ(refusal_of([&](sys::Transaction& tx) { remove_grant(tx, GrantId{99}, office_.by()); }),
              base::Kind::NotFound);
}

TEST_P(AccountsTest, FollowsPostingsAndTheTreeWhenItAsksWhoMay) {
    const DepartmentId bureau = office_.add_department("1");
    const DepartmentId ours = office_.add_department("11", bureau);
    const DepartmentId other = office_.add_department("2");
    const PersonId chief = office_.add_person("chief", {Role::Approver}, bureau);
    const PersonId author = office_.add_person("author", {Role::Author}, ours);
    const PersonId stranger = office_.add_person("stranger", {Role::Author, Role::Approver}, other);
    const auto scope =
        read([&](sys::Reader& db) { return scope_of(db, ours, "kurashi/index.html", office_.clock.now()); });
    EXPECT_EQ(scope.departments, (std::vector{ours, bureau}));
    EXPECT_TRUE(may(office_.actor(chief), Act::PageApprove, scope)) << "from the bureau above";
    EXPECT_TRUE(may(office_.actor(author), Act::PageEdit, scope));
    EXPECT_FALSE(may(office_.actor(author), Act::PageApprove, scope));
    EXPECT_FALSE(may(office_.actor(stranger), Act::PageEdit, scope));
    const auto able = [&] {
        std::vector<PersonId> ids;
        for (const Actor& actor : read([&](sys::Reader& db) {
                 return list_people_who_may(db, Act::PageApprove, scope, office_.clock.now());
             }))
            ids.push_back(actor.person);
        return ids;
    };
    EXPECT_EQ(able(), (std::vector{chief}));
    // A transfer: the posting decides, not the account.
    write([&](sys::Transaction& tx) {
        Person moved = load_person(tx, stranger);
        moved.memberships = {{other, {2020, 4, 1}, base::Day{2027, 3, 31}}, {ours, {2027, 4, 1}, {}}};
        change_person(tx, moved, office_.by());
    });
    EXPECT_EQ(able(), (std::vector{chief, stranger}));
    EXPECT_TRUE(may(office_.actor(stranger), Act::PageEdit, scope));
}

TEST_P(AccountsTest, GivesThePagesOfAnAbolishedDepartmentToItsSuccessor) {
    const DepartmentId fresh = office_.add_department("new");
    const DepartmentId old = office_.add_department("old");
    const PersonId author = office_.add_person("author", {Role::Author}, fresh);
    const auto may_edit = [&] {
        const auto scope = read([&](sys::Reader& db) { return scope_of(db, old, "a.html", office_.clock.now()); });
        return may(office_.actor(author), Act::PageEdit, scope).is_allowed;
    };
    write([&](sys::Transaction& tx) {
        Department ending = load_department(tx, old);
        ending.valid_until = base::Day{2027, 4, 1};
        ending.successor = fresh;
        change_department(tx, ending, office_.by());
    });
    EXPECT_FALSE(may_edit()) << "still its last day";
    office_.clock.advance(std::chrono::hours(24));
    EXPECT_TRUE(may_edit());
}

TEST_P(AccountsTest, LetsADeputyApproveBetweenTheDaysOnly) {
    const DepartmentId department = office_.add_department("10");
    const PersonId chief = office_.add_person("chief", {Role::Approver}, department);
    const PersonId deputy = office_.add_person("deputy", {}, {});
    const auto scope = read([&](sys::Reader& db) { return scope_of(db, department, "a.html", office_.clock.now()); });
    const auto decide = [&](Act act) { return may(office_.actor(deputy), act, scope); };
    const AbsenceId absence = write([&](sys::Transaction& tx) {
        return add_absence(tx, {{}, chief, deputy, {2027, 4, 2}, {2027, 4, 3}, "出張"}, office_.by(chief));
    });
    EXPECT_FALSE(decide(Act::PageApprove)) << "the day before";
    office_.clock.set(base::from_local({{2027, 4, 2}, 0, 0, 0, 0}));
    EXPECT_EQ(decide(Act::PageApprove).on_behalf_of, chief);
    EXPECT_TRUE(decide(Act::PageRead)) << "or there would be nothing to look at";
    EXPECT_FALSE(decide(Act::PageEdit)) << "approvals only";
    EXPECT_EQ(read([&](sys::Reader& db) {
                  return list_people_who_may(db, Act::PageApprove, scope, office_.clock.now()).size();
              }),
              2U);
    office_.clock.set(base::from_local({{2027, 4, 3}, 23, 59, 59, 0}));
    EXPECT_TRUE(decide(Act::PageApprove));
    office_.clock.set(base::from_local({{2027, 4, 4}, 0, 0, 0, 0}));
    EXPECT_FALSE(decide(Act::PageApprove)) << "the day after";
    EXPECT_TRUE(read([&](sys::Reader& db) { return list_absences(db, {2027, 4, 4}).empty(); }));
    EXPECT_EQ(read([&](sys::Reader& db) { return list_absences(db, {2027, 4, 1}, deputy).size(); }), 1U);
    EXPECT_TRUE(has("absence.add person:1"));

    office_.clock.set(base::from_local({{2027, 4, 2}, 9, 0, 0, 0}));
    write([&](sys::Transaction& tx) { remove_absence(tx, absence, office_.by(chief)); });
    EXPECT_FALSE(decide(Act::PageApprove));
    EXPECT_EQ(refusal_of([&](sys::Transaction& tx) { remove_absence(tx, absence, office_.by(chief)); }),
              base::Kind::NotFound);
}

TEST_P(AccountsTest, GivesADeputyNothingOfSomebodyWhoIsShutOut) {
    const PersonId chief = office_.add_person("chief", {Role::SiteAdministrator});
    office_.add_person("admin", {Role::SiteAdministrator});
    const PersonId deputy = office_.add_person("deputy", {});
    write([&](sys::Transaction& tx) {
        add_absence(tx, {{}, chief, deputy, {2027, 4, 1}, {2027, 4, 9}, ""}, office_.by());
        Person locked = load_person(tx, chief);
        locked.state = PersonState::Locked;
        change_person(tx, locked, office_.by());
    });
    EXPECT_FALSE(may(office_.actor(deputy), Act::PageApprove));
    EXPECT_EQ(refusal_of([&](sys::Transaction& tx) {
                  add_absence(tx, {{}, deputy, chief, {2027, 4, 1}, {2027, 4, 9}, ""}, office_.by());
              }),
              base::Kind::BadInput)
        << "nor can such a one be a deputy";
    EXPECT_EQ(refusal_of([&](sys::Transaction& tx) {
                  add_absence(tx, {{}, deputy, deputy, {2027, 4, 1}, {2027, 4, 9}, ""}, office_.by());
              }),
              base::Kind::BadInput);
}

TEST_P(AccountsTest, KeepsNoChangeWithoutItsLedgerLine) {
    // The ledger refuses a line whose author is nobody, and the change goes with it.
    By nobody = office_.by();
    nobody.service.clear();
    Department made;
    made.code = "10";
    made.name = "総務課";
    made.valid_from = {2027, 4, 1};
    EXPECT_EQ(refusal_of([&](sys::Transaction& tx) { add_department(tx, made, nobody); }), base::Kind::BadInput);
    EXPECT_TRUE(read([&](sys::Reader& db) { return list_departments(db).empty(); }));
    EXPECT_TRUE(office_.ledger().empty());
}

}  // namespace
}  // namespace people

// A small town hall for tests: an empty database with the people's tables, a clock that stands still, departments,
// people with one known password, and a desk to sign in at. Other rooms' store tests use it for their people.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ground/people/sign_in.h"
#include "ground/sys/testing/databases.h"

namespace people::testing {

inline constexpr std::string_view kPassword = "hashi no ue no neko";

class TestOffice {
  public:
    /// `more` are migrations of other rooms. The clock stands at 2027-04-01 10:00 in Japan.
    explicit TestOffice(std::string_view engine, const std::vector<sys::Migration>& more = {});

    sys::Database& db() { return *db_; }
    /// A second server on the same database.
    std::unique_ptr<sys::Database> open_again() const { return sys::Database::open(options_); }
    base::FixedClock clock{base::from_local({{2027, 4, 1}, 10, 0, 0, 0})};
    By by(PersonId person = {}) const { return {person, clock.now()}; }

    DepartmentId add_department(std::string code, std::optional<DepartmentId> parent = {});
    /// Active, local, with kPassword, posted to `department` and holding `roles` without a place.
    PersonId add_person(std::string login_name, std::initializer_list<Role> roles = {},
                        std::optional<DepartmentId> department = {});
    Actor actor(PersonId person);

    /// Local passwords only; no second factor is asked for.
    SignInDesk desk(sys::Database& db) const;
    SignInDesk desk() { return desk(*db_); }
    static Peer peer(std::string_view address = "192.0.2.7");
    /// The acts in the ledger so far, oldest first: "person.add person:1".
    std::vector<std::string> ledger();

  private:
    sys::testing::TestDatabase store_;
    sys::DatabaseOptions options_;
    std::unique_ptr<sys::Database> db_;
};

}  // namespace people::testing

// A new site that is already alive: an invented city with departments, people in each role, pages in every state of the
// workflow, and news whose dates count back from the day on which it is made. For trying things out and for training;
// it is never served to the outside. Texts and tables are in demo/, inside the program.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "flow/site.h"

namespace flow {

struct DemoLogin {
    std::string login, name;
    std::string role;  ///< people::role_id
    std::string password;
};

struct Demo {
    std::vector<DemoLogin> people;  ///< everybody, one of each role first
    std::int64_t pages = 0;
    std::int64_t release = 0;  ///< the first, already public
};

/// What the maintainers of the city have done: nothing, what is recorded, or also last month's report and invoice,
/// which have to be printed (seconds; left out where nothing prints).
enum class DemoDesk { None, Records, Papers };

/// Makes the site (`made.name` is not used) and publishes it. Throws Error(Conflict) as init_site does.
Demo init_demo(const NewSite& made, const base::Clock& clock, DemoDesk desk = DemoDesk::Records);

/// Whether the site directory was made by init_demo.
bool is_demo(const std::filesystem::path& folder);
/// Its passwords were printed and its contents are invented. Throws Error(NotAllowed) when it is a demo and one of the
/// addresses ("127.0.0.1:8080") is not a loopback one.
void check_demo_addresses(const std::filesystem::path& folder, std::span<const std::string> addresses);

/// A text of demo/ with its dates set: "[[+20]]" is 20 days after `day`, "[[+20 sat]]" ("sun", "weekday") the first
/// such day from there on, "[[fy]]" and "[[fy+1]]" the fiscal year. Throws Error(Bug) for any other word between [[ ]].
std::string set_demo_dates(std::string_view text, base::Day day);

}  // namespace flow

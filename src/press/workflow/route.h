// Who has to agree before a page changes in public: an approval route of one to five steps. Every group of a step has
// to say yes, and in a group one person is enough. Who that can be is worked out from the people as they are on the
// day: deputies of absent people come in, successors take the place of people who left, and whoever asks is taken out
// of their own groups.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ground/people/accounts.h"
#include "press/content/model.h"

namespace workflow {

/// Everybody who holds the role where that department is concerned.
struct RoleIn {
    people::Role role = people::Role::Approver;  ///< one that may approve pages: approver or site administrator
    base::DepartmentId department;               ///< 0 = the page's own department
    bool is_reserve = false;                     ///< may say yes, but is asked only when nobody else of the group can
    bool operator==(const RoleIn&) const = default;
};

/// One yes from any of these is enough.
struct Group {
    std::string name;  ///< "広報課の確認"
    std::vector<base::PersonId> people;
    std::vector<RoleIn> roles;
    bool operator==(const Group&) const = default;
};

/// All groups have to agree, in any order.
struct Step {
    std::string name;
    std::vector<Group> groups;
    bool operator==(const Step&) const = default;
};
constexpr std::size_t kMostSteps = 5;
constexpr std::size_t kMostGroups = 8;

struct Route {
    std::int64_t id = 0;
    std::string name;
    std::string section;                    ///< for pages under it ("kurashi/"); "" = anywhere
    base::DepartmentId department;          ///< for pages of it and below it; 0 = any
    std::optional<content::PageKind> kind;  ///< nothing = any
    std::vector<Step> steps;
    std::int64_t version = 0;
};

/// Somebody who may approve the page where it stands; `steps` of them, one after the other. Approvers are asked; site
/// administrators may, and are asked where no approver can.
const Route& default_route(std::size_t steps = 1);
/// What is wrong with it, for the person who edits it; nothing when it will do.
std::optional<std::string> find_fault(const Route& route);
/// The most specific of `routes` for a page: the longest section, then the nearest department, then the kind.
/// `departments` is the page's department and those above it, nearest first. The default route of `default_steps` when
/// none fits.
const Route& choose_route(std::span<const Route> routes, const content::Page& page,
                          std::span<const base::DepartmentId> departments, std::size_t default_steps = 1);

std::string write_steps(std::span<const Step> steps);
/// Throws Error(Damaged).
std::vector<Step> parse_steps(std::string_view json);

/// Somebody who can say yes for a group.
struct Candidate {
    base::PersonId person;
    base::PersonId on_behalf_of;  ///< the absent person whose deputy this is; 0 = in their own right
    std::string name;
    bool is_reserve = false;
    auto operator<=>(const Candidate&) const = default;
};

/// The groups of one step with the people who can say yes today; a person stands in a group once, in their own right if
/// they have it. `requesters` are left out, and so is whoever could act only in a requester's stead. Who said yes at an
/// earlier step (`earlier`) is left out where the group has somebody else.
struct Panel {
    std::vector<Group> groups;
    std::vector<std::vector<Candidate>> candidates;  ///< by group; sorted
};
Panel find_panel(sys::Reader& db, const Step& step, std::span<const base::PersonId> requesters,
                 const people::Scope& scope, base::Instant now, std::span<const base::PersonId> earlier = {});
/// Whom to tell: everybody in a group that has not said yes, reserves only where there is nobody else.
std::vector<Candidate> list_to_ask(const Panel& panel, std::uint32_t agreed_groups);

/// For the refusal of a request that nobody could approve: says which group is empty, and who could approve if they had
/// not written it themselves, or whom to ask for a deputy.
struct EmptyGroup {
    std::string name;
    std::vector<std::string> left_out;  ///< names of the requesters who are its only members
};
std::optional<EmptyGroup> find_empty_group(sys::Reader& db, std::span<const Step> steps,
                                           std::span<const base::PersonId> requesters, const people::Scope& scope,
                                           base::Instant now);

}  // namespace workflow

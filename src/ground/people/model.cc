#include "ground/people/model.h"

#include <fmt/format.h>

namespace people {

namespace {

struct RoleWords {
    Role role;
    std::string_view id, ja, en;
};
constexpr RoleWords kRoles[] = {
    {Role::Author, "author", "作成者", "author"},
    {Role::Approver, "approver", "承認者", "approver"},
    {Role::SiteAdministrator, "site-administrator", "サイト管理者", "site administrator"},
    {Role::Operator, "operator", "運用担当者", "operator"},
    {Role::MaintenanceManager, "maintenance-manager", "保守管理者", "maintenance manager"},
    {Role::MaintenanceLead, "maintenance-lead", "保守責任者", "maintenance lead"},
    {Role::Auditor, "auditor", "監査担当者", "auditor"},
};
constexpr std::string_view kStates[] = {"active", "locked", "left"};
constexpr std::string_view kSources[] = {"local", "ldap"};

const RoleWords& words(Role role) {
    return kRoles[static_cast<std::size_t>(role)];
}

template <class Enum, std::size_t Count>
std::optional<Enum> find_in(const std::string_view (&ids)[Count], std::string_view id) {
    for (std::size_t i = 0; i < Count; ++i)
        if (ids[i] == id) return static_cast<Enum>(i);
    return std::nullopt;
}

}  // namespace

std::string By::text() const {
    return person ? fmt::format("person:{}", person.value) : service;
}

std::string_view role_id(Role role) {
    return words(role).id;
}
std::string_view role_name_ja(Role role) {
    return words(role).ja;
}
std::string_view role_name_en(Role role) {
    return words(role).en;
}
std::optional<Role> find_role(std::string_view name) {
    for (const RoleWords& row : kRoles)
        if (name == row.id || name == row.ja) return row.role;
    return std::nullopt;
}

std::string_view state_id(PersonState state) {
    return kStates[static_cast<std::size_t>(state)];
}
std::optional<PersonState> find_state(std::string_view id) {
    return find_in<PersonState>(kStates, id);
}
std::string_view source_id(Source source) {
    return kSources[static_cast<std::size_t>(source)];
}
std::optional<Source> find_source(std::string_view id) {
    return find_in<Source>(kSources, id);
}

}  // namespace people

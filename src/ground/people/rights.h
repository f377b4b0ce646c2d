// May this person do that? One table, role by act, and one pure function over it. The doors ask before they act, and
// hide what would be refused. What depends on the state of a page (nobody approves what they wrote) is workflow's
// business.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ground/people/model.h"

namespace people {

enum class Act {
    PageRead,
    PageCreate,
    PageEdit,
    PageSubmit,
    PageApprove,
    PageReturn,
    PagePublishEmergency,
    PageWithdraw,
    PageMove,
    PageUnlock,
    AssetAdd,
    SectionEdit,
    CategoryEdit,
    TemplateEdit,
    TemplateApprove,
    NoticeEdit,
    DisasterMode,
    PeopleRead,
    PeopleManage,
    SettingsEdit,
    LedgerRead,
    LedgerExport,
    TakeoverRun,
    TakeoverApprove,
    ReleaseRead,
    ReleasePublish,
    ReleaseExport,
    ReleaseRollBack,
    GuardRun,
    GuardHeal,
    MonitorRead,
    MonitorEdit,
    BackupRun,
    BackupRestore,
    CutoverRun,
    LogsExport,
    KeyChange,
    EmergencyStop,
    DeskAsk,
    DeskAnswer,
    IncidentHandle,
    IncidentDecide,
    IncidentClose,
    ChangeAgree,
    ContractRead,
    ContractEdit,
    ReportMake,
    ReportApprove,
    ReportConfirm,
    InspectRun,
    TrainingRun,
};

/// One line of the table, for the handbook and the screen that shows who may do what.
struct ActRow {
    Act act;
    std::string_view id;       ///< "page.approve"; never changes
    std::string_view name_ja;  ///< "ページを承認する"
    std::string_view name_en;  ///< "approve a page": completes "may ..."
    /// A letter for each role, in the order of `Role`: '-' never, 'S' where the grant reaches, 'W' only with a grant
    /// for the whole site, 'A' with any grant of the role.
    std::string_view cells;
    bool needs_fresh_proof;  ///< the password is asked again when the last proof is older than the policy says
    bool can_deputise;       ///< a deputy may do it for an absent person
};
std::span<const ActRow> all_acts();
const ActRow& act_row(Act act);
std::optional<Act> find_act(std::string_view id);

/// What a grant comes to on a given day. One that names neither departments nor a section, and is not everywhere,
/// reaches nothing: an author without a posting.
struct Standing {
    Role role = Role::Author;
    bool is_everywhere = false;
    std::vector<DepartmentId>
        departments;                       ///< reaches these and what is below them; empty = any, if there is a section
    std::string section;                   ///< reaches what is under it; empty = any path
    std::optional<PersonId> on_behalf_of;  ///< the absent person whose standing this is
};

/// A person as the rights see one. `load_actor` (accounts.h) makes it.
struct Actor {
    PersonId person;
    std::string name;
    bool is_active = false;
    std::vector<Standing> standings;
};

/// What an act is about. Nothing set = the site as a whole, or things that belong to no department.
struct Scope {
    /// The department in charge, those above it, and, when it is no more, its successor and those above that.
    /// `scope_of` (accounts.h) makes it.
    std::vector<DepartmentId> departments;
    std::string path;  ///< "kurashi/gomi/index.html"
};

struct Decision {
    bool is_allowed = false;
    std::optional<PersonId> on_behalf_of;  ///< set when it is allowed to the deputy only, in that person's stead
    std::string reason_ja;                 ///< when refused: why, and who may
    std::string reason_en;
    explicit operator bool() const { return is_allowed; }
};

Decision may(const Actor& actor, Act act, const Scope& scope = {});

/// True when the person may do it somewhere: whether a menu shows it at all.
bool may_somewhere(const Actor& actor, Act act);

/// Whether `actor` may give or take `role`. The city gives the city's roles, the maintenance lead the maintainer's, so
/// that neither side makes itself the other; nobody changes their own roles.
Decision may_grant(const Actor& actor, Role role, PersonId to);

/// Whether `actor` may change, stop or let in the account of `to`, who holds the roles of `held`: with somebody's new
/// password one could act as them, so it takes the right to give each of their roles. Not one's own account.
Decision may_manage(const Actor& actor, PersonId to, std::span<const Grant> held);

}  // namespace people

#include "ground/people/rights.h"

#include <algorithm>

#include <fmt/format.h>

#include "ground/base/error.h"

namespace people {

namespace {

using enum Act;
constexpr bool kFresh = true;   // asks for the password again
constexpr bool kDeputy = true;  // a deputy may
constexpr bool kNo = false;

// cells: Author, Approver, Site administrator, Operator, maintenance Manager, maintenance Lead, aUditor.
// clang-format off
constexpr ActRow kRows[] = {
    //                    id                        日本語                            English                           APSOMLU
    {PageRead,             "page.read",              "ページを見る",                   "read pages",                     "SSSSSSS", kNo, kDeputy},
    {PageCreate,           "page.create",            "ページを作る",                   "create pages",                   "SSSS---", kNo, kNo},
    {PageEdit,             "page.edit",              "ページを編集する",               "edit pages",                     "SSSS---", kNo, kNo},
    {PageSubmit,           "page.submit",            "承認を依頼する",                 "submit pages for approval",      "SSSS---", kNo, kNo},
    {PageApprove,          "page.approve",           "ページを承認する",               "approve pages",                  "-SS----", kNo, kDeputy},
    {PageReturn,           "page.return",            "ページを差し戻す",               "return pages to their author",   "-SS----", kNo, kDeputy},
    {PagePublishEmergency, "page.publish-emergency", "緊急公開する",                   "publish in an emergency",        "-SS-WW-", kFresh, kNo},
    {PageWithdraw,         "page.withdraw",          "公開を終了する",                 "take pages off the site",        "-SS----", kNo, kDeputy},
    {PageMove,             "page.move",              "ページの場所を変える",           "move pages",                     "--SS---", kNo, kNo},
    {PageUnlock,           "page.unlock",            "編集中の表示を解除する",         "release another's editing mark", "-SSS---", kNo, kNo},
    {AssetAdd,             "asset.add",              "画像やファイルを登録する",       "add images and files",           "SSSS---", kNo, kNo},
    {SectionEdit,          "section.edit",           "フォルダを編集する",             "edit sections",                  "--SS---", kNo, kNo},
    {CategoryEdit,         "category.edit",          "カテゴリを編集する",             "edit categories",                "--WW---", kNo, kNo},
    {TemplateEdit,         "template.edit",          "テンプレートを修正する",         "edit templates",                 "--WW---", kNo, kNo},
    {TemplateApprove,      "template.approve",       "テンプレートの変更を承認する",   "approve changes of templates",   "--W----", kNo, kNo},
    {NoticeEdit,           "notice.edit",            "計画停止のお知らせを出す",       "announce planned stops",         "--WWWW-", kNo, kNo},
    {DisasterMode,         "disaster.switch",        "災害時モードを切り替える",       "switch the disaster mode",       "--WWWW-", kFresh, kNo},
    {PeopleRead,           "people.read",            "利用者と部署を見る",             "see people and departments",     "AAAAAAA", kNo, kNo},
    {PeopleManage,         "people.manage",          "利用者と部署を管理する",         "manage people and departments",  "--W--W-", kFresh, kNo},
    {SettingsEdit,         "settings.edit",          "設定を変える",                   "change settings",                "--WWWW-", kFresh, kNo},
    {LedgerRead,           "ledger.read",            "業務記録を見る",                 "read the ledger",                "--WWWWW", kNo, kNo},
    {LedgerExport,         "ledger.export",          "業務記録を書き出す",             "export the ledger",              "--W-WWW", kNo, kNo},
    {TakeoverRun,          "takeover.run",           "サイトを引き継ぐ",               "take a site over",               "--WWWW-", kNo, kNo},
    {TakeoverApprove,      "takeover.approve",       "引き継いだ内容を承認する",       "approve what was taken over",    "---WWW-", kNo, kNo},
    {ReleaseRead,          "release.read",           "公開記録を見る",                 "see releases",                   "AAAAAAA", kNo, kNo},
    {ReleasePublish,       "release.publish",        "公開処理を実行する",             "run a publication",              "--WWWW-", kNo, kNo},
    {ReleaseExport,        "release.export",         "公開記録を書き出す",             "export a release",               "--WWWWW", kNo, kNo},
    {ReleaseRollBack,      "release.roll-back",      "前の公開内容に戻す",             "put an earlier release back",    "--W-WW-", kFresh, kNo},
    {GuardRun,             "guard.run",              "改ざんを点検する",               "check for tampering",            "--WWWW-", kNo, kNo},
    {GuardHeal,            "guard.heal",             "改ざんを復旧する",               "repair what was tampered with",  "---WWW-", kNo, kNo},
    {MonitorRead,          "monitor.read",           "監視の状況を見る",               "see what is monitored",          "--WWWWW", kNo, kNo},
    {MonitorEdit,          "monitor.edit",           "監視の設定を変える",             "change what is monitored",       "---WWW-", kNo, kNo},
    {BackupRun,            "backup.run",             "バックアップを実行する",         "run backups",                    "---WWW-", kNo, kNo},
    {BackupRestore,        "backup.restore",         "バックアップから復元する",       "restore from a backup",          "----WW-", kFresh, kNo},
    {CutoverRun,           "cutover.run",            "サーバを切り替える",             "switch servers",                 "--WWWW-", kFresh, kNo},
    {LogsExport,           "logs.export",            "ログを書き出す",                 "export logs",                    "--WWWWW", kNo, kNo},
    {KeyChange,            "key.change",             "署名鍵を取り替える",             "change the signing key",         "-----W-", kFresh, kNo},
    {EmergencyStop,        "emergency.stop",         "緊急停止する",                   "stop the system in an emergency","--W-WW-", kFresh, kNo},
    {DeskAsk,              "desk.ask",               "問い合わせる",                   "ask the helpdesk",               "--AAAA-", kNo, kNo},
    {DeskAnswer,           "desk.answer",            "問い合わせに答える",             "answer questions",               "---WWW-", kNo, kNo},
    {IncidentHandle,       "incident.handle",        "障害に対応する",                 "handle incidents",               "---WWW-", kNo, kNo},
    {IncidentDecide,       "incident.decide",        "障害の対応方針を決める",         "decide on incidents",            "----WW-", kNo, kNo},
    {IncidentClose,        "incident.close",         "障害対応を完了する",             "close incidents",                "----WW-", kNo, kNo},
    {ChangeAgree,          "change.agree",           "作業の実施に合意する",           "agree to work",                  "--W----", kNo, kNo},
    {ContractRead,         "contract.read",          "契約事項を見る",                 "see the contract's obligations", "--WWWWW", kNo, kNo},
    {ContractEdit,         "contract.edit",          "契約事項を設定する",             "set the contract's terms",       "----WW-", kNo, kNo},
    {ReportMake,           "report.make",            "報告書を作る",                   "make reports",                   "---WWW-", kNo, kNo},
    {ReportApprove,        "report.approve",         "報告書を承認する",               "approve reports",                "-----W-", kNo, kNo},
    {ReportConfirm,        "report.confirm",         "業務の完了を確認する",           "confirm that work is complete",  "--W----", kNo, kNo},
    {InspectRun,           "inspect.run",            "脆弱性診断を扱う",               "handle inspections",             "---WWW-", kNo, kNo},
    {TrainingRun,          "training.run",           "研修環境を用意する",             "prepare trainings",              "--WWWW-", kNo, kNo},
};
// clang-format on

/// Rows stand in the order of Act, each with one letter a role.
constexpr bool is_well_formed() {
    std::size_t place = 0;
    for (const ActRow& row : kRows) {
        if (static_cast<std::size_t>(row.act) != place++ || row.cells.size() != kAllRoles.size()) return false;
        for (const char cell : row.cells)
            if (cell != '-' && cell != 'S' && cell != 'W' && cell != 'A') return false;
    }
    return true;
}
static_assert(is_well_formed());

/// Which roles may give and take a role, with a grant for the whole site.
struct GrantRow {
    Role role;
    std::string_view givers;  // in the order of Role
};
constexpr GrantRow kGrants[] = {
    {Role::Author, "--x----"},   {Role::Approver, "--x----"},           {Role::SiteAdministrator, "--x----"},
    {Role::Operator, "-----x-"}, {Role::MaintenanceManager, "-----x-"}, {Role::MaintenanceLead, "--x--x-"},
    {Role::Auditor, "--x----"},
};

char cell(const ActRow& row, Role role) {
    return row.cells[static_cast<std::size_t>(role)];
}

bool reaches(const Standing& standing, const Scope& scope) {
    if (standing.is_everywhere) return true;
    if (standing.departments.empty() && standing.section.empty()) return false;
    const auto is_ours = [&](DepartmentId id) {
        return std::find(standing.departments.begin(), standing.departments.end(), id) != standing.departments.end();
    };
    return (standing.departments.empty() || std::any_of(scope.departments.begin(), scope.departments.end(), is_ours)) &&
           (standing.section.empty() || scope.path.starts_with(standing.section));
}

bool covers(const Standing& standing, const ActRow& row, const Scope& scope) {
    if (standing.on_behalf_of && !row.can_deputise) return false;
    switch (cell(row, standing.role)) {
        case 'A':
            return true;
        case 'S':
            return reaches(standing, scope);
        case 'W':
            return standing.is_everywhere;
        default:
            return false;
    }
}

/// "作成者、承認者" and "author or approver" of the roles for which `may_hold` is true.
struct RoleList {
    std::string ja, en;
};
template <class Predicate>
RoleList list_roles(const Predicate& may_hold) {
    RoleList list;
    for (const Role role : kAllRoles) {
        if (!may_hold(role)) continue;
        if (!list.ja.empty()) {
            list.ja += "、";
            list.en += " or ";
        }
        list.ja += role_name_ja(role);
        list.en += role_name_en(role);
    }
    return list;
}

Decision refused(std::string ja, std::string en) {
    return {false, std::nullopt, std::move(ja), std::move(en)};
}

Decision refused_for_state() {
    return refused("このアカウントは使えない状態です。サイト管理者に連絡してください。",
                   "this account is not active; ask the site administrator");
}

}  // namespace

std::span<const ActRow> all_acts() {
    return kRows;
}

const ActRow& act_row(Act act) {
    return kRows[static_cast<std::size_t>(act)];
}

std::optional<Act> find_act(std::string_view id) {
    for (const ActRow& row : kRows)
        if (row.id == id) return row.act;
    return std::nullopt;
}

Decision may(const Actor& actor, Act act, const Scope& scope) {
    if (!actor.is_active) return refused_for_state();
    const ActRow& row = act_row(act);
    const Standing* in_stead = nullptr;
    bool has_role = false;
    for (const Standing& standing : actor.standings) {
        if (!standing.on_behalf_of && cell(row, standing.role) != '-') has_role = true;
        if (!covers(standing, row, scope)) continue;
        if (!standing.on_behalf_of) return {true, std::nullopt, {}, {}};
        if (!in_stead) in_stead = &standing;
    }
    if (in_stead) return {true, in_stead->on_behalf_of, {}, {}};
    const RoleList roles = list_roles([&](Role role) { return cell(row, role) != '-'; });
    if (!has_role)
        return refused(fmt::format("「{}」ことができるのは次の役割の人です: {}", row.name_ja, roles.ja),
                       fmt::format("only these may {}: {}", row.name_en, roles.en));
    return refused(fmt::format("担当する部署や場所の外なので、「{}」ことはできません。", row.name_ja),
                   fmt::format("you may {} only in your own departments and sections", row.name_en));
}

bool may_somewhere(const Actor& actor, Act act) {
    const ActRow& row = act_row(act);
    return actor.is_active && std::any_of(actor.standings.begin(), actor.standings.end(), [&](const Standing& held) {
               if (held.on_behalf_of && !row.can_deputise) return false;
               const bool reaches_something = held.is_everywhere || !held.departments.empty() || !held.section.empty();
               switch (cell(row, held.role)) {
                   case 'A':
                       return true;
                   case 'S':
                       return reaches_something;
                   case 'W':
                       return held.is_everywhere;
                   default:
                       return false;
               }
           });
}

Decision may_grant(const Actor& actor, Role role, PersonId to) {
    if (Decision manage = may(actor, PeopleManage); !manage) return manage;
    if (actor.person == to)
        return refused("自分の役割は変更できません。ほかの管理者に依頼してください。",
                       "nobody changes their own roles; ask another administrator");
    const GrantRow& row = kGrants[static_cast<std::size_t>(role)];
    const auto gives = [&](Role giver) { return row.givers[static_cast<std::size_t>(giver)] == 'x'; };
    for (const Standing& standing : actor.standings)
        if (standing.is_everywhere && !standing.on_behalf_of && gives(standing.role))
            return {true, std::nullopt, {}, {}};
    const RoleList givers = list_roles(gives);
    return refused(fmt::format("「{}」の役割を付け外しできるのは次の役割の人です: {}", role_name_ja(role), givers.ja),
                   fmt::format("only these may give or take the role {}: {}", role_name_en(role), givers.en));
}

Decision may_manage(const Actor& actor, PersonId to, std::span<const Grant> held) {
    if (Decision manage = may(actor, PeopleManage); !manage) return manage;
    if (actor.person == to)
        return refused(
            "自分のアカウントは、ここでは変えられません。パスワードは「アカウントの設定」で変え、役割や所属は、ほかの"
            "サイト管理者に依頼してください。",
            "nobody manages their own account; ask another administrator");
    for (const Grant& grant : held)
        if (Decision give = may_grant(actor, grant.role, to); !give) return give;
    return {true, std::nullopt, {}, {}};
}

}  // namespace people

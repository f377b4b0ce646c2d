// The table of commands. To add one, write its file under commands/ and name it in these two places.

#include "door/cli/command.h"

namespace cli {

extern const Command backup_key, backup_list, backup_now, backup_plan, backup_verify;
extern const Command logs_list, logs_verify, logs_search, logs_export;
extern const Command anomaly_ack, anomaly_answer, anomaly_close, anomaly_list, anomaly_show, monitor_quiet,
    monitor_tell_test, department_add, frame_accept, frame_back, frame_decide, frame_find, frame_list, frame_share,
    frame_show, frame_template, guard_scan, guard_heal, guard_pause, guard_resume, guard_status, guard_verify,
    monitor_prometheus_config, monitor_run, monitor_status, ledger_export, ledger_verify, serve, site_export,
    site_handover, site_init, site_nginx_config, site_publish, site_rekey, site_resume, site_status, site_stop,
    site_takeover, page_approve, page_list, page_metadata, page_publish, page_region, page_return, page_save,
    page_take_back, page_cancel_schedule, page_discard, page_restore, page_show, page_submit, page_withdraw, page_move,
    people_add, people_import, section_assign, help, site_rights, site_upgrade, doctor, packages_record;
extern const Command cutover_plan, cutover_check, cutover_accept, cutover_redirect, cutover_ready, cutover_request,
    cutover_switch, cutover_finish, cutover_watch, cutover_rollback;
extern const Command backup_restore, backup_restore_page, backup_restore_file, backup_switch, backup_adopt, backup_drill;
extern const Command contract_init, contract_check, contract_status, contract_calendar, contract_record;

std::span<const Command* const> all_commands() {
    static constexpr const Command* kAll[] = {&site_init,           &site_takeover,   &site_publish,
                                              &site_export,         &site_handover,   &site_status,
                                              &site_nginx_config,   &guard_scan,      &guard_verify,
                                              &monitor_status,      &monitor_run,     &monitor_prometheus_config,
                                              &guard_heal,          &guard_status,    &guard_pause,
                                              &guard_resume,        &ledger_verify,   &ledger_export,
                                              &people_add,          &people_import,   &department_add,
                                              &section_assign,      &page_list,       &page_show,
                                              &page_save,           &page_submit,     &page_approve,
                                              &page_return,         &page_publish,    &page_withdraw,
                                              &page_move,           &page_take_back,  &page_cancel_schedule,
                                              &page_discard,        &page_restore,    &page_metadata,
                                              &page_region,         &frame_find,      &frame_list,
                                              &frame_show,          &frame_accept,    &frame_share,
                                              &frame_template,      &frame_decide,    &frame_back,
                                              &site_rekey,          &site_stop,       &site_resume,
                                              &anomaly_list,        &anomaly_show,    &anomaly_ack,
                                              &anomaly_answer,      &anomaly_close,   &monitor_quiet,
                                              &monitor_tell_test,   &logs_list,       &logs_verify,
                                              &logs_search,         &logs_export,     &site_rights,
                                              &site_upgrade,        &doctor,          &packages_record,
                                              &backup_now,          &backup_list,     &backup_verify,
                                              &backup_plan,         &backup_key,      &help,
                                              &cutover_plan,        &cutover_check,   &cutover_accept,
                                              &cutover_redirect,    &cutover_ready,   &cutover_request,
                                              &cutover_switch,      &cutover_watch,   &cutover_rollback,
                                              &cutover_finish,      &backup_restore,  &backup_restore_page,
                                              &backup_restore_file, &backup_switch,   &backup_adopt, &backup_drill,
                                              &contract_init,       &contract_check,  &contract_status,
                                              &contract_calendar,   &contract_record, &serve};
    return kAll;
}

}  // namespace cli

// The table of screens, in the order of the menu. To add one, write its file under screens/ and name it in these two
// places.
#include "door/web/screen.h"

namespace web {

extern const Screen home, pages, create, page, edit, compare, preview_screen, history, steps, review, receipts, sign_in,
    account, mail_screen, language_choice, templates, template_edit, template_versions, template_review, categories,
    people_list, departments, routes, frames_screen, frame_type, frame_part, settings_screen, ledger_screen,
    probes_screen, person, person_acts, sections, emergency, watch, watch_evidence, on_call_screen, public_status,
    anomalies, absences, move_screen, call_screen;
extern const Screen cutover_board, cutover_plan_form, cutover_difference;
extern const Screen logs_screen;
extern const Screen backups_screen, restore_screen, drills_screen;
extern const Screen contract_screen, contract_calendar, contract_feed;
extern const Screen today_screen, search_screen;
extern const Screen documents_screen, document_templates, document_forms, reports_screen;
extern const Screen questions_screen, questions_new, questions_settings, roster_screen, faq_screen;
extern const Screen manual_screen, training_screen, practice, registers_screen, terminal_report, visits_screen;
extern const Screen incidents_screen, incident_screen, runbooks_screen, stops_screen, stop_screen;

extern const Screen vulnerabilities_screen, vulnerability_record, patches_screen, inventory_screen, inspections_screen;

std::span<const Screen* const> all_screens() {
    static constexpr const Screen* kAll[] = {&home,
                                             &pages,
                                             &review,
                                             &receipts,
                                             &today_screen,
                                             &incidents_screen,
                                             &stops_screen,
                                             &vulnerabilities_screen,
                                             &vulnerability_record,
                                             &patches_screen,
                                             &inventory_screen,
                                             &inspections_screen,
                                             &contract_screen,
                                             &questions_screen,
                                             &questions_new,
                                             &questions_settings,
                                             &roster_screen,
                                             &faq_screen,
                                             &training_screen,
                                             &reports_screen,
                                             &documents_screen,
                                             &registers_screen,
                                             &visits_screen,
                                             &absences,
                                             &create,
                                             &page,
                                             &edit,
                                             &compare,
                                             &history,
                                             &preview_screen,
                                             &steps,
                                             &move_screen,
                                             &watch,
                                             &watch_evidence,
                                             &anomalies,
                                             &on_call_screen,
                                             &public_status,
                                             &probes_screen,
                                             &cutover_board,
                                             &backups_screen,
                                             &logs_screen,
                                             &emergency,
                                             &account,
                                             &templates,
                                             &template_edit,
                                             &template_versions,
                                             &template_review,
                                             &categories,
                                             &frames_screen,
                                             &frame_type,
                                             &frame_part,
                                             &people_list,
                                             &departments,
                                             &routes,
                                             &settings_screen,
                                             &mail_screen,
                                             &ledger_screen,
                                             &person,
                                             &person_acts,
                                             &sections,
                                             &cutover_plan_form,
                                             &cutover_difference,
                                             &contract_calendar,
                                             &contract_feed,
                                             &search_screen,
                                             &restore_screen,
                                             &drills_screen,
                                             &manual_screen,
                                             &practice,
                                             &terminal_report,
                                             &incident_screen,
                                             &runbooks_screen,
                                             &stop_screen,
                                             &document_templates,
                                             &document_forms,
                                             &sign_in,
                                             &call_screen,
                                             &language_choice};
    return kAll;
}

}  // namespace web

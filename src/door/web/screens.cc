// The table of screens, in the order of the menu. To add one, write its file under screens/ and name it in these two
// places.
#include "door/web/screen.h"

namespace web {

extern const Screen home, pages, create, page, edit, compare, preview_screen, history, steps, review, receipts, sign_in,
    account, mail_screen, language_choice, templates, template_edit, template_versions, template_review, categories,
    people_list, departments, routes, frames_screen, frame_type, frame_part, settings_screen, ledger_screen,
    probes_screen, person, person_acts, sections, emergency, watch, on_call_screen, public_status, anomalies, absences,
    move_screen, call_screen;
extern const Screen cutover_board, cutover_plan_form, cutover_difference;
extern const Screen logs_screen;
extern const Screen contract_screen;

std::span<const Screen* const> all_screens() {
    static constexpr const Screen* kAll[] = {&home,
                                             &pages,
                                             &review,
                                             &receipts,
                                             &contract_screen,
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
                                             &anomalies,
                                             &on_call_screen,
                                             &public_status,
                                             &probes_screen,
                                             &cutover_board,
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
                                             &sign_in,
                                             &call_screen,
                                             &language_choice};
    return kAll;
}

}  // namespace web

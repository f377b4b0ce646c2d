// The board: what each seat has done, read from the training site's database and marked by office/training/course.h.
#include <fmt/format.h>

#include "flow/training_site.h"
#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "ground/people/accounts.h"
#include "press/content/store.h"
#include "press/content/templates.h"
#include "press/workflow/store.h"

namespace flow {

namespace {

using training::Course;

constexpr int kPagesOfSeat = 20, kApprovalsOfPage = 20, kRevisions = 20;

bool has_done(sys::Reader& db, const std::string& by, std::string_view act) {
    ledger::Search search;
    search.by = by;
    search.act = std::string(act);
    search.limit = 1;
    return !ledger::find_lines(db, search).empty();
}

void add_pages(sys::Reader& db, const content::PageList& list, base::PersonId person, training::Work& to) {
    for (const content::Page& page : list.pages) {
        const content::Revision latest = content::load_revision(db, page.latest);
        if (latest.author != person) continue;
        std::string html;
        for (const auto& [name, part] : latest.body.parts) html += part;
        to.pages.push_back(std::move(html));
    }
}

void add_approvals(sys::Reader& db, const content::PageList& list, base::PersonId person, training::Work& to) {
    for (const content::Page& page : list.pages)
        for (const workflow::Approval& one : workflow::list_approvals(db, page.id, kApprovalsOfPage)) {
            if (one.person != person) continue;
            to.has_returned = to.has_returned || (one.said == workflow::Said::Returned && !one.comment.empty());
            to.has_approved = to.has_approved || one.said == workflow::Said::Yes;
        }
}

void add_part(sys::Reader& db, const std::string& name, base::PersonId person, training::Work& to) {
    const auto part = content::find_template(db, name);
    if (!part) return;
    for (const content::TemplateRevision& one : content::list_template_revisions(db, part->id, kRevisions)) {
        if (one.author != person) continue;
        if (to.part.empty()) to.part = one.source;  // newest first
        to.has_asked = to.has_asked || one.submitted_by == person;
    }
}

}  // namespace

std::optional<SeatMarks> marks_of(sys::Reader& db, std::string_view login, Course course) {
    const std::int64_t seat = seat_of(login);
    const auto person = seat == 0 ? std::nullopt : people::find_person(db, login);
    if (!person) return std::nullopt;
    const std::string by = people::By{person->id, {}}.text();
    content::PageFilter filter;
    filter.under = fmt::format("kenshu/{:02}/", seat);
    filter.limit = kPagesOfSeat;
    const content::PageList list = content::list_pages(db, filter);
    training::Work work;
    if (course == Course::Author) add_pages(db, list, person->id, work);
    if (course == Course::Approver) add_approvals(db, list, person->id, work);
    if (course == Course::Administrator) add_part(db, fmt::format("kenshu-{:02}", seat), person->id, work);
    work.has_submitted = course == Course::Author && has_done(db, by, "page.submit");
    return SeatMarks{seat, std::string(login), has_done(db, by, "person.sign-in"), training::mark(course, work),
                     training::find_answer(db, seat).has_value()};
}

std::vector<SeatMarks> read_training_board(const Folders& folders, Course course) {
    const auto cards = training_cards(folders);
    const auto database = sys::Database::open(
        {.url = "", .file = training_folder(folders) / "yakuba.db", .is_durable = true, .readers = 1, .schema = ""});
    return database->read([&](sys::Reader& db) {
        std::vector<SeatMarks> board;
        for (const TrainingCard& card : cards)
            if (auto marks = marks_of(db, card.login, course)) board.push_back(*std::move(marks));
        return board;
    });
}

}  // namespace flow

#include "flow/training_report.h"

#include <fmt/format.h>

#include "flow/make_document.h"
#include "ground/base/error.h"
#include "ground/calendar/era.h"
#include "office/training/store.h"

namespace flow {

std::string make_training_report(Site& site, std::int64_t id, std::string_view by) {
    using training::Presence;
    const auto [session, people, answers] = site.database->read([&](sys::Reader& db) {
        return std::tuple(training::load_session(db, id), training::list_attendees(db, id),
                          training::list_answers(db, id));
    });
    if (session.state != training::State::Held)
        throw base::Error(base::Kind::Conflict, "実施を記録してから、報告書を作ってください。");
    tmpl::List rows, words, grades;
    std::int64_t came = 0;
    for (const training::Attendee& one : people) {
        came += one.presence == Presence::Came ? 1 : 0;
        rows.push_back(tmpl::Map{{"seat", one.seat},
                                 {"name", one.name},
                                 {"department", one.department},
                                 {"presence", one.presence == Presence::Came ? "出席" : "欠席"}});
    }
    const auto add_grade = [&, &answers = answers](std::string_view title, std::int64_t training::Answer::*part) {
        std::int64_t sum = 0;
        for (const training::Answer& one : answers) sum += one.*part;
        grades.push_back(
            tmpl::Map{{"title", title},
                      {"mean", fmt::format("{:.1f}", static_cast<double>(sum) / static_cast<double>(answers.size()))}});
    };
    if (!answers.empty()) {
        add_grade("説明の分かりやすさ", &training::Answer::understood);
        add_grade("仕事に役立つか", &training::Answer::useful);
        add_grade("進み方", &training::Answer::pace);
    }
    for (const training::Answer& one : answers)
        if (!one.comment.empty()) words.push_back(tmpl::Value(one.comment));
    tmpl::List exercises;
    for (const training::Exercise& one : training::exercises_of(session.course))
        exercises.push_back(tmpl::Value(std::string(one.title)));
    NewDocument made;
    made.kind = "training";
    made.subject = fmt::format("training:{}", id);
    made.title = fmt::format("研修報告書（{}{}）", training::course_name(session.course),
                             session.makes_up_for == 0 ? "" : "・補講");
    made.data = {{"course", training::course_name(session.course)},
                 {"starts", calendar::format_era_moment(session.starts_at)},
                 {"minutes", session.minutes},
                 {"place", session.place},
                 {"teacher", session.teacher},
                 {"note", session.note},
                 {"came", came},
                 {"absent", static_cast<std::int64_t>(people.size()) - came},
                 {"rows", std::move(rows)},
                 {"exercises", std::move(exercises)},
                 {"answers", static_cast<std::int64_t>(answers.size())},
                 {"grades", std::move(grades)},
                 {"words", std::move(words)}};
    return fmt::format("/documents/{}", make_document(site, made, by).document);
}

}  // namespace flow

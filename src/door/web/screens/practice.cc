// 演習: what the trainee is to do, whether it is done, the survey, and the mail that a real site would have sent. Only
// on a training site; elsewhere the address does not exist.
#include "door/web/administration.h"
#include "door/web/language.h"
#include "flow/host_training.h"
#include "flow/training_site.h"
#include "ground/base/error.h"
#include "ground/base/text.h"

namespace web {

namespace {

using base::Error;
using base::Kind;
using training::Answer;
using training::Course;

struct Question {
    std::string_view id, text;
    std::int64_t Answer::*part;
};
constexpr Question kQuestions[] = {
    {"understood", "説明は分かりやすかったですか", &Answer::understood},
    {"useful", "仕事に役立ちますか", &Answer::useful},
    {"pace", "進み方はちょうどよかったですか", &Answer::pace},
};
constexpr std::string_view kGrades[] = {"とても良い", "良い", "ふつう", "あまり良くない", "良くない"};  // 5 to 1

void need_training(Context& context) {
    if (!context.office.is_training) throw Error(Kind::NotFound, "この画面は、研修用サイトだけにあります。");
}

http::Response show(Context& context, std::string_view problem, int status) {
    need_training(context);
    const Course course = flow::training_course(context.site().folders);
    const std::int64_t seat = flow::seat_of(context.person.login_name);
    const auto [marks, answer] = context.db().read([&](sys::Reader& db) {
        return std::pair(flow::marks_of(db, context.person.login_name, course), training::find_answer(db, seat));
    });
    tmpl::List rows, questions;
    const auto exercises = training::exercises_of(course);
    for (std::size_t i = 0; i < exercises.size(); ++i)
        rows.push_back(tmpl::Map{{"title", say(exercises[i].title)},
                                 {"hint", say(exercises[i].hint)},
                                 {"is_done", marks && marks->done[i]}});
    for (const Question& one : kQuestions) {
        tmpl::List choices;
        const std::string chosen =
            problem.empty() ? (answer ? std::to_string((*answer).*one.part) : std::string()) : context.field(one.id);
        for (std::size_t grade = 0; grade < std::size(kGrades); ++grade)
            choices.push_back(choice(std::to_string(5 - grade), say(kGrades[grade]), chosen));
        questions.push_back(tmpl::Map{{"id", one.id}, {"text", say(one.text)}, {"choices", std::move(choices)}});
    }
    return context.page({"screens/practice/show.html", "演習とアンケート", {}, status},
                        {{"problem", say(problem)},
                         {"course", say(training::course_name(course))},
                         {"has_seat", marks.has_value()},
                         {"is_corrector", course == Course::Administrator},
                         {"folder", fmt::format("{}{:02}{}", course == Course::Administrator ? "kenshu-" : "/kenshu/",
                                                seat, course == Course::Administrator ? "" : "/")},
                         {"rows", std::move(rows)},
                         {"questions", std::move(questions)},
                         {"has_answered", answer.has_value()},
                         {"comment", problem.empty() ? (answer ? answer->comment : "") : context.field("comment")}});
}

http::Response look(Context& context) {
    return show(context, "", 200);
}

http::Response answer_survey(Context& context) {
    need_training(context);
    return run_act(
        context,
        [&] {
            const std::int64_t seat = flow::seat_of(context.person.login_name);
            if (seat == 0) throw Error(Kind::BadInput, "アンケートは、受講者だけが答えられます。");
            Answer answer;
            for (const Question& one : kQuestions) {
                if (context.field(one.id).empty()) throw Error(Kind::BadInput, "3つの質問に答えてください。");
                answer.*one.part = context.number_field(one.id);
            }
            answer.comment = std::string(base::trim(context.field("comment")));
            context.db().write([&](sys::Transaction& tx) { training::put_answer(tx, seat, answer, context.now()); });
            return context.go("/practice",
                              Flash{Flash::Kind::Good, "アンケートを受け取りました。ありがとうございます。"});
        },
        [&](std::string_view problem, int status) { return show(context, problem, status); });
}

http::Response mail(Context& context) {
    need_training(context);
    tmpl::List rows;
    for (const flow::CapturedMail& one : flow::list_captured(context.site().folders, 100))
        rows.push_back(tmpl::Map{{"to", one.to}, {"subject", one.subject}, {"text", one.text}});
    return context.page(
        {"screens/practice/mail.html", say("届いたはずのメール"), {{say("演習とアンケート"), "/practice"}}},
        {{"rows", std::move(rows)}});
}

constexpr Route kRoutes[] = {
    {"GET", "/practice", look}, {"POST", "/practice/survey", answer_survey}, {"GET", "/practice/mail", mail}};

}  // namespace

extern const Screen practice{"practice",  "演習とアンケート", "/practice", "",
                             Place::None, Access::SignedIn,   {},          kRoutes};

}  // namespace web

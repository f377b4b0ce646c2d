// 研修: the year's courses and how many were held, each session with its training site, its trainees and what they
// said, the method agreed with the client, and the manuals handed over. Making the site takes some seconds; a second
// press of the button is refused, not done twice.
#include <algorithm>

#include <fmt/format.h>

#include "door/web/administration.h"
#include "door/web/language.h"
#include "door/web/manuals.h"
#include "door/web/words.h"
#include "flow/training_report.h"
#include "flow/training_site.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"
#include "office/documents/store.h"

namespace web {

namespace {

using base::Error;
using base::Kind;
using people::Act;
using training::Course;
using training::Presence;
using training::Session;
using training::State;

constexpr std::string_view kChips[] = {"submitted", "approved", "live", "withdrawn"};

training::By by(const Context& context) {
    return {fmt::format("person:{}", context.person.id.value), context.now()};
}

std::int64_t fiscal_year(base::Instant at) {
    const base::Day day = base::local_day(at);
    return day.month >= 4 ? day.year : day.year - 1;
}

std::string path_of(std::int64_t id, std::string_view rest = {}) {
    return fmt::format("/training/{}{}", id, rest);
}

std::string name_of(const Session& session) {
    const std::string name = say(training::course_name(session.course));
    return session.makes_up_for == 0 ? name : name + say("（補講）");
}

/// Kept when a form comes back with what was typed.
std::string once_of(const Context& context, bool is_typed) {
    std::string typed = is_typed ? context.field("once") : std::string();
    return typed.empty() ? sys::random_token() : typed;
}

tmpl::Map session_row(const Session& one, base::Instant now) {
    const auto state = static_cast<std::size_t>(one.state);
    return {{"path", path_of(one.id)},
            {"name", name_of(one)},
            {"starts", short_time(one.starts_at, now)},
            {"minutes", one.minutes},
            {"seats", one.seats},
            {"place", one.place},
            {"teacher", one.teacher},
            {"state", chip(kChips[state], say(training::state_wording(one.state)))}};
}

tmpl::List deliveries(sys::Reader& db, base::Instant now) {
    tmpl::List rows;
    for (const training::Delivery& one : training::list_deliveries(db))
        rows.push_back(tmpl::Map{{"id", one.id},
                                 {"title", one.title},
                                 {"version", one.version},
                                 {"medium", one.medium},
                                 {"hash", one.hash},
                                 {"delivered", short_time(one.delivered_at, now)},
                                 {"received_by", one.received_by},
                                 {"received", one.received_at ? short_time(*one.received_at, now) : tmpl::Value()}});
    return rows;
}

http::Response show_list(Context& context, std::string_view problem, int status) {
    const base::Instant now = context.now();
    const std::int64_t year = fiscal_year(now);
    tmpl::List courses, rows, delivered;
    std::optional<training::Agreement> agreement;
    context.db().read([&](sys::Reader& db) {
        const auto sessions = training::list_sessions(db);
        for (const Session& one : sessions) rows.push_back(session_row(one, now));
        for (const Course course : training::kCourses) {
            const training::Plan plan = training::load_plan(db, course);
            const auto held = std::count_if(sessions.begin(), sessions.end(), [&](const Session& one) {
                return one.course == course && one.makes_up_for == 0 && one.state == State::Held &&
                       fiscal_year(one.starts_at) == year;
            });
            courses.push_back(tmpl::Map{{"id", training::course_id(course)},
                                        {"name", say(training::course_name(course))},
                                        {"people", plan.people},
                                        {"sessions", plan.sessions},
                                        {"seats", plan.seats},
                                        {"minutes", plan.minutes},
                                        {"contents", plan.contents},
                                        {"version", plan.version},
                                        {"held", static_cast<std::int64_t>(held)},
                                        {"is_enough", held >= plan.sessions}});
        }
        delivered = deliveries(db, now);
        agreement = training::find_agreement(db, year);
    });
    const bool is_typed = !problem.empty();
    const auto value = [&](std::string_view name, std::string stored) {
        return is_typed && context.has_field(name) ? context.field(name) : std::move(stored);
    };
    tmpl::List manuals;
    for (const Manual& one : list_manuals(manuals_folder()))
        for (const std::string_view form : {"pdf", "html"})
            manuals.push_back(choice(fmt::format("{}.{}", one.name, form),
                                     fmt::format("{}（{}）{}", one.title, form == "pdf" ? "PDF" : "HTML", one.version),
                                     is_typed ? context.field("manual") : std::string()));
    return context.page({"screens/training/list.html", "研修", {}, status},
                        {{"problem", say(problem)},
                         {"may_run", context.may(Act::TrainingRun)},
                         {"year", year},
                         {"courses", std::move(courses)},
                         {"rows", std::move(rows)},
                         {"deliveries", std::move(delivered)},
                         {"has_agreement", agreement.has_value()},
                         {"agreed_on", value("agreed_on", agreement ? base::format_day(agreement->agreed_on)
                                                                    : base::format_day(base::local_day(now)))},
                         {"agreed_day", agreement ? day_text(agreement->agreed_on) : std::string()},
                         {"agreed_with", value("agreed_with", agreement ? agreement->with : "")},
                         {"method", value("method", agreement ? agreement->method : "")},
                         {"manuals", std::move(manuals)},
                         {"once", once_of(context, is_typed)},
                         {"delivery_title", value("delivery_title", "")},
                         {"delivery_version", value("delivery_version", "")},
                         {"delivery_medium", value("delivery_medium", "")},
                         {"delivery_receiver", value("delivery_receiver", "")}});
}

http::Response list(Context& context) {
    context.require(Act::ContractRead);
    return show_list(context, "", 200);
}

/// An act on the list screen: what is refused comes back with the typed words.
http::Response on_list(Context& context, std::string_view said, const std::function<void(sys::Transaction&)>& work) {
    context.require(Act::TrainingRun);
    return run_act(
        context,
        [&] {
            context.db().write(work);
            return context.go("/training", Flash{Flash::Kind::Good, std::string(said)});
        },
        [&](std::string_view problem, int status) { return show_list(context, problem, status); });
}

Course course_field(Context& context) {
    const auto course = training::find_course(context.field("course"));
    if (!course) throw Error(Kind::BadInput, "研修の種類を選んでください。");
    return *course;
}

http::Response change_course(Context& context) {
    return on_list(context, "研修の年間の計画を変えました。", [&](sys::Transaction& tx) {
        training::set_plan(tx,
                           {course_field(context), context.number_field("people"), context.number_field("sessions"),
                            context.number_field("seats"), context.number_field("minutes"), context.field("contents"),
                            context.number_field("version")},
                           by(context));
    });
}

http::Response agree(Context& context) {
    return on_list(context, "研修の方法の合意を記録しました。", [&](sys::Transaction& tx) {
        const auto day = day_field(context, "agreed_on", "合意した日");
        if (!day) throw Error(Kind::BadInput, "合意した日を入れてください。");
        training::set_agreement(
            tx, {fiscal_year(context.now()), *day, context.field("agreed_with"), context.field("method")}, by(context));
    });
}

training::Delivery uploaded(Context& context) {
    const http::UploadedFile* file = context.request.form.find_file("file");
    if (file == nullptr) throw Error(Kind::BadInput, "納品したファイルを選んでください。ハッシュ値を記録します。");
    training::Delivery made;
    made.title = std::string(base::trim(context.field("delivery_title")));
    made.version = std::string(base::trim(context.field("delivery_version")));
    made.hash = sys::sha256(file->read()).hex();
    return made;
}

/// A manual of this program ("author.pdf"): title, version and hash are its own.
training::Delivery shipped(Context& context) {
    const std::string file = context.field("manual");
    for (const Manual& one : list_manuals(manuals_folder())) {
        if (!file.starts_with(one.name + ".")) continue;
        training::Delivery made;
        made.title = fmt::format("{}（{}）", one.title, file.ends_with(".pdf") ? "PDF" : "HTML");
        made.version = one.version;
        made.hash = sys::sha256(read_manual(manuals_folder(), file)).hex();
        return made;
    }
    throw Error(Kind::BadInput, "納品した手引きを選んでください。");
}

http::Response deliver(Context& context) {
    return on_list(context, "研修資料の納品を記録しました。", [&](sys::Transaction& tx) {
        training::Delivery made = context.has_field("manual") ? shipped(context) : uploaded(context);
        made.medium = std::string(base::trim(context.field("delivery_medium")));
        made.received_by = std::string(base::trim(context.field("delivery_receiver")));
        made.delivered_at = context.now();
        training::add_delivery(tx, made, by(context), context.field("once"));
    });
}

http::Response receive(Context& context) {
    return on_list(context, "受領を記録しました。", [&](sys::Transaction& tx) {
        training::note_receipt(tx, context.number_field("delivery"), base::trim(context.field("received_by")),
                               by(context));
    });
}

// --- a session

http::Response show_form(Context& context, const Session* before, std::string_view problem, int status) {
    const bool is_typed = !problem.empty();
    const auto value = [&](std::string_view name, std::string stored) {
        return is_typed ? context.field(name) : std::move(stored);
    };
    tmpl::List courses, makeups;
    const std::string course = value("course", before ? std::string(training::course_id(before->course)) : "author");
    for (const Course one : training::kCourses)
        courses.push_back(choice(training::course_id(one), say(training::course_name(one)), course));
    const std::string makeup = value("makes_up_for", "0");
    makeups.push_back(choice("0", say("補講ではない"), makeup));
    context.db().read([&](sys::Reader& db) {
        for (const Session& one : training::list_sessions(db))
            if (one.state == State::Held && one.makes_up_for == 0)
                makeups.push_back(choice(std::to_string(one.id),
                                         fmt::format("{} {}", long_time_text(one.starts_at), name_of(one)), makeup));
    });
    const std::string title = before ? say("研修の予定を変える") : say("研修を予定する");
    return context.page({"screens/training/form.html", title, {{say("研修"), "/training"}}, status},
                        {{"problem", say(problem)},
                         {"heading", title},
                         {"is_new", before == nullptr},
                         {"action", before ? path_of(before->id, "/change") : std::string("/training/new")},
                         {"back", before ? path_of(before->id) : std::string("/training")},
                         {"version", value("version", before ? std::to_string(before->version) : "0")},
                         {"once", once_of(context, is_typed)},
                         {"courses", std::move(courses)},
                         {"makeups", std::move(makeups)},
                         {"starts_at", value("starts_at", before ? local_input(before->starts_at) : "")},
                         {"minutes", value("minutes", std::to_string(before ? before->minutes : 150))},
                         {"seats", value("seats", std::to_string(before ? before->seats : 30))},
                         {"place", value("place", before ? before->place : "")},
                         {"teacher", value("teacher", before ? before->teacher : context.person.name)},
                         {"note", value("note", before ? before->note : "")}});
}

void take_fields(Context& context, Session& to) {
    const auto at = context.time_field("starts_at", "開始の日時");
    if (!at) throw Error(Kind::BadInput, "開始の日時を入れてください。");
    to.starts_at = *at;
    to.minutes = context.number_field("minutes");
    to.seats = context.number_field("seats");
    to.place = std::string(base::trim(context.field("place")));
    to.teacher = std::string(base::trim(context.field("teacher")));
    to.note = std::string(base::trim(context.field("note")));
}

http::Response ask_new(Context& context) {
    context.require(Act::TrainingRun);
    return show_form(context, nullptr, "", 200);
}

http::Response add(Context& context) {
    context.require(Act::TrainingRun);
    return run_act(
        context,
        [&] {
            Session made;
            made.course = course_field(context);
            made.makes_up_for = context.number_field("makes_up_for");
            take_fields(context, made);
            const std::int64_t id = context.db().write([&](sys::Transaction& tx) {
                return training::plan_session(tx, made, by(context), context.field("once"));
            });
            return context.go(path_of(id), Flash{Flash::Kind::Good, "研修を予定しました。受講者を登録してください。"});
        },
        [&](std::string_view problem, int status) { return show_form(context, nullptr, problem, status); });
}

/// Who may `act`; to see it, whoever sees the contract.
Session load(Context& context, Act act = Act::TrainingRun) {
    context.require(act);
    const std::int64_t id = context.request.number("id");
    return context.db().read([&](sys::Reader& db) { return training::load_session(db, id); });
}

http::Response ask_change(Context& context) {
    const Session session = load(context);
    return show_form(context, &session, "", 200);
}

http::Response change(Context& context) {
    const Session before = load(context);
    return run_act(
        context,
        [&] {
            Session changed = before;
            changed.version = context.number_field("version");
            take_fields(context, changed);
            context.db().write([&](sys::Transaction& tx) { training::change_session(tx, changed, by(context)); });
            return context.go(path_of(before.id), Flash{Flash::Kind::Good, "研修の予定を変えました。"});
        },
        [&](std::string_view problem, int status) { return show_form(context, &before, problem, status); });
}

tmpl::Map survey_values(const std::vector<training::Answer>& answers) {
    const auto mean = [&](std::int64_t training::Answer::*part) {
        std::int64_t sum = 0;
        for (const training::Answer& one : answers) sum += one.*part;
        return answers.empty() ? std::string("—")
                               : fmt::format("{:.1f}", static_cast<double>(sum) / static_cast<double>(answers.size()));
    };
    tmpl::List comments;
    for (const training::Answer& one : answers)
        if (!one.comment.empty()) comments.push_back(tmpl::Value(one.comment));
    return {{"count", static_cast<std::int64_t>(answers.size())},
            {"understood", mean(&training::Answer::understood)},
            {"useful", mean(&training::Answer::useful)},
            {"pace", mean(&training::Answer::pace)},
            {"comments", std::move(comments)}};
}

http::Response show_session(Context& context, const Session& session, std::string_view problem, int status) {
    const auto [attendees, answers, open, paper] = context.db().read([&](sys::Reader& db) {
        return std::tuple(training::list_attendees(db, session.id), training::list_answers(db, session.id),
                          training::find_open(db),
                          documents::find_document(db, "training", fmt::format("training:{}", session.id)));
    });
    const bool is_there = open && open->id == session.id;
    tmpl::List people;
    for (const training::Attendee& one : attendees) {
        const auto presence = [&](Presence wanted) { return one.presence == wanted; };
        people.push_back(tmpl::Map{{"id", one.id},
                                   {"name", one.name},
                                   {"department", one.department},
                                   {"seat", one.seat},
                                   {"is_expected", presence(Presence::Expected)},
                                   {"came", presence(Presence::Came)},
                                   {"absent", presence(Presence::Absent)}});
    }
    const flow::Folders& folders = context.site().folders;
    const settings::Settings::Training& own = context.site().settings.training;
    tmpl::Map values = session_row(session, context.now());
    values.set("problem", say(problem));
    values.set("note", session.note);
    values.set("reason", session.reason);
    values.set("version", session.version);
    values.set("people", std::move(people));
    values.set("survey", survey_values(answers));
    values.set("is_planned", session.state == State::Planned);
    const bool may_run = context.may(Act::TrainingRun);
    values.set("may_run", may_run);
    values.set("may_change", may_run && (session.state == State::Planned || session.state == State::Open));
    values.set("may_report", session.state == State::Held && context.may(Act::ReportMake));
    values.set("paper", paper ? fmt::format("/documents/{}", paper->id) : std::string());
    values.set("has_begun", context.now() >= session.starts_at);
    values.set("is_makeup", session.makes_up_for != 0);
    values.set("is_there", is_there);
    values.set("other", open && !is_there ? path_of(open->id) : std::string());
    values.set("site_url", own.url.empty() ? fmt::format("http://{}/", own.address) : own.url);
    values.set("site_problem", is_there ? flow::find_training_problem(folders).value_or("") : std::string());
    values.set("names", problem.empty() ? std::string() : context.field("names"));
    return context.page({"screens/training/show.html", name_of(session), {{say("研修"), "/training"}}, status},
                        std::move(values));
}

http::Response look(Context& context) {
    return show_session(context, load(context, Act::ContractRead), "", 200);
}

/// An act on a session's screen.
http::Response on_session(Context& context, std::string_view said, const std::function<void(const Session&)>& work) {
    const Session session = load(context);
    return run_act(
        context,
        [&] {
            work(session);
            return context.go(path_of(session.id), Flash{Flash::Kind::Good, std::string(said)});
        },
        [&](std::string_view problem, int status) { return show_session(context, session, problem, status); });
}

http::Response open(Context& context) {
    return on_session(context, "研修用サイトを準備しました。数秒で開けるようになります。", [&](const Session& session) {
        const auto source = flow::find_training_source(context.field("source"));
        if (!source) throw Error(Kind::BadInput, "研修用サイトのもとを選んでください。");
        flow::open_training(context.site(), session.id, *source, by(context));
    });
}

http::Response reset(Context& context) {
    return on_session(context, "研修用サイトを作り直しました。パスワードが変わりました。カードを印刷し直してください。",
                      [&](const Session& session) { flow::reset_training(context.site(), session.id, by(context)); });
}

http::Response close(Context& context) {
    return on_session(context, "アンケートを取り込み、研修用サイトを片付けました。", [&](const Session& session) {
        flow::close_training(context.site(), session.id, context.field("force") == "1", by(context));
    });
}

http::Response cancel(Context& context) {
    return on_session(context, "研修を中止にしました。", [&](const Session& session) {
        context.db().write([&](sys::Transaction& tx) {
            training::cancel_session(tx, session.id, context.number_field("version"),
                                     base::trim(context.field("reason")), by(context));
        });
    });
}

http::Response hold(Context& context) {
    return on_session(context, "研修の実施を記録しました。", [&](const Session& session) {
        context.db().write([&](sys::Transaction& tx) {
            training::hold_session(tx, session.id, context.number_field("version"), by(context));
        });
    });
}

http::Response invite(Context& context) {
    return on_session(context, "受講者を登録しました。", [&](const Session& session) {
        context.db().write([&](sys::Transaction& tx) {
            if (context.field("do") == "absentees") {
                if (training::add_absentees(tx, session.id, by(context)) == 0)
                    throw Error(Kind::BadInput, "もとの研修に、まだ登録していない欠席者はいません。");
                return;
            }
            training::add_attendees(tx, session.id, context.field("names"), by(context));
        });
    });
}

http::Response attend(Context& context) {
    return on_session(context, "出欠を記録しました。", [&](const Session& session) {
        context.db().write([&](sys::Transaction& tx) {
            std::map<std::int64_t, Presence> presence;
            for (const training::Attendee& one : training::list_attendees(tx, session.id)) {
                const std::string said = context.field(fmt::format("presence-{}", one.id));
                if (said == "came") presence[one.id] = Presence::Came;
                if (said == "absent") presence[one.id] = Presence::Absent;
                if (said == "expected") presence[one.id] = Presence::Expected;
            }
            training::set_presence(tx, session.id, context.number_field("version"), presence, by(context));
        });
    });
}

http::Response uninvite(Context& context) {
    return on_session(context, "受講者の登録を取り消しました。", [&](const Session& session) {
        context.db().write([&](sys::Transaction& tx) {
            training::remove_attendee(tx, session.id, context.number_field("attendee"), by(context));
        });
    });
}

http::Response report(Context& context) {
    const Session session = load(context);
    context.require(Act::ReportMake);
    return run_act(
        context,
        [&] {
            const std::string path = flow::make_training_report(context.site(), session.id, by(context).who);
            return context.go(path, Flash{Flash::Kind::Good, "研修の報告書を作りました。"});
        },
        [&](std::string_view problem, int status) { return show_session(context, session, problem, status); });
}

// --- during the session

constexpr std::int64_t kEvery = 20;  // seconds

http::Response board(Context& context) {
    const Session session = load(context);
    const auto attendees = context.db().read([&](sys::Reader& db) { return training::list_attendees(db, session.id); });
    const auto open = context.db().read([](sys::Reader& db) { return training::find_open(db); });
    if (!open || open->id != session.id)
        throw Error(Kind::NotFound, "この研修の研修用サイトはありません。先に準備してください。");
    tmpl::List heads, rows, totals;
    for (const training::Exercise& one : training::exercises_of(session.course))
        heads.push_back(tmpl::Map{{"title", say(one.title)}});
    std::vector<std::int64_t> done(heads.size(), 0);
    std::int64_t finished = 0, signed_in = 0;
    for (const flow::SeatMarks& seat : flow::read_training_board(context.site().folders, session.course)) {
        tmpl::List marks;
        for (std::size_t i = 0; i < seat.done.size(); ++i) {
            marks.push_back(tmpl::Map{{"title", say(training::exercises_of(session.course)[i].title)},
                                      {"is_done", static_cast<bool>(seat.done[i])}});
            done[i] += seat.done[i] ? 1 : 0;
        }
        const auto who = std::find_if(attendees.begin(), attendees.end(),
                                      [&](const training::Attendee& one) { return one.seat == seat.seat; });
        const bool is_finished = std::find(seat.done.begin(), seat.done.end(), false) == seat.done.end();
        finished += is_finished ? 1 : 0;
        signed_in += seat.has_signed_in ? 1 : 0;
        rows.push_back(tmpl::Map{{"login", seat.login},
                                 {"name", who == attendees.end() ? std::string() : who->name},
                                 {"has_signed_in", seat.has_signed_in},
                                 {"marks", std::move(marks)},
                                 {"is_finished", is_finished},
                                 {"has_answered", seat.has_answered}});
    }
    for (const std::int64_t count : done) totals.push_back(tmpl::Value(count));
    const bool refreshes = context.request.query.get("stop") != "1";
    http::Response response = context.page({"screens/training/board.html",
                                            say("演習の進み具合"),
                                            {{say("研修"), "/training"}, {name_of(session), path_of(session.id)}}},
                                           {{"heads", std::move(heads)},
                                            {"rows", std::move(rows)},
                                            {"totals", std::move(totals)},
                                            {"finished", finished},
                                            {"signed_in", signed_in},
                                            {"refreshes", refreshes},
                                            {"every", kEvery},
                                            {"at", long_time(context.now())},
                                            {"path", path_of(session.id, "/board")}});
    if (refreshes) response.headers.set("Refresh", std::to_string(kEvery));
    return response;
}

http::Response cards(Context& context) {
    const Session session = load(context);
    const settings::Settings::Training& own = context.site().settings.training;
    tmpl::List rows;
    const auto attendees = context.db().read([&](sys::Reader& db) { return training::list_attendees(db, session.id); });
    const auto open = context.db().read([](sys::Reader& db) { return training::find_open(db); });
    if (!open || open->id != session.id)
        throw Error(Kind::NotFound, "この研修の研修用サイトはありません。先に準備してください。");
    for (const flow::TrainingCard& card : flow::training_cards(context.site().folders)) {
        const auto who = std::find_if(attendees.begin(), attendees.end(), [&](const training::Attendee& one) {
            return card.seat != 0 && one.seat == card.seat;
        });
        rows.push_back(tmpl::Map{{"seat", card.seat},
                                 {"login", card.login},
                                 {"password", card.password},
                                 {"folder", card.folder},
                                 {"name", who == attendees.end() ? std::string() : who->name}});
    }
    return context.page({"screens/training/cards.html",
                         say("受講者のカード"),
                         {{say("研修"), "/training"}, {name_of(session), path_of(session.id)}}},
                        {{"rows", std::move(rows)},
                         {"is_administrators", session.course == Course::Administrator},
                         {"site_url", own.url.empty() ? fmt::format("http://{}/", own.address) : own.url}});
}

constexpr Route kRoutes[] = {
    {"GET", "/training", list},
    {"POST", "/training/course", change_course},
    {"POST", "/training/agreement", agree},
    {"POST", "/training/delivery", deliver, Route::Body::Files},
    {"POST", "/training/receipt", receive},
    {"GET", "/training/new", ask_new},
    {"POST", "/training/new", add},
    {"GET", "/training/{id}", look},
    {"GET", "/training/{id}/change", ask_change},
    {"POST", "/training/{id}/change", change},
    {"POST", "/training/{id}/open", open},
    {"POST", "/training/{id}/reset", reset},
    {"POST", "/training/{id}/close", close},
    {"POST", "/training/{id}/cancel", cancel},
    {"POST", "/training/{id}/hold", hold},
    {"POST", "/training/{id}/people", invite},
    {"POST", "/training/{id}/people/remove", uninvite},
    {"POST", "/training/{id}/presence", attend},
    {"POST", "/training/{id}/report", report},
    {"GET", "/training/{id}/board", board},
    {"GET", "/training/{id}/cards", cards},
};

}  // namespace

extern const Screen training_screen{"training",      "研修",           "/training",       "people",
                                    Place::Contract, Access::SignedIn, Act::ContractRead, kRoutes};

}  // namespace web

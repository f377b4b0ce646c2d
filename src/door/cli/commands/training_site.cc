// The training site from the shell: opened for a planned session, made anew, removed, and how it stands.

#include "flow/training_site.h"

#include <boost/json.hpp>

#include "door/cli/act_as.h"
#include "door/cli/command.h"
#include "ground/base/error.h"

namespace cli {

namespace {

training::By by(const Invocation& invocation) {
    const people::By shell = by_shell(invocation);
    return {shell.text(), shell.at};
}

std::int64_t session_of(const Invocation& invocation) {
    return invocation.number("SESSION", 1, std::int64_t{1} << 52).value();
}

int open(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const auto source =
        flow::find_training_source(invocation.has("--from") ? invocation.text("--from") : std::string("demo"));
    if (!source) throw base::Error(base::Kind::BadInput, "--from is demo or copy");
    flow::open_training(*site, session_of(invocation), *source, by(invocation));
    const std::string folder = flow::training_folder(site->folders).string();
    boost::json::array cards;
    std::string prose = fmt::format("the training site is at {}; the running office serves it\n", folder);
    for (const flow::TrainingCard& card : flow::training_cards(site->folders)) {
        cards.push_back(
            {{"seat", card.seat}, {"login", card.login}, {"password", card.password}, {"folder", card.folder}});
        prose += fmt::format("  {}  {}  {}\n", card.login, card.password, card.folder);
    }
    invocation.answer({{"folder", folder}, {"accounts", std::move(cards)}}, prose);
    return kDone;
}

int reset(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    flow::reset_training(*site, session_of(invocation), by(invocation));
    invocation.answer({{"folder", flow::training_folder(site->folders).string()}},
                      "the training site was made anew; its passwords have changed");
    return kDone;
}

int close(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    flow::close_training(*site, session_of(invocation), invocation.has("--force"), by(invocation));
    invocation.answer({{"closed", true}}, "the survey's answers were taken, and the training site was removed");
    return kDone;
}

int status(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    boost::json::array sessions;
    std::string prose;
    const auto [all, current] = site->database->read(
        [](sys::Reader& db) { return std::pair(training::list_sessions(db), training::find_open(db)); });
    for (const training::Session& one : all) {
        sessions.push_back({{"id", one.id},
                            {"course", training::course_id(one.course)},
                            {"starts_at", base::format_utc(one.starts_at)},
                            {"held", one.held_at.has_value()},
                            {"site", current && current->id == one.id}});
        prose +=
            fmt::format("{:>4}  {}  {}{}\n", one.id, base::format_local(one.starts_at), training::course_id(one.course),
                        current && current->id == one.id ? "  (training site)" : "");
    }
    boost::json::object answer{{"sessions", std::move(sessions)}};
    bool is_wrong = false;
    if (current) {
        boost::json::array seats;
        for (const flow::SeatMarks& seat : flow::read_training_board(site->folders, current->course)) {
            const auto done = std::count(seat.done.begin(), seat.done.end(), true);
            seats.push_back({{"login", seat.login}, {"done", done}, {"of", seat.done.size()}});
            prose += fmt::format("      {}  {}/{}\n", seat.login, done, seat.done.size());
        }
        answer["seats"] = std::move(seats);
        const std::string problem = flow::find_training_problem(site->folders).value_or("");
        is_wrong = !problem.empty();
        answer["problem"] = problem;
        if (is_wrong) prose += problem + "\n";
    }
    invocation.answer(answer, prose.empty() ? std::string("no training is planned") : prose);
    return is_wrong ? kFound : kDone;
}

constexpr Option kSession[] = {{"SESSION", "The session's number (training status)", Takes::One, true}};
constexpr Option kOpen[] = {{"SESSION", "The session's number (training status)", Takes::One, true},
                            {"--from", "demo (the invented city) or copy (what is public here, without people)"}};
constexpr Option kClose[] = {{"SESSION", "The session's number (training status)", Takes::One, true},
                             {"--force", "Also when the survey cannot be read", Takes::Flag}};

}  // namespace

extern const Command training_open{"training", "open", "Make the training site for a planned session", kOpen, open};
extern const Command training_reset{"training", "reset", "Make the training site anew, with new passwords", kSession,
                                    reset};
extern const Command training_close{"training", "close", "Take the survey and remove the training site", kClose, close};
extern const Command training_status{"training", "status", "Sessions, and what each seat has done", {}, status};

}  // namespace cli

// Questions from the shell: what waits for an answer and until when, and one with its course. Answering is for the
// screens, where the asker's words are before one's eyes.
#include <boost/json.hpp>

#include "door/cli/command.h"
#include "flow/office_hours.h"
#include "flow/take_question.h"
#include "ground/base/error.h"
#include "office/helpdesk/clocks.h"
#include "office/helpdesk/store.h"
#include "office/records/store.h"

namespace cli {

namespace {

using helpdesk::Question;

boost::json::value time_of(const std::optional<base::Instant>& at) {
    return at ? boost::json::value(base::format_utc(*at)) : boost::json::value(nullptr);
}

struct Counted {
    helpdesk::Clocks clocks;
    boost::json::object json;
    std::string line;
};

Counted count(const Invocation& invocation, const flow::Site& site, const Question& one) {
    Counted counted;
    const helpdesk::Clocks& clocks = counted.clocks = helpdesk::clocks_of(
        one, flow::helpdesk_hours_of(site.settings), flow::desk_limits(site.settings), invocation.clock().now());
    counted.json = {{"id", one.id.value},
                    {"number", one.number},
                    {"title", one.title},
                    {"kind", helpdesk::kind_id(one.kind)},
                    {"urgent", one.is_urgent},
                    {"state", helpdesk::state_id(one.state)},
                    {"channel", helpdesk::channel_id(one.channel)},
                    {"asker", one.asker.name},
                    {"referred", one.is_referred},
                    {"fee", helpdesk::fee_id(one.fee)},
                    {"minutes", one.minutes},
                    {"received_at", base::format_utc(one.received_at)},
                    {"accepted_at", time_of(one.accepted_at)},
                    {"answered_at", time_of(one.answered_at)},
                    {"closed_at", time_of(one.closed_at)},
                    {"due_at", clocks.is_running ? time_of(clocks.due) : boost::json::value(nullptr)},
                    {"late_minutes", clocks.lateness.count()}};
    counted.line = fmt::format("{:>4}  {}  {:<8}  {:<12}  {}{}  {}", one.id.value, one.number,
                               helpdesk::state_id(one.state), helpdesk::kind_id(one.kind),
                               base::format_local(one.received_at), one.is_urgent ? "  urgent" : "", one.title);
    if (clocks.is_running)
        counted.line += fmt::format("\n      {} by {}{}", clocks.is_first ? "first answer" : "solution",
                                    base::format_local(clocks.due),
                                    clocks.is_late() ? fmt::format(", {} minutes late", clocks.lateness.count()) : "");
    return counted;
}

int list(const Invocation& invocation) {
    helpdesk::Filter filter;
    filter.only_unclosed = !invocation.has("--all");
    filter.words = invocation.text("--words");
    filter.from = invocation.instant("--from");
    filter.until = invocation.instant("--until");
    filter.before = invocation.number("--before", 1, 1LL << 60).value_or(0);
    filter.limit = static_cast<int>(invocation.number("--limit", 1, 1000).value_or(50));
    if (const std::string kind = invocation.text("--kind"); !kind.empty()) {
        filter.kind = helpdesk::find_kind(kind);
        if (!filter.kind) throw base::Error(base::Kind::BadInput, "there is no kind \"" + kind + "\"");
    }
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const auto [questions, counts] = site->database->read([&](sys::Reader& db) {
        return std::pair(helpdesk::list_questions(db, filter), helpdesk::count_questions(db));
    });
    boost::json::array all;
    std::string prose;
    for (const Question& one : questions) {
        Counted counted = count(invocation, *site, one);
        all.push_back(std::move(counted.json));
        prose += counted.line + "\n";
    }
    invocation.answer({{"questions", std::move(all)},
                       {"open", counts.open},
                       {"unaccepted", counts.unaccepted},
                       {"waiting", counts.waiting}},
                      prose + fmt::format("{} open, {} of them not accepted; {} wait for the asker", counts.open,
                                          counts.unaccepted, counts.waiting));
    return counts.open > 0 ? kFound : kDone;
}

int show(const Invocation& invocation) {
    const helpdesk::QuestionId id{invocation.number("NUMBER", 1, 1LL << 60).value()};
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const Question one = site->database->read([&](sys::Reader& db) { return helpdesk::load_question(db, id); });
    Counted counted = count(invocation, *site, one);
    std::string prose = counted.line + "\n";
    boost::json::array course, links, files;
    site->database->read([&](sys::Reader& db) {
        for (const helpdesk::Message& each : helpdesk::list_messages(db, id)) {
            course.push_back({{"at", base::format_utc(each.at)},
                              {"what", helpdesk::what_id(each.what)},
                              {"channel", helpdesk::channel_id(each.channel)},
                              {"by", each.by},
                              {"name", each.name},
                              {"text", each.text},
                              {"minutes", each.minutes},
                              {"automatic", each.is_automatic}});
            prose += fmt::format("\n{}  {}  {}{}\n{}\n", base::format_local(each.at), helpdesk::what_id(each.what),
                                 each.name, each.is_automatic ? "  (automatic)" : "", each.text);
        }
        for (const std::string& link : helpdesk::list_links(db, id)) links.push_back(boost::json::value(link));
        for (const records::File& file : records::list_files(db, one.subject())) {
            files.push_back({{"name", file.name}, {"bytes", file.bytes}, {"sha256", file.hash.hex()}});
            prose += fmt::format("\nfile: {} ({} bytes)\n", file.name, file.bytes);
        }
    });
    counted.json["course"] = std::move(course);
    counted.json["links"] = std::move(links);
    counted.json["files"] = std::move(files);
    invocation.answer(counted.json, prose);
    return kDone;
}

constexpr Option kList[] = {
    {"--all", "Also what is closed", Takes::Flag},
    {"--kind", "question, correction, consultation, fault or request"},
    {"--words", "What stands in the number, the title or the asker's name"},
    {"--from", "Received from this time on"},
    {"--until", "Received before this time"},
    {"--before", "Only ids below this one: the next page"},
    {"--limit", "At most so many, 50"},
};
constexpr Option kShow[] = {{"NUMBER", "The question's id", Takes::One, true}};

}  // namespace

extern const Command question_list{"question", "list",
                                   "Questions that are not closed, with their deadlines; exit 1 when the helpdesk is "
                                   "asked something",
                                   kList, list};
extern const Command question_show{"question", "show", "One question with its course, links and files", kShow, show};

}  // namespace cli

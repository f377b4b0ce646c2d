#include <boost/json.hpp>

#include "door/cli/command.h"
#include "flow/notify.h"
#include "flow/open_failures.h"
#include "flow/others.h"
#include "flow/site.h"
#include "flow/stop_service.h"
#include "flow/timetable.h"
#include "ground/base/text.h"
#include "ground/mail/outbox.h"
#include "ground/release/store.h"
#include "press/content/store.h"
#include "press/publish/queue.h"
#include "press/publish/receipt.h"
#include "press/publish/unplaced.h"
#include "press/workflow/store.h"

namespace cli {

namespace {

/// "failed: path kurashi/index.html: the object is damaged" of a failure as it stands in the document.
std::string failure_line(const boost::json::object& failure) {
    std::string line = "failed:";
    for (const std::string_view key : {"receipt", "page", "path", "source"})
        if (const auto* thing = failure.if_contains(key); thing != nullptr && !thing->is_null())
            line += fmt::format(" {} {}", key,
                                thing->is_string() ? std::string(thing->as_string()) : boost::json::serialize(*thing));
    return fmt::format("{}: {}", line, std::string_view(failure.at("problem").as_string()));
}

/// Runs that failed or are late.
boost::json::array jobs_of(sys::Reader& db, base::Instant now) {
    boost::json::array jobs;
    for (const flow::DutyState& one : flow::list_troubled_duties(db, now))
        jobs.push_back({{"job", one.name},
                        {"due", base::format_utc(one.due_at)},
                        {"state", one.was_given_up      ? "given up"
                                  : one.problem.empty() ? "overdue"
                                                        : "failing"},
                        {"attempts", one.attempts},
                        {"problem", one.problem}});
    return jobs;
}

/// Well while the mail server takes what it is given: nothing failed for good, nothing waits for more than an hour.
boost::json::object mail_of(sys::Reader& db, const settings::Settings& settings, base::Instant now) {
    const mail::Counts counts = mail::count(db, base::from_local({base::local_day(now)}));
    const bool is_on = flow::is_mail_on(settings);
    const bool is_late = counts.oldest && now - *counts.oldest > std::chrono::hours(1);
    return {{"is_on", is_on},
            {"is_well", !is_on || (counts.failed == 0 && !is_late)},
            {"waiting", counts.waiting},
            {"sent_today", counts.sent},
            {"failed", counts.failed},
            {"oldest", counts.oldest ? boost::json::value(base::format_utc(*counts.oldest)) : boost::json::value()},
            {"problem", counts.problem}};
}

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const base::Instant now = site->clock.now();
    boost::json::object document;
    std::string prose;
    bool is_well = true;
    site->database->read([&](sys::Reader& db) {
        const auto newest = release::find_newest(db);
        const auto unplaced = release::list_unplaced(db);
        const auto failed = flow::list_open_failures(db, 100);
        const std::int64_t due = publish::take_dirty(db, 1'000'000).keys.size();
        boost::json::array failures;
        for (const auto& one : failed) {
            const auto page = one.page ? content::find_page(db, one.page) : std::nullopt;
            failures.push_back({{"receipt", one.id},
                                {"page", page ? boost::json::value(page->path) : boost::json::value()},
                                {"problem", one.problem}});
        }
        const auto sources = publish::list_failed_sources(db, 100);
        for (const auto& one : sources)
            failures.push_back({{"source", one.source},
                                {"problem", one.problem},
                                {"since", base::format_utc(one.since)},
                                {"attempts", one.attempts}});
        for (const auto& one : workflow::list_stuck(db, now, 100))
            failures.push_back({{"page", one.page.value},
                                {"problem", one.problem},
                                {"since", base::format_utc(one.since)},
                                {"attempts", one.attempts}});
        for (const auto& one : publish::list_unplaced_paths(db, 100))
            failures.push_back({{"path", one.path},
                                {"problem", one.problem},
                                {"since", base::format_utc(one.since)},
                                {"attempts", one.attempts}});
        document = {{"release", newest ? newest->number : 0},
                    {"files", newest ? newest->tree.files : 0},
                    {"bytes", newest ? newest->tree.bytes : 0},
                    {"pages", content::count_pages(db)},
                    {"assets", content::count_assets(db)},
                    {"due", due},
                    {"overdue", static_cast<std::int64_t>(unplaced.size())},
                    {"failed", failures},
                    {"jobs", jobs_of(db, now)},
                    {"mail", mail_of(db, site->settings, now)}};
        is_well = unplaced.empty() && failures.empty() && document.at("jobs").as_array().empty() &&
                  document.at("mail").at("is_well").as_bool();
        prose = fmt::format(
            "release {} is public with {} files; {} changes wait; {} releases are not placed; {} failed",
            newest ? newest->number : 0, newest ? newest->tree.files : 0, due, unplaced.size(), failures.size());
        for (const auto& failure : failures) prose += "\n" + failure_line(failure.as_object());
        for (const auto& job : document.at("jobs").as_array())
            prose += fmt::format("\nthe job {} due at {} is {}: {}", job.at("job").as_string().c_str(),
                                 job.at("due").as_string().c_str(), job.at("state").as_string().c_str(),
                                 job.at("problem").as_string().c_str());
        const auto& mail = document.at("mail");
        if (mail.at("is_on").as_bool())
            prose += fmt::format("\nmail: {} wait, {} could not be sent{}{}", mail.at("waiting").as_int64(),
                                 mail.at("failed").as_int64(), mail.at("problem").as_string().empty() ? "" : "; ",
                                 mail.at("problem").as_string().c_str());
    });
    boost::json::array areas;
    for (const flow::Area& area : flow::list_areas(site->settings)) {
        const bool is_there = flow::is_there(area);
        areas.push_back(
            {{"path", base::percent_encode(area.path)}, {"folder", area.folder.string()}, {"there", is_there}});
        prose += fmt::format("\n{} is written by another system in {}{}", base::to_valid_utf8(area.path),
                             area.folder.string(), is_there ? "" : ", which is not there");
        is_well = is_well && is_there;
    }
    document["others"] = areas;
    boost::json::array stopped;
    for (const flow::Part part : {flow::Part::Public, flow::Part::Office})
        if (const auto stop = flow::find_stop(site->folders, part)) {
            stopped.push_back({{"part", flow::part_id(part)},
                               {"since", base::format_utc(stop->at)},
                               {"by", stop->by},
                               {"reason", stop->reason}});
            prose += fmt::format("\nthe {} is stopped since {}: {}", flow::part_id(part), base::format_utc(stop->at),
                                 stop->reason);
            is_well = false;
        }
    document["stopped"] = stopped;
    invocation.answer(document, prose);
    return is_well ? kDone : kFound;
}

}  // namespace

extern const Command site_status{"site", "status", "What is live, due, late, failed", {}, run};

}  // namespace cli

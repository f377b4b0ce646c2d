// Month's end by command: the operation report and the completion notice of a month, or only how its steps stand.
#include "flow/report_month.h"

#include <boost/json.hpp>
#include <unistd.h>

#include "door/cli/command.h"
#include "ground/base/error.h"
#include "ground/sys/files.h"

namespace cli {

namespace {

std::string by_of_system() {
    return fmt::format("system:cli:{}", ::getuid());
}

boost::json::object as_json(const flow::MonthStanding& standing) {
    boost::json::object json{{"month", standing.month.key()},
                             {"step", flow::step_wording(standing.step)},
                             {"who", flow::step_who(standing.step)}};
    if (standing.monthly) json["report"] = standing.monthly->number;
    if (standing.completion) json["completion"] = standing.completion->number;
    if (standing.invoice) {
        json["invoice"] = standing.invoice->number;
        json["gross"] = standing.invoice->totals.gross;
        json["owed"] = standing.invoice->owed();
    }
    return json;
}

int make(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const flow::report::Month month = flow::report::parse_month(invocation.text("MONTH"));
    const flow::MadeMonth made = flow::make_month(*site, month, by_of_system());
    boost::json::array files;
    std::string prose;
    for (const documents::Version* version : {&made.monthly, &made.completion})
        for (const documents::DocumentFile& file : version->files) {
            files.push_back({{"name", file.name}, {"sha256", file.hash.hex()}, {"bytes", file.bytes}});
            if (invocation.has("--to")) {
                const auto target = std::filesystem::path(invocation.text("--to")) / file.name;
                sys::write_file(target, site->objects->load(file.hash));
                prose += target.string() + "\n";
            }
        }
    prose += fmt::format("{}: the operation report and the completion notice are made; hand them over at /documents/{}",
                         month.key(), made.completion.document);
    invocation.answer({{"month", month.key()},
                       {"report", made.monthly.document},
                       {"completion", made.completion.document},
                       {"files", std::move(files)}},
                      prose);
    return kDone;
}

int list(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    boost::json::array months;
    std::string prose;
    bool is_overdue = false;
    for (const flow::MonthStanding& standing : flow::list_months(*site)) {
        months.push_back(as_json(standing));
        is_overdue = is_overdue || standing.step == flow::Step::Overdue;
        prose += fmt::format(
            "{}  {}{}\n", standing.month.key(), flow::step_wording(standing.step),
            flow::step_who(standing.step).empty() ? "" : fmt::format("（{}）", flow::step_who(standing.step)));
    }
    if (!prose.empty()) prose.pop_back();
    invocation.answer({{"months", std::move(months)}}, prose);
    return is_overdue ? kFound : kDone;
}

constexpr Option kMake[] = {{"MONTH", "The month, such as 2027-04; it has to be over", Takes::One, true},
                            {"--to", "A folder that gets copies of the files"}};

}  // namespace

extern const Command report_month{"report", "month", "Make the operation report and the completion notice of a month",
                                  kMake, make};
extern const Command report_list{
    "report", "list", "At which step each month is: report, inspection, invoice, payment", {}, list};

}  // namespace cli

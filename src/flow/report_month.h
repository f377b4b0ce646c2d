// Month's end: the completion notice (業務完了通知書) and the operation report (月次運用報告書) are made, the client's
// inspection is entered; the invoice follows (flow/issue_invoice.h). Each step is told to the ledger with the month it
// is about (subject "report:2027-04"), where the contract's engine looks for it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "flow/make_document.h"
#include "flow/report/section.h"
#include "office/billing/store.h"

namespace flow {

/// The sections as they are now, without keeping anything.
std::vector<report::Section> make_sections(Site& site, const report::Month& month);

struct MadeMonth {
    documents::Version monthly, completion;
};
/// Makes both; again: new versions. Throws Error(Conflict) while the month is not over and after the notice has passed
/// its inspection (what was confirmed stays the newest), Error(BadInput) when it is
/// outside the contract; and what load_contract and make_document throw.
/// `based_on`: as NewDocument's, of the operation report.
MadeMonth make_month(Site& site, const report::Month& month, std::string_view by, int based_on = -1);
/// The operation report alone, of a month that is not over too: to look at, kept nowhere. HTML.
std::string preview_month(Site& site, const report::Month& month);

struct Inspection {
    report::Month month;
    base::Day on;
    std::string inspector;  ///< 職・氏名
    bool has_passed = true;
    std::string remarks;  ///< 指摘; asked for when it has not passed
    std::string how = "screen";
    std::string file_name, file_bytes;  ///< of a confirmation by mail or on paper
    int version = 0;  ///< of the notice, that the form showed; Error(Conflict) when it is not the newest. 0: the newest
};
/// The client's inspection of the newest completion notice: report.confirm kind=completion, or report.refuse.
/// Throws Error(NotFound) when none was made, Error(BadInput), Error(Conflict) when it is confirmed already.
void inspect_month(Site& site, const Inspection& inspection, std::string_view by);

enum class Step {
    Running,  ///< the month is not over
    Make,
    Deliver,
    Inspect,
    Refused,  ///< to be put right and made again
    Invoice,
    Pay,
    Overdue,
    Refund,  ///< more was paid than is owed: a correction came after the payment
    Done
};
std::string_view step_wording(Step step);
/// Who is at it: "受託者", "発注者"; empty: nobody.
std::string_view step_who(Step step);

struct MonthStanding {
    report::Month month;
    Step step = Step::Running;
    std::optional<documents::Document> monthly, completion;
    std::string remarks;                            ///< of the last inspection that was not passed
    std::optional<billing::Instalment> instalment;  ///< that is billed with this month
    std::optional<billing::Invoice> invoice;
};
/// The contract's months up to now, newest first; at most `most`. Throws what load_contract throws.
std::vector<MonthStanding> list_months(Site& site, int most = 24);
MonthStanding find_month(Site& site, const report::Month& month);

}  // namespace flow

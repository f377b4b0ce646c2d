#include "flow/issue_invoice.h"

#include <boost/json.hpp>

#include "flow/contract_status.h"
#include "flow/report_month.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/calendar/era.h"
#include "ground/ledger/store.h"
#include "office/records/store.h"

namespace flow {

namespace json = boost::json;
using base::Error;
using base::Kind;
using billing::Invoice;

namespace {

constexpr std::string_view kRoundings[] = {"切り捨て", "四捨五入し", "切り上げ"};

json::object detail_of(const Invoice& invoice) {
    return {{"number", invoice.number},  {"period", invoice.period},      {"net", invoice.totals.net},
            {"tax", invoice.totals.tax}, {"gross", invoice.totals.gross}, {"due_on", base::format_day(invoice.due_on)}};
}

NewDocument paper_of(const Invoice& invoice, const contract::Contract& contract, std::string_view period) {
    NewDocument made;
    made.kind = "invoice";
    made.subject = invoice.corrects == 0 ? "invoice:" + invoice.period
                                         : fmt::format("invoice:{}:{}", invoice.period, invoice.corrects);
    made.title = invoice.corrects == 0 ? "請求書" : "修正請求書";
    made.date = invoice.issued_on;
    tmpl::List lines, rates;
    for (const billing::Line& line : invoice.lines)
        lines.push_back(tmpl::Map{{"text", line.text},
                                  {"quantity", line.quantity},
                                  {"unit_price", line.unit_price},
                                  {"amount", line.amount()},
                                  {"percent", line.tax_percent},
                                  {"is_reduced", line.is_reduced}});
    for (const billing::RateTotal& rate : invoice.totals.rates)
        rates.push_back(tmpl::Map{
            {"percent", rate.tax_percent}, {"is_reduced", rate.is_reduced}, {"net", rate.net}, {"tax", rate.tax}});
    made.data.set("lines", std::move(lines));
    made.data.set("rates", std::move(rates));
    made.data.set("net", invoice.totals.net);
    made.data.set("tax", invoice.totals.tax);
    made.data.set("gross", invoice.totals.gross);
    made.data.set("period", period);
    made.data.set("due_on", calendar::format_era(invoice.due_on));
    made.data.set("bank", contract.bank);
    made.data.set("corrects", invoice.corrects_number);
    made.data.set("reason", invoice.reason);
    made.data.set("rounding", kRoundings[static_cast<std::size_t>(invoice.rounding)]);
    return made;
}

/// Paper and row in one transaction; the row takes the paper's number.
Invoice issue(Site& site, Invoice invoice, const contract::Contract& contract, std::string_view period,
              std::string subject, std::string_view by) {
    invoice.totals = billing::add_up(invoice.lines, invoice.rounding);
    NewDocument paper = paper_of(invoice, contract, period);
    if (site.database->read([&](sys::Reader& db) { return documents::find_document(db, paper.kind, paper.subject); }))
        throw Error(Kind::Conflict,
                    "この請求書は、すでに発行しています。直すときは、修正した請求書を発行してください。");
    paper.also = [&](sys::Transaction& tx, const documents::Document& document, const documents::Version& version) {
        if (version.number != 1) throw Error(Kind::Conflict, "この請求書は、ほかの人がすでに発行しています。");
        invoice.number = document.number;
        invoice.document = document.id;
        invoice.id = billing::add_invoice(tx, invoice);
        json::object detail = detail_of(invoice);
        if (invoice.corrects != 0) {
            detail["corrects"] = invoice.corrects_number;
            detail["reason"] = invoice.reason;
        }
        ledger::append(tx,
                       {site.clock.now(), std::string(by), invoice.corrects == 0 ? "invoice.issue" : "invoice.correct",
                        subject, json::serialize(detail)});
    };
    make_document(site, paper, by);
    return invoice;
}

std::string period_text(const billing::Instalment& part) {
    return fmt::format("{}から{}まで", calendar::format_era(part.first), calendar::format_era(part.last));
}

}  // namespace

Invoice issue_invoice(Site& site, const report::Month& month, std::string_view by) {
    const contract::Contract contract = load_contract(site.folders, site.settings);
    const MonthStanding standing = find_month(site, month);
    if (!standing.instalment)
        throw Error(
            Kind::Conflict,
            fmt::format("{}には、請求する分がありません。請求は契約の支払いの区切りで行います。", month.wording()));
    if (standing.invoice)
        throw Error(Kind::Conflict,
                    "この請求書は、すでに発行しています。直すときは、修正した請求書を発行してください。");
    if (!standing.completion || !standing.completion->confirmed_at)
        throw Error(Kind::Conflict,
                    "業務完了通知書の検査の結果（合格）が、まだ記録されていません。確認を受けてから請求してください。");
    const billing::Instalment& part = *standing.instalment;
    Invoice invoice;
    invoice.period = part.period;
    invoice.issued_on = base::local_day(site.clock.now());
    invoice.due_on = invoice.issued_on + contract.price.pay_within_days;
    invoice.rounding = contract.price.rounding;
    const std::string name = part.first.year == part.last.year && part.first.month == part.last.month
                                 ? fmt::format("{}分", report::Month{part.first.year, part.first.month}.wording())
                                 : period_text(part);
    invoice.lines = {{fmt::format("{}　{}（全{}回のうち第{}回）", contract.title, name, part.of, part.number), 1,
                      part.net, contract.price.tax_percent, false}};
    return issue(site, std::move(invoice), contract, period_text(part), "report:" + month.key(), by);
}

Invoice correct_invoice(Site& site, std::int64_t id, const std::vector<billing::Line>& lines, std::string_view reason,
                        std::string_view by) {
    const contract::Contract contract = load_contract(site.folders, site.settings);
    const auto before = site.database->read([&](sys::Reader& db) { return billing::find_invoice(db, id); });
    if (!before) throw Error(Kind::NotFound, "この請求書はありません。");
    if (before->corrected_by != 0)
        throw Error(Kind::Conflict, "この請求書は、すでに修正しています。新しい請求書を修正してください。");
    const std::string_view why = base::trim(reason);
    if (why.empty() || base::count_code_points(why) > 500)
        throw Error(Kind::BadInput, "修正の理由を500文字までで入力してください。請求書に載ります。");
    Invoice invoice;
    invoice.period = before->period;
    invoice.corrects = before->id;
    invoice.corrects_number = before->number;
    invoice.reason = why;
    invoice.issued_on = base::local_day(site.clock.now());
    invoice.due_on = invoice.issued_on + contract.price.pay_within_days;
    invoice.rounding = before->rounding;
    invoice.lines = lines;
    const auto parts = billing::list_instalments(contract);
    const auto part =
        std::find_if(parts.begin(), parts.end(), [&](const auto& each) { return each.period == before->period; });
    const std::string period = part == parts.end() ? before->period : period_text(*part);
    return issue(site, std::move(invoice), contract, period, "invoice:" + before->period, by);
}

void record_payment(Site& site, std::int64_t id, base::Day on, std::int64_t yen, std::string_view note,
                    std::string_view by) {
    const base::Instant now = site.clock.now();
    if (on > base::local_day(now)) throw Error(Kind::BadInput, "入金日が先の日付です。");
    if (base::count_code_points(note) > 500) throw Error(Kind::BadInput, "備考は500文字までで入力してください。");
    site.database->write([&](sys::Transaction& tx) {
        const auto invoice = billing::find_invoice(tx, id);
        if (!invoice) throw Error(Kind::NotFound, "この請求書はありません。");
        for (const billing::Payment& before : billing::list_payments(tx, id))
            if (before.on == on && before.yen == yen && before.by == by && now - before.at < std::chrono::minutes(1))
                throw Error(Kind::Conflict, "同じ入金を、いま記録しました。二重に記録していないか確かめてください。");
        billing::add_payment(tx, {id, on, yen, std::string(base::trim(note)), std::string(by), now});
        ledger::append(tx, {now, std::string(by), "invoice.paid", "invoice:" + invoice->period,
                            json::serialize(json::object{{"number", invoice->number},
                                                         {"yen", yen},
                                                         {"paid_on", base::format_day(on)},
                                                         {"left", invoice->owed() - yen}})});
    });
}

}  // namespace flow

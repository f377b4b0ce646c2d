// 月次報告: the board of months (who is at which step), and of one month everything: make the papers, enter the
// client's inspection, issue the invoice, correct it, record the payment.
#include "door/web/administration.h"
#include "door/web/language.h"
#include "door/web/words.h"
#include "flow/issue_invoice.h"
#include "flow/report_month.h"
#include "ground/base/error.h"
#include "ground/base/text.h"

namespace web {

namespace {

using base::Error;
using base::Kind;
using flow::MonthStanding;
using flow::Step;
using flow::report::Month;
using people::Act;

std::string_view chip_kind(Step step) {
    constexpr std::string_view kKinds[] = {"draft",     "submitted", "submitted", "scheduled", "returned",
                                           "submitted", "scheduled", "returned",  "returned",  "live"};
    return kKinds[static_cast<std::size_t>(step)];
}

std::string yen(std::int64_t amount) {
    return say(fmt::format("{}円", flow::report::count_text(amount)));
}

std::string month_name(const Month& month) {
    return say(fmt::format("{}年{}月", month.year, month.month));
}

std::string by_of(const Context& context) {
    return fmt::format("person:{}", context.person.id.value);
}

tmpl::Value paper(const std::optional<documents::Document>& document, base::Instant now) {
    if (!document) return {};
    const auto time = [&](const std::optional<base::Instant>& at) { return at ? short_time(*at, now) : tmpl::Value(); };
    return tmpl::Map{{"path", fmt::format("/documents/{}", document->id)},
                     {"number", document->number},
                     {"title", document->title},
                     {"versions", document->versions},
                     {"made", short_time(document->made_at, now)},
                     {"delivered", time(document->delivered_at)},
                     {"confirmed", time(document->confirmed_at)}};
}

tmpl::Value invoice_values(const std::optional<billing::Invoice>& invoice, base::Instant now) {
    if (!invoice) return {};
    return tmpl::Map{{"id", invoice->id},
                     {"path", fmt::format("/documents/{}", invoice->document)},
                     {"number", invoice->number},
                     {"gross", yen(invoice->totals.gross)},
                     {"owed", yen(invoice->owed())},
                     {"due", day_text(invoice->due_on)},
                     {"is_paid", invoice->owed() == 0},
                     {"is_overdue", invoice->is_overdue(base::local_day(now))},
                     {"paid_on", invoice->paid_on ? day_text(*invoice->paid_on) : std::string()},
                     {"corrects", invoice->corrects_number}};
}

tmpl::Map month_values(const MonthStanding& standing, base::Instant now) {
    return {{"path", "/reports/" + standing.month.key()},
            {"name", month_name(standing.month)},
            {"step", chip(chip_kind(standing.step), say(flow::step_wording(standing.step)))},
            {"who", say(flow::step_who(standing.step))},
            {"monthly", paper(standing.monthly, now)},
            {"completion", paper(standing.completion, now)},
            {"invoice", invoice_values(standing.invoice, now)},
            {"is_billed", standing.instalment.has_value()},
            {"remarks", standing.remarks}};
}

http::Response list(Context& context) {
    context.require(Act::ContractRead);
    tmpl::List rows;
    std::string problem;
    try {
        for (const MonthStanding& standing : flow::list_months(context.site()))
            rows.push_back(month_values(standing, context.now()));
    } catch (const Error& error) {
        if (error.kind() != Kind::NotFound && error.kind() != Kind::BadInput) throw;
        problem = error.kind() == Kind::NotFound
                      ? say("契約がまだ登録されていません。契約を登録すると、月ごとの手順がここに並びます。")
                      : say("契約のファイルに誤りがあります。契約の画面で確かめてください。");
    }
    return context.page({"screens/reports/list.html", "月次報告"}, {{"rows", std::move(rows)}, {"missing", problem}});
}

Month month_of(Context& context) {
    const std::string text = context.request.parameter("month");
    try {
        return flow::report::parse_month(text);
    } catch (const Error&) {
        throw Error(Kind::NotFound, "この月はありません。");
    }
}

http::Response show(Context& context, std::string_view problem, int status) {
    context.require(Act::ContractRead);
    const Month month = month_of(context);
    const base::Instant now = context.now();
    const MonthStanding standing = flow::find_month(context.site(), month);
    tmpl::Map values = month_values(standing, now);
    tmpl::List lines, payments, ways;
    const bool is_typed = status != 200;
    const auto typed = [&](std::string_view name, std::string otherwise) {
        return is_typed && context.has_field(name) ? context.field(name) : std::move(otherwise);
    };
    if (standing.invoice) {
        std::size_t place = 0;
        for (const billing::Line& line : standing.invoice->lines)
            lines.push_back(tmpl::Map{
                {"place", ++place}, {"text", line.text}, {"price", line.unit_price}, {"quantity", line.quantity}});
        for (; place < 5;)
            lines.push_back(tmpl::Map{{"place", ++place}, {"text", ""}, {"price", ""}, {"quantity", "1"}});
        for (const billing::Payment& one :
             context.db().read([&](sys::Reader& db) { return billing::list_payments(db, standing.invoice->id); }))
            payments.push_back(tmpl::Map{{"on", day_text(one.on)}, {"yen", yen(one.yen)}, {"note", one.note}});
    }
    for (const flow::Way& way : flow::delivery_ways())
        if (way.id == "mail" || way.id == "paper")
            ways.push_back(choice(way.id, say(way.wording), is_typed ? context.field("how") : "mail"));
    const bool may_make = context.may(Act::ReportMake), may_confirm = context.may(Act::ReportConfirm);
    const bool can_inspect = standing.completion && !standing.completion->confirmed_at;
    values.set("problem", say(problem))
        .set("month", month.key())
        .set("may_make", may_make)
        .set("can_make", may_make && now >= month.end() && !(standing.completion && standing.completion->confirmed_at))
        .set("is_again", standing.completion.has_value())
        .set("versions", standing.monthly ? standing.monthly->versions : 0)
        .set("is_over", now >= month.end())
        .set("can_inspect", can_inspect && (may_confirm || may_make))
        .set("is_client", may_confirm)
        .set("can_issue", standing.step == Step::Invoice && context.may(Act::ReportApprove))
        .set("can_correct", standing.invoice && context.may(Act::ReportApprove))
        .set("can_pay", standing.invoice && standing.invoice->owed() != 0 && may_make)
        .set("is_refund", standing.invoice && standing.invoice->owed() < 0)
        .set("notice_version", standing.completion ? standing.completion->versions : 0)
        .set("this_day", base::format_day(base::local_day(now)))
        .set("typed_on", typed("on", base::format_day(base::local_day(now))))
        .set("typed_paid_on", typed("paid_on", base::format_day(base::local_day(now))))
        .set("typed_yen", typed("yen", standing.invoice ? std::to_string(standing.invoice->owed()) : std::string()))
        .set("typed_note", typed("note", {}))
        .set("typed_result", typed("result", {}))
        .set("typed_inspector", is_typed      ? context.field("inspector")
                                : may_confirm ? context.person.name
                                              : std::string())
        .set("typed_remarks", is_typed ? context.field("remarks") : std::string())
        .set("typed_reason", is_typed ? context.field("reason") : std::string())
        .set("instalment", standing.instalment ? yen(standing.instalment->net) : std::string())
        .set("lines", std::move(lines))
        .set("payments", std::move(payments))
        .set("ways", std::move(ways));
    return context.page({"screens/reports/show.html", month_name(month), {{say("月次報告"), "/reports"}}, status},
                        std::move(values));
}

http::Response look(Context& context) {
    return show(context, "", 200);
}

http::Response preview(Context& context) {
    context.require(Act::ContractRead);
    http::Response response = http::html(flow::preview_month(context.site(), month_of(context)));
    response.headers.set("Content-Security-Policy",
                         "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:");
    return response;
}

/// The four beats that every form here has.
template <class Work>
http::Response act(Context& context, Work work, std::string_view done) {
    return run_act(
        context,
        [&] {
            work();
            return context.go("/reports/" + month_of(context).key(), Flash{Flash::Kind::Good, std::string(done)});
        },
        [&](std::string_view problem, int status) { return show(context, problem, status); });
}

http::Response make(Context& context) {
    return act(
        context,
        [&] {
            context.require(Act::ReportMake);
            flow::make_month(
                context.site(), month_of(context), by_of(context),
                static_cast<int>(std::clamp<std::int64_t>(context.number_field("versions"), 0, 1'000'000)));
        },
        "月次運用報告書と業務完了通知書を作りました。");
}

http::Response inspect(Context& context) {
    return act(
        context,
        [&] {
            flow::Inspection made;
            made.month = month_of(context);
            made.version = static_cast<int>(std::clamp<std::int64_t>(context.number_field("version"), 1, 1'000'000));
            const bool is_client = context.may(Act::ReportConfirm);
            if (!is_client) context.require(Act::ReportMake);
            made.on = day_field(context, "on", "検査年月日").value_or(base::local_day(context.now()));
            made.inspector = context.field("inspector");
            made.has_passed = context.field("result") == "passed";
            if (!made.has_passed && context.field("result") != "refused")
                throw Error(Kind::BadInput, "合否を選んでください。");
            made.remarks = context.field("remarks");
            made.how = is_client ? "screen" : context.field("how");
            if (!is_client && made.how == "screen") throw Error(Kind::BadInput, "方法を選んでください。");
            if (const http::UploadedFile* file = context.request.form.find_file("file")) {
                made.file_name = file->name;
                made.file_bytes = file->read(64U << 20U);
            }
            if (!is_client && made.file_bytes.empty())
                throw Error(Kind::BadInput, "確認のメールまたは書面のファイルを付けてください。後で証拠になります。");
            flow::inspect_month(context.site(), made, by_of(context));
        },
        "検査の結果を記録しました。");
}

http::Response issue(Context& context) {
    return act(
        context,
        [&] {
            context.require(Act::ReportApprove);
            flow::issue_invoice(context.site(), month_of(context), by_of(context));
        },
        "請求書を発行しました。");
}

const billing::Invoice& invoice_of(const MonthStanding& standing) {
    if (!standing.invoice) throw Error(Kind::NotFound, "この月の請求書はありません。");
    return *standing.invoice;
}

http::Response correct(Context& context) {
    return act(
        context,
        [&] {
            context.require(Act::ReportApprove);
            const MonthStanding standing = flow::find_month(context.site(), month_of(context));
            const billing::Invoice& invoice = invoice_of(standing);
            if (context.number_field("invoice") != invoice.id)
                throw Error(Kind::Conflict, "ほかの人が先に修正しました。新しい請求書を確かめてください。");
            std::vector<billing::Line> lines;
            for (int place = 1; place <= 20; ++place) {
                const std::string text(base::trim(context.field(fmt::format("text-{}", place))));
                if (text.empty()) continue;
                if (base::count_code_points(text) > 300)
                    throw Error(Kind::BadInput, "内容は300文字までで入力してください。");
                const int rate = invoice.lines.front().tax_percent;
                lines.push_back({text, context.number_field(fmt::format("quantity-{}", place)),
                                 context.number_field(fmt::format("price-{}", place)), rate, false});
            }
            flow::correct_invoice(context.site(), invoice.id, lines, context.field("reason"), by_of(context));
        },
        "修正した請求書を発行しました。");
}

http::Response pay(Context& context) {
    return act(
        context,
        [&] {
            context.require(Act::ReportMake);
            const MonthStanding standing = flow::find_month(context.site(), month_of(context));
            const auto on = day_field(context, "paid_on", "入金日");
            if (!on) throw Error(Kind::BadInput, "入金日を入力してください。");
            if (context.number_field("invoice") != invoice_of(standing).id)
                throw Error(Kind::Conflict, "請求書が修正されています。新しい請求書を確かめてください。");
            flow::record_payment(context.site(), standing.invoice->id, *on, context.number_field("yen"),
                                 context.field("note"), by_of(context));
        },
        "入金を記録しました。");
}

constexpr Route kRoutes[] = {{"GET", "/reports", list},
                             {"GET", "/reports/{month}", look},
                             {"GET", "/reports/{month}/preview", preview},
                             {"POST", "/reports/{month}/make", make},
                             {"POST", "/reports/{month}/inspect", inspect, Route::Body::Files},
                             {"POST", "/reports/{month}/invoice", issue},
                             {"POST", "/reports/{month}/correct", correct},
                             {"POST", "/reports/{month}/paid", pay}};

}  // namespace

extern const Screen reports_screen{"reports",       "月次報告",       "/reports",        "ledger",
                                   Place::Contract, Access::SignedIn, Act::ContractRead, kRoutes};

}  // namespace web

#include "flow/report_month.h"

#include <boost/json.hpp>

#include "flow/contract_status.h"
#include "flow/report/workbook.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/calendar/era.h"
#include "ground/ledger/store.h"

namespace flow {

namespace json = boost::json;
using base::Error;
using base::Kind;
using report::Month;

namespace {

std::string subject_of(const Month& month) {
    return "report:" + month.key();
}

tmpl::List section_values(const std::vector<report::Section>& sections) {
    tmpl::List list;
    int number = 0;
    for (const report::Section& section : sections) {
        tmpl::List sentences, pictures, tables;
        for (const std::string& sentence : section.sentences) sentences.emplace_back(sentence);
        for (const report::Picture& picture : section.pictures)
            pictures.push_back(tmpl::Map{{"svg", picture.svg}, {"caption", picture.caption}});
        for (const report::Table& table : section.tables) {
            tmpl::List columns, rows;
            for (const report::Column& column : table.columns)
                columns.push_back(tmpl::Map{{"label", column.label}, {"is_number", column.is_number}});
            for (const report::Row& row : table.rows) {
                tmpl::List cells;
                for (std::size_t i = 0; i < row.cells.size(); ++i)
                    cells.push_back(tmpl::Map{{"text", row.cells[i]},
                                              {"is_number", i < table.columns.size() && table.columns[i].is_number}});
                rows.push_back(tmpl::Map{{"cells", std::move(cells)}});
            }
            tables.push_back(tmpl::Map{{"id", table.id},
                                       {"caption", table.caption},
                                       {"columns", std::move(columns)},
                                       {"rows", std::move(rows)},
                                       {"none", table.none}});
        }
        list.push_back(tmpl::Map{{"number", ++number},
                                 {"title", section.title},
                                 {"sentences", std::move(sentences)},
                                 {"pictures", std::move(pictures)},
                                 {"tables", std::move(tables)}});
    }
    return list;
}

NewDocument monthly_of(const Month& month, const contract::Contract& contract,
                       const std::vector<report::Section>& sections) {
    NewDocument made;
    made.kind = "monthly";
    made.subject = subject_of(month);
    made.title = fmt::format("月次運用報告書（{}）", month.wording());
    const contract::Role* manager = contract.find_role("manager");
    made.data.set("period",
                  fmt::format("{}から{}まで", calendar::format_era(month.first()), calendar::format_era(month.last())));
    made.data.set("author", manager ? fmt::format("{} {}", manager->title, manager->person) : contract.contractor.name);
    made.data.set("sections", section_values(sections));
    return made;
}

NewDocument completion_of(const Month& month, const contract::Contract& contract, std::string_view report_number) {
    NewDocument made;
    made.kind = "completion";
    made.subject = subject_of(month);
    made.title = fmt::format("業務完了通知書（{}）", month.wording());
    std::string clause = "契約の定め";
    for (const contract::Obligation& one : contract.obligations)
        for (const contract::Pattern& pattern : one.evidence)
            if (pattern.text == "document.deliver kind=completion" || pattern.text == "report.make kind=completion")
                for (const contract::Clause& each : contract.clauses)
                    if (!one.clauses.empty() && each.id == one.clauses.front() && !each.article.empty())
                        clause = each.article;
    const base::Day ends = contract.end_at(month.last());
    const auto months = [&](base::Day day) {
        return (day.year - contract.begins.year) * 12 + day.month - contract.begins.month + 1;
    };
    std::int64_t total = contract.price.total;
    for (const contract::Amendment& one : contract.amendments)
        if (one.total && one.effective <= month.last()) total = *one.total;
    const std::int64_t tax = billing::tax_of(total, contract.price.tax_percent, contract.price.rounding);
    made.data.set("clause", clause);
    made.data.set("contract_ends", calendar::format_era(ends));
    made.data.set("price_gross", total + tax);
    made.data.set("price_tax", tax);
    made.data.set("period", fmt::format("{}分", month.wording()));
    made.data.set("months", months(ends));
    made.data.set("month_number", months(month.first()));
    made.data.set("completed_on", calendar::format_era(std::min(month.last(), ends)));
    made.data.set("attachments", fmt::format("月次運用報告書（{}）", report_number));
    return made;
}

/// report.make, by which it is known when it was made; `check` may refuse it at the last moment.
void tell(NewDocument& made, const Month& month, const Site& site, std::string by,
          std::function<void(sys::Reader&)> check) {
    made.also = [&site, month, kind = made.kind, by = std::move(by), check = std::move(check)](
                    sys::Transaction& tx, const documents::Document& document, const documents::Version& version) {
        check(tx);
        const documents::DocumentFile* pdf = version.find("application/pdf");
        ledger::append(tx, {site.clock.now(), by, "report.make", subject_of(month),
                            json::serialize(json::object{{"kind", kind},
                                                         {"month", month.key()},
                                                         {"number", document.number},
                                                         {"version", version.number},
                                                         {"sha256", pdf ? pdf->hash.hex() : ""}})});
    };
}

void check_month(const Month& month, const contract::Contract& contract) {
    if (month.last() < contract.begins || month.first() > contract.end_at(month.last()))
        throw Error(Kind::BadInput, fmt::format("{}は契約の期間（{}から{}まで）の外です。", month.wording(),
                                                calendar::format_era(contract.begins),
                                                calendar::format_era(contract.end_at(month.last()))));
}

std::vector<report::Section> sections_of(Site& site, const contract::Contract* contract, const Month& month) {
    const report::Source source{site, contract, month, site.clock.now()};
    std::vector<report::Section> sections;
    for (const report::SectionKind* kind : report::all_sections()) {
        report::Section section{kind->id, kind->title, {}, {}, {}};
        kind->make(source, section);
        sections.push_back(std::move(section));
    }
    return sections;
}

/// The last inspection of the month that was not passed, after the newest notice; "" for none.
std::optional<std::string> find_refusal(sys::Reader& db, const Month& month, base::Instant made_at) {
    ledger::Search search;
    search.subject = subject_of(month);
    search.act = "report.refuse";
    search.from = made_at;
    search.limit = 1;
    const auto lines = ledger::find_lines(db, search);
    if (lines.empty()) return std::nullopt;
    return report::text_of(contract_line(lines.front()), "remarks");
}

struct Table {
    Step step;
    std::string_view wording, who;
};
constexpr Table kSteps[] = {
    {Step::Running, "月の途中", ""},   {Step::Make, "報告書の作成", "受託者"},      {Step::Deliver, "提出", "受託者"},
    {Step::Inspect, "検査", "発注者"}, {Step::Refused, "指摘への対応", "受託者"},   {Step::Invoice, "請求", "受託者"},
    {Step::Pay, "支払い", "発注者"},   {Step::Overdue, "支払期限の超過", "発注者"}, {Step::Refund, "返金", "受託者"},
    {Step::Done, "完了", ""},
};

MonthStanding standing_of(sys::Reader& db, const contract::Contract& contract,
                          std::span<const billing::Instalment> instalments, const Month& month, base::Instant now) {
    MonthStanding standing;
    standing.month = month;
    standing.monthly = documents::find_document(db, "monthly", subject_of(month));
    standing.completion = documents::find_document(db, "completion", subject_of(month));
    const billing::Instalment* part = billing::find_instalment(instalments, month.year, month.month);
    if (part != nullptr && month.first() <= part->last &&
        part->last <= std::min(month.last(), contract.end_at(month.last()))) {
        standing.instalment = *part;
        standing.invoice = billing::find_invoice(db, part->period);
    }
    const auto& notice = standing.completion;
    if (notice && !notice->confirmed_at)
        if (const auto remarks = find_refusal(db, month, notice->made_at))
            standing.remarks = remarks->empty() ? "指摘" : *remarks;
    standing.step = now < month.end()               ? Step::Running
                    : !notice                       ? Step::Make
                    : !standing.remarks.empty()     ? Step::Refused
                    : !notice->confirmed_at         ? (notice->delivered_at ? Step::Inspect : Step::Deliver)
                    : !standing.instalment          ? Step::Done
                    : !standing.invoice             ? Step::Invoice
                    : standing.invoice->owed() == 0 ? Step::Done
                    : standing.invoice->owed() < 0  ? Step::Refund
                    : standing.invoice->is_overdue(base::local_day(now)) ? Step::Overdue
                                                                         : Step::Pay;
    return standing;
}

}  // namespace

std::vector<report::Section> make_sections(Site& site, const Month& month) {
    const auto read = find_contract(site.folders, site.settings);
    return sections_of(site, read && read->is_usable() ? &read->contract : nullptr, month);
}

std::string preview_month(Site& site, const Month& month) {
    const contract::Contract contract = load_contract(site.folders, site.settings);
    check_month(month, contract);
    return preview_document(site, monthly_of(month, contract, sections_of(site, &contract, month)));
}

MadeMonth make_month(Site& site, const Month& month, std::string_view by, int based_on) {
    const contract::Contract contract = load_contract(site.folders, site.settings);
    check_month(month, contract);
    if (site.clock.now() < month.end())
        throw Error(Kind::Conflict, fmt::format("{}は、まだ終わっていません。{}以降に作ってください。", month.wording(),
                                                calendar::format_era(month.next().first())));
    const auto check_open = [&month](sys::Reader& db) {
        const auto notice = documents::find_document(db, "completion", subject_of(month));
        const auto given = notice ? documents::list_deliveries(db, notice->id) : std::vector<documents::Delivery>();
        // Of any version: the one that is just being added has none.
        if (std::any_of(given.begin(), given.end(),
                        [](const documents::Delivery& one) { return one.what == documents::kConfirm; }))
            throw Error(Kind::Conflict, "この月は検査に合格しています。報告書は作り直せません。");
    };
    site.database->read(check_open);
    const auto sections = sections_of(site, &contract, month);
    NewDocument monthly = monthly_of(month, contract, sections);
    monthly.based_on = based_on;
    monthly.files = report::files_of(sections);
    tell(monthly, month, site, std::string(by), check_open);
    MadeMonth made;
    made.monthly = make_document(site, monthly, by);
    const auto number = site.database->read(
        [&](sys::Reader& db) { return documents::load_document(db, made.monthly.document).number; });
    NewDocument completion = completion_of(month, contract, number);
    tell(completion, month, site, std::string(by), check_open);
    made.completion = make_document(site, completion, by);
    return made;
}

void inspect_month(Site& site, const Inspection& inspection, std::string_view by) {
    const std::string subject = subject_of(inspection.month);
    const auto notice =
        site.database->read([&](sys::Reader& db) { return documents::find_document(db, "completion", subject); });
    if (!notice) throw Error(Kind::NotFound, "この月の業務完了通知書は、まだ作られていません。");
    if (inspection.version != 0 && inspection.version != notice->versions)
        throw Error(Kind::Conflict, "新しい版があります。新しい版を検査してください。");
    const base::Instant now = site.clock.now();
    if (inspection.on > base::local_day(now)) throw Error(Kind::BadInput, "検査年月日が先の日付です。");
    if (inspection.on < base::local_day(notice->made_at))
        throw Error(Kind::BadInput, "検査年月日が、通知書を作った日より前です。");
    const std::string remarks(base::trim(inspection.remarks)), inspector(base::trim(inspection.inspector));
    if (inspector.empty()) throw Error(Kind::BadInput, "検査員の職と氏名を入力してください。");
    if (base::count_code_points(remarks) > 2000) throw Error(Kind::BadInput, "指摘は2,000文字までで入力してください。");
    json::object detail{{"kind", "completion"},
                        {"month", inspection.month.key()},
                        {"number", notice->number},
                        {"version", notice->versions},
                        {"inspected_on", base::format_day(inspection.on)},
                        {"inspector", inspector},
                        {"passed", inspection.has_passed},
                        {"remarks", remarks}};
    if (!inspection.has_passed) {
        if (remarks.empty()) throw Error(Kind::BadInput, "不合格のときは、指摘を入力してください。");
        site.database->write([&](sys::Transaction& tx) {
            const auto current = documents::load_document(tx, notice->id);
            if (current.confirmed_at) throw Error(Kind::Conflict, "この月は、すでに合格と記録されています。");
            if (current.versions != notice->versions)
                throw Error(Kind::Conflict, "新しい版があります。新しい版を検査してください。");
            ledger::append(tx, {now, std::string(by), "report.refuse", subject, json::serialize(detail)});
        });
        return;
    }
    const auto versions =
        site.database->read([&](sys::Reader& db) { return documents::list_versions(db, notice->id); });
    HandOver confirmed;
    confirmed.version = versions.front().id;
    confirmed.how = inspection.how;
    confirmed.who = inspector;
    confirmed.note = remarks;
    confirmed.happened_at =
        std::min(now, std::max(versions.front().made_at, base::from_local({inspection.on, 17, 30})));
    confirmed.file_name = inspection.file_name;
    confirmed.file_bytes = inspection.file_bytes;
    confirmed.also = [&](sys::Transaction& tx, const documents::Document& current) {
        if (current.versions != notice->versions)
            throw Error(Kind::Conflict, "新しい版があります。新しい版を検査してください。");
        ledger::append(tx, {now, std::string(by), "report.confirm", subject, json::serialize(detail)});
    };
    confirm_document(site, confirmed, by);
}

std::string_view step_wording(Step step) {
    return kSteps[static_cast<std::size_t>(step)].wording;
}

std::string_view step_who(Step step) {
    return kSteps[static_cast<std::size_t>(step)].who;
}

std::vector<MonthStanding> list_months(Site& site, int most) {
    const contract::Contract contract = load_contract(site.folders, site.settings);
    const auto instalments = billing::list_instalments(contract);
    const base::Instant now = site.clock.now();
    const Month begin{contract.begins.year, contract.begins.month};
    const base::Day ends = contract.end_at(base::local_day(now));
    Month at = std::min(report::month_of(now), Month{ends.year, ends.month});
    std::vector<MonthStanding> months;
    site.database->read([&](sys::Reader& db) {
        for (int left = most; left > 0 && at >= begin; --left) {
            months.push_back(standing_of(db, contract, instalments, at, now));
            at = at.month == 1 ? Month{at.year - 1, 12} : Month{at.year, at.month - 1};
        }
    });
    return months;
}

MonthStanding find_month(Site& site, const Month& month) {
    const contract::Contract contract = load_contract(site.folders, site.settings);
    check_month(month, contract);
    const auto instalments = billing::list_instalments(contract);
    return site.database->read(
        [&](sys::Reader& db) { return standing_of(db, contract, instalments, month, site.clock.now()); });
}

}  // namespace flow

// The bytes come first (template, print, objects), then one transaction names them: number, version, ledger line and
// what the caller adds. A crash between leaves objects that nothing names. The number and the version stand on the
// paper, so they are foretold before printing and checked in the transaction; whoever was slower prints again.
#include "flow/make_document.h"

#include <boost/json.hpp>

#include "flow/attach_file.h"
#include "flow/contract_status.h"
#include "flow/document_forms.h"
#include "flow/document_templates.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/calendar/era.h"
#include "ground/html/escape.h"
#include "ground/ledger/store.h"
#include "ground/pdf/pdf.h"
#include "ground/sys/log.h"
#include "ground/template/template.h"
#include "office/records/store.h"

namespace flow {

namespace json = boost::json;
using base::Error;
using base::Kind;
using documents::Document;
using documents::Version;

namespace {

constexpr int kMostTries = 5;
struct Overtaken {};
constexpr std::string_view kPdf = "application/pdf", kHtml = "text/html; charset=utf-8";
constexpr Way kWays[] = {
    {"screen", "画面で"}, {"mail", "メール"}, {"hand", "手渡し"}, {"post", "郵送"}, {"paper", "書面"}};

tmpl::Map party_values(const contract::Party& party, const std::string& registration = {}) {
    return {{"name", party.name},
            {"representative", party.representative},
            {"department", party.department},
            {"address", party.address},
            {"registration", registration}};
}

/// What stands on every paper: without a contract the city's name from the settings.
tmpl::Map common_values(Site& site) {
    tmpl::Map values{{"city", site.settings.site.name}};
    const auto read = find_contract(site.folders, site.settings);
    if (read && read->is_usable()) {
        const contract::Contract& contract = read->contract;
        values.set("client", party_values(contract.client));
        values.set("contractor", party_values(contract.contractor, contract.registration));
        values.set("contract", tmpl::Map{{"number", contract.number},
                                         {"title", contract.title},
                                         {"place", contract.place},
                                         {"signed_on", calendar::format_era(contract.signed_on)},
                                         {"begins", calendar::format_era(contract.begins)},
                                         {"ends", calendar::format_era(contract.ends)}});
    } else {
        values.set("client", party_values({site.settings.site.name, "", "", ""}));
        values.set("contractor", party_values({}));
        values.set(
            "contract",
            tmpl::Map{{"number", ""}, {"title", ""}, {"place", ""}, {"signed_on", ""}, {"begins", ""}, {"ends", ""}});
    }
    return values;
}

base::Day date_of(const Site& site, const NewDocument& made) {
    return made.date == base::Day{} ? base::local_day(site.clock.now()) : made.date;
}

/// The values for the template; `number` and `version` as they will be.
tmpl::Map values_of(Site& site, const NewDocument& made, const std::string& number, int version) {
    tmpl::Map values = common_values(site);
    const base::Day date = date_of(site, made);
    values.set("title", made.title);
    values.set("number", number);
    values.set("version", version);
    values.set("date", calendar::format_era(date));
    values.set("date_iso", base::format_day(date));
    for (const auto& [key, value] : made.data) values.set(key, value);
    return values;
}

struct Foretold {
    std::string number;
    int version = 1;
};

/// In a transaction that is given up: what the next number would be.
Foretold foretell(Site& site, const NewDocument& made) {
    const auto before =
        site.database->read([&](sys::Reader& db) { return documents::find_document(db, made.kind, made.subject); });
    if (before) return {before->number, before->versions + 1};
    if (!made.number.empty()) return {made.number, 1};
    struct GivenUp {};
    std::string number;
    try {
        site.database->write([&](sys::Transaction& tx) {
            number = records::take_number(tx, made.kind, base::from_local({date_of(site, made)}));
            throw GivenUp();
        });
    } catch (const GivenUp&) {  // so the number is still free
    }
    return {number, 1};
}

documents::DocumentFile keep(Site& site, std::string name, std::string_view type, std::string_view bytes) {
    return {std::move(name), std::string(type), site.objects->put(bytes).hash, static_cast<std::int64_t>(bytes.size())};
}

json::object facts_of(const Version& version, const Document& document, int form) {
    json::array files;
    for (const documents::DocumentFile& file : version.files)
        files.push_back(json::object{{"name", file.name}, {"sha256", file.hash.hex()}, {"bytes", file.bytes}});
    return {{"kind", document.kind},  {"number", document.number},   {"version", version.number},
            {"title", version.title}, {"subject", document.subject}, {"template", version.template_version},
            {"form", form},           {"files", std::move(files)}};
}

/// The city's own form, so far as there is one. What must go out at once goes without it.
std::optional<FilledForm> find_filled_form(Site& site, const NewDocument& made, const tmpl::Map& values) {
    try {
        return fill_document_form(site, made.kind, values);
    } catch (const Error& error) {
        if (!made.is_urgent) throw;
        sys::log(sys::Level::Error, "the city's form could not be filled; the document goes without it",
                 {{"kind", made.kind}, {"problem", error.message()}});
        return std::nullopt;
    }
}

std::string subject_of(std::int64_t document) {
    return fmt::format("document:{}", document);
}

Version load_version(sys::Reader& db, std::int64_t id) {
    auto found = documents::find_version(db, id);
    if (!found) throw Error(Kind::NotFound, "この文書の版はありません。");
    return std::move(*found);
}

std::string checked(std::string_view text, std::size_t longest, std::string_view label) {
    const std::string_view plain = base::trim(text);
    if (!base::is_utf8(plain) || base::count_code_points(plain) > longest)
        throw Error(Kind::BadInput, fmt::format("「{}」は{}文字までで入力してください。", label, longest));
    return std::string(plain);
}

/// What deliver and confirm share.
documents::Delivery hand_over(Site& site, const HandOver& given, std::string_view what, std::string_view by) {
    const bool is_confirm = what == documents::kConfirm;
    documents::Delivery made;
    made.version = given.version;
    made.what = what;
    made.how = given.how;
    made.who = checked(given.who, 200, is_confirm ? "確認した人" : "渡した相手");
    made.note = checked(given.note, 2000, "備考");
    made.by = by;
    made.at = site.clock.now();
    made.happened_at = given.happened_at;
    if (std::none_of(std::begin(kWays), std::end(kWays), [&](const Way& way) { return way.id == given.how; }))
        throw Error(Kind::BadInput, "方法を選んでください。");
    if (made.who.empty())
        throw Error(Kind::BadInput, is_confirm ? "確認した人の職と氏名を入力してください。"
                                               : "渡した相手の部署と氏名を入力してください。");
    if (made.happened_at > made.at) throw Error(Kind::BadInput, "日時が先の日時です。実際の日時を入力してください。");
    if (is_confirm && given.how != "screen" && given.file_bytes.empty())
        throw Error(Kind::BadInput, "確認のメールまたは書面のファイルを付けてください。後で証拠になります。");
    std::optional<records::NewFile> kept;
    const Version version = site.database->read([&](sys::Reader& db) { return load_version(db, given.version); });
    if (made.happened_at.milliseconds + 60'000 < version.made_at.milliseconds)
        throw Error(Kind::BadInput, "この版を作る前の日時です。実際の日時を入力してください。");
    if (!given.file_bytes.empty())
        kept = keep_file(site, subject_of(version.document), given.file_name, given.file_bytes, by);
    return site.database->write([&](sys::Transaction& tx) {
        const Document document = documents::load_document(tx, version.document);
        if (is_confirm && document.versions != version.number)
            throw Error(Kind::Conflict, "新しい版があります。新しい版を確かめてから確認してください。");
        if (is_confirm && document.confirmed_at) throw Error(Kind::Conflict, "この版は、すでに確認済みです。");
        if (!is_confirm)
            for (const documents::Delivery& before : documents::list_deliveries(tx, document.id))
                if (before.version == made.version && before.what == made.what && before.how == made.how &&
                    before.who == made.who && before.happened_at == made.happened_at)
                    throw Error(Kind::Conflict, "この提出は、すでに記録しています。");
        documents::Delivery entered = made;
        if (kept) entered.file = records::attach(tx, *kept).id;
        entered = documents::add_delivery(tx, entered);
        json::object detail{{"kind", document.kind},
                            {"number", document.number},
                            {"version", version.number},
                            {"how", entered.how},
                            {"who", entered.who},
                            {"subject", document.subject},
                            {"at", base::format_utc(entered.happened_at)}};
        // Of a month's paper, which month: the contract asks for each month's.
        const std::string month = document.subject.substr(document.subject.find(':') + 1);
        if (month.size() == 7 && base::parse_day(month + "-01")) detail["month"] = month;
        if (kept) detail["sha256"] = kept->hash.hex();
        ledger::append(
            tx, {entered.at, entered.by, "document." + entered.what, subject_of(document.id), json::serialize(detail)});
        if (!is_confirm && document.kind == "contacts")
            ledger::append(tx, {entered.at, entered.by, "contacts.deliver", document.subject,
                                json::serialize(json::object{{"document", document.number},
                                                             {"version", version.number},
                                                             {"at", base::format_utc(entered.happened_at)}})});
        if (given.also) given.also(tx, document);
        return entered;
    });
}

}  // namespace

std::span<const Way> delivery_ways() {
    return kWays;
}

std::string preview_document(Site& site, const NewDocument& made) {
    documents::load_kind(made.kind);
    const DocumentTemplates templates(site);
    const Foretold next = foretell(site, made);
    return templates.render(made.kind + ".html", values_of(site, made, next.number, next.version));
}

Version make_document(Site& site, const NewDocument& made, std::string_view by) {
    const documents::DocumentKind& kind = documents::load_kind(made.kind);
    const DocumentTemplates templates(site);
    for (int tries = 1;; ++tries) {
        const Foretold next = foretell(site, made);
        if (made.based_on >= 0 && next.version != made.based_on + 1)
            throw Error(Kind::Conflict, "新しい版がすでに作られています。その内容を確かめてください。");
        const tmpl::Map values = values_of(site, made, next.number, next.version);
        const std::string html = templates.render(made.kind + ".html", values);
        const auto form = find_filled_form(site, made, values);
        Version version;
        version.title = made.title;
        version.made_at = site.clock.now();
        version.made_by = by;
        version.template_version = templates.version_of(made.kind + ".html");
        const std::string stem = fmt::format("{}-v{}", records::file_stem(next.number), next.version);
        try {
            const pdf::Words words{made.title, "ja", site.settings.site.name, version.made_at};
            const pdf::Page page{fmt::format("{}　{}　第{}版", made.title, next.number, next.version),
                                 kind.is_landscape};
            const pdf::Printed printed = pdf::print(html, words, page, pdf::find_engine());
            for (const std::string& warning : printed.warnings)
                sys::log(sys::Level::Warning, "a PDF is not as it should be", {{"document", stem}, {"what", warning}});
            version.files.push_back(keep(site, stem + ".pdf", kPdf, printed.bytes));
        } catch (const Error& error) {
            if (!made.is_urgent || error.kind() != Kind::Unavailable) throw;
            sys::log(sys::Level::Error, "no PDF could be made; the document is kept as HTML",
                     {{"document", stem}, {"problem", error.message()}});
        }
        version.files.push_back(keep(site, stem + ".html", kHtml, html));
        if (form) version.files.push_back(keep(site, stem + "-" + form->file.name, form->file.type, form->file.bytes));
        for (const ExtraFile& file : made.files)
            version.files.push_back(keep(site, stem + "-" + file.name, file.type, file.bytes));
        const auto add = [&](sys::Transaction& tx) {
            const auto before = documents::find_document(tx, made.kind, made.subject);
            if (before ? before->number != next.number || before->versions + 1 != next.version : next.version != 1)
                throw Overtaken();
            if (!before && made.number.empty() &&
                records::take_number(tx, made.kind, base::from_local({date_of(site, made)})) != next.number)
                throw Overtaken();
            version = documents::add_version(tx, made.kind, made.subject, next.number, version);
            const Document document = documents::load_document(tx, version.document);
            ledger::append(tx, {version.made_at, version.made_by, "document.make", subject_of(document.id),
                                json::serialize(facts_of(version, document, form ? form->number : 0))});
            if (made.also) made.also(tx, document, version);
        };
        try {
            site.database->write(add);
            return version;
        } catch (const Overtaken&) {  // another document was first: its number or version is on our paper
        }
        if (tries == kMostTries)
            throw Error(Kind::Conflict, "ほかの人が同じ文書を作っています。しばらく待って、もう一度行ってください。");
    }
}

documents::Delivery deliver_document(Site& site, const HandOver& given, std::string_view by) {
    return hand_over(site, given, documents::kDeliver, by);
}

documents::Delivery confirm_document(Site& site, const HandOver& given, std::string_view by) {
    return hand_over(site, given, documents::kConfirm, by);
}

}  // namespace flow

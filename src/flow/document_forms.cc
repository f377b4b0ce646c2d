#include "flow/document_forms.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "flow/attach_file.h"
#include "flow/report/form_tables.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"
#include "ground/sys/log.h"
#include "office/documents/kinds.h"
#include "office/incidents/incident.h"

namespace flow {

namespace json = boost::json;
using base::Error;
using base::Kind;

namespace {

constexpr std::string_view kIncidentLabels[] = {"障害番号", "件名", "重大度", "見つけたきっかけ", "発生"};
constexpr std::string_view kStopLabels[] = {"停止したもの",   "停止した日時", "再開した日時",
                                            "停止を決めた人", "停止の理由",   "利用者への表示"};

/// "client.name" below `values`; null: not there.
const tmpl::Value* find_path(const tmpl::Map& values, std::string_view path) {
    const auto dot = path.find('.');
    const tmpl::Value* found = values.find(path.substr(0, dot));
    if (found == nullptr || dot == std::string_view::npos) return found;
    return found->as_map() ? find_path(*found->as_map(), path.substr(dot + 1)) : nullptr;
}

tmpl::Value as_field(const std::vector<documents::Field>& fields, const documents::Field& field,
                     const tmpl::Value* value);

tmpl::Map below(const std::vector<documents::Field>& fields, std::string_view in, const tmpl::Map& values) {
    tmpl::Map named;
    for (const documents::Field& field : fields)
        if (field.in == in) named.set(field.name, as_field(fields, field, find_path(values, field.path)));
    return named;
}

tmpl::Value as_field(const std::vector<documents::Field>& fields, const documents::Field& field,
                     const tmpl::Value* value) {
    if (value == nullptr)
        return field.form == documents::Field::Form::List ? tmpl::Value(tmpl::List{}) : tmpl::Value("");
    if (field.form == documents::Field::Form::List) {
        tmpl::List items;
        if (const tmpl::List* list = value->as_list())
            for (const tmpl::Value& item : *list)
                items.push_back(item.as_map() ? tmpl::Value(below(fields, field.name, *item.as_map())) : item);
        return items;
    }
    // A year is not written 2,027.
    if (field.form == documents::Field::Form::Text && value->as_int()) return fmt::format("{}", *value->as_int());
    return *value;
}

tmpl::List sample_items(const std::vector<documents::Field>& fields, std::string_view in);

tmpl::Value sample_of(const std::vector<documents::Field>& fields, const documents::Field& field) {
    if (field.form == documents::Field::Form::List) return sample_items(fields, field.name);
    if (field.form == documents::Field::Form::Amount) return 1'234;
    return fmt::format("〔{}〕", field.name);
}

tmpl::List sample_items(const std::vector<documents::Field>& fields, std::string_view in) {
    tmpl::Map item;
    tmpl::Value text;
    for (const documents::Field& field : fields)
        if (field.in == in)
            field.path.empty() ? void(text = sample_of(fields, field))
                               : void(item.set(field.path, sample_of(fields, field)));
    return tmpl::List(3, item.empty() ? text : tmpl::Value(item));
}

std::string checked_note(std::string_view note) {
    const std::string_view plain = base::trim(note);
    if (!base::is_utf8(plain) || base::count_code_points(plain) > 500)
        throw Error(Kind::BadInput, "備考は500文字までで入力してください。");
    return std::string(plain);
}

void add_form(Site& site, const documents::FormVersion& made, int based_on) {
    site.database->write([&](sys::Transaction& tx) {
        const auto saved = documents::add_form(tx, made, based_on);
        ledger::append(tx, {made.at, made.by, "document.form", fmt::format("document-form:{}", made.kind),
                            json::serialize(json::object{{"version", saved.number},
                                                         {"name", made.name},
                                                         {"sha256", made.hash ? made.hash->hex() : ""},
                                                         {"note", made.note}})});
    });
}

documents::FormVersion load_form(Site& site, std::string_view kind) {
    auto form = site.database->read([&](sys::Reader& db) { return documents::find_form(db, kind); });
    if (!form) throw Error(Kind::NotFound, "この文書には、市の様式が登録されていません。");
    return std::move(*form);
}

}  // namespace

std::vector<FormName> form_names(std::string_view kind) {
    std::vector<FormName> names;
    for (const documents::Field& field : documents::fields_of(kind))
        names.push_back({std::string(field.name), std::string(field.in), field.form});
    const auto add = [&](std::string_view label) {
        if (std::none_of(names.begin(), names.end(),
                         [&](const FormName& one) { return one.in.empty() && one.name == label; }))
            names.push_back({std::string(label), "", documents::Field::Form::Text});
    };
    if (kind.starts_with("incident-")) {
        for (const std::string_view label : kIncidentLabels) add(label);
        for (const incidents::Field& field : incidents::all_fields()) add(field.wording);
        for (const incidents::State state : incidents::kStates) add(incidents::state_wording(state));
    }
    if (kind == "stop-report")
        for (const std::string_view label : kStopLabels) add(label);
    if (kind == "monthly")
        for (const report::FormTable& table : report::form_tables()) {
            names.push_back({std::string(table.name), "", documents::Field::Form::List});
            for (const std::string_view column : base::split(table.columns, '|'))
                names.push_back({std::string(column), std::string(table.name), documents::Field::Form::Text});
        }
    return names;
}

tmpl::Map form_values(std::string_view kind, const tmpl::Map& values) {
    tmpl::Map named = below(documents::fields_of(kind), "", values);
    for (const auto& [key, value] : values) {
        if (value.as_list() == nullptr) continue;
        for (const tmpl::Value& row : *value.as_list()) {
            const tmpl::Value* label = row.as_map() ? row.as_map()->find("label") : nullptr;
            const tmpl::Value* text = row.as_map() ? row.as_map()->find("text") : nullptr;
            if (label && text && label->as_text() && named.find(*label->as_text()) == nullptr)
                named.set(*label->as_text(), *text);
        }
    }
    if (kind == "monthly") report::add_form_tables(values, named);
    for (const FormName& name : form_names(kind))  // a label that this document lacks
        if (name.in.empty() && named.find(name.name) == nullptr) named.set(name.name, "");
    return named;
}

tmpl::Map sample_values(std::string_view kind) {
    const auto fields = documents::fields_of(kind);
    tmpl::Map values;
    std::map<std::string, tmpl::Map, std::less<>> parts;
    for (const documents::Field& field : fields) {
        if (!field.in.empty()) continue;
        const auto dot = field.path.find('.');
        if (dot == std::string_view::npos)
            values.set(field.path, sample_of(fields, field));
        else
            parts[std::string(field.path.substr(0, dot))].set(field.path.substr(dot + 1), sample_of(fields, field));
    }
    for (const auto& [name, part] : parts) values.set(name, part);
    if (kind == "monthly") {  // one of the sections with every table that there is
        tmpl::List sections = *values.find("sections")->as_list();
        sections.front() = tmpl::Map(*sections.front().as_map()).set("tables", report::sample_tables());
        values.set("sections", std::move(sections));
    }
    return values.set("is_final", true).set("has_last", true).set("has_log", true);
}

void save_document_form(Site& site, std::string_view kind, std::string_view file_name, std::string_view bytes,
                        std::string_view note, int based_on, std::string_view by) {
    documents::load_kind(kind);
    documents::FormVersion made;
    made.note = checked_note(note);
    if (bytes.size() > forms::kLargestForm)
        throw Error(Kind::BadInput,
                    fmt::format("ファイルが大きすぎます。{}MBまでにしてください。", forms::kLargestForm >> 20U));
    const records::NewFile kept = keep_file(site, fmt::format("document-form:{}", kind), file_name, bytes, by);
    // The labels have no sample of their own: their names are enough to be known.
    const forms::Filled tried = forms::fill(bytes, form_values(kind, sample_values(kind)));
    if (tried.names.empty())
        throw Error(Kind::BadInput,
                    "差込みがひとつもありません。下の表の名前を「{{件名}}」のように様式に書いてください。");
    if (!tried.unknown.empty())
        throw Error(Kind::BadInput,
                    fmt::format("この文書にない名前が使われています：{}。下の表にある名前に直してください。",
                                base::join(tried.unknown, "、")));
    made.kind = kind;
    made.name = kept.name;
    made.hash = kept.hash;
    made.bytes = kept.bytes;
    made.by = by;
    made.at = kept.at;
    add_form(site, made, based_on);
}

void drop_document_form(Site& site, std::string_view kind, int based_on, std::string_view by) {
    documents::FormVersion made = load_form(site, kind);
    made.hash.reset();
    made.bytes = 0;
    made.note.clear();
    made.by = by;
    made.at = site.clock.now();
    add_form(site, made, based_on);
}

forms::Filled sample_form(Site& site, std::string_view kind) {
    const auto form = load_form(site, kind);
    return forms::fill(site.objects->load(*form.hash), form_values(kind, sample_values(kind)));
}

std::optional<FilledForm> fill_document_form(Site& site, std::string_view kind, const tmpl::Map& values) {
    const auto form = site.database->read([&](sys::Reader& db) { return documents::find_form(db, kind); });
    if (!form) return std::nullopt;
    try {
        forms::Filled filled = forms::fill(site.objects->load(*form->hash), form_values(kind, values));
        for (const std::string& name : filled.unknown)  // of another version of the program
            sys::log(sys::Level::Warning, "a city's form names what is not there",
                     {{"kind", std::string(kind)}, {"name", name}});
        return FilledForm{form->number,
                          {fmt::format("form{}", forms::ending(filled.format)),
                           std::string(forms::media_type(filled.format)), std::move(filled.bytes)}};
    } catch (Error& error) {
        error.add_trail(fmt::format("while filling the city's form of {}, version {}", kind, form->number));
        throw;
    }
}

}  // namespace flow

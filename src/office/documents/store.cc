#include "office/documents/store.h"

#include <algorithm>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "office/documents/kinds.h"

namespace documents {

using base::Error;
using base::Kind;

namespace {

constexpr sys::Migration kMigrations[] = {{"documents/0001_document", R"(
-- A document is its kind and subject; its versions are added and never changed. document_event is what became of a
-- version: handed over, receipt confirmed. document_template is what administrators made of the built-in templates; an
-- empty source is the built-in one again.
CREATE TABLE document (
    id {id},
    kind {key} NOT NULL,
    subject {key} NOT NULL,
    number {key} NOT NULL UNIQUE,
    UNIQUE (kind, subject)
);
CREATE INDEX document_subject ON document (subject);
CREATE TABLE document_version (
    id {id},
    document_id BIGINT NOT NULL REFERENCES document (id),
    number BIGINT NOT NULL CHECK (number > 0),
    title TEXT NOT NULL,
    template_version BIGINT NOT NULL,
    made_by {key} NOT NULL,
    made_at BIGINT NOT NULL,
    UNIQUE (document_id, number)
);
CREATE TABLE document_file (
    version_id BIGINT NOT NULL REFERENCES document_version (id),
    place BIGINT NOT NULL,
    name TEXT NOT NULL,
    media_type {key} NOT NULL,
    hash {key} NOT NULL,
    bytes BIGINT NOT NULL,
    PRIMARY KEY (version_id, place)
);
CREATE TABLE document_event (
    id {id},
    version_id BIGINT NOT NULL REFERENCES document_version (id),
    what {key} NOT NULL CHECK (what IN ('deliver', 'confirm')),
    how {key} NOT NULL,
    who TEXT NOT NULL,
    note TEXT NOT NULL,
    file_id BIGINT,
    happened_at BIGINT NOT NULL,
    entered_by {key} NOT NULL,
    entered_at BIGINT NOT NULL
);
CREATE INDEX document_event_version ON document_event (version_id, id);
CREATE UNIQUE INDEX document_confirmed ON document_event (version_id) WHERE what = 'confirm';
CREATE TABLE document_template (
    file {key} NOT NULL,
    number BIGINT NOT NULL CHECK (number > 0),
    source TEXT NOT NULL,
    note TEXT NOT NULL,
    made_by {key} NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (file, number)
);
)"},
                                          {"documents/0002_form", R"(
-- A city's own form (.docx, .xlsx) for a kind of document; its bytes are an object. An empty hash takes it away.
CREATE TABLE document_form (
    kind {key} NOT NULL,
    number BIGINT NOT NULL CHECK (number > 0),
    name TEXT NOT NULL,
    hash {key} NOT NULL,
    bytes BIGINT NOT NULL,
    note TEXT NOT NULL,
    made_by {key} NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (kind, number)
);
)"}};

// The newest version of each document, with what became of it.
constexpr std::string_view kDocuments =
    "SELECT d.id, d.kind, d.subject, d.number, v.title, v.number, v.made_at, "
    "(SELECT MIN(e.happened_at) FROM document_event e WHERE e.version_id = v.id AND e.what = 'deliver'), "
    "(SELECT MIN(e.happened_at) FROM document_event e WHERE e.version_id = v.id AND e.what = 'confirm') "
    "FROM document d JOIN document_version v ON v.document_id = d.id AND v.number = "
    "(SELECT MAX(w.number) FROM document_version w WHERE w.document_id = d.id) ";

std::optional<base::Instant> maybe_time(const sys::Row& row, std::size_t column) {
    const auto at = row.maybe_integer(column);
    if (!at) return std::nullopt;
    return base::Instant{*at};
}

Document read_document(const sys::Row& row) {
    return {row.integer(0),   row.text(1),        row.text(2),
            row.text(3),      row.text(4),        static_cast<int>(row.integer(5)),
            {row.integer(6)}, maybe_time(row, 7), maybe_time(row, 8)};
}

constexpr std::string_view kVersions =
    "SELECT id, document_id, number, made_at, made_by, title, template_version FROM document_version ";

Version read_version(sys::Reader& db, const sys::Row& row) {
    Version version;
    version.id = row.integer(0);
    version.document = row.integer(1);
    version.number = static_cast<int>(row.integer(2));
    version.made_at = {row.integer(3)};
    version.made_by = row.text(4);
    version.title = row.text(5);
    version.template_version = static_cast<int>(row.integer(6));
    for (const sys::Row& file :
         db.query("SELECT name, media_type, hash, bytes FROM document_file WHERE version_id = $1 ORDER BY place",
                  {version.id})) {
        const auto hash = base::Hash::find_hex(file.text(2));
        if (!hash) throw Error(Kind::Damaged, fmt::format("document version {}: a hash cannot be read", version.id));
        version.files.push_back({file.text(0), file.text(1), *hash, file.integer(3)});
    }
    return version;
}

/// For LIKE: what the person typed, with its wildcards taken as letters.
std::string like(std::string_view words) {
    std::string pattern = "%";
    for (const char c : words) {
        if (c == '%' || c == '_' || c == '\\') pattern += '\\';
        pattern += c;
    }
    return pattern + "%";
}

constexpr std::string_view kTemplates = "SELECT number, file, source, note, made_by, made_at FROM document_template ";

TemplateVersion read_template(const sys::Row& row) {
    return {static_cast<int>(row.integer(0)), row.text(1), row.text(2), row.text(3), row.text(4), {row.integer(5)}};
}

FormVersion read_form(const sys::Row& row) {
    FormVersion form{row.text(0),    static_cast<int>(row.integer(1)),
                     row.text(2),    base::Hash::find_hex(row.text(3)),
                     row.integer(4), row.text(5),
                     row.text(6),    {row.integer(7)}};
    if (!form.hash && !row.text(3).empty())
        throw Error(Kind::Damaged, fmt::format("document_form {} {}: its hash cannot be read", form.kind, form.number));
    return form;
}

}  // namespace

std::span<const sys::Migration> migrations() {
    return kMigrations;
}

const DocumentFile* Version::find(std::string_view type) const {
    const auto found = std::find_if(files.begin(), files.end(), [&](const auto& file) { return file.type == type; });
    return found == files.end() ? nullptr : &*found;
}

std::optional<Document> find_document(sys::Reader& db, std::string_view kind, std::string_view subject) {
    const auto row = db.find(std::string(kDocuments) + "WHERE d.kind = $1 AND d.subject = $2",
                             {std::string(kind), std::string(subject)});
    if (!row) return std::nullopt;
    return read_document(*row);
}

std::optional<Document> find_document(sys::Reader& db, std::int64_t id) {
    const auto row = db.find(std::string(kDocuments) + "WHERE d.id = $1", {id});
    if (!row) return std::nullopt;
    return read_document(*row);
}

Document load_document(sys::Reader& db, std::int64_t id) {
    const auto found = find_document(db, id);
    if (!found) throw Error(Kind::NotFound, "この文書はありません。");
    return *found;
}

std::vector<Document> list_documents(sys::Reader& db, const Filter& filter) {
    std::string sql = std::string(kDocuments) + "WHERE 1 = 1";
    std::vector<sys::Value> values;
    const auto where = [&](std::string_view condition, sys::Value value) {
        values.push_back(std::move(value));
        sql += fmt::format(" AND {} ${}", condition, values.size());
    };
    if (!filter.kind.empty()) where("d.kind =", filter.kind);
    if (!filter.subject.empty()) where("d.subject =", filter.subject);
    if (!filter.words.empty()) {
        values.emplace_back(like(filter.words));
        sql += fmt::format(" AND (d.number LIKE ${0} ESCAPE '\\' OR v.title LIKE ${0} ESCAPE '\\')", values.size());
    }
    if (filter.turn != Turn::Any) {
        std::vector<std::string> kinds;
        for (const DocumentKind& kind : all_kinds())
            if (kind.is_confirmed) kinds.push_back(fmt::format("'{}'", kind.id));
        const auto event = [](std::string_view what) {
            return fmt::format("EXISTS (SELECT 1 FROM document_event e WHERE e.version_id = v.id AND e.what = '{}')",
                               what);
        };
        sql += fmt::format(" AND d.kind IN ({}) AND NOT {} AND {}{}", fmt::join(kinds, ", "), event(kConfirm),
                           filter.turn == Turn::ToDeliver ? "NOT " : "", event(kDeliver));
    }
    if (filter.from) where("v.made_at >=", filter.from->milliseconds);
    if (filter.until) where("v.made_at <", filter.until->milliseconds);
    if (filter.before > 0) where("d.id <", filter.before);
    sql += fmt::format(" ORDER BY d.id DESC LIMIT {}", std::clamp(filter.limit, 1, 1000));
    std::vector<Document> documents;
    for (const sys::Row& row : db.query(sql, values)) documents.push_back(read_document(row));
    return documents;
}

std::vector<Version> list_versions(sys::Reader& db, std::int64_t document) {
    std::vector<Version> versions;
    for (const sys::Row& row :
         db.query(std::string(kVersions) + "WHERE document_id = $1 ORDER BY number DESC", {document}))
        versions.push_back(read_version(db, row));
    return versions;
}

std::optional<Version> find_version(sys::Reader& db, std::int64_t id) {
    const auto row = db.find(std::string(kVersions) + "WHERE id = $1", {id});
    if (!row) return std::nullopt;
    return read_version(db, *row);
}

std::vector<Delivery> list_deliveries(sys::Reader& db, std::int64_t document) {
    std::vector<Delivery> all;
    for (const sys::Row& row : db.query(
             "SELECT e.id, e.version_id, e.what, e.how, e.who, e.note, e.entered_by, e.happened_at, e.entered_at, "
             "e.file_id FROM document_event e JOIN document_version v ON v.id = e.version_id WHERE v.document_id = $1 "
             "ORDER BY e.id DESC",
             {document}))
        all.push_back({row.integer(0),
                       row.integer(1),
                       row.text(2),
                       row.text(3),
                       row.text(4),
                       row.text(5),
                       row.text(6),
                       {row.integer(7)},
                       {row.integer(8)},
                       row.maybe_integer(9)});
    return all;
}

Version add_version(sys::Transaction& tx, std::string_view kind, std::string_view subject, std::string_view number,
                    const Version& made) {
    Version version = made;
    const auto before = tx.find(
        "SELECT d.id, (SELECT MAX(v.number) FROM document_version v WHERE v.document_id = d.id) FROM document d "
        "WHERE d.kind = $1 AND d.subject = $2",
        {std::string(kind), std::string(subject)});
    version.document = before
                           ? before->integer(0)
                           : tx.insert("INSERT INTO document (kind, subject, number) VALUES ($1, $2, $3) RETURNING id",
                                       {std::string(kind), std::string(subject), std::string(number)});
    version.number = before ? static_cast<int>(before->integer(1)) + 1 : 1;
    version.id = tx.insert(
        "INSERT INTO document_version (document_id, number, title, template_version, made_by, made_at) VALUES ($1, $2, "
        "$3, $4, $5, $6) RETURNING id",
        {version.document, std::int64_t{version.number}, version.title, std::int64_t{version.template_version},
         version.made_by, version.made_at.milliseconds});
    std::int64_t place = 0;
    for (const DocumentFile& file : version.files)
        tx.execute(
            "INSERT INTO document_file (version_id, place, name, media_type, hash, bytes) VALUES ($1, $2, $3, $4, "
            "$5, $6)",
            {version.id, ++place, file.name, file.type, file.hash.hex(), file.bytes});
    return version;
}

Delivery add_delivery(sys::Transaction& tx, const Delivery& made) {
    Delivery delivery = made;
    delivery.id = tx.insert(
        "INSERT INTO document_event (version_id, what, how, who, note, file_id, happened_at, entered_by, entered_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id",
        {made.version, made.what, made.how, made.who, made.note, sys::maybe(made.file), made.happened_at.milliseconds,
         made.by, made.at.milliseconds});
    return delivery;
}

std::optional<TemplateVersion> find_template(sys::Reader& db, std::string_view file) {
    const auto row =
        db.find(std::string(kTemplates) + "WHERE file = $1 ORDER BY number DESC LIMIT 1", {std::string(file)});
    if (!row || row->text(2).empty()) return std::nullopt;
    return read_template(*row);
}

std::vector<TemplateVersion> list_template_versions(sys::Reader& db, std::string_view file) {
    std::vector<TemplateVersion> all;
    for (const sys::Row& row :
         db.query("SELECT number, file, '', note, made_by, made_at FROM document_template WHERE file = $1 ORDER BY "
                  "number DESC LIMIT 200",
                  {std::string(file)}))
        all.push_back(read_template(row));
    return all;
}

std::optional<TemplateVersion> find_template_version(sys::Reader& db, std::string_view file, int number) {
    const auto row =
        db.find(std::string(kTemplates) + "WHERE file = $1 AND number = $2", {std::string(file), std::int64_t{number}});
    if (!row) return std::nullopt;
    return read_template(*row);
}

std::vector<FormVersion> list_forms(sys::Reader& db, std::string_view kind) {
    std::vector<FormVersion> all;
    for (const sys::Row& row : db.query("SELECT kind, number, name, hash, bytes, note, made_by, made_at FROM "
                                        "document_form WHERE kind = $1 ORDER BY number DESC LIMIT 200",
                                        {std::string(kind)}))
        all.push_back(read_form(row));
    return all;
}

std::optional<FormVersion> find_form(sys::Reader& db, std::string_view kind) {
    const auto all = list_forms(db, kind);
    if (all.empty() || !all.front().hash) return std::nullopt;
    return all.front();
}

FormVersion add_form(sys::Transaction& tx, const FormVersion& made, int based_on) {
    const auto before = list_forms(tx, made.kind);
    if ((before.empty() ? 0 : before.front().number) != based_on)
        throw Error(Kind::Conflict,
                    "ほかの人がこの様式を先に直しました。新しい内容を確かめて、もう一度直してください。");
    FormVersion version = made;
    version.number = based_on + 1;
    tx.execute(
        "INSERT INTO document_form (kind, number, name, hash, bytes, note, made_by, made_at) VALUES ($1, $2, $3, "
        "$4, $5, $6, $7, $8)",
        {version.kind, std::int64_t{version.number}, version.name, version.hash ? version.hash->hex() : "",
         version.bytes, version.note, version.by, version.at.milliseconds});
    return version;
}

TemplateVersion add_template(sys::Transaction& tx, const TemplateVersion& made, int based_on) {
    const auto last = tx.find("SELECT MAX(number) FROM document_template WHERE file = $1", {made.file});
    const auto newest = last && !last->is_null(0) ? static_cast<int>(last->integer(0)) : 0;
    if (newest != based_on)
        throw Error(Kind::Conflict,
                    "ほかの人がこの様式を先に直しました。新しい内容を確かめて、もう一度直してください。");
    TemplateVersion version = made;
    version.number = newest + 1;
    tx.execute(
        "INSERT INTO document_template (file, number, source, note, made_by, made_at) VALUES ($1, $2, $3, $4, $5, "
        "$6)",
        {version.file, std::int64_t{version.number}, version.source, version.note, version.by,
         version.at.milliseconds});
    return version;
}

}  // namespace documents

// Documents as the office keeps them: a document (kind and subject), its versions, each with the files that were made
// of it, and what became of them: handed over to whom and how, receipt confirmed. A version is never changed or
// replaced. The bytes are objects.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/hash.h"
#include "ground/base/time.h"
#include "ground/sys/database.h"
#include "ground/sys/extract.h"

namespace documents {

std::span<const sys::Migration> migrations();
std::span<const sys::Extract> extracts();

struct DocumentFile {
    std::string name;  ///< "completion-2027-0001-v2.pdf"
    std::string type;  ///< "application/pdf"
    base::Hash hash;
    std::int64_t bytes = 0;
};

struct Version {
    std::int64_t id = 0;
    std::int64_t document = 0;
    int number = 0;  ///< from 1
    base::Instant made_at;
    std::string made_by;
    std::string title;
    int template_version = 0;  ///< 0: the program's own
    std::vector<DocumentFile> files;
    /// Null if there is none.
    const DocumentFile* find(std::string_view type) const;
};

struct Document {
    std::int64_t id = 0;
    std::string kind;     ///< kinds.h
    std::string subject;  ///< "report:2027-04", "incident:5"
    std::string number;   ///< "完了通知-2027-0001"
    std::string title;    ///< of the newest version
    int versions = 0;
    base::Instant made_at;                                    ///< the newest version
    std::optional<base::Instant> delivered_at, confirmed_at;  ///< of the newest version
};

struct Delivery {
    std::int64_t id = 0;
    std::int64_t version = 0;  ///< its id
    std::string what;          ///< "deliver" or "confirm"
    std::string how;           ///< "screen", "mail", "paper", "hand", "post"
    std::string who;           ///< to whom, or who confirmed
    std::string note;
    std::string by;                    ///< who entered it
    base::Instant happened_at;         ///< as entered
    base::Instant at;                  ///< when it was entered
    std::optional<std::int64_t> file;  ///< records::File: the mail or the scanned paper
};

/// What became of it, by its short word in the table.
constexpr std::string_view kDeliver = "deliver", kConfirm = "confirm";

/// The document of that kind and subject.
std::optional<Document> find_document(sys::Reader& db, std::string_view kind, std::string_view subject);
std::optional<Document> find_document(sys::Reader& db, std::int64_t id);
Document load_document(sys::Reader& db, std::int64_t id);

/// Whose turn it is with a document whose receipt the client confirms; of its newest version.
enum class Turn { Any, ToDeliver, ToConfirm };

struct Filter {
    Turn turn = Turn::Any;
    std::string kind, subject, words;          ///< empty: any; words: in number or title
    std::optional<base::Instant> from, until;  ///< made
    std::int64_t before = 0;                   ///< the last page's smallest id; 0 = from the newest
    int limit = 50;
};
/// Newest first.
std::vector<Document> list_documents(sys::Reader& db, const Filter& filter);
/// Newest first.
std::vector<Version> list_versions(sys::Reader& db, std::int64_t document);
std::optional<Version> find_version(sys::Reader& db, std::int64_t id);
std::vector<Delivery> list_deliveries(sys::Reader& db, std::int64_t document);

/// A new version; the document is made with its first one, and takes `number` then.
Version add_version(sys::Transaction& tx, std::string_view kind, std::string_view subject, std::string_view number,
                    const Version& made);
Delivery add_delivery(sys::Transaction& tx, const Delivery& made);

// --- what administrators made of the templates

struct TemplateVersion {
    int number = 0;      ///< from 1 within its file
    std::string file;    ///< "completion.html"
    std::string source;  ///< empty: back to the program's own
    std::string note, by;
    base::Instant at;
};
/// The newest of each file, so far as it is not the program's own again.
std::optional<TemplateVersion> find_template(sys::Reader& db, std::string_view file);
/// Newest first, without what they contain.
std::vector<TemplateVersion> list_template_versions(sys::Reader& db, std::string_view file);
std::optional<TemplateVersion> find_template_version(sys::Reader& db, std::string_view file, int number);
/// `based_on`: the number that the editor had before them (0: the program's own). Throws Error(Conflict) when there is
/// a newer one.
TemplateVersion add_template(sys::Transaction& tx, const TemplateVersion& made, int based_on);

// --- a city's own form (.docx, .xlsx) of a kind

struct FormVersion {
    std::string kind;
    int number = 0;                  ///< from 1 within its kind
    std::string name;                ///< the file's, as it was sent
    std::optional<base::Hash> hash;  ///< nothing: from here on there is no form
    std::int64_t bytes = 0;
    std::string note, by;
    base::Instant at;
};
/// The newest of the kind, unless it was taken away.
std::optional<FormVersion> find_form(sys::Reader& db, std::string_view kind);
/// Newest first.
std::vector<FormVersion> list_forms(sys::Reader& db, std::string_view kind);
/// `based_on` as add_template's.
FormVersion add_form(sys::Transaction& tx, const FormVersion& made, int based_on);

}  // namespace documents

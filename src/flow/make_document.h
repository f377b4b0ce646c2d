// Documents: made from data by a template, printed, kept with their hash in the ledger, handed over, confirmed. A
// second making of the same kind and subject is a new version; the one before stays.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "flow/site.h"
#include "ground/template/value.h"
#include "office/documents/kinds.h"
#include "office/documents/store.h"

namespace flow {

/// A file that goes with a document: a list as CSV, a workbook.
struct ExtraFile {
    std::string name;  ///< "backups.csv"; kept as NUMBER-v1-backups.csv
    std::string type;
    std::string bytes;
};

struct NewDocument {
    std::string kind;     ///< documents::all_kinds()
    std::string subject;  ///< "incident:5"
    std::string title;    ///< "障害報告書（最終）"
    /// For the template, beside what every template has: title, number, version, date ("令和9年5月1日"), date_iso,
    /// city, client, contractor, contract (maps: name, representative, ...).
    tmpl::Map data;
    base::Day date{};    ///< that stands on the paper; 1970-01-01 = today
    std::string number;  ///< empty: taken of records::take_number(kind) with the first version
    std::vector<ExtraFile> files = {};
    /// Without a PDF engine, HTML alone will do (what must go out at once); the screen says that the PDF is missing.
    bool is_urgent = false;
    /// How many versions there were when the person asked for this one; another number is Error(Conflict). -1: any.
    int based_on = -1;
    /// More to be written in the transaction that makes it: the record's own line (report.make, incident.report, ...).
    std::function<void(sys::Transaction&, const documents::Document&, const documents::Version&)> also = {};
};

/// Throws tmpl::TemplateError, Error(Unavailable) when no PDF can be made, Error(BadInput): no such kind.
documents::Version make_document(Site& site, const NewDocument& made, std::string_view by);
/// The document as HTML, without keeping anything: for previews.
std::string preview_document(Site& site, const NewDocument& made);

struct HandOver {
    std::int64_t version = 0;  ///< documents::Version::id
    std::string how;           ///< one of delivery_ways(): "mail", "paper", "hand", "post", "screen"
    std::string who;           ///< to whom; who confirmed
    std::string note = {};
    base::Instant happened_at;                    ///< not in the future
    std::string file_name = {}, file_bytes = {};  ///< the mail or the scanned paper; empty: none
    /// More to be written in the same transaction.
    std::function<void(sys::Transaction&, const documents::Document&)> also = {};
};
/// The words for `how`.
struct Way {
    std::string_view id, wording;
};
std::span<const Way> delivery_ways();

/// Records that it was given to somebody. Throws Error(BadInput), Error(NotFound).
documents::Delivery deliver_document(Site& site, const HandOver& given, std::string_view by);
/// Records the receipt: by the client on the screen (how "screen"), or a mail or a paper with its file (which is then
/// asked for). Throws Error(Conflict) when this version is confirmed already, or a newer one is there.
documents::Delivery confirm_document(Site& site, const HandOver& given, std::string_view by);

}  // namespace flow

#include "flow/hand_over/parts.h"
#include "ground/base/csv.h"
#include "ground/base/time.h"
#include "ground/people/extracts.h"
#include "ground/release/extracts.h"
#include "office/billing/store.h"
#include "office/documents/store.h"
#include "office/helpdesk/migrations.h"
#include "office/incidents/incident.h"
#include "office/records/store.h"
#include "office/registers/store.h"
#include "office/stops/stop.h"
#include "office/training/store.h"
#include "office/visits/store.h"
#include "office/vulnerabilities/store.h"
#include "press/content/extracts.h"
#include "press/frames/extracts.h"
#include "press/intake/extracts.h"
#include "press/publish/extracts.h"
#include "press/workflow/extracts.h"
#include "watch/backup/requests.h"
#include "watch/backup/store.h"
#include "watch/cutover/store.h"
#include "watch/log_archive/archive.h"
#include "watch/samples/samples.h"
#include "watch/signals/anomaly.h"
#include "watch/telling/calls.h"

namespace flow::hand_over {

namespace {

std::string cell(const sys::Row& row, std::size_t column, const sys::ExtractColumn& wanted) {
    if (row.is_null(column)) return "";
    if (wanted.form == sys::ColumnForm::Time)
        return row.integer(column) == 0 ? "" : base::format_utc({row.integer(column)});
    return row.text(column);
}

}  // namespace

std::vector<sys::Extract> all_extracts() {
    std::vector<sys::Extract> all;
    for (const auto& part :
         {people::extracts(), content::extracts(), workflow::extracts(), publish::extracts(), release::extracts(),
          intake::extracts(), frames::extracts(), training::extracts(), registers::extracts(), visits::extracts(),
          records::extracts(), documents::extracts(), billing::extracts(), incidents::extracts(), stops::extracts(),
          helpdesk::extracts(), vulnerabilities::extracts()})
        all.insert(all.end(), part.begin(), part.end());
    return all;
}

std::vector<sys::Extract> watch_extracts() {
    std::vector<sys::Extract> all;
    for (const auto& part : {signals::extracts(), samples::extracts(), telling::extracts(), cutover::extracts(),
                             backup::extracts(), backup::request_extracts(), log_archive::extracts()})
        all.insert(all.end(), part.begin(), part.end());
    return all;
}

std::int64_t write_table(Pack& pack, sys::Reader& db, const sys::Extract& extract) {
    const auto file = pack.open(fmt::format("tables/{}.csv", extract.table));
    std::string chosen;
    std::vector<std::string> head;
    for (const sys::ExtractColumn& column : extract.columns) {
        // Texts and numbers alike as texts: a cell is one.
        const bool is_time = column.form == sys::ColumnForm::Time;
        chosen += fmt::format("{}{}", chosen.empty() ? "" : ", ",
                              is_time ? std::string(column.name) : fmt::format("CAST({} AS TEXT)", column.name));
        head.emplace_back(column.name);
        if (column.form == sys::ColumnForm::Object) head.emplace_back("file");
    }
    file->write("\xEF\xBB\xBF" + base::csv_line(head));
    std::int64_t rows = 0;
    db.each(fmt::format("SELECT {} FROM {} ORDER BY {}", chosen, extract.table, extract.order), {},
            [&](const sys::Row& row) {
                std::vector<std::string> cells;
                for (std::size_t i = 0; i < extract.columns.size(); ++i) {
                    cells.push_back(cell(row, i, extract.columns[i]));
                    if (extract.columns[i].form != sys::ColumnForm::Object) continue;
                    const auto hash = base::Hash::find_hex(cells.back());
                    cells.push_back(hash ? pack.keep(*hash, fmt::format("{} {}", extract.table, cells.front())) : "");
                }
                file->write(base::csv_line(cells));
                if (++rows % 1000 == 0) pack.check_stopped();
                return true;
            });
    file->commit(sys::Durability::Later);
    return rows;
}

}  // namespace flow::hand_over

// The report's tables as files: one CSV each, one workbook of them all, and the list of what each row comes from.
#pragma once

#include "flow/make_document.h"
#include "flow/report/section.h"

namespace flow::report {

/// "backups.csv", ..., "tables.xlsx", "traces.csv". Cells are text or, in number columns, as they stand in the report.
std::vector<ExtraFile> files_of(const std::vector<Section>& sections);

}  // namespace flow::report

// The monthly report's tables in a city's own form: each is a list by its caption, and each column a name within it
// ({{#障害}} {{番号}} {{件名}} {{/障害}} around a row). A form is checked when it is saved, in a month whose tables may
// be others, so the table of names is written out; a test compares it with what the sections make.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ground/template/value.h"

namespace flow::report {

struct FormTable {
    std::string_view id;       ///< of Table
    std::string_view name;     ///< its caption
    std::string_view columns;  ///< their labels, '|' between them
};
std::span<const FormTable> form_tables();
/// Null: the table stands in no form.
const FormTable* find_form_table(std::string_view id);

/// Into `named`: every table's rows from the report's `sections`, empty where this month has none.
void add_form_tables(const tmpl::Map& report, tmpl::Map& named);
/// Made-up rows, as a report's section has them, for a look at the form.
tmpl::List sample_tables();

}  // namespace flow::report

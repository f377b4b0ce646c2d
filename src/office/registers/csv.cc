// Registers as files of a spreadsheet: out with every column, in by name, all or nothing, each fault with its line.
#include "ground/base/csv.h"

#include <algorithm>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "office/registers/store.h"

namespace registers {

namespace {

constexpr std::size_t kMostLines = 5000, kMostFaults = 50;

std::vector<std::string> columns_of(const Register& kind) {
    std::vector<std::string> all{"name"};
    if (!kind.due.empty()) all.emplace_back("due");
    for (const Field& field : kind.fields) all.emplace_back(field.id);
    return all;
}

std::vector<std::string> labels_of(const Register& kind) {
    std::vector<std::string> all{std::string(kind.name)};
    if (!kind.due.empty()) all.emplace_back(kind.due);
    for (const Field& field : kind.fields) all.emplace_back(field.label);
    return all;
}

std::string cell_of(const Entry& entry, const std::string& column) {
    if (column == "name") return entry.name;
    if (column == "due") return entry.due ? base::format_day(*entry.due) : "";
    const auto found = entry.fields.find(column);
    return found == entry.fields.end() ? "" : found->second;
}

void set_cell(Entry& entry, const std::string& column, const std::string& cell) {
    const std::string value(base::trim(cell));
    if (column == "name") {
        entry.name = entry.kind == "terminal" ? base::to_lower(value) : value;
    } else if (column == "due") {
        entry.due.reset();
        if (value.empty()) return;
        entry.due = base::parse_day(value);
        if (!entry.due) throw base::Error(base::Kind::BadInput, "期限は「2027-04-01」の形で入れてください。");
    } else if (value.empty()) {
        entry.fields.erase(column);
    } else {
        entry.fields[column] = value;
    }
}

/// Two entries of one name are told apart by what place_of looks at; here by those of the fields that the file has.
bool is_same_thing(const Entry& a, const Entry& b, const std::vector<std::string>& heads) {
    if (a.name != b.name) return false;
    if (a.kind == "licence" || a.kind == "terminal") return true;  // known by name
    for (const char* id : {"version", "number", "role", "work"})
        if (std::find(heads.begin(), heads.end(), id) != heads.end() && cell_of(a, id) != cell_of(b, id)) return false;
    return true;
}

}  // namespace

std::string write_csv(sys::Reader& db, const Register& kind) {
    const auto columns = columns_of(kind);
    std::string text = "\xEF\xBB\xBF" + base::csv_line(labels_of(kind));
    for (const Entry& entry : list_entries(db, kind.id)) {
        std::vector<std::string> cells;
        for (const std::string& column : columns) cells.push_back(cell_of(entry, column));
        text += base::csv_line(cells);
    }
    return text;
}

Imported import_csv(sys::Transaction& tx, const Register& kind, std::string_view text, const By& by) {
    Imported imported;
    const auto fault = [&](int line, std::string message) {
        if (imported.faults.size() < kMostFaults) imported.faults.push_back({line, std::move(message)});
    };
    if (text.size() > kLargestCsv) throw base::Error(base::Kind::BadInput, "CSVは2MBまでにしてください。");
    if (!base::is_utf8(text))
        throw base::Error(base::Kind::BadInput, "文字コードをUTF-8にして、CSVを保存し直してください。");
    const base::CsvTable table = base::parse_csv(text);
    if (table.broken_line) fault(*table.broken_line, "引用符が閉じていません。");
    if (table.records.empty())
        throw base::Error(base::Kind::BadInput, "CSVが空です。1行目に項目の名前を入れてください。");
    if (table.records.size() > kMostLines + 1)
        throw base::Error(base::Kind::BadInput, "CSVは5,000行までにしてください。");
    const auto columns = columns_of(kind), labels = labels_of(kind);
    std::vector<std::string> heads;
    for (const std::string& raw : table.records.front().cells) {
        const std::string head(base::trim(raw));
        const auto id = std::find(columns.begin(), columns.end(), head);
        const auto label = std::find(labels.begin(), labels.end(), head);
        if (id != columns.end())
            heads.push_back(*id);
        else if (label != labels.end())
            heads.push_back(columns[static_cast<std::size_t>(label - labels.begin())]);
        else
            fault(table.records.front().line, fmt::format("「{}」という項目はありません。", head));
        if (!heads.empty() && std::count(heads.begin(), heads.end(), heads.back()) > 1)
            fault(table.records.front().line, fmt::format("「{}」が2列あります。", head));
    }
    if (std::find(heads.begin(), heads.end(), "name") == heads.end())
        fault(table.records.front().line, fmt::format("「{}」の列がありません。", kind.name));
    if (!imported.faults.empty()) return imported;
    auto known = list_entries(tx, kind.id);
    for (std::size_t i = 1; i < table.records.size(); ++i) {
        const base::CsvRecord& record = table.records[i];
        try {
            if (record.cells.size() != heads.size())
                throw base::Error(base::Kind::BadInput, fmt::format("列の数が{}ではありません。", heads.size()));
            Entry given;
            given.kind = std::string(kind.id);
            for (std::size_t c = 0; c < heads.size(); ++c) set_cell(given, heads[c], record.cells[c]);
            const auto is_given = [&](const Entry& one) { return is_same_thing(one, given, heads); };
            const auto before = std::find_if(known.begin(), known.end(), is_given);
            if (before != known.end() && std::find_if(before + 1, known.end(), is_given) != known.end())
                throw base::Error(base::Kind::Conflict,
                                  fmt::format("「{}」は台帳に2件以上あり、この行だけでは決められません。"
                                              "見分けるための列も入れてください。",
                                              given.name));
            if (before == known.end()) {
                add_entry(tx, given, by);
                ++imported.added;
                continue;
            }
            Entry changed = *before;
            for (std::size_t c = 0; c < heads.size(); ++c) set_cell(changed, heads[c], record.cells[c]);
            const bool renews = kind.can_renew && changed.due != before->due;
            if (renews && !changed.due) throw base::Error(base::Kind::BadInput, "期限を空にはできません。");
            if (renews) {
                renew_entry(tx, changed.id, before->version, *changed.due, by);
                changed.version = load_entry(tx, changed.id).version;
            }
            if (changed.fields != before->fields || (!renews && changed.due != before->due))
                change_entry(tx, changed, by);
            else if (!renews) {
                ++imported.same;
                continue;
            }
            ++imported.changed;
            *before = load_entry(tx, changed.id);
        } catch (const base::Error& error) {
            if (error.kind() != base::Kind::BadInput && error.kind() != base::Kind::Conflict) throw;
            fault(record.line, error.message());
        }
    }
    return imported;
}

}  // namespace registers

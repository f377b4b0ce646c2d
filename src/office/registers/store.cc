#include "office/registers/store.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/calendar/era.h"
#include "ground/ledger/store.h"

namespace registers {

namespace {

using base::Error;
using base::Kind;
using boost::json::object;

constexpr std::size_t kLongest = 2000;     // characters of a field
constexpr std::size_t kLongestName = 100;  // characters

const Register& load_kind(std::string_view id) {
    const Register* kind = find_register(id);
    if (kind == nullptr) throw Error(base::Kind::NotFound, "この台帳はありません。");
    return *kind;
}

std::string word(std::string_view kind, std::string_view verb) {
    return fmt::format("{}.{}", kind, verb);
}

/// Terminals are known to the contract by name, all else by number.
std::string subject_of(const Entry& entry) {
    return entry.kind == "terminal" ? "terminal:" + entry.name : fmt::format("{}:{}", entry.kind, entry.id);
}

void note(sys::Transaction& tx, std::string act, std::string subject, const object& detail, const By& by) {
    ledger::append(tx, {by.at, by.who, std::move(act), std::move(subject), boost::json::serialize(detail)});
}

object detail_of(const Entry& entry) {
    object detail{{"name", entry.name}};
    if (entry.due) detail["ends_at"] = base::format_day(*entry.due);
    return detail;
}

bool is_host_name(std::string_view name) {
    return !name.empty() && name.size() <= 63 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    });
}

void check_field(const Field& field, const std::string& value) {
    const auto refuse = [&](std::string_view what) {
        throw Error(Kind::BadInput, fmt::format("{}は{}。", field.label, what));
    };
    if (value.empty()) {
        if (field.is_needed) refuse("必ず入れてください");
        return;
    }
    if (!base::is_utf8(value) || base::count_code_points(value) > kLongest)
        refuse(fmt::format("{}文字以内で入れてください", kLongest));
    if (field.form != Form::Lines && value.find_first_of("\r\n") != std::string::npos) refuse("1行で入れてください");
    if (field.form == Form::Day && !base::parse_day(value)) refuse("「2027-04-01」の形で入れてください");
    if (field.form == Form::Number && (value.size() > 12 || value.find_first_not_of("0123456789") != std::string::npos))
        refuse("0以上の整数（12桁まで）で入れてください");
    if (field.form == Form::Url && !value.starts_with("https://") && !value.starts_with("http://"))
        refuse("https:// で始まるアドレスで入れてください");
    if (field.form == Form::Mail && (value.find('@') == std::string::npos || value.find(' ') != std::string::npos))
        refuse("メールアドレスの形で入れてください");
}

void check_entry(const Register& kind, const Entry& entry) {
    if (entry.name.empty() || base::count_code_points(entry.name) > kLongestName ||
        entry.name.find_first_of("\r\n") != std::string::npos)
        throw Error(Kind::BadInput, fmt::format("{}を、1行100文字以内で入れてください。", kind.name));
    if (kind.id == "terminal" && !is_host_name(entry.name))
        throw Error(Kind::BadInput, "端末の名前は、英小文字、数字、ハイフンで入れてください（例：op-01）。");
    if (kind.needs_due && !entry.due) throw Error(Kind::BadInput, fmt::format("{}を入れてください。", kind.due));
    for (const auto& [id, value] : entry.fields) {
        const auto known = std::find_if(kind.fields.begin(), kind.fields.end(),
                                        [&id = id](const Field& field) { return field.id == id; });
        if (known == kind.fields.end()) throw Error(Kind::BadInput, fmt::format("「{}」という項目はありません。", id));
    }
    for (const Field& field : kind.fields) {
        const auto found = entry.fields.find(std::string(field.id));
        check_field(field, found == entry.fields.end() ? std::string() : found->second);
    }
}

std::string write_fields(const Entry& entry) {
    object all;
    for (const auto& [id, value] : entry.fields)
        if (!value.empty()) all[id] = value;
    return boost::json::serialize(all);
}

std::string place_of(const Entry& entry) {
    if (entry.kind == "licence" || entry.kind == "terminal") return "";
    for (const std::string_view id : {"version", "number", "role", "work"})
        if (const auto found = entry.fields.find(std::string(id)); found != entry.fields.end())
            return std::string(base::first_code_points(found->second, 100));
    return "";
}

sys::Value day_value(const std::optional<base::Day>& day) {
    return sys::maybe(day ? std::optional<std::string>(base::format_day(*day)) : std::nullopt);
}

constexpr std::string_view kColumns =
    "SELECT id, kind, name, due_on, ended_on, fields, version, changed_at FROM register_entry ";

Entry entry_of(const sys::Row& row) {
    Entry made;
    made.id = row.integer(0);
    made.kind = row.text(1);
    made.name = row.text(2);
    if (const auto day = row.maybe_text(3)) made.due = base::parse_day(*day);
    if (const auto day = row.maybe_text(4)) made.ended_on = base::parse_day(*day);
    const boost::json::value fields = boost::json::parse(row.text(5));
    for (const auto& field : fields.as_object())
        made.fields[std::string(field.key())] = std::string(field.value().as_string());
    made.version = row.integer(6);
    made.changed_at = {row.integer(7)};
    return made;
}

void need_free_name(sys::Reader& db, const Entry& entry) {
    if (db.find("SELECT 1 FROM register_entry WHERE kind = $1 AND name = $2 AND place = $3 AND ended_on IS NULL AND id "
                "<> $4",
                {entry.kind, entry.name, place_of(entry), entry.id}))
        throw Error(Kind::Conflict, fmt::format("「{}」は、もう台帳にあります。", entry.name));
}

Entry load_current(sys::Reader& db, std::int64_t id, std::int64_t version) {
    Entry found = load_entry(db, id);
    if (found.ended_on) throw Error(Kind::Conflict, "この項目は、もう終わっています。");
    if (found.version != version)
        throw Error(Kind::Conflict, "ほかの人が先に変えました。画面を開き直して、もう一度お試しください。");
    return found;
}

void write_row(sys::Transaction& tx, const Entry& entry, base::Instant at) {
    tx.execute(
        "UPDATE register_entry SET name = $1, place = $2, due_on = $3, ended_on = $4, fields = $5, version = "
        "version + 1, changed_at = $6 WHERE id = $7",
        {entry.name, place_of(entry), day_value(entry.due), day_value(entry.ended_on), write_fields(entry),
         at.milliseconds, entry.id});
}

}  // namespace

std::int64_t add_entry(sys::Transaction& tx, const Entry& made, const By& by) {
    check_entry(load_kind(made.kind), made);
    need_free_name(tx, made);
    Entry added = made;
    added.id = tx.insert(
        "INSERT INTO register_entry (kind, name, place, due_on, ended_on, fields, version, changed_at) VALUES ($1, $2, "
        "$3, $4, NULL, $5, 1, $6) RETURNING id",
        {made.kind, made.name, place_of(made), day_value(made.due), write_fields(made), by.at.milliseconds});
    note(tx, word(made.kind, "add"), subject_of(added), detail_of(added), by);
    return added.id;
}

void change_entry(sys::Transaction& tx, const Entry& changed, const By& by) {
    const Register& kind = load_kind(changed.kind);
    const Entry before = load_current(tx, changed.id, changed.version);
    if (kind.can_renew && before.due != changed.due)
        throw Error(Kind::BadInput, fmt::format("{}を延ばすときは、更新を記録してください。", kind.due));
    if (kind.id == "terminal" && before.name != changed.name)
        throw Error(Kind::BadInput, "端末の名前は変えられません。台帳から外し、新しい名前で登録してください。");
    check_entry(kind, changed);
    need_free_name(tx, changed);
    write_row(tx, changed, by.at);
    note(tx, word(kind.id, "change"), subject_of(changed), detail_of(changed), by);
}

void renew_entry(sys::Transaction& tx, std::int64_t id, std::int64_t version, base::Day until, const By& by) {
    Entry entry = load_current(tx, id, version);
    if (!load_kind(entry.kind).can_renew) throw Error(Kind::BadInput, "この台帳の項目は更新できません。");
    if (entry.due && until <= *entry.due)
        throw Error(Kind::BadInput, "新しい期限は、今の期限より後の日にしてください。");
    entry.due = until;
    write_row(tx, entry, by.at);
    note(tx, word(entry.kind, "renew"), subject_of(entry), detail_of(entry), by);
    note(tx, word(entry.kind, "add"), subject_of(entry), detail_of(entry), by);
}

void end_entry(sys::Transaction& tx, std::int64_t id, std::int64_t version, base::Day on, std::string_view reason,
               const By& by) {
    Entry entry = load_current(tx, id, version);
    if (base::count_code_points(reason) > kLongest) throw Error(Kind::BadInput, "理由が長すぎます。");
    if (on > base::local_day(by.at)) throw Error(Kind::BadInput, "終わった日は、今日以前の日にしてください。");
    entry.ended_on = on;
    write_row(tx, entry, by.at);
    tx.execute("DELETE FROM terminal_state WHERE entry_id = $1", {id});
    note(tx, std::string(load_kind(entry.kind).end), subject_of(entry),
         {{"name", entry.name}, {"on", base::format_day(on)}, {"reason", reason}}, by);
}

std::optional<Entry> find_entry(sys::Reader& db, std::int64_t id) {
    const auto row = db.find(fmt::format("{}WHERE id = $1", kColumns), {id});
    if (!row) return std::nullopt;
    return entry_of(*row);
}

Entry load_entry(sys::Reader& db, std::int64_t id) {
    auto found = find_entry(db, id);
    if (!found) throw Error(Kind::NotFound, "この項目は台帳にありません。");
    return *std::move(found);
}

std::vector<Entry> list_entries(sys::Reader& db, std::string_view kind, Which which, int limit) {
    std::vector<Entry> all;
    for (const sys::Row& row :
         db.query(fmt::format("{}WHERE kind = $1{} ORDER BY CASE WHEN ended_on IS NULL THEN 0 ELSE 1 END, CASE WHEN "
                              "due_on IS NULL THEN 1 ELSE 0 END, due_on, name, id LIMIT $2",
                              kColumns, which == Which::Open ? " AND ended_on IS NULL" : ""),
                  {std::string(kind), std::int64_t{limit}}))
        all.push_back(entry_of(row));
    if (kind != "contact") return all;
    const auto position = [](const Entry& entry) {
        const auto found = entry.fields.find("position");
        return found == entry.fields.end() ? std::int64_t{1} << 50 : std::strtoll(found->second.c_str(), nullptr, 10);
    };
    std::stable_sort(all.begin(), all.end(), [&](const Entry& a, const Entry& b) { return position(a) < position(b); });
    return all;
}

int add_known_support(sys::Transaction& tx, const By& by) {
    const std::string today = base::format_day(base::local_day(by.at));
    const auto is_covered = [&](const KnownSupport& one) {
        if (one.ends_on >= today) return false;
        const auto all = known_support();
        return std::any_of(all.begin(), all.end(), [&](const KnownSupport& other) {
            return other.product == one.product && other.ends_on >= today;
        });
    };
    int added = 0;
    for (const KnownSupport& one : known_support()) {
        if (is_covered(one)) continue;
        Entry made;
        made.kind = "support";
        made.name = std::string(one.product);
        made.due = base::parse_day(one.ends_on);
        made.fields = {{"version", std::string(one.version)}, {"source", std::string(one.source)}};
        if (tx.find("SELECT 1 FROM register_entry WHERE kind = 'support' AND name = $1 AND place = $2",
                    {made.name, place_of(made)}))
            continue;
        add_entry(tx, made, by);
        ++added;
    }
    return added;
}

namespace {

/// When the terminal came into the register; what is written about it later makes it no younger.
base::Instant registered_at(sys::Reader& db, const Entry& terminal) {
    ledger::Search search;
    search.act = "terminal.add";
    search.subject = subject_of(terminal);
    search.limit = 1;
    const auto lines = ledger::find_lines(db, search);
    return lines.empty() ? terminal.changed_at : lines.front().entry.at;
}

}  // namespace

std::vector<Warning> list_warnings(sys::Reader& db, base::Instant now) {
    const base::Day today = base::local_day(now);
    std::vector<Warning> all;
    for (const Register& kind : all_registers()) {
        for (const Entry& entry : list_entries(db, kind.id)) {
            Warning warning{std::string(kind.id), entry.id, subject_of(entry), entry.name, entry.due, 0, false, ""};
            if (kind.id == "terminal") {
                const TerminalState state = load_state(db, entry.id);
                const base::Instant last = state.reported_at ? *state.reported_at : registered_at(db, entry);
                if (now - last > kSilent)
                    warning.text = state.reported_at
                                       ? fmt::format("運用端末「{}」から、{}より後の報告がありません。", entry.name,
                                                     calendar::format_era_moment(last))
                                       : fmt::format("運用端末「{}」から、一度も報告がありません。", entry.name);
                else if (state.reported_at &&
                         !is_fresh({entry.name, state.product, state.is_on,
                                    state.signatures_at.value_or(base::Instant{}), state.detections},
                                   now))
                    warning.text = fmt::format("運用端末「{}」のウイルス対策が、{}。", entry.name,
                                               state.detections > 0 ? "ウイルスを見つけています"
                                               : state.is_on        ? "古い定義のままです"
                                                                    : "止まっています");
                if (warning.text.empty()) continue;
                warning.is_pressing = true;
            } else {
                if (!entry.due || kind.warn_days.empty()) continue;
                warning.days_left = static_cast<int>(base::day_number(*entry.due) - base::day_number(today));
                if (warning.days_left > kind.warn_days.front()) continue;
                warning.is_pressing = warning.days_left <= kind.warn_days.back();
                const auto version = entry.fields.find("version");
                const std::string what =
                    version == entry.fields.end() ? entry.name : fmt::format("{} {}", entry.name, version->second);
                warning.text = warning.days_left < 0
                                   ? fmt::format("{}「{}」は、{}（{}）を過ぎています。", kind.title, what, kind.due,
                                                 calendar::format_era(*entry.due))
                                   : fmt::format("{}「{}」の{}（{}）まで、あと{}日です。", kind.title, what, kind.due,
                                                 calendar::format_era(*entry.due), warning.days_left);
            }
            all.push_back(std::move(warning));
        }
    }
    return all;
}

}  // namespace registers

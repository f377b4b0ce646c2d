// The registers as they are kept: entries with a name, a day on which something ends, and the fields of their kind
// (kinds.h). An entry that ended stays, with its day. Terminals report the state of their antivirus with a token of
// their own. Each change writes its ledger line: licence.add (ends_at), licence.renew, terminal.report (state), ...
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/time.h"
#include "ground/sys/database.h"
#include "ground/sys/extract.h"
#include "office/registers/kinds.h"

namespace registers {

std::span<const sys::Migration> migrations();
std::span<const sys::Extract> extracts();

struct By {
    std::string who;  ///< "person:12", "cli:sato"
    base::Instant at;
};

struct Entry {
    std::int64_t id = 0;
    std::string kind;  ///< kinds.h
    std::string name;
    std::optional<base::Day> due;
    std::optional<base::Day> ended_on;
    std::map<std::string, std::string> fields;  ///< by field id; empty ones are left out
    std::int64_t version = 0;
    base::Instant changed_at;
};

/// Throws Error(BadInput) that names the field; Error(Conflict) when the register has an entry of that name (licences,
/// end dates and terminals; support: of that name and version).
std::int64_t add_entry(sys::Transaction& tx, const Entry& made, const By& by);
/// A changed day of a licence is a renewal: use renew_entry for it. Throws as above, Error(Conflict) for an old
/// version.
void change_entry(sys::Transaction& tx, const Entry& changed, const By& by);
/// licence.renew, and licence.add with the new day, from which the next deadline counts.
void renew_entry(sys::Transaction& tx, std::int64_t id, std::int64_t version, base::Day until, const By& by);
void end_entry(sys::Transaction& tx, std::int64_t id, std::int64_t version, base::Day on, std::string_view reason,
               const By& by);
std::optional<Entry> find_entry(sys::Reader& db, std::int64_t id);
Entry load_entry(sys::Reader& db, std::int64_t id);
enum class Which { Open, All };
/// By day, those without one last; contacts by their position.
std::vector<Entry> list_entries(sys::Reader& db, std::string_view kind, Which which = Which::Open, int limit = 2000);
/// Those of known_support() that the register does not have, without what is past when the product has a later end.
/// Returns their number.
int add_known_support(sys::Transaction& tx, const By& by);

// --- files

/// "name", "due", the fields, "ended_on"; with the labels as a second head line.
std::string write_csv(sys::Reader& db, const Register& kind);
struct LineFault {
    int line = 0;
    std::string message;
};
struct Imported {
    std::int64_t added = 0, changed = 0, same = 0;
    std::vector<LineFault> faults;  ///< not empty: nothing was changed
};
/// All or nothing, by name (support: and version). Columns that are absent stay as they are; "due" of a licence renews.
Imported import_csv(sys::Transaction& tx, const Register& kind, std::string_view text, const By& by);
constexpr std::size_t kLargestCsv = 2U << 20;

// --- terminals

struct TerminalState {
    std::int64_t entry = 0;
    std::optional<base::Instant> reported_at;
    std::optional<base::Instant> signatures_at;
    std::string product;
    bool is_on = false;
    std::int64_t detections = 0;
    bool has_token = false;
};
/// What a terminal says of itself.
struct TerminalReport {
    std::string terminal;
    std::string product;
    bool is_on = false;  ///< real-time protection
    base::Instant signatures_at;
    std::int64_t detections = 0;  ///< found and not removed
};
/// JSON: {"terminal", "product", "active", "signatures_at", "detections"}. Throws Error(BadInput).
TerminalReport read_report(std::string_view json, base::Instant now);
constexpr std::size_t kLargestReport = 16U << 10;
/// Signatures of at most this age, protection on and nothing found: "fresh".
constexpr std::chrono::hours kFreshSignatures{72};
bool is_fresh(const TerminalReport& report, base::Instant now);

/// Makes the terminal a new token, which only its hash remembers. Throws Error(NotFound).
std::string make_token(sys::Transaction& tx, std::int64_t entry, const By& by);
/// Throws Error(NotAllowed) for a wrong token or an unknown terminal alike. Costs a read only.
void check_token(sys::Reader& db, std::string_view terminal, std::string_view token);
/// Writes terminal.report (state=fresh|stale), once an hour or when the state changes. Throws as check_token.
void take_report(sys::Transaction& tx, const TerminalReport& report, std::string_view token, base::Instant now);
/// The same without a token, for a report that an operator brings as a file.
void enter_report(sys::Transaction& tx, const TerminalReport& report, const By& by);
TerminalState load_state(sys::Reader& db, std::int64_t entry);

// --- what is to be told

struct Warning {
    std::string kind;  ///< "licence", "support", "terminal", ...
    std::int64_t entry = 0;
    std::string subject;  ///< "licence:3"; terminals: "terminal:op-01"
    std::string name;
    std::optional<base::Day> due;
    int days_left = 0;         ///< negative = past
    bool is_pressing = false;  ///< past, or the last of its steps; a terminal that is silent or stale
    std::string text;          ///< a Japanese sentence
};
/// A terminal is silent when it has not reported for kSilent.
constexpr std::chrono::hours kSilent{72};
std::vector<Warning> list_warnings(sys::Reader& db, base::Instant now);

}  // namespace registers

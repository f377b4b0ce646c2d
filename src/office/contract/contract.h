// A contract as data: what was promised, to whom, by when, and which lines of the ledger prove it. The file is
// contract.toml in the site's folder (docs/handbook/contract.md explains it); reading finds every fault and names its
// line. Plain values; whether the promises are kept is judged in obligations.h.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/time.h"
#include "ground/calendar/office.h"
#include "office/contract/pattern.h"

namespace contract {

struct Party {
    std::string name, representative, department, address;
};

enum class Rhythm { Monthly, Yearly };
enum class Rounding { Down, Nearest, Up };

struct Price {
    std::int64_t total = 0;  ///< yen of the whole term, without tax
    Rhythm rhythm = Rhythm::Monthly;
    int tax_percent = 10;
    Rounding rounding = Rounding::Down;  ///< of the tax, once per rate and invoice
    int pay_within_days = 30;            ///< of a proper invoice
};

struct Role {
    std::string id, title, person, deputy, phone, mail;
    std::string escalates_to;  ///< a role; empty: the last
};

struct Clause {
    std::string id;       ///< "A4.6"
    std::string article;  ///< "第12条第1項"; may be empty
    std::string wording;
};

/// 30d, 3w, 60m, 4h as written: days are days of the calendar, minutes and hours run.
struct Span {
    int amount = 0;
    bool is_days = false;  ///< else minutes
    bool operator==(const Span&) const = default;
};

enum class Kind {
    Every,      ///< once in every period
    Within,     ///< within a time of an event
    Ahead,      ///< a time ahead of an event
    Count,      ///< so often in a year
    Standing,   ///< something is always there
    Continuous  ///< always, until something breaks it
};
enum class Period { Day, OpenDay, Week, Month, Quarter, Year };  ///< years are fiscal: from 1 April
enum class Clock { Real, Business };

struct Obligation {
    std::string id;                    ///< "backup-daily"
    std::vector<std::string> clauses;  ///< ids
    std::string title;                 ///< Japanese, for people
    Kind kind = Kind::Every;
    std::string who;                ///< a role
    std::vector<Pattern> evidence;  ///< which lines prove it
    std::string calendar;           ///< by which closed days and hours are counted
    Clock clock = Clock::Real;
    calendar::Roll roll = calendar::Roll::None;
    std::vector<int> warn{50, 75, 90, 100};  ///< per cent of the time
    std::optional<base::Day> from, until;    ///< in force from, and until (included); else as long as the contract
    int line = 0;                            ///< in the file

    /// Of Every, Within, Ahead: the evidence's field with the time at which it was done; empty: when it was recorded.
    std::string done_moment;
    // Every, Count
    Period period = Period::Day;
    std::optional<calendar::DailyWindow> window;  ///< of a day: the due time is its end
    Span within;                                  ///< after the period's end (Every), after the event (Within)
    std::string names;                            ///< the field by which evidence names its period
    int times = 1;                                ///< Count
    // Within, Ahead
    std::vector<Pattern> event;
    std::vector<Pattern> cancelled;  ///< what undoes an event
    std::vector<Pattern> unless;     ///< events that are excused, such as what could not be avoided
    std::string moment;              ///< the event's field with its time; empty: when it was recorded
    Span ahead;
    bool is_same_subject = true;  ///< evidence (or what mends) is about the same subject; else any later line counts
    // Standing, Continuous
    int least = 1;
    std::string count;            ///< what is counted: different values of this field; empty: subjects
    std::vector<Pattern> proved;  ///< only what such a line names (its field `names_in`) counts
    std::vector<Pattern> removed;
    std::string
        names_in;  ///< the field of `proved` and `removed` (of Within, Ahead: of the evidence) that lists subjects
    std::string names_prefix;  ///< put before each name: "backup:"
    Span after;                ///< the time at the beginning in which it may be missing
    Span fresh;                ///< the newest evidence is no older
    bool is_each = false;      ///< each subject that was ever seen, for itself
    std::vector<Pattern> broken, mended;
};

struct Amendment {
    std::string id, summary;
    base::Day signed_on, effective;
    std::vector<std::string> adds, ends;  ///< obligations: in force from `effective`; until the day before
    std::optional<std::int64_t> total;
    std::optional<base::Day> contract_ends;
};

struct Contract {
    std::string id, number, title, place;
    base::Day signed_on, begins, ends;
    Span recovery_point;            ///< the main specification's target; never a default
    std::int64_t availability = 0;  ///< the target, in thousandths of a per cent: 99'500; 0: none was agreed
    Price price;
    Party client, contractor;
    std::string registration;  ///< T and 13 digits; empty: none
    std::string bank;          ///< where invoices are to be paid, as it is written on them; may be empty
    std::vector<Role> roles;
    std::map<std::string, calendar::OfficeCalendar> calendars;  ///< "office" and "helpdesk" at least
    std::vector<Clause> clauses;
    std::vector<Obligation> obligations;
    std::vector<Amendment> amendments;

    const Role* find_role(std::string_view id) const;
    const Obligation* find_obligation(std::string_view id) const;
    const calendar::OfficeCalendar& calendar_of(const Obligation& obligation) const;
    /// The last day, with what amendments that hold on `day` say.
    base::Day end_at(base::Day day) const;
};

struct Problem {
    int line = 0;    ///< from 1
    int column = 0;  ///< from 1, in characters
    std::string message;
    bool is_warning = false;  ///< the contract can be used all the same
};

struct Read {
    Contract contract;  ///< whole only when no problem but warnings was found
    std::vector<Problem> problems;
    bool is_usable() const;
};

/// Never throws for what stands in the text. `holidays`: those that hold.
Read read(std::string_view toml, const calendar::Holidays& holidays = {});
/// The problems as one text, a line each: "contract.toml: line 3, column 1: ...".
std::string problems_text(std::span<const Problem> problems, std::string_view file);

/// T and 13 digits. `is_corporate`: the check digit of a corporate number holds too (a sole trader's need not).
struct Registration {
    bool is_well_formed = false, is_corporate = false;
};
Registration check_registration(std::string_view number);

std::string_view kind_id(Kind kind);  ///< "every", "within", ...
std::string_view period_id(Period period);

/// The complete samples inside the program, by name: "cms", "portal". Throws Error(NotFound).
std::string_view sample(std::string_view name);

}  // namespace contract

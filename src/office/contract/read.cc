// From the file to a Contract: the parties, the terms, the calendars, the clauses. Obligations have a file of their own
// (read/obligation.cc). Every fault is found in one go.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/mail/mail.h"
#include "office/contract/contract.h"
#include "office/contract/read/obligation.h"

namespace contract {

namespace {

constexpr std::size_t kMostRows = 300;
constexpr std::string_view kRhythms[] = {"monthly", "yearly"};
constexpr std::string_view kRoundings[] = {"down", "nearest", "up"};
constexpr std::string_view kWeekdays[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

Party read_party(Table& table) {
    Party party;
    party.name = table.text("name");
    party.representative = table.text("representative", Need::Optional);
    party.department = table.text("department", Need::Optional);
    party.address = table.text("address", Need::Optional);
    return party;
}

Price read_price(Table table) {
    Price price;
    price.total = table.number("total", 0, 1'000'000'000'000, std::nullopt);
    price.rhythm = static_cast<Rhythm>(table.choice("rhythm", kRhythms, std::nullopt));
    price.tax_percent = static_cast<int>(table.number("tax_percent", 0, 100, 10));
    price.rounding = static_cast<Rounding>(table.choice("rounding", kRoundings, 0));
    price.pay_within_days = static_cast<int>(table.number("pay_within_days", 1, 366, 30));
    table.finish();
    return price;
}

std::string read_registration(Table& contractor) {
    std::string number = contractor.text("registration", Need::Optional);
    if (number.empty()) return number;
    const Registration checked = check_registration(number);
    if (!checked.is_well_formed) {
        contractor.note("registration", "registration must be T and 13 digits, such as T7000012050002");
    } else if (!checked.is_corporate) {
        contractor.note("registration",
                        "the check digit of registration is not that of a corporate number: compare it with the notice "
                        "of the tax office; a sole trader's number may be right all the same",
                        true);
    }
    return number;
}

std::set<base::Day> read_days(Table& table, std::string_view key) {
    std::set<base::Day> days;
    for (const std::string& text : table.texts(key)) {
        const auto day = base::parse_day(text);
        if (day) days.insert(*day);
        if (!day) table.note(key, fmt::format("{} is a list of days such as \"2027-08-12\"", key));
    }
    return days;
}

/// "12-29" and "01-03", or one day.
std::optional<std::pair<int, int>> find_month_day(std::string_view text) {
    const auto day = base::parse_day(fmt::format("2028-{}", text));
    if (!day) return std::nullopt;
    return std::pair(day->month, day->day);
}

calendar::OfficeCalendar read_calendar(Table& table, const calendar::Holidays& holidays) {
    calendar::OfficeCalendar made;
    made.holidays = holidays;
    made.yearly_closed.clear();
    if (table.has("closed_weekdays")) {
        made.closed_weekdays = {};
        for (const std::string& word : table.texts("closed_weekdays")) {
            const auto* found = std::find(std::begin(kWeekdays), std::end(kWeekdays), word);
            if (found != std::end(kWeekdays)) made.closed_weekdays[static_cast<std::size_t>(found - kWeekdays)] = true;
            if (found == std::end(kWeekdays))
                table.note("closed_weekdays", fmt::format("closed_weekdays has {}", fmt::join(kWeekdays, ", ")));
        }
    } else {
        table.find("closed_weekdays");
    }
    if (std::all_of(made.closed_weekdays.begin(), made.closed_weekdays.end(), [](bool is) { return is; }))
        table.note("closed_weekdays", "closed_weekdays leaves no open day");
    made.is_closed_on_holidays = table.flag("closed_on_holidays", true);
    for (const std::string& text : table.texts("closed_every_year")) {  // "12-29..01-03" or "06-23"
        const std::size_t dots = text.find("..");
        const auto from = find_month_day(std::string_view(text).substr(0, dots));
        const auto to = dots == std::string::npos ? from : find_month_day(std::string_view(text).substr(dots + 2));
        if (from && to) made.yearly_closed.push_back({from->first, from->second, to->first, to->second});
        if (!from || !to)
            table.note("closed_every_year", "closed_every_year is a list such as \"12-29..01-03\" or \"06-23\"");
    }
    made.extra_closed = read_days(table, "closed");
    made.extra_open = read_days(table, "open");
    made.opens = table.minute("opens", 8 * 60 + 30);
    made.closes = table.minute("closes", 17 * 60 + 30);
    if (made.opens >= made.closes) {
        table.note("opens", "opens must be before closes");
        made.opens = 0;
        made.closes = 24 * 60;
    }
    try {
        calendar::next_open(made, {2027, 4, 1});
    } catch (const base::Error&) {
        table.note("closed_every_year", "no day is open in this calendar");
        made = {};
    }
    return made;
}

void read_calendars(Table& root, Contract& contract, const calendar::Holidays& holidays) {
    for (Table& row : root.rows("calendars", 10)) {
        const std::string id = row.id("id");
        row.rename("[[calendars]] " + id);
        if (!contract.calendars.emplace(id, read_calendar(row, holidays)).second)
            row.note("id", "two calendars have this id");
        row.finish();
    }
    for (const std::string_view id : {"office", "helpdesk"}) {
        if (!contract.calendars.contains(std::string(id)))
            root.note("calendars", fmt::format("write a [[calendars]] with id = \"{}\"", id));
        contract.calendars.try_emplace(std::string(id)).first->second.holidays = holidays;
    }
}

void read_roles(Table& root, Contract& contract) {
    std::vector<Table> rows = root.rows("roles", 50);
    for (Table& row : rows) {
        Role role;
        role.id = row.id("id");
        row.rename("[[roles]] " + role.id);
        role.title = row.text("title");
        role.person = row.text("person");
        role.deputy = row.text("deputy", Need::Optional);
        role.phone = row.text("phone", Need::Optional);
        role.mail = row.text("mail", Need::Optional);
        role.escalates_to = row.id("escalates_to", Need::Optional);
        if (contract.find_role(role.id)) row.note("id", "two roles have this id");
        if (role.phone.empty() && role.mail.empty()) row.note("phone", "write a phone or a mail: they must be reached");
        if (!role.mail.empty() && !mail::is_address(role.mail))
            row.note("mail", "this is no mail address; write one such as name@example.jp", true);
        if (!role.deputy.empty() && role.deputy == role.person) row.note("deputy", "nobody is their own deputy");
        row.finish();
        contract.roles.push_back(std::move(role));
    }
    for (std::size_t at = 0; at < rows.size(); ++at) {
        const Role* next = &contract.roles[at];
        for (std::size_t step = 0; !next->escalates_to.empty(); ++step) {
            const Role* above = contract.find_role(next->escalates_to);
            if (!above && next == &contract.roles[at])
                rows[at].note("escalates_to", fmt::format("there is no role {}", next->escalates_to));
            if (step > rows.size()) rows[at].note("escalates_to", "the escalation runs in a circle");
            if (!above || step > rows.size()) break;
            next = above;
        }
    }
    if (contract.roles.empty()) root.note("roles", "write at least one [[roles]]: who answers for the work");
}

/// Returns their rows, in the same order.
std::vector<Table> read_clauses(Table& root, Contract& contract) {
    std::set<std::string> seen;
    std::vector<Table> rows = root.rows("clauses", kMostRows);
    for (Table& row : rows) {
        Clause clause;
        clause.id = row.id("id");
        row.rename("[[clauses]] " + clause.id);
        clause.article = row.text("article", Need::Optional);
        clause.wording = row.text("wording", Need::Required, 1000);
        if (!seen.insert(clause.id).second) row.note("id", "two clauses have this id");
        row.finish();
        contract.clauses.push_back(std::move(clause));
    }
    return rows;
}

void read_amendments(Table& root, Contract& contract) {
    for (Table& row : root.rows("amendments", 50)) {
        Amendment made;
        made.id = row.id("id");
        row.rename("[[amendments]] " + made.id);
        made.summary = row.text("summary", Need::Required, 1000);
        made.signed_on = row.day("signed_on").value_or(contract.begins);
        const auto effective = row.day("effective");
        made.effective = effective.value_or(contract.begins);
        if (effective && (*effective < contract.begins || *effective > contract.end_at(*effective)))
            row.note("effective",
                     fmt::format("effective is not within the contract's term, from {} to {}",
                                 base::format_day(contract.begins), base::format_day(contract.end_at(*effective))));
        made.adds = row.texts("adds");
        made.ends = row.texts("ends");
        if (row.has("total")) made.total = row.number("total", 0, 1'000'000'000'000, std::nullopt);
        row.find("total");
        made.contract_ends = row.day("contract_ends", Need::Optional);
        if (made.contract_ends && *made.contract_ends < made.effective)
            row.note("contract_ends", "contract_ends must not be before effective");
        for (const auto* list : {&made.adds, &made.ends}) {
            for (const std::string& id : *list) {
                const auto found = std::find_if(contract.obligations.begin(), contract.obligations.end(),
                                                [&](const Obligation& one) { return one.id == id; });
                const bool is_added = list == &made.adds;
                if (found == contract.obligations.end()) {
                    row.note(is_added ? "adds" : "ends", fmt::format("there is no obligation {}", id));
                } else if (is_added) {
                    found->from = made.effective;
                } else {
                    found->until = made.effective - 1;
                }
            }
        }
        row.finish();
        contract.amendments.push_back(std::move(made));
    }
}

/// What no single row shows.
void read_obligations(Table& root, std::vector<Table>& clauses, Contract& contract) {
    std::vector<Table> rows = root.rows("obligations", kMostRows);
    std::set<std::string_view> bound;
    for (Table& row : rows) {
        Obligation made = read_obligation(row, contract);
        if (contract.find_obligation(made.id)) row.note("id", "two obligations have this id");
        contract.obligations.push_back(std::move(made));
    }
    for (const Obligation& each : contract.obligations) bound.insert(each.clauses.begin(), each.clauses.end());
    for (std::size_t i = 0; i < clauses.size(); ++i)
        if (const std::string& clause = contract.clauses[i].id; !bound.contains(clause))
            clauses[i].note("id", "no obligation names it: nobody would notice when it is broken", true);
    if (contract.obligations.empty()) root.note("obligations", "write at least one [[obligations]]");
}

/// "99.5" => 99'500; 0 when it is not there.
std::int64_t read_percent(Table& table, std::string_view key) {
    const std::string text = table.text(key, Need::Optional, 10);
    if (text.empty()) return 0;
    const auto dot = text.find('.');
    const std::string whole = text.substr(0, dot), part = dot == std::string::npos ? "0" : text.substr(dot + 1);
    const auto is_digits = [](const std::string& digits) {
        return !digits.empty() && digits.size() <= 3 && digits.find_first_not_of("0123456789") == std::string::npos;
    };
    std::int64_t value = 0;
    if (is_digits(whole) && is_digits(part)) value = std::stol(whole) * 1000 + std::stol((part + "00").substr(0, 3));
    if (value < 1000 || value > 100'000)
        table.note(key, fmt::format("{} is a percentage such as \"99.5\", not \"{}\"", key, text));
    return value;
}

void read_terms(Table& root, Contract& contract) {
    Table terms = root.table("contract");
    contract.id = terms.id("id");
    contract.number = terms.text("number", Need::Optional);
    contract.title = terms.text("title");
    contract.place = terms.text("place", Need::Optional);
    const auto begins = terms.day("begins"), ends = terms.day("ends");
    contract.begins = begins.value_or(base::Day{2000, 1, 1});
    contract.ends = ends.value_or(contract.begins);
    contract.signed_on = terms.day("signed_on").value_or(contract.begins);
    contract.recovery_point = terms.span("recovery_point", Need::Required);
    contract.availability = read_percent(terms, "availability");
    if (begins && ends && *ends < *begins) terms.note("ends", "ends must not be before begins");
    if (begins && ends && *ends > *begins + 366 * 30) terms.note("ends", "a term has at most 30 years");
    terms.finish();
    contract.price = read_price(root.table("price"));
    Table client = root.table("client");
    contract.client = read_party(client);
    Table contractor = root.table("contractor");
    contract.contractor = read_party(contractor);
    contract.registration = read_registration(contractor);
    contract.bank = contractor.text("bank", Need::Optional);
    client.finish();
    contractor.finish();
}

}  // namespace

const Role* Contract::find_role(std::string_view wanted) const {
    const auto found = std::find_if(roles.begin(), roles.end(), [&](const Role& one) { return one.id == wanted; });
    return found == roles.end() ? nullptr : &*found;
}

const Obligation* Contract::find_obligation(std::string_view wanted) const {
    const auto found =
        std::find_if(obligations.begin(), obligations.end(), [&](const Obligation& one) { return one.id == wanted; });
    return found == obligations.end() ? nullptr : &*found;
}

const calendar::OfficeCalendar& Contract::calendar_of(const Obligation& obligation) const {
    const auto found = calendars.find(obligation.calendar);
    return found == calendars.end() ? calendars.at("office") : found->second;
}

base::Day Contract::end_at(base::Day day) const {
    base::Day last = ends;
    for (const Amendment& each : amendments)
        if (each.contract_ends && each.effective <= day) last = *each.contract_ends;
    return last;
}

bool Read::is_usable() const {
    return std::all_of(problems.begin(), problems.end(), [](const Problem& one) { return one.is_warning; });
}

Read read(std::string_view toml, const calendar::Holidays& holidays) {
    Read made;
    Problems problems(made.problems);
    try {
        const settings::Node document = settings::read_document(toml);
        Table root(&document, {1, 1}, "contract.toml", problems);
        Contract& contract = made.contract;
        read_terms(root, contract);
        read_calendars(root, contract, holidays);
        read_roles(root, contract);
        std::vector<Table> clauses = read_clauses(root, contract);
        read_obligations(root, clauses, contract);
        read_amendments(root, contract);
        root.finish();
    } catch (const settings::Unreadable& unreadable) {
        problems.add(unreadable.place, "this is not TOML: " + base::to_valid_utf8(unreadable.reason));
    }
    std::stable_sort(made.problems.begin(), made.problems.end(), [](const Problem& a, const Problem& b) {
        return std::pair(a.line, a.column) < std::pair(b.line, b.column);
    });
    return made;
}

std::string problems_text(std::span<const Problem> problems, std::string_view file) {
    std::vector<std::string> lines;
    for (const Problem& each : problems)
        lines.push_back(fmt::format("{}: line {}, column {}: {}{}", file, each.line, each.column,
                                    each.is_warning ? "(to be checked) " : "", each.message));
    return base::join(lines, "\n");
}

Registration check_registration(std::string_view number) {
    const bool is_well_formed =
        number.size() == 14 && number[0] == 'T' &&
        std::all_of(number.begin() + 1, number.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!is_well_formed) return {};
    // 法人番号: the first digit is 9 less the sum of the others, from the right, times 1 and 2 in turn, modulo 9.
    int sum = 0;
    for (std::size_t n = 1; n <= 12; ++n) sum += (number[14 - n] - '0') * (n % 2 == 1 ? 1 : 2);
    return {true, number[1] - '0' == 9 - sum % 9};
}

std::string_view kind_id(Kind kind) {
    return kKinds[static_cast<std::size_t>(kind)];
}

std::string_view period_id(Period period) {
    return kPeriods[static_cast<std::size_t>(period)];
}

}  // namespace contract

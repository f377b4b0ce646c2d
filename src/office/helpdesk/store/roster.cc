#include "office/helpdesk/roster.h"

#include <fmt/format.h>

#include "ground/base/error.h"
#include "office/helpdesk/store/rows.h"

namespace helpdesk {

namespace {

using base::Error;
constexpr std::size_t kLongestNames = 200;

}  // namespace

Month load_month(sys::Reader& db, int year, int number) {
    Month month;
    month.year = year;
    month.month = number;
    if (const auto row = db.find("SELECT version, set_by, set_at FROM desk_roster WHERE month = $1", {month.id()})) {
        month.version = row->integer(0);
        month.set_by = row->text(1);
        month.set_at = {row->integer(2)};
    }
    for (const sys::Row& row : db.query("SELECT day, part, name FROM desk_duty WHERE day >= $1 AND day <= $2",
                                        {month.id() + "-01", month.id() + "-31"})) {
        Duty& duty = month.days[base::parse_day(row.text(0)).value()];
        (row.text(1) == "charge" ? duty.charge : duty.engineer) = row.text(2);
    }
    return month;
}

void set_month(sys::Transaction& tx, const Month& month, const calendar::OfficeCalendar& hours, const By& by) {
    const auto kept = tx.find("SELECT version FROM desk_roster WHERE month = $1", {month.id()});
    if ((kept ? kept->integer(0) : 0) != month.version)
        throw Error(base::Kind::Conflict, "当番表は、ほかの人が先に保存しました。今の内容を確かめてください。");
    tx.execute(
        "INSERT INTO desk_roster (month, version, set_by, set_at) VALUES ($1, 1, $2, $3) ON CONFLICT (month) DO UPDATE "
        "SET version = desk_roster.version + 1, set_by = excluded.set_by, set_at = excluded.set_at",
        {month.id(), by.who, by.at.milliseconds});
    tx.execute("DELETE FROM desk_duty WHERE day >= $1 AND day <= $2", {month.id() + "-01", month.id() + "-31"});
    Month cleaned = month;
    for (auto& [day, duty] : cleaned.days) {
        if (day.year != month.year || day.month != month.month)
            throw Error(base::Kind::BadInput, "別の月の日が入っています。画面を開き直してください。");
        duty.charge = need_text(duty.charge, "担当者", kLongestNames, true);
        duty.engineer = need_text(duty.engineer, "技術者", kLongestNames, true);
        const auto add = [&, day = day](std::string_view part, const std::string& name) {
            if (!name.empty())
                tx.execute("INSERT INTO desk_duty (day, part, name) VALUES ($1, $2, $3)",
                           {base::format_day(day), std::string(part), name});
        };
        add("charge", duty.charge);
        add("engineer", duty.engineer);
    }
    const auto gaps = static_cast<std::int64_t>(list_gaps(cleaned, hours).size());
    std::int64_t open_days = 0;
    for (const base::Day day : days_of(month)) open_days += calendar::is_open_day(hours, day) ? 1 : 0;
    // What is due is next month's: a change of this month's is none.
    const base::Day today = base::local_day(by.at);
    const bool is_ahead = month.year * 12 + month.month > today.year * 12 + today.month;
    record(tx,
           gaps != 0  ? "roster.draft"
           : is_ahead ? "roster.set"
                      : "roster.change",
           "roster:" + month.id(), {{"month", month.id()}, {"days", open_days}, {"gaps", gaps}}, by);
}

Duty load_duty(sys::Reader& db, base::Day day) {
    Duty duty;
    for (const sys::Row& row : db.query("SELECT part, name FROM desk_duty WHERE day = $1", {base::format_day(day)}))
        (row.text(0) == "charge" ? duty.charge : duty.engineer) = row.text(1);
    return duty;
}

}  // namespace helpdesk

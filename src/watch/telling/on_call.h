// Who is told, when, by which way: the on-call table, a line of text a row.
//
//     always warning 0 screen - name=画面
//     open   warning 0 mail   touban@city.example name=開庁時の当番
//     closed serious 0 mail   yakan@vendor.example name=夜間当番 days=mon,tue,wed
//     always serious 15 slack @keys/slack from=2027-04-01 until=2027-04-30
//     always serious 30 command /usr/local/bin/call-leader
//
// The words are: hours (always, open, closed: the helpdesk's calendar of the contract), least severity, minutes without
// an acknowledgement after which this row is told, channel, target. A channel "command" takes its arguments as further
// words. A day from 00:00 belongs to `days`, `from` and `until`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/time.h"
#include "ground/calendar/office.h"
#include "watch/signals/signal.h"
#include "watch/telling/channel.h"

namespace telling {

struct Duty {
    enum class Hours { Always, Open, Closed } hours = Hours::Always;
    signals::Severity least = signals::Severity::Warning;
    std::chrono::minutes after{0};
    std::string channel, target;
    std::string name;
    std::vector<int> days;                 ///< of the week, 0 = Sunday; empty = all
    std::optional<base::Day> from, until;  ///< both included
};

/// Throws Error(BadInput) that says which word of the line is wrong.
Duty parse_duty(std::string_view line);
/// The row that parse_duty reads back.
std::string line_of(const Duty& duty);

class OnCall {
  public:
    /// With no line: the screen alone, from Warning on.
    OnCall(const std::vector<std::string>& lines, calendar::OfficeCalendar hours);
    /// Those who are on duty for it, whatever their minutes, each target once, soonest first.
    std::vector<Duty> at(base::Instant now, signals::Severity severity) const;
    /// When others than now are on duty for it, to the minute; nothing within a fortnight. Changes of less than a
    /// quarter of an hour may be missed.
    std::optional<base::Instant> next_change(base::Instant now, signals::Severity severity) const;
    const std::vector<Duty>& all() const { return duties_; }

  private:
    std::vector<Duty> duties_;
    calendar::OfficeCalendar hours_;
};

}  // namespace telling

#include "office/contract/ics.h"

#include <map>

#include <fmt/format.h>

#include "ground/base/text.h"
#include "office/contract/due.h"

namespace contract {

namespace {

/// TEXT of RFC 5545 section 3.3.11.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\' || c == ';' || c == ',') out += '\\';
        if (c == '\n') {
            out += "\\n";
        } else if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) {
            out += c;
        }
    }
    return out;
}

/// Folds at 75 bytes (section 3.1), never inside a character.
void add_line(std::string& to, std::string_view line) {
    std::size_t room = 75;
    while (line.size() > room) {
        std::size_t cut = room;
        while ((static_cast<unsigned char>(line[cut]) & 0xC0) == 0x80) --cut;
        to.append(line.substr(0, cut)).append("\r\n ");
        line.remove_prefix(cut);
        room = 74;  // the space counts
    }
    to.append(line).append("\r\n");
}

/// 20270401T083000Z.
std::string stamp(base::Instant at) {
    std::string utc = base::format_utc(at).substr(0, 19);
    std::erase_if(utc, [](char c) { return c == '-' || c == ':'; });
    return utc + "Z";
}

/// A midnight at which a day's time is over is that whole day: in a calendar it would stand on the next.
std::string start_of(base::Instant due) {
    const base::LocalTime time = base::to_local(due);
    if (time != base::LocalTime{time.day}) return ":" + stamp(due);
    std::string day = base::format_day(time.day - 1);
    std::erase(day, '-');
    return ";VALUE=DATE:" + day;
}

}  // namespace

std::string write_ics(const Contract& contract, std::span<const DueItem> due, base::Instant made_at) {
    std::string out;
    add_line(out, "BEGIN:VCALENDAR");
    add_line(out, "VERSION:2.0");
    add_line(out, "PRODID:-//Yakuba//contract//JA");
    add_line(out, "CALSCALE:GREGORIAN");
    add_line(out, "X-WR-CALNAME:" + escaped(contract.title));
    std::map<std::string, int> used;  // a thing that was planned anew has an item for each plan
    for (const DueItem& each : due) {
        const Obligation& obligation = *each.obligation;
        const Role* who = contract.find_role(obligation.who);
        add_line(out, "BEGIN:VEVENT");
        // A key may hold anything that a ledger subject may; a UID must be one of its kind.
        std::string uid = fmt::format("{}/{}/{}", contract.id, obligation.id, base::percent_encode(each.item.key));
        if (const int before = used[uid]++; before > 0) uid += fmt::format("/{}", before + 1);
        add_line(out, fmt::format("UID:{}@contract.yakuba", uid));
        add_line(out, "DTSTAMP:" + stamp(made_at));
        add_line(out, "DTSTART" + start_of(each.item.due));
        add_line(out, "SUMMARY:" + escaped("【期限】" + obligation.title));
        const std::string what = key_wording(each.item.key);
        add_line(out, "DESCRIPTION:" +
                          escaped(fmt::format("{}{}担当：{}\n条項：{}\n状態：{}", what, what.empty() ? "" : "\n",
                                              who ? who->person + "（" + who->title + "）" : obligation.who,
                                              fmt::join(obligation.clauses, "、"), state_wording(each.item.state))));
        add_line(out, "END:VEVENT");
    }
    add_line(out, "END:VCALENDAR");
    return out;
}

}  // namespace contract
